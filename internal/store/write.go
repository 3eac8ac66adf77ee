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
	"rightshub/internal/query"
)

var errRowNotFound = fault.New(fault.NotFound, "There is no such row, or you may not see it.")

func (s *session) isSystem() bool { return s.view.Subject().User == uuid.Nil }

// Create implements Session.
func (s *session) Create(ctx context.Context, e *model.Entity, in query.Input) (uuid.UUID, error) {
	if !s.view.May(e.Name, model.Create) {
		return uuid.Nil, fault.New(fault.Forbidden, "Your roles do not let you create a row of type %s.", e.Name)
	}
	list, err := validateInput(e, in, true, s.isSystem())
	if err != nil {
		return uuid.Nil, err
	}
	id := uuid.New()
	return id, s.inTransaction(ctx, func(tx *session) error {
		if err := tx.checkReferences(ctx, e, list); err != nil {
			return err
		}
		w := &rowWrite{session: tx, entity: e, id: id, action: model.Create, changes: list}
		w.setAuthor()
		if err := w.checkParentCountry(ctx); err != nil {
			return err
		}
		if err := w.checkCountryMove(ctx); err != nil {
			return err
		}
		if err := w.setDefaultOffice(ctx); err != nil {
			return err
		}
		if err := cmp.Or(w.checkNewGrant(ctx), w.forbidSelfSubject(ctx)); err != nil {
			return err
		}
		if err := w.setFirstLevelPlace(ctx); err != nil {
			return err
		}
		if err := w.saveRow(ctx); err != nil {
			return err
		}
		return w.checkWrittenRow(ctx)
	})
}

// Update implements Session.
func (s *session) Update(ctx context.Context, e *model.Entity, id uuid.UUID, version int64, in query.Input) error {
	if err := s.requireAnyAction(e, model.Update); err != nil {
		return err
	}
	return s.changeRow(ctx, e, id, version, model.Update, func(w *rowWrite) (err error) {
		if err = w.requireAction(); err != nil {
			return err
		}
		if err = w.forbidSelfEdit(ctx); err != nil {
			return err
		}
		if w.changes, err = validateInput(e, in, false, s.isSystem()); err != nil {
			return err
		}
		if err := w.checkReferences(ctx, e, w.changes); err != nil {
			return err
		}
		if err := cmp.Or(w.checkReportedFields(), w.checkHandovers(ctx), w.checkRevocation(), w.forbidSelfSubject(ctx)); err != nil {
			return err
		}
		if err := w.checkCountryMove(ctx); err != nil {
			return err
		}
		if err := w.checkSignInAddress(ctx); err != nil {
			return err
		}
		if err := w.checkNotFrozen(); err != nil {
			return err
		}
		if err := w.checkGrantChange(ctx); err != nil {
			return err
		}
		w.addEditor()
		return w.setFirstLevelPlace(ctx)
	})
}

// Archive implements Session.
func (s *session) Archive(ctx context.Context, e *model.Entity, id uuid.UUID, version int64) error {
	if err := s.requireAnyAction(e, model.Delete); err != nil {
		return err
	}
	return s.changeRow(ctx, e, id, version, model.Delete, func(w *rowWrite) error {
		if err := w.requireAction(); err != nil {
			return err
		}
		if err := w.forbidSelfArchive(ctx); err != nil {
			return err
		}
		if err := w.checkArchivable(); err != nil {
			return err
		}
		w.setColumn("archived_at", w.now)
		w.addEditor()
		if err := cmp.Or(w.checkCountryArchive(ctx), w.checkNoDependants(ctx)); err != nil || e.Name != "Deployment" {
			return err
		}
		return w.revokeDeploymentRoles(ctx)
	})
}

// Transition implements Session.
func (s *session) Transition(ctx context.Context, e *model.Entity, column string, id uuid.UUID, version int64, to string) error {
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
	if err := s.requireAnyAction(e, needs...); err != nil {
		return err
	}
	return s.changeRow(ctx, e, id, version, moves[0].Needs, func(w *rowWrite) error {
		if !slices.ContainsFunc(machine.Moves, func(m model.Move) bool { return w.allowedActions[m.Needs] }) {
			return w.requireAction() // where the row stands is for those who may move it
		}
		i := slices.IndexFunc(moves, func(m model.Move) bool { return m.From == w.states[column] })
		if i < 0 {
			return moveNotAllowedError(machine, f.Name, w.states[column])
		}
		w.action = moves[i].Needs
		if err := w.requireAction(); err != nil {
			return err
		}
		made, _ := convertValue(e, f, to)
		w.changes = []columnChange{{column: column, tag: f.Tag, value: made, inputName: f.Name}}
		if err := w.checkNotFrozen(); err != nil {
			return err
		}
		if err := w.checkStateRules(ctx, machine, to); err != nil {
			return err
		}
		return w.requireSecondPerson(ctx, machine, to)
	})
}

