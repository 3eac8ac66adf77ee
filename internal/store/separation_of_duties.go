package store

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// This file has the rules of separation of duties. No author approves a row, and nobody writes a row about themselves.

// requireSecondPerson fails when the move needs an approval and the caller is an author of the row. Otherwise it records
// the approver.
func (w *rowWrite) requireSecondPerson(ctx context.Context, m *model.Machine, to string) error {
	approval := m.Approval(w.action, to)
	if approval == nil || w.isSystem() {
		return nil
	}
	c := w.newCompiler()
	own, err := w.queryReturnsRow(ctx, c, w.selectWrittenRow().Sub(c.AuthorCondition(w.entity, "t", approval)))
	if err != nil {
		return err
	}
	if own {
		return fault.New(fault.Forbidden, "Another person must approve this: you made it or changed it, or it is about you.")
	}
	if approver := w.entity.Edge(approval.By); approver != nil {
		w.setColumn(approver.Column, w.User())
	}
	return nil
}

// forbidSelfEdit keeps the user that the entity's rule NotBy names from updating the row.
func (w *rowWrite) forbidSelfEdit(ctx context.Context) error {
	excluded := w.entity.Edge(w.entity.NotBy.Edge)
	if excluded == nil || w.isSystem() {
		return nil
	}
	p := (&query.Fragment{}).Add("SELECT 1 FROM ", query.Quote(w.entity.Table), " WHERE id = ").Arg(w.id.String()).
		Add(" AND ", query.Quote(excluded.Column), " = ").Arg(w.User().String())
	own, err := w.queryReturnsRow(ctx, w.newCompiler(), p)
	if err == nil && own {
		err = ruleError(w.entity.NotBy.Message)
	}
	return err
}

// ruleError is the error of a rule with a message of its own. The message is the key of its translations.
func ruleError(message string) error { return &fault.Error{Code: fault.Forbidden, Message: message} }

// forbidSelfSubject keeps callers from naming themselves as the subject of a row, and from removing themselves as its
// subject. The subject has access to the row and may not sign it. An edge to the person responsible for a row is no
// such edge, and callers may name themselves there.
func (w *rowWrite) forbidSelfSubject(ctx context.Context) error {
	if w.isSystem() {
		return nil
	}
	for _, way := range query.SubjectPaths(w.entity) {
		first, rest, _ := strings.Cut(way, ".")
		edge := w.entity.Edge(first)
		i := slices.IndexFunc(w.changes, func(ch columnChange) bool { return ch.column == edge.Column })
		if i < 0 {
			continue
		}
		c := w.newCompiler()
		p := (&query.Fragment{}).Add("SELECT 1 WHERE EXISTS (").Sub(w.selectWrittenRow()).
			Sub(c.AboutCallerCondition(w.entity, "t", way)).Add(")")
		if to, given := w.changes[i].value.(uuid.UUID); given {
			p.Add(" OR ").Sub(c.LeadsToCallerCondition(c.KeyArgument(to), w.hub.model.Target(edge), rest))
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

// forbidSelfArchive keeps callers from archiving a row about themselves. Otherwise they would also decide about the rows
// that lead to them through this row.
func (w *rowWrite) forbidSelfArchive(ctx context.Context) error {
	if w.isSystem() {
		return nil
	}
	for _, way := range query.SubjectPaths(w.entity) {
		c := w.newCompiler()
		own, err := w.queryReturnsRow(ctx, c, w.selectWrittenRow().Sub(c.AboutCallerCondition(w.entity, "t", way)))
		if err != nil {
			return err
		}
		if own {
			return fault.New(fault.Forbidden, "Another person must archive this: it is about you.")
		}
	}
	return nil
}
