package store

import (
	"context"
	"database/sql"

	"github.com/google/uuid"

	"rightshub/internal/query"
)

// firstLevelPlaceSQL finds the place of the first administrative level that contains a place. It follows the stored
// parents, because the code of a place does not reliably begin with the code of its parent.
const firstLevelPlaceSQL = `WITH RECURSIVE up(id, parent_id, level) AS (
 SELECT id, parent_id, level FROM places WHERE id = ?
 UNION SELECT p.id, p.parent_id, p.level FROM places p JOIN up ON p.id = up.parent_id)
SELECT id FROM up WHERE level = 1`

// setFirstLevelPlace stores the first-level place of a changed place in a column of its own. It may be shown to callers
// that may not see the place itself.
func (w *rowWrite) setFirstLevelPlace(ctx context.Context) error {
	edge := w.entity.Edge("firstLevelPlace")
	if edge == nil {
		return nil
	}
	for _, ch := range w.changes {
		if ch.edge == nil || ch.edge.Name != "place" {
			continue
		}
		if ch.value == nil {
			w.setColumn(edge.Column, nil)
			return nil
		}
		var first query.KeyScan
		p := (&query.Fragment{Args: []any{ch.value.(uuid.UUID).String()}}).Add(firstLevelPlaceSQL)
		err := w.queryRows(ctx, w.newCompiler(), p, func(rows *sql.Rows) error { return rows.Scan(&first) })
		if err != nil {
			return err
		}
		if w.setColumn(edge.Column, nil); first.Valid {
			w.changes[len(w.changes)-1].value = first.Key
		}
		return nil
	}
	return nil
}