// moveNotAllowedError says where a state leads instead.
func moveNotAllowedError(machine *model.Machine, name, state string) error {
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

// rowWrite is one row being written in a transaction.
type rowWrite struct {
	*session
	entity         *model.Entity
	id             uuid.UUID
	action         model.Action
	changes        []columnChange
	now            time.Time
	version        int64
	states         map[string]string     // of each state machine, before
	allowedActions map[model.Action]bool // on this row
	editors        []string              // who changed what the row says, before
}

// requireAction fails where the caller may not do the action to the row.
func (w *rowWrite) requireAction() error {
	if !w.allowedActions[w.action] {
		return fault.New(fault.Forbidden, "You may see this row, but this change needs the right to %s it.", w.action)
	}
	return nil
}

func (w *rowWrite) setColumn(column string, value any) {
	w.changes = append(w.changes, columnChange{column: column, tag: model.Tag{Ident: "none"}, value: value})
}

// changeRow locks a visible row, lets prepare say what changes, writes, and checks that the caller may still do so to
// the row as it has become.
func (s *session) changeRow(ctx context.Context, e *model.Entity, id uuid.UUID, version int64, action model.Action, prepare func(*rowWrite) error) error {
	return s.inTransaction(ctx, func(tx *session) error {
		w := &rowWrite{session: tx, entity: e, id: tx.newCompiler().PseudonymsOf(e).StoredKey(id), action: action, now: time.Now().UTC().Truncate(time.Microsecond)}
		if err := w.lockRow(ctx); err != nil {
			return err
		}
		if err := prepare(w); err != nil {
			return err
		}
		if version != w.version {
			return fault.New(fault.Conflict, "Someone changed this row since you read it. Read it again, and send its version.").With("version", w.version)
		}
		w.setColumn("updated_at", w.now)
		w.setColumn("version", int(w.version)+1)
		if err := w.saveRow(ctx); err != nil || w.action == model.Delete {
			return err
		}
		return w.checkWrittenRow(ctx)
	})
}

// lockRow reads what decides about the row, and keeps others from changing it. A hidden row is not found.
func (w *rowWrite) lockRow(ctx context.Context) error {
	if !w.view.May(w.entity.Name, model.Read) {
		return errRowNotFound
	}
	c := w.newCompiler()
	t := c.NewAlias()
	p := (&query.Fragment{}).Add("SELECT ", query.Col(t, "version"), ", ", query.Col(t, "edited_by"))
	actions := []model.Action{model.Update, model.Delete, model.Approve}
	may := make([]query.BoolScan, len(actions))
	var editors query.Value
	dest := []any{&w.version, query.ScanInto(&editors, model.Strings)}
	for i, a := range actions {
		p.Add(", ").Sub(c.AllowedRows(w.entity, t, a))
		dest = append(dest, &may[i])
	}
	states := make([]string, len(w.entity.Machines))
	for i, m := range w.entity.Machines {
		p.Add(", ", query.Col(t, m.Field))
		dest = append(dest, &states[i])
	}
	p.Add(" FROM ", query.TableAs(w.entity, t), " WHERE ", query.Col(t, "id"), " = ").Arg(w.id.String()).Add(" AND ").Sub(c.VisibleRows(w.entity, t))
	if c.IsPostgres {
		p.Add(" FOR UPDATE OF ", t)
	}
	found := false
	err := w.queryRows(ctx, c, p, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(dest...)
	})
	if err != nil {
		return err
	}
	if !found {
		return errRowNotFound
	}
	if !editors.Null {
		if err := json.Unmarshal([]byte(editors.Text), &w.editors); err != nil {
			return fault.Wrap(err, "who edited a row")
		}
	}
	w.allowedActions, w.states = map[model.Action]bool{}, map[string]string{}
	for i, a := range actions {
		w.allowedActions[a] = bool(may[i])
	}
	for i, m := range w.entity.Machines {
		w.states[m.Field] = states[i]
	}
	return nil
}

