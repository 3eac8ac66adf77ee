package server

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// What answers are written as.
const (
	plainJSON    = "application/json"
	responseJSON = "application/graphql-response+json"
	eventStream  = "text/event-stream"
)

// taste is how much a caller likes a media type: its q-value, how exactly the type is named, and where.
type taste struct {
	q         float64
	exact, at int // exact: 3 for the type itself, 2 for all of its kind, 1 for everything, 0 for no word about it
}

// tasteFor reads Accept by RFC 9110, 12.5.1: of what matches a type, the most exact word counts. What cannot be read is passed
// over.
func tasteFor(r *http.Request, kind string) (t taste) {
	of, _, _ := strings.Cut(kind, "/")
	exactness := map[string]int{kind: 3, of + "/*": 2, "*/*": 1}
	for at, item := range strings.Split(strings.Join(r.Header.Values("Accept"), ","), ",") {
		name, parameters, err := mime.ParseMediaType(item)
		exact := exactness[name]
		if err != nil || exact <= t.exact {
			continue
		}
		q := 1.0
		if text, given := parameters["q"]; given {
			if q, err = strconv.ParseFloat(text, 64); err != nil || q < 0 || q > 1 {
				continue
			}
		}
		t = taste{q, exact, at}
	}
	return t
}

// over reports whether a caller likes one type better than another: by q-value, then the one that is named more exactly, then
// the one named first.
func (t taste) over(o taste) bool {
	switch {
	case t.q != o.q:
		return t.q > o.q
	case t.exact != o.exact:
		return t.exact > o.exact
	}
	return t.at < o.at
}

// mediaType is which JSON the answer is written as: the plain one, unless the caller likes GraphQL's own better.
func mediaType(r *http.Request) string {
	if tasteFor(r, responseJSON).over(tasteFor(r, plainJSON)) {
		return responseJSON
	}
	return plainJSON
}

// takesEvents reports whether a subscription may be answered as a stream of events: the protocol of graphql-sse, a connection
// for each operation. "*/*" is not enough: fetch sends it by itself, and whoever reads JSON would wait for the end for ever.
func takesEvents(r *http.Request) bool {
	t := tasteFor(r, eventStream)
	return r.Method == http.MethodPost && t.exact > 1 && t.q > 0
}

// onlyEvents reports whether the caller takes nothing else, so that a query or a mutation has to be such a stream too: it
// cannot be compressed, has no status, and holds one of few connections.
func onlyEvents(r *http.Request) bool {
	return takesEvents(r) && tasteFor(r, plainJSON).q == 0 && tasteFor(r, responseJSON).q == 0
}
