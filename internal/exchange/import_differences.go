package exchange

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/model"
	"rightshub/internal/query"
)

// difference holds the values of the file that differ from a stored row.
type difference struct {
	changes     query.Input
	transitions []*model.Field // state fields that move
	columns     []string       // columns of the file that hold the changes
	version     int64          // version of the stored row
}

// diffStored compares the cells of a row with the stored row. Empty cells do not differ from anything.
func (r *importRun) diffStored(
	ctx context.Context, e *model.Entity, id uuid.UUID, in rowValues,
) (d difference, err error) {
	selection := query.Selection{Entity: e, Cells: []query.Cell{{Field: e.Field("version")}}}
	var fields []*model.Field
	var edges []*model.Edge
	for name, c := range in {
		if c.value == nil {
			continue
		}
		if f := e.Field(name); f != nil && !f.Immutable && !f.Managed {
			fields = append(fields, f)
			selection.Cells = append(selection.Cells, query.Cell{Field: f})
		} else if edge := e.Edge(name); edge != nil && !edge.Immutable {
			edges = append(edges, edge)
			target := query.Selection{Entity: r.model.Target(edge)}
			selection.ToOne = append(selection.ToOne, query.ToOneSelection{Edge: edge, Selection: target})
		}
	}
	row, err := r.session.Get(ctx, &selection, id)
	if err != nil || row == nil {
		return d, err
	}
	d.changes, d.version = query.Input{}, row.Cells[0].Int
	for i, f := range fields {
		c, stored := in[f.Name], row.Cells[i+1]
		if given, ok := c.value.(map[string]string); ok {
			merged, changed := mergeTexts(stored.Text, given)
			if len(changed) > 0 {
				d.changes[f.Name], d.columns = merged, append(d.columns, c.columnsOfLanguages(changed)...)
			}
		} else if c.equalsStored(f, stored) {
			continue
		} else if e.Machine(f.Column) != nil {
			d.transitions = append(d.transitions, f)
		} else {
			d.changes[f.Name], d.columns = c.value, append(d.columns, c.column)
		}
	}
	for i, edge := range edges {
		c := in[edge.Name]
		if got := row.ToOne[i]; got == nil || got.ID != c.value {
			d.changes[edge.Name], d.columns = c.value, append(d.columns, c.column)
		}
	}
	d.transitions = slices.DeleteFunc(d.transitions, func(f *model.Field) bool {
		impliedBy := in[f.Name].impliedBy
		return impliedBy != "" && d.changes[impliedBy] == nil
	})
	return d, nil
}

// mergeTexts replaces the stored texts, a JSON object by language, with the given ones.
// It returns the merged texts and the languages in which they changed.
func mergeTexts(stored string, given map[string]string) (merged map[string]string, changed []string) {
	if json.Unmarshal([]byte(stored), &merged) != nil || merged == nil {
		merged = map[string]string{}
	}
	for language, text := range given {
		if normalizeText(merged[language]) != normalizeText(text) {
			merged[language], changed = text, append(changed, language)
		}
	}
	return merged, changed
}

// updateRow writes the differences between the file and an existing row, first the states and then the other values.
func (r *importRun) updateRow(
	ctx context.Context, e *model.Entity, id uuid.UUID, key string, in rowValues, noted map[string]bool,
) error {
	d, err := r.diffStored(ctx, e, id, in)
	if err != nil {
		return err
	}
	for _, f := range d.transitions {
		c := in[f.Name]
		d.columns = append(d.columns, c.column)
		err := r.session.Transition(ctx, e, f.Column, id, d.version, c.value.(string))
		if err == nil {
			d.version++
		} else if err := r.refuseTransition(err, c.column); err != nil {
			return err
		}
	}
	if len(d.changes) > 0 {
		if err := r.session.Update(ctx, e, id, d.version, d.changes); err != nil {
			return r.refuseFields(err, in, noted)
		}
	}
	if len(d.columns) > 0 {
		slices.SortFunc(d.columns, r.compareColumns)
		r.report.Changed = append(r.report.Changed, Change{r.line, key, slices.Compact(d.columns)})
	}
	return nil
}
