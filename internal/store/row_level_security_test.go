package store_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"rightshub/internal/access"
	"rightshub/internal/accounts"
	"rightshub/internal/apitest"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/query"
	"rightshub/internal/store"
	"rightshub/policies"
)

// unrestrictedView returns a view that hides no row and no cell.
func unrestrictedView(t *testing.T) *access.View {
	conf, err := fs.ReadFile(policies.Files, "model.conf")
	if err != nil {
		t.Fatal(err)
	}
	lines := ""
	for _, e := range theModel.Entities() {
		lines += "p, system_all, " + e.Name + ", read, global, C3, -, allow\n"
	}
	p, err := access.Load(fstest.MapFS{"model.conf": {Data: conf}, "roles.csv": {Data: []byte(lines)}}, theModel)
	if err != nil {
		t.Fatal(err)
	}
	return p.View(access.SystemSubject("system_all", time.Now()))
}

func newHub(t *testing.T, db *database.DB) *store.Hub {
	hub, err := store.NewHub(db, theModel, database.Secret{7})
	if err != nil {
		t.Fatal(err)
	}
	return hub
}

// personView returns the view of an account of the demonstration data.
func personView(t *testing.T, hub *store.Hub, email string) *access.View {
	p, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	person, err := hub.Accounts().FindPerson(t.Context(), accounts.Identity{Email: email})
	if err != nil {
		t.Fatal(err)
	}
	return p.View(person.Subject)
}

// Row-level security shows nothing of a table to a caller without keys for it, and nothing outside of a transaction of
// the hub. The database role of the hub cannot turn it off.
func TestRowLevelSecurityHidesRows(t *testing.T) {
	owner := apitest.Demo.PostgresAsOwner(t)
	db := dbtest.WithRowSecurity(t, owner)
	nobody := personView(t, newHub(t, owner), "donor@demo")
	s := store.NewMismatchedSession(newHub(t, db), unrestrictedView(t), nobody)
	for _, name := range []string{"Child", "CaseFile", "Note", "User", "AccessEvent"} {
		page, err := s.List(t.Context(),
			&query.List{Selection: query.Selection{Entity: entityNamed(name)}, Rows: true, Total: true})
		own := map[string]int64{"User": 1}[name]
		if err != nil || page.Total != own {
			t.Errorf("%s: %d rows, %v", name, page.Total, err)
		}
	}
	n := -1
	if err := db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM children").Scan(&n); n != 0 {
		t.Errorf("outside of a transaction of the hub: %d children, %v", n, err)
	}
	for _, statement := range []string{
		"ALTER TABLE children DISABLE ROW LEVEL SECURITY",
		"DELETE FROM children",
		"DROP POLICY hub_scope ON children",
		"SET row_security = off; SELECT count(*) FROM children",
		"SELECT given_name FROM hub_path_children",
		"UPDATE hub_migrations SET hash = ''",
	} {
		if _, err := db.SQL().ExecContext(t.Context(), statement); err == nil {
			t.Errorf("the hub's role may: %s", statement)
		}
	}
}

// The hub starts only when its setting for row-level security agrees with the database.
func TestCheckRowLevelSecurity(t *testing.T) {
	ctx, owner := t.Context(), (&dbtest.Fixture{}).PostgresAsOwner(t)
	says := func(err error, part string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v, want %q", err, part)
		}
	}
	open := func(url string, secured bool) *database.DB {
		t.Helper()
		db, err := database.Open(ctx, database.Options{URL: url, RowLevelSecurity: secured})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	says(open(owner.URL(), true).CheckRowLevelSecurity(ctx, theModel), "has no row-level security")
	says(owner.EnableRowLevelSecurity(ctx, theModel, "no_such_role"), "no role")
	says(owner.EnableRowLevelSecurity(ctx, theModel, "o'neil\""), "no role")
	secured := dbtest.WithRowSecurity(t, owner)
	says(open(owner.URL(), true).CheckRowLevelSecurity(ctx, theModel), "would not hold")
	says(open(secured.URL(), false).CheckRowLevelSecurity(ctx, theModel), "--row-level-security")
	says(secured.DisableRowLevelSecurity(ctx), "owner of the tables")
	if err := owner.CheckRowLevelSecurity(ctx, theModel); err != nil {
		t.Error(err) // row-level security does not limit the owner of the tables, so only the view does
	}
	dbtest.Exec(t, owner, "COMMENT ON FUNCTION hub_scope(text) IS 'older'")
	says(secured.CheckRowLevelSecurity(ctx, theModel), "another model")
	if err := owner.DisableRowLevelSecurity(ctx); err != nil {
		t.Fatal(err)
	}
	says(secured.CheckRowLevelSecurity(ctx, theModel), "has no row-level security")
	if err := open(secured.URL(), false).CheckRowLevelSecurity(ctx, theModel); err != nil {
		t.Error(err)
	}
	_, err := database.Open(ctx, database.Options{URL: "sqlite:///" + t.TempDir() + "/x.db", RowLevelSecurity: true})
	says(err, "needs PostgreSQL")
}

// tablesWithoutRowSecurity are the tables without rows of an entity.
const tablesWithoutRowSecurity = "change_marks change_positions hub_answers hub_migrations hub_secrets " +
	"record_numbers row_changes"

// Row-level security is on for every table that holds rows of an entity.
func TestRowLevelSecurityCoversEveryTable(t *testing.T) {
	owner := (&dbtest.Fixture{}).PostgresAsOwner(t)
	dbtest.WithRowSecurity(t, owner)
	var tables, open string
	err := owner.SQL().QueryRowContext(t.Context(), `SELECT count(*),
 string_agg(relname, ' ' ORDER BY relname) FILTER (WHERE NOT relrowsecurity)
FROM pg_class
WHERE relkind IN ('r', 'p') AND relnamespace = to_regnamespace(current_schema())`).Scan(&tables, &open)
	want := fmt.Sprint(len(theModel.Entities()) + len(strings.Fields(tablesWithoutRowSecurity)))
	if err != nil || tables != want || open != tablesWithoutRowSecurity {
		t.Errorf("%s tables, want %s; without row-level security: %s, want %s; %v",
			tables, want, open, tablesWithoutRowSecurity, err)
	}
}
