package store_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/store"
	"rightshub/policies"
)

// allSeeing is the view of somebody from whom no row and no cell is hidden.
func allSeeing(t *testing.T) *access.View {
	conf, err := fs.ReadFile(policies.Files, "model.conf")
	if err != nil {
		t.Fatal(err)
	}
	lines := ""
	for _, e := range inventory.Model.Entities() {
		lines += "p, system_all, " + e.Name + ", read, global, C3, -, allow\n"
	}
	p, err := access.Load(fstest.MapFS{"model.conf": {Data: conf}, "roles.csv": {Data: []byte(lines)}}, inventory.Model)
	if err != nil {
		t.Fatal(err)
	}
	return p.View(access.System("system_all", time.Now()))
}

func hubOn(t *testing.T, db *store.DB) *store.Hub {
	hub, err := store.NewHub(db, inventory.Model, store.Secret{7})
	if err != nil {
		t.Fatal(err)
	}
	return hub
}

// viewOf is the view of a person of the demonstration.
func viewOf(t *testing.T, hub *store.Hub, email string) *access.View {
	p, err := access.Load(policies.Files, inventory.Model)
	if err != nil {
		t.Fatal(err)
	}
	person, err := hub.Person(t.Context(), store.Who{Email: email})
	if err != nil {
		t.Fatal(err)
	}
	return p.View(person.Subject)
}

// With the guard off, which sees every row and cell, the wall alone keeps a coordinator from another country: random
// lists have the same answer in a database from which every row is gone that the coordinator does not see.
func TestWallWithoutTheGuard(t *testing.T) {
	const cases = 200
	here, there := apitest.Demo.Owner(t), apitest.Demo.Owner(t)
	all, mine := allSeeing(t), viewOf(t, hubOn(t, here), "coordinator.bf@demo")
	bare := hubOn(t, here).Session(all, nil)
	honest := hubOn(t, here).Session(mine, nil)
	entities := inventory.Model.Entities()
	for _, e := range inventory.Model.Entities() {
		if _, everything := mine.Keys(e.Name, model.Read); !everything {
			remove(t, there, e, everyID(t, honest, e))
			entities = append(slices.Clip(entities), e, e)
		}
	}
	one := store.Confused(hubOn(t, dbtest.Wall(t, here)), all, mine)
	other := store.Confused(hubOn(t, dbtest.Wall(t, there)), all, mine)
	g := &asker{Rand: rand.New(rand.NewPCG(3, 21)), ids: map[string][]uuid.UUID{}}
	for _, e := range inventory.Model.Entities() {
		g.ids[e.Name] = everyID(t, bare, e)
	}
	filled, differ := 0, 0
	for range cases {
		l := g.list(pick(g.Rand, entities), 2)
		answer := func(s store.Session) string {
			page, err := s.List(t.Context(), l)
			if err != nil {
				return string(fault.As(err).Code)
			}
			text, err := json.Marshal(page)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Rows) > 0 {
				filled++
			}
			return string(text)
		}
		a, b := answer(one), answer(other)
		if a != b {
			t.Fatalf("hidden rows show in a list of %s:\n%.600s\n%.600s", l.Ask.Entity.Name, a, b)
		}
		if answer(bare) != a {
			differ++
		}
	}
	t.Logf("%d lists, %d with rows, %d that a session without a wall answers otherwise", cases, filled/3, differ)
	if filled/3 < cases*4/10 || differ < cases*4/10 {
		t.Error("the lists show too little")
	}
}

