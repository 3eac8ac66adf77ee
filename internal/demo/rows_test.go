package demo_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rightshub/internal/apitest"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/model"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// publicFacts is the reason why the rows of some entities are in few states.
const publicFacts = "the rows are public facts, which the seed neither adds to nor changes"

// statesWithoutRows maps each state without a row to the reason.
var statesWithoutRows = map[string]string{
	"Intervention.status cancelled":    publicFacts,
	"Intervention.status finalisation": publicFacts,
	"Intervention.status suspended":    publicFacts,
	"Office.state planned":             publicFacts,
	"Office.state suspended":           publicFacts,
	"Partner.state ended":              publicFacts,
	"Partner.state prospect":           publicFacts,
	"Partner.state suspended":          publicFacts,
	"Partner.state vetting":            publicFacts,
	"Resource.state draft":             publicFacts,
	"Resource.state in_review":         publicFacts,
	"Resource.state superseded":        publicFacts,
	"Resource.state validated":         publicFacts,
	"Resource.state withdrawn":         publicFacts,
}

// entitiesWithoutRows maps each entity without rows to the reason.
var entitiesWithoutRows = map[string]string{
	"AccessEvent":        "the hub writes one when somebody reads",
	"AccessToken":        "its secret is shown once to the person that creates it, and is stored nowhere",
	"InterventionSector": "the sources name no sector by its code",
	"RegisteredDocument": "a program of the organisation brings its own",
}

// onEachDatabase runs the test on each database as the owner of its tables, so that plain SQL sees every row.
func onEachDatabase(t *testing.T, test func(*testing.T, *database.DB)) {
	t.Run("sqlite", func(t *testing.T) { test(t, apitest.Demo.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, apitest.Demo.PostgresAsOwner(t)) })
}

// queryColumn returns the first column of the rows of a statement as texts.
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

// TestEveryStateHasRows checks that every entity has rows, and a row in every state, except those with a reason above.
func TestEveryStateHasRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *database.DB) {
		for _, e := range theModel.Entities() {
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

// TestRowsObeyTheModel checks that every row would pass the validation of the hub, with its order of dates and its
// ranges.
func TestRowsObeyTheModel(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *database.DB) {
		for _, e := range theModel.Entities() {
			for _, f := range e.Fields {
				var violations []string
				if f.After != "" {
					violations = append(violations, f.Column+" < "+f.After)
				}
				if r := f.Range; r != (model.Range{}) {
					unit := int64(1)
					if f.Kind == model.Decimal {
						unit = 100
					}
					violations = append(violations,
						fmt.Sprintf("%s < %d OR %s > %d", f.Column, r.Least*unit, f.Column, r.Most*unit))
				}
				for _, violation := range violations {
					if n := len(queryColumn(t, db, "SELECT id FROM "+e.Table+" WHERE "+violation)); n > 0 {
						t.Errorf("%d rows of %s with %s", n, e.Name, violation)
					}
				}
			}
		}
	})
}

// TestVolunteersAbroadAreChecked checks that every volunteer that is or was in a country has a valid clear check of
// every kind and no other check. It also checks that everything with the state expired expired in the past.
func TestVolunteersAbroadAreChecked(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *database.DB) {
		today := "'" + time.Now().UTC().Format(time.DateOnly) + "'"
		valid := "k.result = 'clear' AND k.issued_on <= " + today + " AND k.expires_on >= " + today
		abroad := "FROM deployments d JOIN volunteers v ON v.id = d.volunteer_id" +
			" WHERE d.state IN ('in_country','remote','suspended','completed','cut_short')"
		if n := len(queryColumn(t, db, "SELECT DISTINCT d.state "+abroad)); n != 5 {
			t.Errorf("volunteers are abroad, or were, in %d ways", n)
		}
		for _, kind := range theModel.Entity("SafeguardingCheck").Column("kind").Values {
			check := "SELECT 1 FROM safeguarding_checks k WHERE k.volunteer_id = v.id AND k.kind = '" + kind + "' AND "
			missing := "NOT EXISTS (" + check + valid + ")"
			invalid := "EXISTS (" + check + "NOT (" + valid + "))"
			codes := queryColumn(t, db, "SELECT v.code "+abroad+" AND ("+missing+" OR "+invalid+")")
			if len(codes) > 0 {
				t.Errorf("%s without a clear %s", strings.Join(codes, ", "), kind)
			}
		}
		notPassed := "(expires_on IS NULL OR expires_on >= " + today + ")"
		for _, column := range []string{
			"safeguarding_checks WHERE result",
			"consents WHERE state",
			"referrals WHERE state",
		} {
			n := len(queryColumn(t, db, "SELECT id FROM "+column+" = 'expired' AND "+notPassed))
			if n > 0 {
				t.Errorf("%d rows of %s = 'expired' expire on a day that has not passed", n, column)
			}
		}
		clearButExpired := "SELECT id FROM safeguarding_checks WHERE result = 'clear' AND expires_on < " + today
		if n := len(queryColumn(t, db, clearButExpired)); n > 0 {
			t.Errorf("%d checks are clear but have expired", n)
		}
	})
}

// TestPromisedNumbers checks the numbers of rows that the README and the GraphiQL page promise.
func TestPromisedNumbers(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *database.DB) {
		for table, want := range map[string]int{
			"countries":     38,
			"offices":       7,
			"interventions": 45,
			"partners":      112,
			"results":       97,
			"resources":     49,
			"children":      2000,
			"case_files":    2600,
		} {
			if n := len(queryColumn(t, db, "SELECT id FROM "+table)); n != want {
				t.Errorf("%d rows of %s, want %d", n, table, want)
			}
		}
	})
}