// checkReferences fails where a row refers to one that the caller may not see, or that is not there, or to one that they may
// not change where the reference needs that: all alike. On
// PostgreSQL it also makes writers of the same distinct value wait for each other; SQLite has one writer at a time.
func (s *session) checkReferences(ctx context.Context, e *model.Entity, list []columnChange) error {
	c := s.newCompiler()
	p := &query.Fragment{}
	var names []string
	for _, ch := range list {
		if ch.distinct && c.IsPostgres {
			if len(names) > 0 {
				p.Add(" UNION ALL ")
			}
			p.Add(fmt.Sprintf("SELECT %d FROM (SELECT pg_advisory_xact_lock(hashtextextended(", len(names))).Arg(fmt.Sprintf("%s.%s %v", e.Name, ch.column, ch.value)).Add(", 0))) l")
			names = append(names, ch.inputName)
		}
		if ch.edge == nil || ch.value == nil {
			continue
		}
		target, t := s.hub.model.Target(ch.edge), c.NewAlias()
		if len(names) > 0 {
			p.Add(" UNION ALL ")
		}
		p.Add(fmt.Sprintf("SELECT %d FROM ", len(names)), query.TableAs(target, t), " WHERE ", query.Col(t, "id"), " = ").Arg(ch.value.(uuid.UUID).String()).Add(" AND ").Sub(c.VisibleRows(target, t))
		if ch.edge.Needs != "" {
			p.Add(" AND ").Sub(c.AllowedRows(target, t, ch.edge.Needs))
		}
		names = append(names, ch.inputName)
	}
	if len(names) == 0 {
		return nil
	}
	seen := map[int]bool{}
	err := s.queryRows(ctx, c, p, func(rows *sql.Rows) error {
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

// checkWrittenRow reads the row as it has become: whoever writes must be allowed to write what is there now, cell by cell, and
// no other row that they see may have a value that is to be distinct. The same statement publishes the write, which is
// undone with it, and reads the row back for ReadBack.
func (w *rowWrite) checkWrittenRow(ctx context.Context) error {
	if err := w.checkOfficeCountry(ctx); err != nil {
		return err
	}
	c := w.newCompiler()
	t := c.NewAlias()
	p := w.beginPublishing(c)
	p.Add("SELECT (SELECT count(*) FROM ", query.TableAs(w.entity, t), " WHERE ", query.Col(t, "id"), " = ").Arg(w.id.String()).Add(" AND ").Sub(c.AllowedRows(w.entity, t, w.action))
	seen := map[model.Tag]bool{}
	for _, ch := range w.changes {
		if seen[ch.tag] {
			continue
		}
		seen[ch.tag] = true
		if cond := c.View.WritableWhere(w.entity.Name, w.action, ch.tag); cond.Op != access.True {
			p.Add(" AND ").Sub(c.CompileCondition(w.entity, t, cond))
		}
	}
	p.Add(")")
	name := ""
	for _, ch := range w.changes {
		if ch.distinct {
			u := c.NewAlias()
			p.Add(", (SELECT count(*) FROM ", query.TableAs(w.entity, u), " WHERE ", query.Col(u, ch.column), " = ").Arg(ch.value).Add(" AND ", query.Col(u, "id"), " <> ").Arg(w.id.String()).
				Add(" AND ").Sub(c.VisibleRows(w.entity, u)).Add(")")
			name = ch.inputName
		}
	}
	n, others := 0, 0
	dest := []any{&n}
	if name != "" {
		dest = append(dest, &others)
	}
	turned := w.checkDateOrder(c, p, &dest)
	shown := w.addReadBack(c, p, &dest)
	err := w.queryRows(ctx, c, p, func(rows *sql.Rows) error {
		err := rows.Scan(dest...)
		shown()
		return err
	})
	if err != nil {
		return err
	}
	if n == 0 {
		return w.forbiddenValuesError()
	}
	if err := turned(); err != nil {
		return err
	}
	if others > 0 {
		return valueTakenError(name)
	}
	return nil
}

// valueTakenError says which value another row has, where no two rows have the same.
func valueTakenError(name string) error {
	f := fault.New(fault.Conflict, "A row with this %s already exists: choose another.", name)
	f.Fields = []fault.Field{fault.NewField(name, "is taken.")}
	return f
}
