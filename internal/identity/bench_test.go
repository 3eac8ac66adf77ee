package identity_test

import (
	"testing"

	"rightshub/internal/store"
)

// BenchmarkOpenSession opens sessions for a caller with a cached token and view. It includes the reading of the rights,
// once a second.
func BenchmarkOpenSession(b *testing.B) {
	p := newTestPerson(b, countryWithOffice.SQLite(b), mustLoadPolicy(b))
	p.assignRole(b, "donor", nil)
	credentials := store.Credentials{Authorization: "Bearer " + p.token, Purpose: "services"}
	for b.Loop() {
		if _, err := p.authenticator.OpenSession(b.Context(), credentials); err != nil {
			b.Fatal(err)
		}
	}
}
