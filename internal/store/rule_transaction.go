package store

import (
	"context"
	"database/sql"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/rules"
)

// ruleTransaction implements rules.Transaction. It gives the rules the session's transaction, and nothing else of the
// session.
type ruleTransaction struct{ session *session }

// Model implements rules.Transaction.
func (t ruleTransaction) Model() *model.Model { return t.session.hub.model }

// View implements rules.Transaction.
func (t ruleTransaction) View() *access.View { return t.session.view }

// NewCompiler implements rules.Transaction.
func (t ruleTransaction) NewCompiler() *query.Compiler { return t.session.newCompiler() }

// QueryRows implements rules.Transaction.
func (t ruleTransaction) QueryRows(ctx context.Context, c *query.Compiler, p *query.Fragment,
	each func(rules.Row) error) error {
	return t.session.queryRows(ctx, c, p, func(rows *sql.Rows) error { return each(rows) })
}

// WithAllRows implements rules.Transaction.
func (t ruleTransaction) WithAllRows(ctx context.Context, tables []string, do func() error) error {
	return t.session.withAllRows(ctx, tables, do)
}

// ExecStatement implements rules.Transaction.
func (t ruleTransaction) ExecStatement(ctx context.Context, p *query.Fragment) error {
	text, args := t.session.newCompiler().RenderStatement(p)
	_, err := t.session.db.(*sql.Tx).ExecContext(ctx, text, args...)
	return database.Classify(err)
}

// NoteWrittenRow implements rules.Transaction.
func (t ruleTransaction) NoteWrittenRow(entity string, key uuid.UUID) {
	t.session.noteWrittenRow(entity, key)
}
