package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"rightshub/internal/fault"
	"rightshub/internal/limit"
)

// request is a GraphQL request, from a body, a URL or a message of a socket.
type request struct {
	Query         singleValue[string]     `json:"query"`
	Variables     variables               `json:"variables"`
	OperationName singleValue[string]     `json:"operationName"`
	DocumentID    singleValue[string]     `json:"documentId"` // SHA-256 of a registered document, in hexadecimal
	Extensions    singleValue[extensions] `json:"extensions"`

	byURL bool // the request is a GET
}

// singleValue is a member of a JSON object that may appear only once. If it appeared twice, a proxy that inspects
// requests could read another value than the hub.
type singleValue[T any] struct {
	value   T
	present bool
}

// UnmarshalJSON fails when the member appears a second time.
func (o *singleValue[T]) UnmarshalJSON(text []byte) error {
	if o.present {
		return errBodyShape
	}
	o.present = true
	return json.Unmarshal(text, &o.value)
}

// variables are the variables of a request. Variables that exceed the limits are refused before they are decoded,
// which would take memory.
type variables struct {
	values  map[string]any
	refusal error // the limit that the variables exceed; values is then nil
	present bool
}

// UnmarshalJSON decodes the variables. When they exceed a limit, it sets refusal and returns nil, so that
// prepareOperation reports the refusal after the errors of the document. It fails when the body holds variables
// twice, because the limits would count each of them separately.
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

// extensions are the extensions of a request that the hub supports.
type extensions struct {
	PersistedQuery struct {
		Version *float64 `json:"version"`
		Hash    string   `json:"sha256Hash"`
	} `json:"persistedQuery"`
	Cost bool `json:"cost"` // the response's extensions shall report the cost of the operation
}

// documentHash returns the hash by which the request names its document, or "" when it names none.
func (q *request) documentHash() string {
	if hash := bareHash(q.DocumentID.value); hash != "" {
		return hash
	}
	return bareHash(q.Extensions.value.PersistedQuery.Hash)
}

// bareHash returns a hash in the hub's notation, which is lower-case hexadecimal without a prefix.
func bareHash(hash string) string { return strings.ToLower(strings.TrimPrefix(hash, "sha256:")) }

func (q *request) wantsCost() bool { return q.Extensions.value.Cost }

// checkConsistency fails when the text and the hashes of a request do not mean the same document.
func (q *request) checkConsistency() error {
	persisted := q.Extensions.value.PersistedQuery
	if v := persisted.Version; v != nil && *v != 1 {
		return fault.InvalidField("extensions.persistedQuery.version", "must be 1.")
	}
	hash := q.documentHash()
	if persisted.Hash != "" && bareHash(persisted.Hash) != hash {
		return errHashMismatch
	}
	sum := sha256.Sum256([]byte(q.Query.value))
	if q.Query.value != "" && hash != "" && hex.EncodeToString(sum[:]) != hash {
		return errHashMismatch
	}
	return nil
}

var (
	errMediaType = fault.New(fault.Invalid, "Send the body as Content-Type: application/json, in UTF-8.").
			WithStatus(http.StatusUnsupportedMediaType)
	errBodyShape = fault.New(fault.Invalid,
		`The body is not a JSON object {"query": "...", "variables": {...}, "operationName": "..."}.`)
	errUnregisteredGET = fault.New(fault.Invalid,
		"GET serves registered documents only. Name one by documentId, or send a POST request.")
)

// parseBody parses a JSON object as a request and checks its consistency.
func parseBody(body []byte) (*request, error) {
	q := &request{}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(q); err != nil || bytes.HasPrefix(bytes.TrimSpace(body), []byte("null")) {
		return nil, errBodyShape
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid,
			"The body continues after its JSON object. Send one operation per request.")
	}
	if q.Query.value == "" && q.documentHash() == "" {
		return nil, fault.New(fault.Invalid, `The body has no "query".`)
	}
	return q, q.checkConsistency()
}

// readURL reads a request for a registered document from the URL of a GET.
func readURL(r *http.Request) (*request, error) {
	in := r.URL.Query()
	if in.Has("query") {
		return nil, errUnregisteredGET
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
		return nil, errUnregisteredGET
	}
	return q, q.checkConsistency()
}
