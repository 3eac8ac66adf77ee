package repotest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// landedVersions holds the SHA-256 of each migration file that has landed. Databases were made from these texts, so
// the files never change again. A new version adds a line here in its own commit.
var landedVersions = map[string]string{
	"migrations/postgres/20261126143208_model.sql": "05d5067288ab25af0529ce2f295e797744c5677212c0f8231bfccf15393d48e9",
	"migrations/sqlite/20261126143208_model.sql":   "ed8b381a252c5b446d3fdc0b894f74e6ed5d24dcc49c8c77909996e17e4b6365",
	"migrations/sqlite/20261201022822_add_hub_secrets.sql": "f021f55d90e85bda9681cc6469d916ac" +
		"7107bfe72b4e70b359838c0250394998",
	"migrations/postgres/20261201022822_add_hub_secrets.sql": "51f9d2c5f8cde5c320f8c0522d3f18aa" +
		"a00525b1cc43672e892f6d5c63cebf80",
	"migrations/postgres/20261201023419_changes.sql": "a6aeae079074c17ce6a9da221dc59353e0f11683aeaa963d156b611e79971926",
	"migrations/sqlite/20261201023419_changes.sql":   "a0a80716d4a9b75d539ae38cc5501feca40ef1cc4f615769a7282533e2619a7b",
}

// TestLandedMigrationsAreFrozen fails when a migration file that has landed changes or disappears, when a new file is
// not frozen yet, and when a new file has a lower number than a landed one, which would put it before versions that
// databases have already.
func TestLandedMigrationsAreFrozen(t *testing.T) {
	newest := map[string]string{}
	for name, want := range landedVersions {
		folder := filepath.Dir(name)
		newest[folder] = max(newest[folder], name)
		text, err := os.ReadFile(filepath.Join(repoRoot, name))
		if err != nil {
			t.Errorf("%s has landed and is missing (%v). Restore it with git restore --source=main %s.", name, err, name)
			continue
		}
		if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s was changed after it landed. Databases that were made from it could not be upgraded. "+
				"Restore the file with git restore --source=main %s, and write a new version with "+
				"go run ./internal/codegen diff NAME.", name, name)
		}
	}
	for _, kind := range []string{"postgres", "sqlite"} {
		paths, err := filepath.Glob(filepath.Join(repoRoot, "migrations", kind, "*.sql"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no migrations of %s: %v", kind, err)
		}
		for _, path := range paths {
			name := filepath.ToSlash(strings.TrimPrefix(path, filepath.FromSlash(repoRoot+"/")))
			if _, ok := landedVersions[name]; ok {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Errorf("%s is not frozen. Add it to landedVersions in internal/repotest/migrations_test.go with the sum %x "+
				"in the commit that lands it.", name, sha256.Sum256(text))
			if last := newest[filepath.Dir(name)]; name < last {
				t.Errorf("%s comes before %s, which has landed. Delete it and write it again with "+
					"go run ./internal/codegen diff NAME, which gives it a later number.", name, last)
			}
		}
	}
}
