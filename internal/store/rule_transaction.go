package store

import (
	"context"
	"database/sql"

	"rightshub/internal/database"
	"rightshub/internal/query"
)

// execStatement runs a statement of the hub's own in the write's transaction.
func (w *rowWrite) execStatement(ctx context.Context, p *query.Fragment) error {
	text, args := w.newCompiler().RenderStatement(p)
	_, err := w.db.(*sql.Tx).ExecContext(ctx, text, args...)
	return database.Classify(err)
}
