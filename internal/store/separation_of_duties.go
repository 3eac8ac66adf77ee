package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// What must not be done by whom it concerns: approved by its author, or written by the person whom it is about.

// requireSecondPerson wants another person than the authors for what needs a signature, and notes who it was.
func (w *rowWrite) requireSecondPerson(ctx context.Context, m *model.Machine, to string) error {
	s := approvalRuleFor(w.entity, m, w.action, to)
	if s == nil || w.isSystem() {
		return nil
	}
	c := w.newCompiler()
	own, err := w.queryReturnsRow(ctx, c, w.selectWrittenRow().sub(c.authorCondition(w.entity, "t", s)))
	if err != nil {
		return err
	}
	if own {
		return fault.New(fault.Forbidden, "Another person must approve this: you made it or changed it, or it is about you.")
	}
	if s.approverColumn != "" {
		w.setColumn(s.approverColumn, w.User())
	}
	return nil
}

// forbidSelfEdit keeps people from changing what stands about themselves.
func (w *rowWrite) forbidSelfEdit(ctx context.Context) error {
	other, held := selfEditRules[w.entity.Name]
	if !held || w.isSystem() {
		return nil
	}
	p := (&sqlFragment{}).add("SELECT 1 FROM ", quote(w.entity.Table), " WHERE id = ").arg(w.id.String()).add(" AND ", quote(other.column), " = ").arg(w.User().String())
	own, err := w.queryReturnsRow(ctx, w.newCompiler(), p)
	if err == nil && own {
		err = other.told
	}
	return err
}

// selectWrittenRow is the start of a statement that finds the row which is written.
func (w *rowWrite) selectWrittenRow() *sqlFragment {
	return (&sqlFragment{}).add("SELECT 1 FROM ", tableAs(w.entity, "t"), " WHERE t.id = ").arg(w.id.String()).add(" AND ")
}

// forbidSelfSubject keeps people from naming themselves as the person whom a row is about, and from taking their own name out of it: what
// is about somebody gives them access, and is not theirs to sign. Who is responsible for a row may say so.
func (w *rowWrite) forbidSelfSubject(ctx context.Context) error {
	if w.isSystem() {
		return nil
	}
	for _, way := range subjectPaths(w.entity) {
		first, rest, _ := strings.Cut(way, ".")
		edge := w.entity.Edge(first)
		i := slices.IndexFunc(w.changes, func(ch columnChange) bool { return ch.column == edge.Column })
		if i < 0 {
			continue
		}
		c := w.newCompiler()
		p := (&sqlFragment{}).add("SELECT 1 WHERE EXISTS (").sub(w.selectWrittenRow()).sub(c.aboutCallerCondition(w.entity, "t", way)).add(")")
		if to, given := w.changes[i].value.(uuid.UUID); given {
			p.add(" OR ").sub(c.leadsToCallerCondition(c.keyArgument(to), w.hub.model.Target(edge), rest))
		}
		own, err := w.queryReturnsRow(ctx, c, p)
		if err != nil {
			return err
		}
		if own {
			return fault.New(fault.Forbidden, "Another person must write whom this is about: it is about you, or would be.")
		}
	}
	return nil
}

// forbidSelfArchive keeps people from archiving what is about themselves: what leads over it to them would be theirs to sign.
func (w *rowWrite) forbidSelfArchive(ctx context.Context) error {
	if w.isSystem() {
		return nil
	}
	for _, way := range subjectPaths(w.entity) {
		c := w.newCompiler()
		own, err := w.queryReturnsRow(ctx, c, w.selectWrittenRow().sub(c.aboutCallerCondition(w.entity, "t", way)))
		if err != nil {
			return err
		}
		if own {
			return fault.New(fault.Forbidden, "Another person must archive this: it is about you.")
		}
	}
	return nil
}

// queryReturnsRow reports whether a statement has an answer.
func (w *rowWrite) queryReturnsRow(ctx context.Context, c *compiler, p *sqlFragment) (found bool, err error) {
	err = w.queryRows(ctx, c, p, func(*sql.Rows) error { found = true; return nil })
	return found, err
}