// With the keys of somebody who has none for a table, and without any, the wall shows nothing; and the hub's role finds no
// way around it.
func TestWallIsClosed(t *testing.T) {
	owner := apitest.Demo.Owner(t)
	db := dbtest.Wall(t, owner)
	nobody := viewOf(t, hubOn(t, owner), "donor@demo")
	s := store.Confused(hubOn(t, db), allSeeing(t), nobody)
	for _, name := range []string{"Child", "CaseFile", "Note", "User", "AccessEvent"} {
		page, err := s.List(t.Context(), &store.List{Ask: store.Ask{Entity: entity(name)}, Rows: true, Total: true})
		own := map[string]int64{"User": 1}[name]
		if err != nil || page.Total != own {
			t.Errorf("%s: %d rows, %v", name, page.Total, err)
		}
	}
	n := -1
	if err := db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM children").Scan(&n); n != 0 {
		t.Errorf("outside of a transaction of the hub: %d children, %v", n, err)
	}
	for _, statement := range []string{"ALTER TABLE children DISABLE ROW LEVEL SECURITY", "DELETE FROM children", "DROP POLICY hub_scope ON children",
		"SET row_security = off; SELECT count(*) FROM children", "SELECT given_name FROM hub_path_children", "UPDATE hub_migrations SET hash = ''"} {
		if _, err := db.SQL().ExecContext(t.Context(), statement); err == nil {
			t.Errorf("the hub's role may: %s", statement)
		}
	}
}

// The setting and the database must say the same, or the hub does not start.
func TestWallIsChecked(t *testing.T) {
	ctx, owner := t.Context(), (&dbtest.Fixture{}).Owner(t)
	says := func(err error, part string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v, want %q", err, part)
		}
	}
	open := func(url string, walled bool) *store.DB {
		t.Helper()
		db, err := store.Open(ctx, store.Options{URL: url, RowLevelSecurity: walled})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	says(open(owner.URL(), true).CheckWall(ctx, inventory.Model), "has no row-level security")
	says(owner.RaiseWall(ctx, inventory.Model, "no_such_role"), "no role")
	says(owner.RaiseWall(ctx, inventory.Model, "o'neil\""), "no role")
	walled := dbtest.Wall(t, owner)
	says(open(owner.URL(), true).CheckWall(ctx, inventory.Model), "would not hold")
	says(open(walled.URL(), false).CheckWall(ctx, inventory.Model), "--row-level-security")
	says(walled.DropWall(ctx), "owner of the tables")
	if err := owner.CheckWall(ctx, inventory.Model); err != nil {
		t.Error(err) // an owner without the setting is not held, and sees what the view says
	}
	exec(t, owner, "COMMENT ON FUNCTION hub_scope(text) IS 'older'")
	says(walled.CheckWall(ctx, inventory.Model), "another model")
	if err := owner.DropWall(ctx); err != nil {
		t.Fatal(err)
	}
	says(walled.CheckWall(ctx, inventory.Model), "has no row-level security")
	if err := open(walled.URL(), false).CheckWall(ctx, inventory.Model); err != nil {
		t.Error(err)
	}
	_, err := store.Open(ctx, store.Options{URL: "sqlite:///" + t.TempDir() + "/x.db", RowLevelSecurity: true})
	says(err, "needs PostgreSQL")
}

// everyID lists the keys of all rows that a session sees.
func everyID(t *testing.T, s store.Session, e *model.Entity) (ids []uuid.UUID) {
	t.Helper()
	most := store.MaxPage
	for l := (&store.List{Ask: store.Ask{Entity: e}, First: &most, Rows: true, Cursors: true}); ; {
		page, err := s.List(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			ids = append(ids, r.ID)
		}
		if !page.Next {
			return ids
		}
		l.After = page.Cursors[len(page.Cursors)-1]
	}
}

// remove deletes all rows but these.
func remove(t *testing.T, db *store.DB, e *model.Entity, but []uuid.UUID) {
	keep := "'" + uuid.Nil.String() + "'"
	for _, id := range but {
		keep += ",'" + id.String() + "'"
	}
	exec(t, db, fmt.Sprintf(`ALTER TABLE "%[1]s" DISABLE TRIGGER ALL; DELETE FROM "%[1]s" WHERE id NOT IN (%[2]s); ALTER TABLE "%[1]s" ENABLE TRIGGER ALL`, e.Table, keep))
}

// asker makes random lists.
type asker struct {
	*rand.Rand
	ids map[string][]uuid.UUID
}

