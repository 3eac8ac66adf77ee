package identity

import (
	"context"
	"crypto"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/time/rate"
)

// Keys of an issuer are used until their age ends. From half of it on, they are fetched again in the background. The
// issuer's Cache-Control says what the age is, within bounds. The bounds hold for every issuer, because a key that the
// issuer withdrew opens the hub until its age ends.
const (
	defaultKeysAge = 10 * time.Minute
	minKeysAge     = 10 * time.Second
	maxKeysAge     = 15 * time.Minute
)

// maxStaleKeys is how long keys are used since the issuer last answered, while it does not answer.
const maxStaleKeys = time.Hour

const (
	fetchTimeout    = 5 * time.Second // of one request for keys
	fetchRetryPause = 5 * time.Second // after a request that failed
	maxKeySetBytes  = 1 << 20
)

// maxUnknownKeyFetches is how many requests for keys may follow at once because tokens fit no key. Later there is one
// each second. Anybody can send such tokens, and an issuer may stop answering a hub that asks too often.
const maxUnknownKeyFetches = 10

// Errors of issuerKeys.
var (
	errNoKeyFits    = errors.New("no key of the issuer verifies the signature")
	errIssuerSilent = errors.New("the issuer does not answer, and its keys are too old")
)

// issuerKeys holds the signing keys of an issuer for a limited time.
type issuerKeys struct {
	url          string
	client       *http.Client
	now          func() time.Time
	unknownLimit *rate.Limiter

	mu        sync.Mutex
	keys      []jose.JSONWebKey
	withdrawn int64         // counts the answers in which a known key was missing
	fetchedAt time.Time     // when the last answer was requested; zero before the first
	age       time.Duration // how long the answer may be used
	retryAt   time.Time     // no earlier request follows one that failed
	running   chan struct{} // closed at the end of the running request; nil without one
}

func newIssuerKeys(url string, now func() time.Time) *issuerKeys {
	return &issuerKeys{
		url:          url,
		client:       &http.Client{Timeout: fetchTimeout},
		now:          now,
		unknownLimit: rate.NewLimiter(rate.Every(time.Second), maxUnknownKeyFetches),
	}
}

// verify returns the payload of the token if a key of the issuer has signed it, and the generation of the keys.
func (k *issuerKeys) verify(ctx context.Context, token *jose.JSONWebSignature) ([]byte, int64, error) {
	keys, generation, err := k.current(ctx)
	if err != nil {
		return nil, 0, err
	}
	if payload := verifyWithKeys(token, keys); payload != nil {
		return payload, generation, nil
	}
	if !k.unknownLimit.Allow() {
		return nil, 0, errNoKeyFits
	}
	k.mu.Lock()
	running := k.startFetch()
	k.mu.Unlock()
	if err := awaitFetch(ctx, running); err != nil {
		return nil, 0, err
	}
	if keys, generation, err = k.current(ctx); err != nil {
		return nil, 0, err
	}
	if payload := verifyWithKeys(token, keys); payload != nil {
		return payload, generation, nil
	}
	return nil, 0, errNoKeyFits
}

// verifyWithKeys returns the payload of the token, or nil when none of the keys verifies it.
func verifyWithKeys(token *jose.JSONWebSignature, keys []jose.JSONWebKey) []byte {
	if len(token.Signatures) != 1 {
		return nil
	}
	id := token.Signatures[0].Header.KeyID
	for i := range keys {
		if id != "" && keys[i].KeyID != id {
			continue
		}
		if payload, err := token.Verify(&keys[i]); err == nil {
			return payload
		}
	}
	return nil
}

