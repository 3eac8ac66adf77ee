package proof_test

import (
	"slices"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// This file draws updates of rows that the caller may update.

// drawUpdatableRows are the rows that the caller may update, of one entity.
func (a *documentAuthor) drawUpdatableRows() (rows []*row) {
	may := func(r *row) bool { return a.view.seesRow(r) && a.view.rightsOn(r).granted[2][0] }
	hasSome := func(e *model.Entity) bool {
		return e.Can(model.Update) && slices.ContainsFunc(a.view.world.rows[e.Name], may)
	}
	var e *model.Entity
	if a.intN(2) == 0 { // half of the time one about people
		e = a.drawEntityWhere(func(e *model.Entity) bool { return e.HasSensitiveData() && hasSome(e) })
	}
	if e == nil {
		e = a.drawEntityWhere(hasSome)
	}
	if e == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(a.view.world.rows[e.Name]), func(r *row) bool { return !may(r) })
}

// drawAllowedInput draws fields and references of a row that the caller may write. At times it includes fields of
// classes that the caller may not write. The values may come from hidden rows, and the references may lead to hidden
// rows.
func (a *documentAuthor) drawAllowedInput(r *row) (out inputObject) {
	got, beyond := a.view.rightsOn(r).granted[2], a.intN(4) == 0
	may := func(t model.Tag) bool { return t.Ident == classification.None || got[t.Level] || beyond }
	for _, c := range a.drawInput(r.entity, false) {
		if f := r.entity.Field(c.name); f != nil && may(f.Tag) {
			out = append(out, c)
		}
	}
	var edges []*model.Edge
	for i := range r.entity.Edges {
		if edge := &r.entity.Edges[i]; edge.Input(false) && edge.Name != "place" && may(edge.Tag) {
			edges = append(edges, edge)
		}
	}
	if len(edges) == 0 || a.intN(3) == 0 {
		return out
	}
	edge := pickOne(a.source, edges)
	if len(r.entity.Handovers) > 0 && a.intN(2) == 0 {
		edge = r.entity.Edge(pickOne(a.source, r.entity.Handovers).Edge)
	}
	if !edge.Required && a.oneIn(3) {
		return append(out, a.readBack(r, edge))
	}
	rows := a.view.visibleRows(theModel.Target(edge))
	if len(rows) == 0 || a.intN(3) == 0 {
		rows = a.view.world.rows[edge.Target]
	}
	return append(out, inputField{edge.InputName(), a.view.publicID(pickOne(a.source, rows))})
}

// withoutMistakes mostly mends an input that writes what is masked in the row. It leaves such fields out, or names them
// in overwriteHidden.
func (a *documentAuthor) withoutMistakes(r *row, in inputObject) (out inputObject) {
	how := a.intN(5)
	if how == 0 {
		return in
	}
	var hidden []any
	for _, c := range in {
		switch masked := a.view.writesHidden(r, inputObject{c}); {
		case !masked && (c.value != nil || a.intN(2) > 0):
			out = append(out, c)
		case !masked, how > 2:
			out, hidden = append(out, c), append(hidden, c.name)
		}
	}
	if len(hidden) > 0 {
		out = append(out, inputField{"overwriteHidden", hidden})
	}
	return out
}

// readBack is the reference as the caller reads it, so null where the row at its end is hidden. Forms send back what
// they read.
func (a *documentAuthor) readBack(r *row, edge *model.Edge) inputField {
	if seen := a.view.visibleTargets(r, edge); len(seen) > 0 {
		return inputField{edge.InputName(), a.view.publicID(seen[0])}
	}
	return inputField{edge.InputName(), nil}
}
