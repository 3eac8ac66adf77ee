package query_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/query"
	"rightshub/policies"
)

// A condition on a count is written with groups for a total, and without them inside the scans of a page, one for each
// key of the view, which would compute the groups again.
func TestScansCountNoGroups(t *testing.T) {
	m := inventory.Load()
	policy, err := access.Load(policies.Files, m)
	if err != nil {
		t.Fatal(err)
	}
	who := access.Subject{User: uuid.New(), Now: time.Now(), Assignments: []access.Assignment{{
		Role: "country_coordinator", Countries: []uuid.UUID{uuid.New(), uuid.New()},
	}}}
	who.Name = who.User.String()
	e := m.Entity("Child")
	where := query.Predicate{
		Op: query.PredicateCount, Edge: e.Edge("caseFiles"), Comparison: query.Gte, Values: []any{int64(1)},
	}
	list := query.List{Selection: query.Selection{Entity: e}, Where: &where, Rows: true, Total: true}
	statements := statementsOf(t, m, policy.View(who), listShape{"children", nil, nil, list}, nil)
	if len(statements) != 2 {
		t.Fatalf("%d statements", len(statements))
	}
	for _, s := range statements {
		grouped := strings.Contains(s.text, "GROUP BY")
		if grouped != strings.HasSuffix(s.name, ": total") {
			t.Errorf("%s: with groups %v: %s", s.name, grouped, s.text)
		}
	}
}
