package store

import (
	"bytes"
	"testing"

	"rightshub/internal/database"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// A cursor that the hub did not make for this list always fails with the same error, whatever its bytes.
func FuzzCursor(f *testing.F) {
	s, err := query.NewSealer(database.Secret{1}, "cursor")
	if err != nil {
		f.Fatal(err)
	}
	bound, plain := []byte("list"), []byte(`["x",null,3]`)
	good := s.Seal(plain, bound)
	seeds := []string{
		good, good[1:], good + "A", "", "AAAA", s.Seal(plain, []byte("other")), s.Seal([]byte(`[`), bound),
	}
	for _, seed := range seeds {
		f.Add(seed, []byte(`["x",null,3]`))
	}
	f.Add("x", []byte(`[1,"2020-01-01T00:00:00Z",true]`))
	keys := []query.SortKey{{Kind: model.String}, {Kind: model.Time}, {Kind: model.Int}}
	f.Fuzz(func(t *testing.T, cursor string, position []byte) {
		got, err := s.Open(cursor, bound)
		made := (bytes.Equal(got, plain) || string(got) == `[`) && s.Seal(got, bound) == cursor
		if err == nil && !made {
			t.Errorf("%q opens, though the hub did not make it", cursor)
		} else if err != nil && err != query.ErrForeignCursor {
			t.Error(err)
		}
		if _, err := query.DecodePosition(keys, position); err != nil && err != query.ErrForeignCursor {
			t.Error(err)
		}
	})
}
