package access_test

import (
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/model"
	"rightshub/policies"
)

// loadProjectPolicy loads the policies that are embedded in the program.
func loadProjectPolicy(t testing.TB) *access.Policy {
	t.Helper()
	p, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// policyFiles returns a folder of policies with this text of roles.csv.
func policyFiles(t testing.TB, lines string) fs.FS {
	t.Helper()
	conf, err := policies.Files.ReadFile("model.conf")
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{"model.conf": {Data: conf}, "roles.csv": {Data: []byte(lines)}}
}

// TestRolesAreNeverMultiplied checks that two roles never give more than the sum of their rights. A row that the scope
// of one role covers, with a referral to the partner of the other role, shows nothing in clear.
func TestRolesAreNeverMultiplied(t *testing.T) {
	roles := "g2, one, services\n" +
		"g2, two, services\n" +
		"p, one, Child, read, country, C3, shared, allow\n" +
		"p, two, Child, read, country, C3, shared, allow\n"
	p, err := access.Load(policyFiles(t, roles), theModel)
	if err != nil {
		t.Fatal(err)
	}
	key := func(s string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(s)) }
	s := access.Subject{User: key("me"), Purpose: "services", Now: time.Unix(1, 0), Assignments: []access.Assignment{
		{Role: "one", Countries: []uuid.UUID{key("BF")}, Partners: []uuid.UUID{key("Keogo")}},
		{Role: "two", Countries: []uuid.UUID{key("CD")}, Partners: []uuid.UUID{key("Other")}}}}
	child := theModel.Entity("Child")
	clear := p.View(s).ClearWhere("Child", "givenName", child.Field("givenName").Tag)
	for partner, want := range map[string]bool{"Keogo": true, "Other": false} {
		facts := rowFacts{
			keys: map[string]uuid.UUID{"country": key("BF")},
			object: &access.Object{
				Keys:       map[string][]uuid.UUID{"referred": {key(partner)}},
				SharedWith: []uuid.UUID{key(partner)},
			},
		}
		if got := includesRow(child, clear, facts, ""); got != want {
			t.Errorf("a child of BF with a referral to %s is clear: %v", partner, got)
		}
	}
}

// TestBrokenFileNamesLine checks that the error for a malformed line names the line.
func TestBrokenFileNamesLine(t *testing.T) {
	for line, want := range map[string]string{
		"p, donor, Office, read, global, C0, -":              "seven columns",
		"p, donor, , Office, read, global, C0, -, allow":     "seven columns",
		"p, donor, Office, read, global, C0, -,":             "seven columns",
		"p, donor, Ofice, read, global, C0, -, allow":        `"Ofice"`,
		"p, donor, Office, red, global, C0, -, allow":        `"red"`,
		"p, donor, Office, read, galaxy, C0, -, allow":       `"galaxy"`,
		"p, donor, Office, read, global, C9, -, allow":       `"C9"`,
		"p, donor, Office, read, global, C0, maybe, deny":    `"maybe"`,
		"p, donor, Office, read, global, C3, consent, allow": "not about a child",
		"g2, donor, curiosity":                               `"curiosity"`,
		"p, donor, Office, read, global, C0, -, perhaps":     `"perhaps"`,
		"p, donor, Region, read, country, C0, -, allow":      `no scope "country"`,
		"g, Ofice, places":                                   `"Ofice"`,
		"grant, platform_admin, donor":                       "grant, end or suspend with role, role, scope",
		"grant, platform_admin, donor, galaxy":               `no scope "galaxy"; write global or country`,
		"grant, platform_admin, any, global":                 "write a line for each role that is granted",
		"grant, any, donor, global":                          `"any" is not the name of a role`,
		"grant, everyone, donor, global":                     "everyone comes without an assignment, so it cannot grant roles",
		"grant, platform_admin, auditor, global":             "auditor comes with an audit grant, so nobody can grant it",
		"end, platform_admin, public, global":                "public comes without an assignment, so nobody can end it",
		"suspend, system_seed, donor, global":                "system_seed belongs to a task of the hub",
		"needs, volunteer, passport":                         `cannot need "passport"; write deployment`,
	} {
		_, err := access.Load(policyFiles(t, "# one\n"+line+"\n"), theModel)
		if err == nil || !strings.Contains(err.Error(), "roles.csv line 2") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want line 2 and %s", line, err, want)
		}
	}
}

// TestSpreadsheetFile checks that roles.csv as a spreadsheet program saves it gives the same policy as before, and that
// a file in another encoding is reported as that.
func TestSpreadsheetFile(t *testing.T) {
	original := "# The rights, \"line by line\".\n" +
		"g, Office, places\n" +
		"p, donor, places, read, global, C0, -, allow\n" +
		"p, donor, Partner, read, global, C1, -, deny\n" +
		"grant, platform_admin, donor, global\n"
	want, err := access.Load(policyFiles(t, original), theModel)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"mark and semicolons": "\uFEFF\"# The rights, \"\"line by line\"\".\"\r\ng; Office; places\r\n" +
			"p;donor;places;read;global;C0;-;allow\r\np;donor;Partner;read;global;C1;-;deny\r\n" +
			"grant;platform_admin;donor;global\r\n",
		"quotes around lines": "\uFEFF\"# The rights, \"\"line by line\"\".\"\n\"g, Office, places\"\n" +
			"\"p, donor, places, read, global, C0, -, allow\"\n\"p, donor, Partner, read, global, C1, -, deny\"\n" +
			"\"grant, platform_admin, donor, global\"\n",
		"quotes around cells, and empty cells": "# The rights, \"line by line\".,,,,,,\n" +
			"\"g\",\" Office\",\" places\",,,,,\np, donor, places, read, global, C0, -, allow\n,,,,,,,\n" +
			"p, donor, Partner, read, global, C1, -, deny\ngrant, platform_admin, donor, global,,,,\n",
		"tabs": strings.ReplaceAll(original, ", ", "\t"),
	} {
		got, err := access.Load(policyFiles(t, text), theModel)
		if err != nil || !reflect.DeepEqual(fieldsOf(got), fieldsOf(want)) {
			t.Errorf("%s: %v; got %q, want %q", name, err, fieldsOf(got), fieldsOf(want))
		}
	}
	for name, text := range map[string]string{
		"UTF-16":       "\xFF\xFEp\x00,\x00",
		"Windows-1252": "# R\xE8gles\np, donor, Office, read, global, C0, -, allow\n",
	} {
		if _, err := access.Load(policyFiles(t, text), theModel); err == nil || !strings.Contains(err.Error(), "UTF-8") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// fieldsOf returns the fields of the lines of a policy.
func fieldsOf(p *access.Policy) (lines [][]string) {
	for _, line := range p.Lines() {
		lines = append(lines, line.Columns)
	}
	return lines
}

func Example() {
	p, err := access.Load(policies.Files, theModel)
	if err != nil {
		fmt.Println(err)
		return
	}
	country := uuid.MustParse("11111111-1111-4111-8111-111111111111")
	view := p.View(access.Subject{
		User:        uuid.New(),
		Assignments: []access.Assignment{{Role: "country_coordinator", Countries: []uuid.UUID{country}}},
	})
	fmt.Println(view.RowsWhere("Child", model.Read).Column, view.May("Child", model.Update))
	// Output: country_id false
}
