package proof_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// sameExchange reports whether two exchanges are equal. Root fields are answered side by side, so several errors may
// come in any order.
func sameExchange(a, b exchange) bool {
	if a == b || strings.Count(a.body, `"path":[`) < 2 {
		return a == b
	}
	return a.status == b.status && a.header == b.header && len(a.body) == len(b.body) &&
		sortErrors(a.body) == sortErrors(b.body)
}

// sortErrors is the body with its errors in a fixed order.
func sortErrors(body string) string {
	var in struct {
		Errors []json.RawMessage
		Data   json.RawMessage
	}
	if json.Unmarshal([]byte(body), &in) != nil {
		return body
	}
	items := make([]string, len(in.Errors))
	for i, e := range in.Errors {
		items[i] = string(e)
	}
	slices.Sort(items)
	return strings.Join(items, ",") + string(in.Data)
}

// parseAnswer splits an answer into the text of its data and the error code of each root field.
func parseAnswer(body string) (data string, codes map[string]string, err error) {
	var in struct {
		Errors []struct {
			Path       []any
			Extensions struct{ Code string }
		}
		Data json.RawMessage
	}
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		return "", nil, fmt.Errorf("the answer is not JSON: %w", err)
	}
	codes = map[string]string{}
	for _, e := range in.Errors {
		at := "-"
		if len(e.Path) > 0 {
			at = fmt.Sprint(e.Path[0])
		}
		codes[at] = e.Extensions.Code
	}
	return string(in.Data), codes, nil
}

// matchAnswer reports whether the data is the wanted answer, and returns the cursors that stand where it has
// cursorHole.
func matchAnswer(data, want string) (cursors []string, ok bool) {
	for {
		lead, rest, more := strings.Cut(want, cursorHole)
		if !strings.HasPrefix(data, lead) {
			return nil, false
		}
		data = data[len(lead):]
		if !more {
			return cursors, data == ""
		}
		want = rest
		if !strings.HasPrefix(data, `"`) {
			return nil, false
		}
		cursor, after, ok := strings.Cut(data[1:], `"`)
		if !ok || cursor == "" {
			return nil, false
		}
		cursors, data = append(cursors, cursor), after
	}
}

// isReadableCursor reports whether a cursor shows a position in clear. It looks for twenty printable bytes in a row.
func isReadableCursor(cursor string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	run := 0
	for _, c := range raw {
		if run++; c < ' ' || c > '~' {
			run = 0
		}
		if run == 20 {
			return true
		}
	}
	return err != nil
}
