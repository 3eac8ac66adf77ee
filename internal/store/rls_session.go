package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// rowScope is the caller's keys for the tables on whose rows they may do one of the actions: to read in order to read; all
// in order to write, since a new row is looked at by whoever made it.
func (s *session) rowScope(name string, actions ...model.Action) string {
	if !s.hub.db.EnforcesRowSecurity() {
		return ""
	}
	return s.scopeView.Memoize("scope to "+name, func() any { return formatScope(s.hub.model, s.scopeView, actions...) }).(string)
}

func formatScope(m *model.Model, v *access.View, actions ...model.Action) string {
	var b strings.Builder
	for _, e := range m.Entities() {
		keys, all := v.ScopeKeys(e.Name, actions...)
		if all {
			keys = []uuid.UUID{database.AllRowsKey}
		}
		if len(keys) > 0 {
			b.WriteString(" " + e.Table + "={" + strings.Join(query.KeyStrings(keys), ",") + "}")
		}
	}
	return b.String() + " "
}

// allRowsScope is the scope of a statement of the hub's own: all rows of some tables.
func allRowsScope(tables ...string) string {
	out := " "
	for _, t := range tables {
		out += t + "={" + database.AllRowsKey.String() + "} "
	}
	return out
}

// inReadTransaction runs do on a caller who reads only: within the wall, all of it in one transaction.
func (s *session) inReadTransaction(ctx context.Context, do func(*session) error) error {
	if _, ok := s.db.(*sql.Tx); ok || !s.hub.db.EnforcesRowSecurity() {
		return do(s)
	}
	counts := s.view.Subject().ActingGrant != nil // whoever acts under a grant pays with its budget
	scope, inner := s.rowScope("read", model.Read), *s
	inner.touchedRows, inner.publishedCount = nil, 0
	err := s.hub.db.InScopedTransaction(ctx, scope, &sql.TxOptions{ReadOnly: !counts && !s.seesRecordedValues()}, func(q database.Querier) error {
		inner.db, inner.activeScope = q, scope
		if err := do(&inner); err != nil {
			return err
		}
		return inner.publishWrites(ctx)
	})
	if err == nil && len(inner.touchedRows) > 0 {
		s.hub.feed.afterCommit()
	}
	return err
}

// withAllRows runs statements of the hub's own in the caller's transaction, on all rows of the tables: what is judged on the
// stored rows, and not on what the caller may see.
func (s *session) withAllRows(ctx context.Context, tables []string, do func() error) error {
	if !s.hub.db.EnforcesRowSecurity() {
		return do()
	}
	set := func(scope string) error {
		_, err := s.db.ExecContext(ctx, "SELECT set_config($1, $2, true)", database.ScopeSetting, scope)
		return database.Classify(err)
	}
	if err := set(allRowsScope(tables...)); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return set(s.activeScope)
}
