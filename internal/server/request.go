package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"rightshub/internal/fault"
	"rightshub/internal/limit"
	"rightshub/internal/query"
)

// request is what a caller asks, however it came.
type request struct {
	Query         singleValue[string]     `json:"query"`
	Variables     variables               `json:"variables"`
	OperationName singleValue[string]     `json:"operationName"`
	DocumentID    singleValue[string]     `json:"documentId"` // of a registered document: its SHA-256, in hexadecimal
	Extensions    singleValue[extensions] `json:"extensions"`

	byURL bool
}

// singleValue is a part of a body that has it once: of two, readers on the way could take either.
type singleValue[T any] struct {
	value   T
	present bool
}

func (o *singleValue[T]) UnmarshalJSON(text []byte) error {
	if o.present {
		return errBodyShape
	}
	o.present = true
	return json.Unmarshal(text, &o.value)
}

// variables are a request's, by their names. What holds too much is refused before it takes memory.
type variables struct {
	values  map[string]any
	refusal error
	present bool
}

// UnmarshalJSON reads them, or leaves why not in refused: the request is answered with it in its turn. A body that has
// them twice is refused: each time would be counted by itself.
func (v *variables) UnmarshalJSON(text []byte) error {
	if v.present {
		return errBodyShape
	}
	v.present = true
	if v.refusal = limit.CheckVariables(text); v.refusal != nil {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(&v.values)
}

// extensions of a request that the hub knows.
type extensions struct {
	PersistedQuery struct {
		Version *float64 `json:"version"`
		Hash    string   `json:"sha256Hash"`
	} `json:"persistedQuery"`
	Cost bool `json:"cost"` // the answer's extensions are to say what the operation costs
}

// documentHash names the document that the caller refers to, "" when it is not by its hash.
func (q *request) documentHash() string {
	if hash := bareHash(q.DocumentID.value); hash != "" {
		return hash
	}
	return bareHash(q.Extensions.value.PersistedQuery.Hash)
}

// bareHash is a hash as the hub writes it.
func bareHash(hash string) string { return strings.ToLower(strings.TrimPrefix(hash, "sha256:")) }

func (q *request) wantsCost() bool { return q.Extensions.value.Cost }

// checkConsistency fails where a request names its document in several ways that do not agree.
func (q *request) checkConsistency() error {
	persisted := q.Extensions.value.PersistedQuery
	if v := persisted.Version; v != nil && *v != 1 {
		return fault.InvalidField("extensions.persistedQuery.version", "must be 1.")
	}
	hash := q.documentHash()
	if persisted.Hash != "" && bareHash(persisted.Hash) != hash {
		return errHashMismatch
	}
	if sum := sha256.Sum256([]byte(q.Query.value)); q.Query.value != "" && hash != "" && hex.EncodeToString(sum[:]) != hash {
		return errHashMismatch
	}
	return nil
}

var (
	errMediaType = fault.New(fault.Invalid, "Send the body as Content-Type: application/json, in UTF-8.")
	errSlowBody  = fault.New(fault.Unavailable, "The body did not arrive in the time that a request has. Try again, or send less at once.")
	errBodyShape = fault.New(fault.Invalid, `The body is not a JSON object {"query": "...", "variables": {...}, "operationName": "..."}.`)
)

// readBody reads a request's body. Nothing of it is ever echoed.
func readBody(r *http.Request) (*request, error) {
	if t, p, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != plainJSON || p["charset"] != "" && !strings.EqualFold(p["charset"], "utf-8") {
		return nil, errMediaType
	}
	body, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		f := fault.New(fault.TooLarge, "The body is larger than %d bytes.", MaxBodyBytes).With("rule", "bytes").With("limit", MaxBodyBytes)
		if r.ContentLength > MaxBodyBytes {
			f.With("asked", r.ContentLength)
		}
		return nil, f
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, errSlowBody
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "The body ended too early.")
	}
	return parseBody(body)
}

func parseBody(body []byte) (*request, error) {
	q := &request{}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(q); err != nil || bytes.HasPrefix(bytes.TrimSpace(body), []byte("null")) {
		return nil, errBodyShape
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "The body has more after its JSON object. Send one operation in each request.")
	}
	if q.Query.value == "" && q.documentHash() == "" {
		return nil, fault.New(fault.Invalid, `The body has no "query".`)
	}
	return q, q.checkConsistency()
}

// readURL reads a request for a registered document.
func readURL(r *http.Request) (*request, error) {
	in := r.URL.Query()
	if in.Has("query") {
		return nil, fault.New(fault.Invalid, "Only registered documents are asked by GET: name one by documentId, or send a POST request.")
	}
	q := &request{byURL: true}
	q.OperationName.value, q.DocumentID.value = in.Get("operationName"), in.Get("documentId")
	for name, into := range map[string]any{"variables": &q.Variables, "extensions": &q.Extensions} {
		if text := in.Get(name); text != "" {
			d := json.NewDecoder(strings.NewReader(text))
			if err := d.Decode(into); err != nil || d.More() {
				return nil, fault.InvalidField(name, "must be a JSON object.")
			}
		}
	}
	if q.documentHash() == "" {
		return nil, fault.New(fault.Invalid, "Only registered documents are asked by GET: name one by documentId, or send a POST request.")
	}
	return q, q.checkConsistency()
}

// languageCache are the headers of languages that were read last: most callers send one of a few.
var languageCache = newWeightedLRU[string, []string](64 << 10)

// acceptedLanguages are those of Accept-Language, best first.
func acceptedLanguages(r *http.Request) (out []string) {
	header := r.Header.Get("Accept-Language")
	if header == "" || len(header) > 200 {
		return nil
	}
	if out, ok := languageCache.get(header); ok {
		return out
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return nil
	}
	for _, t := range tags {
		base, _ := t.Base()
		out = append(out, base.String())
	}
	languageCache.add(header, out, len(header))
	return out
}

// languagesKey carries the caller's languages.
type languagesKey struct{}

// requestLanguages are the request's languages, best first.
func requestLanguages(ctx context.Context) []string {
	list, _ := ctx.Value(languagesKey{}).([]string)
	return list
}

// responseLanguage is the first of the languages that the hub speaks.
func responseLanguage(heard []string) string {
	for _, l := range heard {
		if slices.Contains(query.Languages, l) {
			return l
		}
	}
	return "en"
}
