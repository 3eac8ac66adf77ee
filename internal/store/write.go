package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

var errHidden = fault.New(fault.NotFound, "There is no such row, or you may not see it.")

// deciding are the entities of which a person's rights are read.
var deciding = []string{"User", "RoleAssignment", "AuditGrant", "Deployment", "Volunteer", "Partner", "AccessToken", "EmergencyAccess"}

func (s *caller) system() bool { return s.view.Subject().User == uuid.Nil }

// Create implements Session.
func (s *caller) Create(ctx context.Context, e *model.Entity, in Input) (uuid.UUID, error) {
	if !s.view.May(e.Name, model.Create) {
		return uuid.Nil, fault.New(fault.Forbidden, "Your roles do not let you create a row of type %s.", e.Name)
	}
	list, err := changes(e, in, true, s.system())
	if err != nil {
		return uuid.Nil, err
	}
	id := uuid.New()
	return id, s.within(ctx, func(tx *caller) error {
		if err := tx.references(ctx, e, list); err != nil {
			return err
		}
		w := &write{caller: tx, entity: e, id: id, action: model.Create, changes: list}
		w.authored()
		if err := w.belongs(ctx); err != nil {
			return err
		}
		if err := w.stays(ctx); err != nil {
			return err
		}
		if err := w.seated(ctx); err != nil {
			return err
		}
		if err := cmp.Or(w.granted(ctx), w.themselves(ctx)); err != nil {
			return err
		}
		if err := w.placed(ctx); err != nil {
			return err
		}
		if err := w.save(ctx); err != nil {
			return err
		}
		return w.check(ctx)
	})
}

// Update implements Session.
func (s *caller) Update(ctx context.Context, e *model.Entity, id uuid.UUID, version int64, in Input) error {
	if err := s.mayChange(e, model.Update); err != nil {
		return err
	}
	return s.change(ctx, e, id, version, model.Update, func(w *write) (err error) {
		if err = w.must(); err != nil {
			return err
		}
		if err = w.othersOnly(ctx); err != nil {
			return err
		}
		if w.changes, err = changes(e, in, false, s.system()); err != nil {
			return err
		}
		if err := w.references(ctx, e, w.changes); err != nil {
			return err
		}
		if err := cmp.Or(w.reports(), w.handed(ctx), w.themselves(ctx)); err != nil {
			return err
		}
		if err := w.stays(ctx); err != nil {
			return err
		}
		if err := w.sameSignIn(ctx); err != nil {
			return err
		}
		if err := w.unsettled(); err != nil {
			return err
		}
		if err := w.regranted(ctx); err != nil {
			return err
		}
		w.signed()
		return w.placed(ctx)
	})
}

// Archive implements Session.
func (s *caller) Archive(ctx context.Context, e *model.Entity, id uuid.UUID, version int64) error {
	if err := s.mayChange(e, model.Delete); err != nil {
		return err
	}
	return s.change(ctx, e, id, version, model.Delete, func(w *write) error {
		if err := w.must(); err != nil {
			return err
		}
		if err := w.ownKept(ctx); err != nil {
			return err
		}
		if err := w.kept(); err != nil {
			return err
		}
		w.set("archived_at", w.now)
		w.signed()
		if err := cmp.Or(w.leaves(ctx), w.held(ctx)); err != nil || e.Name != "Deployment" {
			return err
		}
		return w.revoked(ctx)
	})
}

// Transition implements Session.
func (s *caller) Transition(ctx context.Context, e *model.Entity, column string, id uuid.UUID, version int64, to string) error {
	machine, f := e.Machine(column), e.Column(column)
	var moves []model.Move
	for _, m := range machine.Moves {
		if m.To == to {
			moves = append(moves, m)
		}
	}
	if len(moves) == 0 {
		return fault.InvalidField("to", "no row of type %s changes its %s to this value.", e.Name, f.Name)
	}
	var needs []model.Action
	for _, m := range machine.Moves {
		needs = append(needs, m.Needs)
	}
	if err := s.mayChange(e, needs...); err != nil {
		return err
	}
	return s.change(ctx, e, id, version, moves[0].Needs, func(w *write) error {
		if !slices.ContainsFunc(machine.Moves, func(m model.Move) bool { return w.may[m.Needs] }) {
			return w.must() // where the row stands is for those who may move it
		}
		i := slices.IndexFunc(moves, func(m model.Move) bool { return m.From == w.states[column] })
		if i < 0 {
			return beyond(machine, f.Name, w.states[column])
		}
		w.action = moves[i].Needs
		if err := w.must(); err != nil {
			return err
		}
		made, _ := accept(e, f, to)
		w.changes = []change{{column: column, tag: f.Tag, value: made, name: f.Name}}
		if err := w.unsettled(); err != nil {
			return err
		}
		if guard := guards[e.Name+"."+column]; guard != nil {
			if err := guard(ctx, w, to); err != nil {
				return err
			}
		}
		return w.second(ctx, machine, to)
	})
}

