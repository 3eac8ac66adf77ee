package store_test

import (
	"context"
	"errors"
	"testing"

	"rightshub/internal/query"
	"rightshub/internal/store"
)

// A failing Atomic undoes everything that it did, even after a nested Atomic has failed by itself.
func TestNestedRollback(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		country, fails := entityNamed("Country"), errors.New("it fails")
		make := func(ctx context.Context, s store.Session, iso string) {
			in := query.Input{"iso2": iso, "name": map[string]string{"en": "Made up"}}
			if _, err := s.Create(ctx, country, in); err != nil {
				w.Fatal(err)
			}
		}
		err := w.seedSession().Atomic(w.Context(), func(ctx context.Context, s store.Session) error {
			make(ctx, s, "XA")
			err := s.Atomic(ctx, func(ctx context.Context, s store.Session) error {
				make(ctx, s, "XB")
				err := s.Atomic(ctx, func(ctx context.Context, s store.Session) error {
					make(ctx, s, "XC")
					return fails
				})
				if err != fails {
					w.Error(err)
				}
				return fails
			})
			if err != fails {
				w.Error(err)
			}
			return nil
		})
		if err != nil {
			w.Fatal(err)
		}
		for iso, want := range map[string]int64{"XA": 1, "XB": 0, "XC": 0} {
			hasCode := &query.Predicate{
				Op: query.PredicateField, Field: country.Field("iso2"), Comparison: query.OneOf, Values: []any{iso},
			}
			page, err := w.seedSession().List(w.Context(),
				&query.List{Selection: selectFields(country), Total: true, Where: hasCode})
			if err != nil || int64(page.Total) != want {
				w.Errorf("%s: %v, want %d: %v", iso, page, want, err)
			}
		}
	})
}
