package rules

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// This file has the rules of separation of duties. No author approves a row. Nobody names themselves as the person that
// a row is about, or archives a row about themselves.

// requireSecondPerson fails when the move needs an approval and the caller is an author of the row. Otherwise it
// records the approver.
func (w *Write) requireSecondPerson(ctx context.Context, m *model.Machine, to string) error {
	approval := m.Approval(w.Action, to)
	if approval == nil || w.isSystem() {
		return nil
	}
	c := w.NewCompiler()
	own, err := w.queryReturnsRow(ctx, c, w.selectWrittenRow().Sub(c.AuthorCondition(w.Entity, "t", approval)))
	if err != nil {
		return err
	}
	if own {
		return fault.New(fault.Forbidden, "Another person must approve this: you made it or changed it, or it is about you.")
	}
	if approver := w.Entity.Edge(approval.By); approver != nil {
		w.SetColumn(approver.Column, w.user())
	}
	return nil
}

// forbidSelfEdit keeps the user that the entity's rule NotBy names from updating the row.
func (w *Write) forbidSelfEdit(ctx context.Context) error {
	excluded := w.Entity.Edge(w.Entity.NotBy.Edge)
	if excluded == nil || w.isSystem() {
		return nil
	}
	p := (&query.Fragment{}).Add("SELECT 1 FROM ", query.Quote(w.Entity.Table), " WHERE id = ").Arg(w.ID.String()).
		Add(" AND ", query.Quote(excluded.Column), " = ").Arg(w.user().String())
	own, err := w.queryReturnsRow(ctx, w.NewCompiler(), p)
	if err == nil && own {
		err = ruleError(w.Entity.NotBy.Message)
	}
	return err
}

// ruleError is the error of a rule with a message of its own. The message is the key of its translations.
func ruleError(message string) error { return &fault.Error{Code: fault.Forbidden, Message: message} }

// forbidSelfSubject keeps callers from naming themselves as the subject of a row, and from removing themselves as its
// subject. The subject has access to the row and may not sign it. An edge to the person responsible for a row is no
// such edge, and callers may name themselves there.
func (w *Write) forbidSelfSubject(ctx context.Context) error {
	if w.isSystem() {
		return nil
	}
	for _, way := range query.SubjectPaths(w.Entity) {
		first, rest, _ := strings.Cut(way, ".")
		edge := w.Entity.Edge(first)
		i := slices.IndexFunc(w.Columns, func(ch ColumnChange) bool { return ch.Column == edge.Column })
		if i < 0 {
			continue
		}
		c := w.NewCompiler()
		p := (&query.Fragment{}).Add("SELECT 1 WHERE EXISTS (").Sub(w.selectWrittenRow()).
			Sub(c.AboutCallerCondition(w.Entity, "t", way)).Add(")")
		if to, given := w.Columns[i].Value.(uuid.UUID); given {
			p.Add(" OR ").Sub(c.LeadsToCallerCondition(c.KeyArgument(to), w.Model().Target(edge), rest))
		}
		own, err := w.queryReturnsRow(ctx, c, p)
		if err != nil {
			return err
		}
		if own {
			return fault.New(fault.Forbidden,
				"Another person must write whom this is about: it is about you, or would be.")
		}
	}
	return nil
}

// forbidSelfArchive keeps callers from archiving a row about themselves. Otherwise they would also decide about the
// rows that lead to them through this row.
func (w *Write) forbidSelfArchive(ctx context.Context) error {
	if w.isSystem() {
		return nil
	}
	for _, way := range query.SubjectPaths(w.Entity) {
		c := w.NewCompiler()
		own, err := w.queryReturnsRow(ctx, c, w.selectWrittenRow().Sub(c.AboutCallerCondition(w.Entity, "t", way)))
		if err != nil {
			return err
		}
		if own {
			return fault.New(fault.Forbidden, "Another person must archive this: it is about you.")
		}
	}
	return nil
}
