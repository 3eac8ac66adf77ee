package server

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// Media types of responses.
const (
	plainJSON           = "application/json"
	graphqlResponseJSON = "application/graphql-response+json"
	eventStream         = "text/event-stream"
)

// mediaPreference says how much an Accept header prefers a media type.
type mediaPreference struct {
	quality     float64 // the q-value
	specificity int     // 3: the type itself is named, 2: type/*, 1: */*, 0: the header does not match the type
	position    int     // of the entry in the header
}

// mediaPreferenceFor reads the Accept header by RFC 9110, section 12.5.1. The most specific entry that matches the
// media type counts. Entries that cannot be read are ignored.
func mediaPreferenceFor(r *http.Request, mediaType string) (t mediaPreference) {
	mainType, _, _ := strings.Cut(mediaType, "/")
	specificities := map[string]int{mediaType: 3, mainType + "/*": 2, "*/*": 1}
	for position, item := range strings.Split(strings.Join(r.Header.Values("Accept"), ","), ",") {
		name, parameters, err := mime.ParseMediaType(item)
		specificity := specificities[name]
		if err != nil || specificity <= t.specificity {
			continue
		}
		q := 1.0
		if text, given := parameters["q"]; given {
			if q, err = strconv.ParseFloat(text, 64); err != nil || q < 0 || q > 1 {
				continue
			}
		}
		t = mediaPreference{q, specificity, position}
	}
	return t
}

// strongerThan compares two preferences. The higher q-value wins, then the more specific entry, then the earlier entry.
func (t mediaPreference) strongerThan(o mediaPreference) bool {
	switch {
	case t.quality != o.quality:
		return t.quality > o.quality
	case t.specificity != o.specificity:
		return t.specificity > o.specificity
	}
	return t.position < o.position
}

// responseMediaType returns the media type of a JSON response. It is application/json unless the client prefers
// GraphQL's own type.
func responseMediaType(r *http.Request) string {
	if mediaPreferenceFor(r, graphqlResponseJSON).strongerThan(mediaPreferenceFor(r, plainJSON)) {
		return graphqlResponseJSON
	}
	return plainJSON
}

// acceptsEventStream reports whether the hub may answer a subscription with an event stream by the protocol of
// graphql-sse, which uses a connection for each operation. "*/*" does not suffice, because the fetch function of
// browsers sends it by default, and a client that expects JSON would wait for the end of the stream forever.
func acceptsEventStream(r *http.Request) bool {
	t := mediaPreferenceFor(r, eventStream)
	return r.Method == http.MethodPost && t.specificity > 1 && t.quality > 0
}

// acceptsOnlyEventStream reports whether the client accepts event streams and no JSON. Only then does the hub answer
// a query or a mutation with an event stream, because such a response cannot be compressed, has no HTTP status, and
// counts among the few connections of a caller.
func acceptsOnlyEventStream(r *http.Request) bool {
	return acceptsEventStream(r) &&
		mediaPreferenceFor(r, plainJSON).quality == 0 && mediaPreferenceFor(r, graphqlResponseJSON).quality == 0
}
