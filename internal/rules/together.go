package rules

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// This file applies the rules to many new rows of one entity with a statement for all of them. Only tasks of the hub
// write rows together, since most of the rules about people do not bind them.

// ErrNotTogether says that one of several new rows is refused, or that its rules cannot be applied to all of them at
// once. The caller writes the rows one by one, which gives the error of each.
var ErrNotTogether = errors.New("the rows must be written one by one")

// CheckCreateTogether applies all rules for new rows of one entity before they are written.
func CheckCreateTogether(ctx context.Context, writes []*Write) error {
	if err := checkReferencesTogether(ctx, writes); err != nil {
		return err
	}
	for _, w := range writes {
		if !w.isSystem() {
			return ErrNotTogether
		}
		if err := applyInOrder(ctx, w.newRowRules()...); err != nil {
			return err
		}
	}
	return nil
}

// checkReferencesTogether is checkReferences for many rows. It has a statement for each edge.
func checkReferencesTogether(ctx context.Context, writes []*Write) error {
	keys := map[*model.Edge][]uuid.UUID{}
	var edges []*model.Edge
	seen := map[*model.Edge]map[uuid.UUID]bool{}
	for _, w := range writes {
		for _, ch := range w.Columns {
			if ch.Edge == nil || ch.Value == nil {
				continue
			}
			if seen[ch.Edge] == nil {
				seen[ch.Edge], edges = map[uuid.UUID]bool{}, append(edges, ch.Edge)
			}
			if key := ch.Value.(uuid.UUID); !seen[ch.Edge][key] {
				seen[ch.Edge][key], keys[ch.Edge] = true, append(keys[ch.Edge], key)
			}
		}
	}
	for _, edge := range edges {
		w := writes[0]
		c, target := w.NewCompiler(), w.Model().Target(edge)
		t := c.NewAlias()
		p := (&query.Fragment{}).Add("SELECT count(*) FROM ", query.TableAs(target, t), " WHERE ").
			Sub(c.ColumnInKeys(query.Col(t, "id"), keys[edge])).Add(" AND ").Sub(c.VisibleRows(target, t))
		if edge.Needs != "" {
			p.Add(" AND ").Sub(c.AllowedRows(target, t, edge.Needs))
		}
		if err := w.requireCount(ctx, c, p, len(keys[edge])); err != nil {
			return err
		}
	}
	return nil
}

// requireCount fails unless a statement counts as many rows.
func (w *Write) requireCount(ctx context.Context, c *query.Compiler, p *query.Fragment, want int) error {
	n := 0
	if err := w.QueryRows(ctx, c, p, func(row Row) error { return row.Scan(&n) }); err != nil {
		return err
	}
	if n != want {
		return ErrNotTogether
	}
	return nil
}

// CheckSavedTogether checks new rows of one entity as they have become, like CheckSavedRow and AddRowChecks. The rows
// have values in the same columns.
func CheckSavedTogether(ctx context.Context, writes []*Write) error {
	w := writes[0]
	ids := make([]uuid.UUID, len(writes))
	for i, w := range writes {
		if err := w.CheckSavedRow(ctx); err != nil {
			return err
		}
		ids[i] = w.ID
	}
	c := w.NewCompiler()
	t := c.NewAlias()
	p := (&query.Fragment{}).Add("SELECT count(*) FROM ", query.TableAs(w.Entity, t), " WHERE ").
		Sub(c.ColumnInKeys(query.Col(t, "id"), ids)).Add(" AND ").Sub(c.AllowedRows(w.Entity, t, w.Action))
	var checked []model.Tag
	for _, ch := range w.Columns {
		if slices.Contains(checked, ch.Tag) {
			continue
		}
		checked = append(checked, ch.Tag)
		if cond := c.View.WritableWhere(w.Entity.Name, w.Action, ch.Tag); cond.Op != access.True {
			p.Add(" AND ").Sub(c.CompileCondition(w.Entity, t, cond))
		}
	}
	for i := range w.Entity.Fields {
		f := &w.Entity.Fields[i]
		if f.After == "" || !w.changesColumn(f.Column) || !w.changesColumn(f.After) {
			continue // a new row has no other dates than those that it is given
		}
		end, _ := c.MaskedCell(w.Entity, t, f)
		start, _ := c.MaskedCell(w.Entity, t, w.Entity.Column(f.After))
		p.Add(" AND COALESCE((").Sub(end).Add(") >= (").Sub(start).Add("), ", query.Col(t, "id"), " IS NOT NULL)")
	}
	if err := w.requireCount(ctx, c, p, len(ids)); err != nil {
		return err
	}
	if c.IsPostgres && w.DistinctAtEnd {
		return nil // CheckDistinctAtEnd checks them too, and sees what others have written until then
	}
	return checkDistinctTogether(ctx, writes)
}

// checkDistinctTogether fails where two rows that the caller sees have a value of the rows in a field with distinct
// values.
func checkDistinctTogether(ctx context.Context, writes []*Write) error {
	w := writes[0]
	for i, ch := range w.Columns {
		if !ch.Distinct {
			continue
		}
		values := make([]string, len(writes))
		for j, w := range writes {
			text, ok := w.Columns[i].Value.(string)
			if !ok || w.Columns[i].Column != ch.Column {
				return ErrNotTogether
			}
			values[j] = text
		}
		c := w.NewCompiler()
		u := c.NewAlias()
		p := (&query.Fragment{}).Add("SELECT count(*) FROM ", query.TableAs(w.Entity, u), " WHERE ")
		p.Add(query.Col(u, ch.Column), " IN (")
		for j, value := range values {
			if j > 0 {
				p.Add(",")
			}
			p.Arg(value)
		}
		p.Add(")")
		p.Add(" AND ").Sub(c.VisibleRows(w.Entity, u))
		if err := w.requireCount(ctx, c, p, len(values)); err != nil {
			return err
		}
	}
	return nil
}
