package identity_test

import (
	"testing"

	"rightshub/internal/store"
)

// BenchmarkEnter opens a session for somebody whose token and view are kept, with the one second after which rights are
// read anew.
func BenchmarkEnter(b *testing.B) {
	p := newTestPerson(b, countryWithOffice.SQLite(b), mustLoadPolicy(b))
	p.assignRole(b, "donor", nil)
	entry := store.Credentials{Authorization: "Bearer " + p.token, Purpose: "services"}
	for b.Loop() {
		if _, err := p.authenticator.OpenSession(b.Context(), entry); err != nil {
			b.Fatal(err)
		}
	}
}
