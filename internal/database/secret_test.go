package database_test

import (
	"testing"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
)

// A database knows the secret that it was first served with, and refuses another.
func TestAnotherSecretIsRefused(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		first, second := database.NewSecret(), database.NewSecret()
		for range 2 {
			if err := db.CheckSecret(t.Context(), first); err != nil {
				t.Errorf("its own secret is refused: %v", err)
			}
		}
		if err := db.CheckSecret(t.Context(), second); !fault.Is(err, fault.Invalid) {
			t.Errorf("another secret: %v, want INVALID", err)
		}
	})
}
