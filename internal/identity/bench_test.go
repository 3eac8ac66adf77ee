package identity_test

import (
	"testing"

	"rightshub/internal/store"
)

// BenchmarkEnter opens a session for somebody whose token and view are kept, with the one second after which rights are
// read anew.
func BenchmarkEnter(b *testing.B) {
	p := somebody(b, world.SQLite(b), mustLoad(b))
	p.holds(b, "donor", nil)
	entry := store.Entry{Authorization: "Bearer " + p.token, Purpose: "services"}
	for b.Loop() {
		if _, err := p.door.Enter(b.Context(), entry); err != nil {
			b.Fatal(err)
		}
	}
}
