package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/changefeed"
	"rightshub/internal/database"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// rowScope returns the scope for row-level security, which lists the caller's keys for each table with rows that the
// caller may do one of the actions to. A read needs only the action read. A write needs all actions, since its caller
// also reads the new row. The name is the key under which the view caches the scope.
func (s *session) rowScope(name string, actions ...model.Action) string {
	if !s.hub.db.EnforcesRowSecurity() {
		return ""
	}
	return s.scopeView.Memoize("scope to "+name, func() any {
		return formatScope(s.hub.model, s.scopeView, actions...)
	}).(string)
}

// formatScope writes the keys of a view in the form that the database function hub_scope reads.
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

// inReadTransaction runs do, which only reads. With row-level security it runs do in one transaction with the caller's
// scope.
func (s *session) inReadTransaction(ctx context.Context, do func(*session) error) error {
	if _, ok := s.db.(*sql.Tx); ok || !s.hub.db.EnforcesRowSecurity() {
		return do(s)
	}
	charges := s.view.Subject().ActingGrant != nil // a read under an audit grant writes to its budget
	scope, inner := s.rowScope("read", model.Read), *s
	inner.writtenRows = changefeed.WrittenRows{}
	options := &sql.TxOptions{ReadOnly: !charges && !s.newRecorder().SeesRecordedValues()}
	shared := database.WithShare(ctx, shareOf(s.view))
	err := s.hub.db.InScopedTransaction(shared, scope, options, func(q database.Querier) error {
		inner.db, inner.activeScope = q, scope
		if err := do(&inner); err != nil {
			return err
		}
		return inner.publishWrites(ctx)
	})
	if err == nil && inner.writtenRows.Any() {
		s.hub.feed.AfterCommit()
	}
	return err
}

// withAllRows runs do in the caller's transaction with all rows of the tables in scope. It is for internal statements
// that check the stored rows and not what the caller may see.
func (s *session) withAllRows(ctx context.Context, tables []string, do func() error) error {
	if !s.hub.db.EnforcesRowSecurity() {
		return do()
	}
	set := func(scope string) error {
		_, err := s.db.ExecContext(ctx, "SELECT set_config($1, $2, true)", database.ScopeSetting, scope)
		return database.Classify(err)
	}
	if err := set(database.AllRowsScope(tables...)); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return set(s.activeScope)
}