func pick[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

func (g *asker) list(e *model.Entity, depth int) *store.List {
	n := 1 + g.IntN(30)
	l := &store.List{Ask: g.ask(e, depth), First: &n, Rows: true, Total: g.IntN(2) == 0}
	if g.IntN(3) > 0 {
		p := g.pred(e, 2)
		l.Where = &p
	}
	if g.IntN(2) == 0 {
		o := pick(g.Rand, inventory.Model.OrderFields(e))
		l.Order = []store.Order{{Path: o.Path, Field: o.Field, Count: o.Count, Desc: g.IntN(2) == 0}}
	}
	return l
}

func (g *asker) ask(e *model.Entity, depth int) store.Ask {
	a := store.Ask{Entity: e}
	for i := range e.Fields {
		if f := &e.Fields[i]; !f.Internal && g.IntN(3) == 0 {
			a.Cells = append(a.Cells, store.Cell{Field: f})
		}
	}
	for i := range e.Edges {
		edge := &e.Edges[i]
		switch target := inventory.Model.Target(edge); {
		case depth == 0 || g.IntN(3) > 0:
		case edge.Kind == model.ToOne:
			a.One = append(a.One, store.AskOne{Edge: edge, Ask: g.ask(target, depth-1)})
		default:
			a.Lists = append(a.Lists, store.AskList{Edge: edge, List: *g.list(target, depth-1)})
		}
	}
	return a
}

func (g *asker) pred(e *model.Entity, depth int) store.Pred {
	if depth > 0 {
		switch g.IntN(6) {
		case 0:
			return store.Pred{Op: store.PredNot, Kids: []store.Pred{g.pred(e, depth-1)}}
		case 1:
			return store.Pred{Op: pick(g.Rand, []store.PredOp{store.PredAnd, store.PredOr}), Kids: []store.Pred{g.pred(e, depth-1), g.pred(e, depth-1)}}
		case 2, 3, 4:
			if len(e.Edges) == 0 {
				break
			}
			edge := &e.Edges[g.IntN(len(e.Edges))]
			p := store.Pred{Op: store.PredOne, Edge: edge, Kids: []store.Pred{g.pred(inventory.Model.Target(edge), depth-1)}}
			if edge.Kind != model.ToOne {
				p.Op = pick(g.Rand, []store.PredOp{store.PredSome, store.PredNone, store.PredCount})
				p.Compare, p.Values = store.Gte, []any{int64(g.IntN(4))}
			}
			return p
		}
	}
	switch g.IntN(4) {
	case 0:
		return store.Pred{}
	case 1:
		if ids := g.ids[e.Name]; len(ids) > 0 {
			return store.Pred{Op: store.PredField, Compare: pick(g.Rand, []store.Compare{store.Eq, store.Neq}), Values: []any{pick(g.Rand, ids)}}
		}
	}
	fields := slices.DeleteFunc(slices.Clone(e.Fields), func(f model.Field) bool { return !f.Filterable() })
	f := pick(g.Rand, fields)
	if f.Kind == model.Enum {
		return store.Pred{Op: store.PredField, Field: e.Field(f.Name), Values: []any{pick(g.Rand, f.Values)}}
	}
	return store.Pred{Op: store.PredField, Field: e.Field(f.Name), Compare: store.Null, Values: []any{g.IntN(2) == 0}}
}

// unwalled are the tables that hold no row of an entity.
const unwalled = "change_marks hub_answers hub_migrations row_changes"

// Row-level security is on for every table that holds rows of an entity.
func TestWallKnowsEveryTable(t *testing.T) {
	owner := (&dbtest.Fixture{}).Owner(t)
	dbtest.Wall(t, owner)
	var tables, open string
	err := owner.SQL().QueryRowContext(t.Context(), `SELECT count(*), string_agg(relname, ' ' ORDER BY relname) FILTER (WHERE NOT relrowsecurity)
 FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = to_regnamespace(current_schema())`).Scan(&tables, &open)
	if want := fmt.Sprint(len(inventory.Model.Entities()) + len(strings.Fields(unwalled))); err != nil || tables != want || open != unwalled {
		t.Errorf("%s tables, want %s; without a wall: %s %v", tables, want, open, err)
	}
}
