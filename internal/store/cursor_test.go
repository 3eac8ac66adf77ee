package store

import (
	"bytes"
	"testing"

	"rightshub/internal/database"
	"rightshub/internal/model"
)

// A cursor that the hub did not make for this list is refused in one way, whatever its bytes.
func FuzzCursor(f *testing.F) {
	s, err := newSealer(database.Secret{1}, "cursor")
	if err != nil {
		f.Fatal(err)
	}
	bound, plain := []byte("list"), []byte(`["x",null,3]`)
	good := s.seal(plain, bound)
	for _, seed := range []string{good, good[1:], good + "A", "", "AAAA", s.seal(plain, []byte("other")), s.seal([]byte(`[`), bound)} {
		f.Add(seed, []byte(`["x",null,3]`))
	}
	f.Add("x", []byte(`[1,"2020-01-01T00:00:00Z",true]`))
	keys := []sortKey{{kind: model.String}, {kind: model.Time}, {kind: model.Int}}
	f.Fuzz(func(t *testing.T, cursor string, position []byte) {
		if got, err := s.open(cursor, bound); err == nil && (!bytes.Equal(got, plain) && string(got) != `[` || s.seal(got, bound) != cursor) {
			t.Errorf("%q opens", cursor)
		} else if err != nil && err != errForeignCursor {
			t.Error(err)
		}
		if _, err := decodePosition(keys, position); err != nil && err != errForeignCursor {
			t.Error(err)
		}
	})
}