// beyond says where a state leads instead.
func beyond(machine *model.Machine, name, state string) error {
	var next []string
	for _, m := range machine.Moves {
		if m.From == state {
			next = append(next, strings.ToUpper(m.To))
		}
	}
	if len(next) == 0 {
		return fault.InvalidField("to", "the %s is %s, which is its last.", name, strings.ToUpper(state))
	}
	return fault.InvalidField("to", "the %s is %s: from there it goes to %s.", name, strings.ToUpper(state), strings.Join(next, ", "))
}

// write is one row being written in a transaction.
type write struct {
	*caller
	entity  *model.Entity
	id      uuid.UUID
	action  model.Action
	changes []change
	now     time.Time
	version int64
	states  map[string]string     // of each state machine, before
	may     map[model.Action]bool // on this row
	editors []string              // who changed what the row says, before
}

// must fails where the caller may not do the action to the row.
func (w *write) must() error {
	if !w.may[w.action] {
		return fault.New(fault.Forbidden, "You may see this row, but this change needs the right to %s it.", w.action)
	}
	return nil
}

func (w *write) set(column string, value any) {
	w.changes = append(w.changes, change{column: column, tag: model.Tag{Ident: "none"}, value: value})
}

// change locks a visible row, lets prepare say what changes, writes, and checks that the caller may still do so to
// the row as it has become.
func (s *caller) change(ctx context.Context, e *model.Entity, id uuid.UUID, version int64, action model.Action, prepare func(*write) error) error {
	return s.within(ctx, func(tx *caller) error {
		w := &write{caller: tx, entity: e, id: tx.compiler().pseudonym(e).own(id), action: action, now: time.Now().UTC().Truncate(time.Microsecond)}
		if err := w.lock(ctx); err != nil {
			return err
		}
		if err := prepare(w); err != nil {
			return err
		}
		if version != w.version {
			return fault.New(fault.Conflict, "Someone changed this row since you read it. Read it again, and send its version.").With("version", w.version)
		}
		w.set("updated_at", w.now)
		w.set("version", int(w.version)+1)
		if err := w.save(ctx); err != nil || w.action == model.Delete {
			return err
		}
		return w.check(ctx)
	})
}

// lock reads what decides about the row, and keeps others from changing it. A hidden row is not found.
func (w *write) lock(ctx context.Context) error {
	if !w.view.May(w.entity.Name, model.Read) {
		return errHidden
	}
	c := w.compiler()
	t := c.alias()
	p := (&part{}).add("SELECT ", col(t, "version"), ", ", col(t, "edited_by"))
	actions := []model.Action{model.Update, model.Delete, model.Approve}
	may := make([]boolScan, len(actions))
	var editors Value
	dest := []any{&w.version, &cellScan{&editors, model.Strings, ""}}
	for i, a := range actions {
		p.add(", ").sub(c.allowed(w.entity, t, a))
		dest = append(dest, &may[i])
	}
	states := make([]string, len(w.entity.Machines))
	for i, m := range w.entity.Machines {
		p.add(", ", col(t, m.Field))
		dest = append(dest, &states[i])
	}
	p.add(" FROM ", table(w.entity, t), " WHERE ", col(t, "id"), " = ").arg(w.id.String()).add(" AND ").sub(c.visible(w.entity, t))
	if c.pg {
		p.add(" FOR UPDATE OF ", t)
	}
	found := false
	err := w.query(ctx, c, p, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(dest...)
	})
	if err != nil {
		return err
	}
	if !found {
		return errHidden
	}
	if !editors.Null {
		if err := json.Unmarshal([]byte(editors.Text), &w.editors); err != nil {
			return fault.Wrap(err, "who edited a row")
		}
	}
	w.may, w.states = map[model.Action]bool{}, map[string]string{}
	for i, a := range actions {
		w.may[a] = bool(may[i])
	}
	for i, m := range w.entity.Machines {
		w.states[m.Field] = states[i]
	}
	return nil
}

