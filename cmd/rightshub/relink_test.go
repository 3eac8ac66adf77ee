package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"rightshub/ent/inventory"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
	"rightshub/internal/query"
)

// relinkTest has 150 accounts that are linked to an issuer, and one that is not linked.
type relinkTest struct {
	*testing.T
	db *database.DB
}

func newRelinkTest(t *testing.T, db *database.DB) *relinkTest {
	t.Helper()
	m := inventory.Load()
	session, err := systemSession(t.Context(), m, db, "system_identity")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 151 {
		in := query.Input{"displayName": "Made up", "email": fmt.Sprintf("p%d@example.org", i), "state": "active"}
		if i < 150 {
			in["issuer"], in["subject"] = "https://old.example.org", fmt.Sprintf("secret-%d", i)
		}
		if _, err := session.Create(t.Context(), m.Entity("User"), in); err != nil {
			t.Fatal(err)
		}
	}
	return &relinkTest{t, db}
}

// relink runs the command with the flags, and returns what it prints and its error.
func (r *relinkTest) relink(email string, flags relinkFlags) (string, error) {
	r.Helper()
	flags.Relink = true
	if err := flags.check(email); err != nil {
		return "", err
	}
	m := inventory.Load()
	session, err := systemSession(r.Context(), m, r.db, "system_identity")
	if err != nil {
		r.Fatal(err)
	}
	var out bytes.Buffer
	c := adminCommand{relinkFlags: flags, Email: email}
	err = c.relinkAccounts(r.Context(), m, session, streams{&out, io.Discard})
	if strings.Contains(out.String(), "secret-") || err != nil && strings.Contains(err.Error(), "secret-") {
		r.Errorf("%s %+v prints a key: %s %v", email, flags, &out, err)
	}
	return out.String(), err
}

// expectAccounts checks how many accounts satisfy a condition.
func (r *relinkTest) expectAccounts(want int, condition string) {
	r.Helper()
	var got int
	if err := r.db.SQL().QueryRow("SELECT count(*) FROM users WHERE " + condition).Scan(&got); err != nil || got != want {
		r.Errorf("%s: %d accounts, want %d (%v)", condition, got, want, err)
	}
}

// expectOutput runs the command and compares what it prints.
func (r *relinkTest) expectOutput(want, email string, flags relinkFlags) {
	r.Helper()
	if out, err := r.relink(email, flags); err != nil || out != want+"\n" {
		r.Errorf("%s %+v: got %q %v, want %q", email, flags, out, err, want)
	}
}

// TestRelink checks that an operator clears and sets the link of one account, and moves the links of a whole issuer,
// and that a dry run changes nothing.
func TestRelink(t *testing.T) {
	const unlinked, old = "subject IS NULL AND issuer IS NULL", "issuer = 'https://old.example.org'"
	dbtest.OnEachDatabase(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		r := newRelinkTest(t, db)
		r.expectOutput("Would unlink the account of p1@example.org from the issuer https://old.example.org "+
			"(dry run, nothing changed). The next sign-in with the verified address links anew.",
			"p1@example.org", relinkFlags{DryRun: true})
		r.expectOutput("Would link 150 accounts to the issuer https://new.example.org (dry run, nothing changed).",
			"", relinkFlags{FromIssuer: "https://old.example.org", ToIssuer: "https://new.example.org", DryRun: true})
		r.expectAccounts(151, "version = 1")

		r.expectOutput("Unlinked the account of p1@example.org from the issuer https://old.example.org. "+
			"The next sign-in with the verified address links anew.", "p1@example.org", relinkFlags{})
		r.expectAccounts(2, unlinked)
		r.expectAccounts(1, "version = 2 AND email = 'p1@example.org'")

		r.expectOutput("Linked the account of p1@example.org to the issuer https://new.example.org.",
			"p1@example.org", relinkFlags{ToIssuer: "https://new.example.org", ToSubject: "secret-new"})
		r.expectAccounts(1, "issuer = 'https://new.example.org' AND subject = 'secret-new'")

		// A sub belongs to one account, because the rights of two would add up.
		for _, c := range []struct {
			email string
			flags relinkFlags
		}{
			{"p2@example.org", relinkFlags{ToIssuer: "https://old.example.org", ToSubject: "secret-3"}},
			{"p150@example.org", relinkFlags{ToIssuer: "https://old.example.org", ToSubject: "secret-3"}},
		} {
			if _, err := r.relink(c.email, c.flags); !fault.Is(err, fault.Conflict) {
				r.Errorf("%s: %v", c.email, err)
			}
		}
		if _, err := db.SQL().Exec("UPDATE users SET subject = 'secret-149' WHERE subject = 'secret-new'"); err != nil {
			t.Fatal(err)
		}
		moved := relinkFlags{FromIssuer: "https://old.example.org", ToIssuer: "https://new.example.org"}
		if _, err := r.relink("", moved); !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
		r.expectAccounts(149, old)

		r.expectOutput("Unlinked the account of p1@example.org from the issuer https://new.example.org. "+
			"The next sign-in with the verified address links anew.", "p1@example.org", relinkFlags{})
		r.expectOutput("Linked 149 accounts to the issuer https://new.example.org.", "", moved)
		r.expectAccounts(149, "issuer = 'https://new.example.org' AND subject LIKE 'secret-%'")
		r.expectOutput("Unlinked 149 accounts from the issuer https://new.example.org. "+
			"The next sign-in with the verified address links anew.",
			"", relinkFlags{FromIssuer: "https://new.example.org"})
		r.expectAccounts(151, unlinked)
	})
}

// TestRefusedRelinking checks the errors of command lines that name nothing, or too much.
func TestRefusedRelinking(t *testing.T) {
	r := newRelinkTest(t, (&dbtest.Fixture{}).SQLite(t))
	for _, c := range []struct {
		email string
		flags relinkFlags
		want  string
	}{
		{"p150@example.org", relinkFlags{}, "is not linked"},
		{"nobody@example.org", relinkFlags{}, "No account has the address"},
		{"", relinkFlags{}, "name either"},
		{"p1@example.org", relinkFlags{FromIssuer: "https://old.example.org"}, "name either"},
		{"", relinkFlags{FromIssuer: "https://old.example.org/"}, "No account is linked to the issuer"},
		{"p1@example.org", relinkFlags{ToSubject: "x"}, "needs --to-issuer"},
		{"", relinkFlags{FromIssuer: "https://a.example.org", ToIssuer: "https://b.example.org", ToSubject: "x"},
			"needs --to-issuer"},
		{"", relinkFlags{FromIssuer: "https://a.example.org", ToIssuer: "https://a.example.org"}, "are the same"},
	} {
		if _, err := r.relink(c.email, c.flags); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %+v: got %v, want %q", c.email, c.flags, err, c.want)
		}
	}
	if err := (relinkFlags{DryRun: true}).check("p1@example.org"); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	if err := (relinkFlags{}).check(""); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}
