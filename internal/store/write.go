package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/rules"
)

var errRowNotFound = fault.New(fault.NotFound, "There is no such row, or you may not see it.")

func (s *session) isSystem() bool { return s.view.Subject().User == uuid.Nil }

// Create implements Session.
func (s *session) Create(ctx context.Context, e *model.Entity, in query.Input) (uuid.UUID, error) {
	if !s.view.May(e.Name, model.Create) {
		return uuid.Nil, fault.New(fault.Forbidden, "Your roles do not let you create a row of type %s.", e.Name)
	}
	list, err := rules.ValidateInput(e, in, true, s.isSystem())
	if err != nil {
		return uuid.Nil, err
	}
	id := uuid.New()
	return id, s.inTransaction(ctx, func(tx *session) error {
		w := tx.newRowWrite(e, id, model.Create)
		w.Columns = list
		if tx.bulk != nil && tx.bulk.collecting {
			tx.collectRow(w)
			return nil
		}
		if err := w.CheckCreate(ctx); err != nil {
			return err
		}
		if err := w.saveRow(ctx); err != nil {
			return err
		}
		return w.checkWrittenRow(ctx)
	})
}

// Update implements Session.
func (s *session) Update(ctx context.Context, e *model.Entity, id uuid.UUID, version int64, in query.Input,
	overwriteHidden ...string) error {
	if err := s.requireAnyAction(e, model.Update); err != nil {
		return err
	}
	lock := rowLock
	if e.Scope.Child == "" {
		lock = contentLock
	}
	return s.changeRow(ctx, e, id, version, lock, model.Update, func(w *rowWrite) error {
		return w.CheckUpdate(ctx, in, overwriteHidden)
	})
}

// Archive implements Session.
func (s *session) Archive(ctx context.Context, e *model.Entity, id uuid.UUID, version int64) error {
	if err := s.requireAnyAction(e, model.Delete); err != nil {
		return err
	}
	return s.changeRow(ctx, e, id, version, rowLock, model.Delete, func(w *rowWrite) error { return w.CheckArchive(ctx) })
}

// Transition implements Session.
func (s *session) Transition(ctx context.Context, e *model.Entity, column string, id uuid.UUID, version int64,
	to string) error {
	machine := e.Machine(column)
	move, err := rules.FindMove(e, machine, to)
	if err != nil {
		return err
	}
	var needs []model.Action
	for _, m := range machine.Moves {
		needs = append(needs, m.Needs)
	}
	if err := s.requireAnyAction(e, needs...); err != nil {
		return err
	}
	return s.changeRow(ctx, e, id, version, rowLock, move.Needs, func(w *rowWrite) error {
		return w.CheckMove(ctx, machine, to)
	})
}

// rowWrite is one row that is written in the session's transaction, with the rules about it.
type rowWrite struct {
	*session
	*rules.Write
}

// newRowWrite returns a write of one row in the session's transaction.
func (s *session) newRowWrite(e *model.Entity, id uuid.UUID, action model.Action) *rowWrite {
	return &rowWrite{session: s, Write: &rules.Write{
		Transaction: ruleTransaction{s}, Entity: e, ID: id, Action: action,
		Now: s.hub.db.CurrentTime().Truncate(time.Microsecond), DistinctAtEnd: s.bulk != nil,
	}}
}

// changeRow locks a visible row, applies the rules with check, writes the row, and then checks that the caller may also
// write the row as it has become. The version is compared after the rules, so that only a caller with the right to
// change the row learns that somebody else changed it.
func (s *session) changeRow(ctx context.Context, e *model.Entity, id uuid.UUID, version int64, lock string,
	action model.Action, check func(*rowWrite) error) error {
	return s.inTransaction(ctx, func(tx *session) error {
		w := tx.newRowWrite(e, tx.newCompiler().PseudonymsOf(e).StoredKey(id), action)
		if err := w.lockRow(ctx, lock); err != nil {
			return err
		}
		if err := check(w); err != nil {
			return err
		}
		if version != w.Version {
			return fault.New(fault.Conflict,
				"Someone changed this row since you read it. Read it again, and send its version.").
				With("version", w.Version)
		}
		w.SetColumn("updated_at", w.Now)
		w.SetColumn("version", int(w.Version)+1)
		if err := w.saveRow(ctx); err != nil || w.Action == model.Delete {
			return err
		}
		return w.checkWrittenRow(ctx)
	})
}

// The locks of a row on PostgreSQL. A transaction that writes a row which refers to this one conflicts with rowLock. So
// archiving and moving a row wait for it, and see what refers to the row. The contentLock does not conflict, so that an
// update need not wait for the end of a long import.
const (
	rowLock     = "UPDATE"
	contentLock = "NO KEY UPDATE"
)

// lockRow locks the row until the end of the transaction, and reads what the rules need to know of it. A row that the
// caller does not see is not found.
func (w *rowWrite) lockRow(ctx context.Context, lock string) error {
	if !w.view.May(w.Entity.Name, model.Read) {
		return errRowNotFound
	}
	c := w.newCompiler()
	t := c.NewAlias()
	p := (&query.Fragment{}).Add("SELECT ", query.Col(t, "version"), ", ", query.Col(t, "edited_by"))
	actions := []model.Action{model.Update, model.Delete, model.Approve}
	may := make([]query.BoolScan, len(actions))
	var editors query.Value
	dest := []any{&w.Version, query.ScanInto(&editors, model.Strings)}
	for i, a := range actions {
		p.Add(", ").Sub(c.AllowedRows(w.Entity, t, a))
		dest = append(dest, &may[i])
	}
	states := make([]string, len(w.Entity.Machines))
	for i, m := range w.Entity.Machines {
		p.Add(", ", query.Col(t, m.Field))
		dest = append(dest, &states[i])
	}
	p.Add(" FROM ", query.TableAs(w.Entity, t), " WHERE ", query.Col(t, "id"), " = ").
		Arg(w.ID.String()).Add(" AND ").Sub(c.VisibleRows(w.Entity, t))
	if c.IsPostgres {
		p.Add(" FOR ", lock, " OF ", t)
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
		if err := json.Unmarshal([]byte(editors.Text), &w.Editors); err != nil {
			return fault.Wrap(err, "who edited a row")
		}
	}
	w.AllowedActions, w.States = map[model.Action]bool{}, map[string]string{}
	for i, a := range actions {
		w.AllowedActions[a] = bool(may[i])
	}
	for i, m := range w.Entity.Machines {
		w.States[m.Field] = states[i]
	}
	return nil
}

// checkWrittenRow checks the row as it has become. The same statement publishes the write, which is undone with the
// transaction when the check fails, and reads the row for ReadBack.
func (w *rowWrite) checkWrittenRow(ctx context.Context) error {
	if err := w.CheckSavedRow(ctx); err != nil {
		return err
	}
	c := w.newCompiler()
	p := w.beginPublishing(c)
	var dest []any
	decide := w.AddRowChecks(c, p, &dest)
	takeRow := w.addReadBack(c, p, &dest)
	err := w.queryRows(ctx, c, p, func(rows *sql.Rows) error {
		err := rows.Scan(dest...)
		takeRow()
		return err
	})
	if err != nil {
		return err
	}
	return decide()
}