// references fails where a row refers to one that the caller may not see, or that is not there, or to one that they may
// not change where the reference needs that: all alike. On
// PostgreSQL it also makes writers of the same distinct value wait for each other; SQLite has one writer at a time.
func (s *caller) references(ctx context.Context, e *model.Entity, list []change) error {
	c := s.compiler()
	p := &part{}
	var names []string
	for _, ch := range list {
		if ch.distinct && c.pg {
			if len(names) > 0 {
				p.add(" UNION ALL ")
			}
			p.add(fmt.Sprintf("SELECT %d FROM (SELECT pg_advisory_xact_lock(hashtextextended(", len(names))).arg(fmt.Sprintf("%s.%s %v", e.Name, ch.column, ch.value)).add(", 0))) l")
			names = append(names, ch.name)
		}
		if ch.edge == nil || ch.value == nil {
			continue
		}
		target, t := s.hub.model.Target(ch.edge), c.alias()
		if len(names) > 0 {
			p.add(" UNION ALL ")
		}
		p.add(fmt.Sprintf("SELECT %d FROM ", len(names)), table(target, t), " WHERE ", col(t, "id"), " = ").arg(ch.value.(uuid.UUID).String()).add(" AND ").sub(c.visible(target, t))
		if ch.edge.Needs != "" {
			p.add(" AND ").sub(c.allowed(target, t, ch.edge.Needs))
		}
		names = append(names, ch.name)
	}
	if len(names) == 0 {
		return nil
	}
	seen := map[int]bool{}
	err := s.query(ctx, c, p, func(rows *sql.Rows) error {
		var i int
		err := rows.Scan(&i)
		seen[i] = true
		return err
	})
	if err != nil {
		return err
	}
	for i, name := range names {
		if !seen[i] {
			return fault.InvalidField(name, "there is no such row, or you may not see it.")
		}
	}
	return nil
}

// check reads the row as it has become: whoever writes must be allowed to write what is there now, cell by cell, and
// no other row that they see may have a value that is to be distinct. The same statement publishes the write, which is
// undone with it, and reads the row back for ReadBack.
func (w *write) check(ctx context.Context) error {
	if err := w.housed(ctx); err != nil {
		return err
	}
	c := w.compiler()
	t := c.alias()
	p := w.announced(c)
	p.add("SELECT (SELECT count(*) FROM ", table(w.entity, t), " WHERE ", col(t, "id"), " = ").arg(w.id.String()).add(" AND ").sub(c.allowed(w.entity, t, w.action))
	seen := map[model.Tag]bool{}
	for _, ch := range w.changes {
		if seen[ch.tag] {
			continue
		}
		seen[ch.tag] = true
		if cond := c.view.Writes(w.entity.Name, w.action, ch.tag); cond.Op != access.True {
			p.add(" AND ").sub(c.cond(w.entity, t, cond))
		}
	}
	p.add(")")
	name := ""
	for _, ch := range w.changes {
		if ch.distinct {
			u := c.alias()
			p.add(", (SELECT count(*) FROM ", table(w.entity, u), " WHERE ", col(u, ch.column), " = ").arg(ch.value).add(" AND ", col(u, "id"), " <> ").arg(w.id.String()).
				add(" AND ").sub(c.visible(w.entity, u)).add(")")
			name = ch.name
		}
	}
	n, others := 0, 0
	dest := []any{&n}
	if name != "" {
		dest = append(dest, &others)
	}
	turned := w.turned(c, p, &dest)
	shown := w.shows(c, p, &dest)
	err := w.query(ctx, c, p, func(rows *sql.Rows) error {
		err := rows.Scan(dest...)
		shown()
		return err
	})
	if err != nil {
		return err
	}
	if n == 0 {
		return w.refused()
	}
	if err := turned(); err != nil {
		return err
	}
	if others > 0 {
		return taken(name)
	}
	return nil
}

// taken says which value another row has, where no two rows have the same.
func taken(name string) error {
	f := fault.New(fault.Conflict, "A row with this %s already exists: choose another.", name)
	f.Fields = []fault.Field{fault.NewField(name, "is taken.")}
	return f
}
