package rules

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"rightshub/internal/model"
	"rightshub/internal/query"
)

// This file reads what the row that is written, and rows beside it, hold before the write.

// selectWrittenRow returns the start of a statement that returns a row when the row that is written meets a condition.
// The caller adds the condition. The alias of the row is t.
func (w *Write) selectWrittenRow() *query.Fragment {
	return (&query.Fragment{}).Add("SELECT 1 FROM ", query.TableAs(w.Entity, "t"), " WHERE t.id = ").
		Arg(w.ID.String()).Add(" AND ")
}

// queryReturnsRow reports whether a statement returns a row.
func (w *Write) queryReturnsRow(ctx context.Context, c *query.Compiler, p *query.Fragment) (found bool, err error) {
	err = w.QueryRows(ctx, c, p, func(Row) error { found = true; return nil })
	return found, err
}

// readStoredKey reads the key that the row holds in a column.
func (w *Write) readStoredKey(ctx context.Context, column string) (from query.KeyScan, err error) {
	p := (&query.Fragment{}).Add("SELECT ", query.Quote(column), " FROM ", query.Quote(w.Entity.Table)).
		Add(" WHERE id = ").Arg(w.ID.String())
	return from, w.QueryRows(ctx, w.NewCompiler(), p, func(row Row) error { return row.Scan(&from) })
}

// readVisibleKey reads the key to which an edge to one leads, as the caller may see it.
func (w *Write) readVisibleKey(ctx context.Context, edge *model.Edge) (key query.KeyScan, err error) {
	c := w.NewCompiler()
	p := (&query.Fragment{}).Add("SELECT ").Sub(c.VisibleEdgeKey(w.Entity, "t", edge)).
		Add(" FROM ", query.TableAs(w.Entity, "t"), " WHERE t.id = ").Arg(w.ID.String())
	return key, w.QueryRows(ctx, c, p, func(row Row) error { return row.Scan(&key) })
}

// readStoredValues returns the stored values of the row by column, in the form of ColumnChange.Value. NULL is left out.
func (w *Write) readStoredValues(ctx context.Context) (map[string]any, error) {
	var columns []string
	kinds := map[string]model.Kind{}
	for _, f := range w.Entity.Fields {
		columns, kinds[f.Column] = append(columns, f.Column), f.Kind
	}
	for _, edge := range w.Entity.Edges {
		if edge.Kind == model.ToOne {
			columns, kinds[edge.Column] = append(columns, edge.Column), model.UUID
		}
	}
	p, cells, dest := (&query.Fragment{}).Add("SELECT "), make([]query.Value, len(columns)), make([]any, len(columns))
	for i, column := range columns {
		if i > 0 {
			p.Add(", ")
		}
		p.Add(query.Quote(column))
		dest[i] = query.ScanInto(&cells[i], kinds[column])
	}
	p.Add(" FROM ", query.Quote(w.Entity.Table), " WHERE id = ").Arg(w.ID.String())
	err := w.QueryRows(ctx, w.NewCompiler(), p, func(row Row) error { return row.Scan(dest...) })
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for i, column := range columns {
		if v := cells[i]; !v.Null {
			value, err := inputValue(v, kinds[column])
			if err != nil {
				return nil, err
			}
			out[column] = value
		}
	}
	return out, nil
}

// inputValue converts a stored value to the form of ColumnChange.Value.
func inputValue(v query.Value, kind model.Kind) (any, error) {
	switch kind {
	case model.Bool:
		return v.Int != 0, nil
	case model.Int:
		return int(v.Int), nil
	case model.Time, model.Date:
		return v.Time, nil
	case model.UUID:
		return uuid.Parse(v.Text)
	case model.Strings:
		var list []string
		err := json.Unmarshal([]byte(v.Text), &list)
		return list, err
	}
	return v.Text, nil
}
