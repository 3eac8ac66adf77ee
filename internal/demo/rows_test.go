package demo_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rightshub/ent/inventory"
	"rightshub/internal/apitest"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/model"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// publicFacts says why the rows of an entity are in no other state: they are facts that somebody published.
const publicFacts = "the rows are public facts, which the seed adds none to and makes none of untrue"

// statesWithoutRows are the states without a row, each with the reason.
var statesWithoutRows = map[string]string{
	"Office.state planned": publicFacts, "Office.state suspended": publicFacts,
	"Intervention.status finalisation": publicFacts, "Intervention.status cancelled": publicFacts, "Intervention.status suspended": publicFacts,
	"Partner.state prospect": publicFacts, "Partner.state vetting": publicFacts, "Partner.state suspended": publicFacts, "Partner.state ended": publicFacts,
	"Resource.state draft": publicFacts, "Resource.state in_review": publicFacts, "Resource.state validated": publicFacts, "Resource.state superseded": publicFacts, "Resource.state withdrawn": publicFacts,
}

// entitiesWithoutRows are the entities without rows, each with the reason.
var entitiesWithoutRows = map[string]string{
	"AccessEvent":        "the hub writes one when somebody reads",
	"AccessToken":        "its secret is shown to whoever makes one, and kept nowhere",
	"InterventionSector": "the sources name no sector by its code",
	"RegisteredDocument": "a program of the organisation brings its own",
}

// onEachDatabase runs the test on each database, as the owner of its tables: plain SQL sees every row.
func onEachDatabase(t *testing.T, test func(*testing.T, *database.DB)) {
	t.Run("sqlite", func(t *testing.T) { test(t, apitest.Demo.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, apitest.Demo.PostgresAsOwner(t)) })
}

// queryColumn are the first columns of a statement's rows, as texts.
func queryColumn(t *testing.T, db *database.DB, statement string) (out []string) {
	t.Helper()
	rows, err := db.SQL().QueryContext(t.Context(), statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// A newcomer finds rows of every entity, and one in every state of every machine, unless it is said why not.
func TestEveryStateHasRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *database.DB) {
		for _, e := range inventory.Model.Entities() {
			none := len(queryColumn(t, db, "SELECT id FROM "+e.Table+" LIMIT 1")) == 0
			if none != (entitiesWithoutRows[e.Name] != "") {
				t.Errorf("%s has no rows: %v; the reason: %q", e.Name, none, entitiesWithoutRows[e.Name])
			}
			for _, m := range e.Machines {
				held := queryColumn(t, db, "SELECT DISTINCT "+m.Field+" FROM "+e.Table)
				for _, state := range e.Column(m.Field).Values {
					name := e.Name + "." + m.Field + " " + state
					if none := !slices.Contains(held, state); none != (statesWithoutRows[name] != "") {
						t.Errorf("%s has no row: %v; the reason: %q", name, none, statesWithoutRows[name])
					}
				}
			}
		}
	})
}

// Every row is one that the hub would take: what ends does not end before it begins, and numbers lie where they must.
func TestRowsObeyTheModel(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *database.DB) {
		for _, e := range inventory.Model.Entities() {
			for _, f := range e.Fields {
				var wrong []string
				if f.After != "" {
					wrong = append(wrong, f.Column+" < "+f.After)
				}
				if r := f.Range; r != (model.Range{}) {
					unit := int64(1)
					if f.Kind == model.Decimal {
						unit = 100
					}
					wrong = append(wrong, fmt.Sprintf("%s < %d OR %s > %d", f.Column, r.Least*unit, f.Column, r.Most*unit))
				}
				for _, rule := range wrong {
					if n := len(queryColumn(t, db, "SELECT id FROM "+e.Table+" WHERE "+rule)); n > 0 {
						t.Errorf("%d rows of %s with %s", n, e.Name, rule)
					}
				}
			}
		}
	})
}

// Whoever is or was in a country has a clear check of every kind that counts today and none that does not; what has
// expired lies in the past.
func TestVolunteersAbroadAreChecked(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *database.DB) {
		today := "'" + time.Now().UTC().Format(time.DateOnly) + "'"
		counts := "k.result = 'clear' AND k.issued_on <= " + today + " AND k.expires_on >= " + today
		abroad := "FROM deployments d JOIN volunteers v ON v.id = d.volunteer_id WHERE d.state IN ('in_country','remote','suspended','completed','cut_short')"
		if n := len(queryColumn(t, db, "SELECT DISTINCT d.state "+abroad)); n != 5 {
			t.Errorf("volunteers are abroad, or were, in %d ways", n)
		}
		for _, kind := range inventory.Model.Entity("SafeguardingCheck").Column("kind").Values {
			check := "SELECT 1 FROM safeguarding_checks k WHERE k.volunteer_id = v.id AND k.kind = '" + kind + "' AND "
			if who := queryColumn(t, db, "SELECT v.code "+abroad+" AND (NOT EXISTS ("+check+counts+") OR EXISTS ("+check+"NOT ("+counts+")))"); len(who) > 0 {
				t.Errorf("%s without a clear %s", strings.Join(who, ", "), kind)
			}
		}
		for _, table := range []string{"safeguarding_checks WHERE result", "consents WHERE state", "referrals WHERE state"} {
			if n := len(queryColumn(t, db, "SELECT id FROM "+table+" = 'expired' AND (expires_on IS NULL OR expires_on >= "+today+")")); n > 0 {
				t.Errorf("%d %s is expired, by a day that has not passed", n, table)
			}
		}
		if n := len(queryColumn(t, db, "SELECT id FROM safeguarding_checks WHERE result = 'clear' AND expires_on < "+today)); n > 0 {
			t.Errorf("%d checks are clear, and have expired", n)
		}
	})
}

// The numbers that the README and the page of GraphiQL promise.
func TestPromisedNumbers(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *database.DB) {
		for table, want := range map[string]int{"countries": 38, "offices": 7, "interventions": 45, "partners": 112, "results": 97, "resources": 49, "children": 2000, "case_files": 2600} {
			if n := len(queryColumn(t, db, "SELECT id FROM "+table)); n != want {
				t.Errorf("%d rows of %s, want %d", n, table, want)
			}
		}
	})
}
