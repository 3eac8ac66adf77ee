package rules

import (
	"context"

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
func (w *Write) setFirstLevelPlace(ctx context.Context) error {
	edge := w.Entity.Edge("firstLevelPlace")
	if edge == nil {
		return nil
	}
	for _, ch := range w.Columns {
		if ch.Edge == nil || ch.Edge.Name != "place" {
			continue
		}
		if ch.Value == nil {
			w.SetColumn(edge.Column, nil)
			return nil
		}
		var first query.KeyScan
		p := (&query.Fragment{Args: []any{ch.Value.(uuid.UUID).String()}}).Add(firstLevelPlaceSQL)
		err := w.QueryRows(ctx, w.NewCompiler(), p, func(row Row) error { return row.Scan(&first) })
		if err != nil {
			return err
		}
		if w.SetColumn(edge.Column, nil); first.Valid {
			w.Columns[len(w.Columns)-1].Value = first.Key
		}
		return nil
	}
	return nil
}
