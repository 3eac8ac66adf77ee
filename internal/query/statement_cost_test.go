package query_test

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
)

// numberFromEnv returns the number in an environment variable, or otherwise when the variable holds none.
func numberFromEnv(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

const (
	// A statement should look at no more rows than tableScans times all rows of the tables that it names, and
	// rowsToSpare. A statement that reads a table again for each row of another one looks at many times more.
	tableScans, rowsToSpare = 3, 20_000

	// No statement may look at more than worstExcess times as many rows, and one in rarelyMore may look at more rows.
	worstExcess, rarelyMore = 30, 100

	// slowestShown is the number of statements that are printed and compared with other plans.
	slowestShown = 20
)

// mendedStatements once read a table again for each row of another one. They are always taken.
var mendedStatements = []string{
	"coordinator: partners interventions.some.{}: total",
	"coordinator: partners country.indicatorValues.count: total",
	"manager: activities intervention.partners.some.updatedAt: total",
	"manager: interventionPartners intervention.partners.none.updatedAt: total",
}

// measured is what a statement took.
type measured struct {
	statement
	rows, limit float64 // rows that it looked at, and how many it may look at
	time, best  float64 // milliseconds, of its plan and of the best plan
	bestPlan    string  // the setting that gives the best plan
}

// Every filter to depth 2, every order and every count, for a coordinator of two countries, a field agent, an auditor
// and a manager, looks at few rows. Times depend on the machine, and are printed only, beside those of other plans in
// the same run. RIGHTSHUB_SHAPES_CHILDREN sets the number of children, in proportion to which the other tables have
// rows. One statement in RIGHTSHUB_SHAPES_SAMPLE is taken.
func TestStatementsLookAtFewRows(t *testing.T) {
	sample := 201
	if dbtest.Long() {
		sample = 21
	}
	sample = numberFromEnv("RIGHTSHUB_SHAPES_SAMPLE", sample)
	db := apitest.Demo.PostgresAsOwner(t)
	w := newLargeWorld(t, db, numberFromEnv("RIGHTSHUB_SHAPES_CHILDREN", 20_000))
	if err := w.fill(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	c, err := db.SQL().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	taken := w.measureShapes(t, c, sample)
	slices.SortFunc(taken, func(a, b measured) int { return cmp.Compare(b.time, a.time) })
	t.Log("The slowest statements, with their best plan:")
	for _, m := range taken[:min(slowestShown, len(taken))] {
		m.compareWithOtherPlans(t, c)
		t.Logf("%7.1f ms, best %7.1f %-24s %9.0f rows  %s", m.time, m.best, m.bestPlan, m.rows, m.name)
	}
}

// measureShapes takes one in sample of the statements of all shapes, and checks the rows that they look at.
func (w *largeWorld) measureShapes(t *testing.T, c *sql.Conn, sample int) (taken []measured) {
	t.Helper()
	tables, more := tableSizes(t, c), 0
	for i, s := range w.statements(t) {
		mended := slices.Contains(mendedStatements, s.name)
		if i%sample != 0 && !mended {
			continue
		}
		m := measured{statement: s, limit: rowsLimit(tables, s.text)}
		e, err := explain(t.Context(), c, s, ", ANALYZE, TIMING OFF")
		if err != nil {
			t.Errorf("%s: %v\n%s", m.name, err, m.text)
			continue
		}
		m.time, m.rows = e.Time, e.Plan.rowsLookedAt()
		taken = append(taken, m)
		if m.rows > m.limit {
			t.Logf("%s looks at %.0f rows, beside a limit of %.0f", m.name, m.rows, m.limit)
			more++
		}
		if m.rows > worstExcess*m.limit || mended && m.rows > m.limit {
			t.Errorf("%s looks at %.0f rows, beside a limit of %.0f:\n%s", m.name, m.rows, m.limit, m.text)
		}
	}
	t.Logf("%d statements, %d of them above their limit", len(taken), more)
	if more > max(1, len(taken)/rarelyMore) {
		t.Errorf("%d of %d statements look at more rows than their limit", more, len(taken))
	}
	return taken
}

// otherPlans are settings that make the planner take another plan.
var otherPlans = []string{
	"enable_nestloop=off", "enable_hashjoin=off", "enable_mergejoin=off", "enable_seqscan=off", "enable_memoize=off",
	"enable_material=off", "enable_indexscan=off", "random_page_cost=1.1",
}

// compareWithOtherPlans sets the shortest times of the statement, with its own plan and with any of the others.
func (m *measured) compareWithOtherPlans(t *testing.T, c *sql.Conn) {
	t.Helper()
	ctx := t.Context()
	shortest := func(tries int) float64 {
		least := m.time
		for range tries {
			e, err := explain(ctx, c, m.statement, ", ANALYZE, TIMING OFF")
			if err == nil {
				least = min(least, e.Time)
			}
		}
		return least
	}
	m.time = shortest(3)
	m.best, m.bestPlan = m.time, "as it is"
	for _, setting := range otherPlans {
		set(ctx, t, c, "SET "+setting)
		if other := shortest(2); other < m.best {
			m.best, m.bestPlan = other, setting
		}
		set(ctx, t, c, "RESET "+regexp.MustCompile("^[a-z_]+").FindString(setting))
	}
}

// set executes a statement that changes a setting.
func set(ctx context.Context, t *testing.T, c *sql.Conn, statement string) {
	t.Helper()
	if _, err := c.ExecContext(ctx, statement); err != nil {
		t.Fatal(err)
	}
}

// tableSizes returns the number of rows of each table.
func tableSizes(t *testing.T, c *sql.Conn) map[string]float64 {
	t.Helper()
	rows, err := c.QueryContext(t.Context(), "SELECT relname, greatest(reltuples, 0) FROM pg_class WHERE relkind = 'r'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	sizes := map[string]float64{}
	for rows.Next() {
		var name string
		var n float64
		if err := rows.Scan(&name, &n); err != nil {
			t.Fatal(err)
		}
		sizes[name] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return sizes
}

// tableReference finds the tables that a statement names, with their aliases.
var tableReference = regexp.MustCompile(`"([a-z_]+)" t\d+`)

// rowsLimit returns the number of rows that a statement may look at.
func rowsLimit(tables map[string]float64, text string) float64 {
	sum := 0.0
	for _, found := range tableReference.FindAllStringSubmatch(text, -1) {
		sum += tables[found[1]]
	}
	return tableScans*sum + rowsToSpare
}

// statements returns the statements of all shapes for all askers, each with its name.
func (w *largeWorld) statements(t *testing.T) (out []statement) {
	t.Helper()
	start := time.Now()
	askers := w.askers(t)
	for _, shape := range listShapes(w.model) {
		for _, who := range []string{"coordinator", "field agent", "auditor", "manager"} {
			for _, s := range statementsOf(t, w.model, askers[who], shape, w.parentsOf(shape)) {
				s.name = fmt.Sprintf("%s: %s", who, s.name)
				out = append(out, s)
			}
		}
	}
	t.Logf("%d statements written in %s", len(out), time.Since(start).Round(time.Second))
	return out
}
