package server

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// What answers are written as.
const (
	plainJSON           = "application/json"
	graphqlResponseJSON = "application/graphql-response+json"
	eventStream         = "text/event-stream"
)

// mediaPreference is how much a caller likes a media type: its q-value, how exactly the type is named, and where.
type mediaPreference struct {
	quality               float64
	specificity, position int // exact: 3 for the type itself, 2 for all of its kind, 1 for everything, 0 for no word about it
}

// mediaPreferenceFor reads Accept by RFC 9110, 12.5.1: of what matches a type, the most exact word counts. What cannot be read is passed
// over.
func mediaPreferenceFor(r *http.Request, kind string) (t mediaPreference) {
	of, _, _ := strings.Cut(kind, "/")
	exactness := map[string]int{kind: 3, of + "/*": 2, "*/*": 1}
	for at, item := range strings.Split(strings.Join(r.Header.Values("Accept"), ","), ",") {
		name, parameters, err := mime.ParseMediaType(item)
		exact := exactness[name]
		if err != nil || exact <= t.specificity {
			continue
		}
		q := 1.0
		if text, given := parameters["q"]; given {
			if q, err = strconv.ParseFloat(text, 64); err != nil || q < 0 || q > 1 {
				continue
			}
		}
		t = mediaPreference{q, exact, at}
	}
	return t
}

// strongerThan reports whether a caller likes one type better than another: by q-value, then the one that is named more exactly, then
// the one named first.
func (t mediaPreference) strongerThan(o mediaPreference) bool {
	switch {
	case t.quality != o.quality:
		return t.quality > o.quality
	case t.specificity != o.specificity:
		return t.specificity > o.specificity
	}
	return t.position < o.position
}

// responseMediaType is which JSON the answer is written as: the plain one, unless the caller likes GraphQL's own better.
func responseMediaType(r *http.Request) string {
	if mediaPreferenceFor(r, graphqlResponseJSON).strongerThan(mediaPreferenceFor(r, plainJSON)) {
		return graphqlResponseJSON
	}
	return plainJSON
}

// acceptsEventStream reports whether a subscription may be answered as a stream of events: the protocol of graphql-sse, a connection
// for each operation. "*/*" is not enough: fetch sends it by itself, and whoever reads JSON would wait for the end for ever.
func acceptsEventStream(r *http.Request) bool {
	t := mediaPreferenceFor(r, eventStream)
	return r.Method == http.MethodPost && t.specificity > 1 && t.quality > 0
}

// acceptsOnlyEventStream reports whether the caller takes nothing else, so that a query or a mutation has to be such a stream too: it
// cannot be compressed, has no status, and holds one of few connections.
func acceptsOnlyEventStream(r *http.Request) bool {
	return acceptsEventStream(r) && mediaPreferenceFor(r, plainJSON).quality == 0 && mediaPreferenceFor(r, graphqlResponseJSON).quality == 0
}