// current returns the keys, and their generation, which changes when a key is withdrawn. It fetches aging keys in the
// background and waits for new ones when their age is over. It fails when the issuer has not answered for
// maxStaleKeys.
func (k *issuerKeys) current(ctx context.Context) ([]jose.JSONWebKey, int64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if elapsed := now.Sub(k.fetchedAt); elapsed >= k.age/2 && !now.Before(k.retryAt) {
		running := k.startFetch()
		if elapsed >= k.age {
			k.mu.Unlock()
			err := awaitFetch(ctx, running)
			k.mu.Lock()
			if err != nil {
				return nil, 0, err
			}
		}
	}
	if k.now().Sub(k.fetchedAt) >= maxStaleKeys {
		return nil, 0, errIssuerSilent
	}
	return k.keys, k.withdrawn, nil
}

// generation returns the generation of the current keys, and fails as current does.
func (k *issuerKeys) generation(ctx context.Context) (int64, error) {
	_, generation, err := k.current(ctx)
	return generation, err
}

// startFetch requests the keys, unless a request is running. It returns a channel that is closed at the end of the
// request. The caller holds k.mu.
func (k *issuerKeys) startFetch() <-chan struct{} {
	if k.running == nil {
		k.running = make(chan struct{})
		go k.fetch(k.running)
	}
	return k.running
}

func awaitFetch(ctx context.Context, running <-chan struct{}) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-running:
		return nil
	}
}

// fetch requests the keys, stores the answer and closes the channel. Without a valid answer the keys stay.
func (k *issuerKeys) fetch(done chan<- struct{}) {
	started := k.now()
	keys, age, err := k.requestKeys()
	k.mu.Lock()
	defer k.mu.Unlock()
	defer close(done)
	k.running = nil
	if err != nil {
		k.retryAt = k.now().Add(fetchRetryPause)
		return
	}
	if isKeyMissing(k.keys, keys) {
		k.withdrawn++
	}
	k.keys, k.fetchedAt, k.age, k.retryAt = keys, started, age, time.Time{}
}

// isKeyMissing reports whether a key of the old set is not in the new one.
func isKeyMissing(before, after []jose.JSONWebKey) bool {
	served := map[string]bool{}
	for i := range after {
		served[keyFingerprint(&after[i])] = true
	}
	for i := range before {
		if !served[keyFingerprint(&before[i])] {
			return true
		}
	}
	return false
}

// keyFingerprint identifies a key together with the id and the algorithm by which tokens refer to it.
func keyFingerprint(key *jose.JSONWebKey) string {
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(sum) + " " + key.Algorithm + " " + key.KeyID
}

// requestKeys requests the key set of the issuer, and returns its keys and how long they may be used. Like
// RFC 7517 (section 5) it leaves out keys that it does not understand.
func (k *issuerKeys) requestKeys() ([]jose.JSONWebKey, time.Duration, error) {
	request, err := http.NewRequest(http.MethodGet, k.url, nil)
	if err != nil {
		return nil, 0, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Cache-Control", "no-cache") // caches on the way must not prolong the age
	response, err := k.client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("the issuer answers %s", response.Status)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxKeySetBytes))
	if err == nil {
		err = json.Unmarshal(body, &set)
	}
	if err == nil && set.Keys == nil {
		err = errors.New("the answer has no keys")
	}
	if err != nil {
		return nil, 0, err
	}
	keys := []jose.JSONWebKey{}
	for _, text := range set.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(text, &key) == nil && key.Valid() && key.IsPublic() {
			keys = append(keys, key)
		}
	}
	return keys, keysAge(response.Header.Get("Cache-Control")), nil
}

// keysAge returns how long keys may be used by the issuer's Cache-Control, within the bounds. An issuer that forbids
// caches, or names no time, has the default.
func keysAge(cacheControl string) time.Duration {
	for directive := range strings.SplitSeq(strings.ToLower(cacheControl), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		seconds, err := strconv.ParseUint(strings.Trim(value, `" `), 10, 31)
		if strings.TrimSpace(name) == "max-age" && err == nil && seconds > 0 {
			return min(max(time.Duration(seconds)*time.Second, minKeysAge), maxKeysAge)
		}
	}
	return defaultKeysAge
}
