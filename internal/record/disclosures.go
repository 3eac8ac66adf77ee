package record

import (
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// Values of AccessEvent.decision.
const (
	decisionShown    = "shown"  // values were shown in clear
	decisionSearched = "sought" // rows were found, counted or ordered by such values
)

// SeesRecordedValues reports whether the caller may see any value that requires a record. System tasks are not
// recorded.
func (r Recorder) SeesRecordedValues() bool {
	return r.View.Subject().User != uuid.Nil && r.View.Memoize("sees what is recorded", func() any {
		for _, e := range r.Model.Entities() {
			disclosesField := func(f model.Field) bool { return !f.Internal && r.disclosesValue(e, f.Name, f.Tag) }
			disclosesEdge := func(d model.Edge) bool { return r.disclosesValue(e, d.Name, d.Tag) }
			if slices.ContainsFunc(e.Fields, disclosesField) || slices.ContainsFunc(e.Edges, disclosesEdge) {
				return true
			}
		}
		return false
	}).(bool)
}

// Disclosure is what one statement shows of one entity. It becomes one AccessEvent.
type Disclosure struct {
	entity, decision string
	rows             []uuid.UUID
	clearCells       int
}

// FindDisclosures returns what the rows of a selection disclose, and that they were found by recorded values. List is
// nil for rows that were read by their keys. Edge is nil for a list at the root.
func (r Recorder) FindDisclosures(selection *query.Selection, rows []*query.Row, list *query.List,
	edge *model.Edge) (disclosures []*Disclosure) {
	if !r.SeesRecordedValues() {
		return nil
	}
	e := selection.Entity
	if list != nil && (edge != nil && r.disclosesEdge(e, edge) || r.searchesRecordedValues(e, list)) {
		disclosures = append(disclosures, &Disclosure{entity: e.Name, decision: decisionSearched, rows: rowKeys(rows)})
	}
	for _, row := range rows {
		disclosures = addDisclosures(row, selection, disclosures)
	}
	return disclosures
}

func rowKeys(rows []*query.Row) []uuid.UUID {
	keys := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		keys[i] = r.StoredKey
	}
	return keys
}

// addDisclosures adds to the list what the row shows, and what the rows at the ends of its edges to one row show. An
// edge that identifies a person counts as a value.
func addDisclosures(r *query.Row, selection *query.Selection, list []*Disclosure) []*Disclosure {
	cells := 0
	for i, cell := range selection.Cells {
		if cell.Derived == nil && cell.Field.Tag.IsSensitive() && !r.Cells[i].Null {
			cells++
		}
	}
	for i := range selection.ToOne {
		if one := r.ToOne[i]; one != nil {
			if selection.ToOne[i].Edge.Tag.IsSensitive() {
				cells++
			}
			list = addDisclosures(one, &selection.ToOne[i].Selection, list)
		}
	}
	if cells == 0 {
		return list
	}
	i := slices.IndexFunc(list, func(d *Disclosure) bool {
		return d.entity == selection.Entity.Name && d.decision == decisionShown
	})
	if i < 0 {
		i = len(list)
		list = append(list, &Disclosure{entity: selection.Entity.Name, decision: decisionShown})
	}
	list[i].rows = append(list[i].rows, r.StoredKey)
	list[i].clearCells += cells
	return list
}

// searchesRecordedValues reports whether the list filters or orders its rows by recorded values that the caller may see
// in some row. Values that the caller sees in no row count as missing, so a search by them discloses nothing.
func (r Recorder) searchesRecordedValues(e *model.Entity, list *query.List) bool {
	if list.Where != nil && r.predicateSearchesRecordedValues(e, list.Where) {
		return true
	}
	return slices.ContainsFunc(list.Order, func(o query.Order) bool {
		at := e
		for _, step := range o.Path {
			if r.disclosesEdge(at, step) {
				return true
			}
			at = r.Model.Target(step)
		}
		return o.Count != nil && r.disclosesEdge(at, o.Count) ||
			o.Field != nil && r.disclosesValue(at, o.Field.Name, o.Field.Tag)
	})
}

// predicateSearchesRecordedValues is searchesRecordedValues for one predicate on rows of an entity.
func (r Recorder) predicateSearchesRecordedValues(e *model.Entity, p *query.Predicate) bool {
	if p.Field != nil && r.disclosesValue(e, p.Field.Name, p.Field.Tag) {
		return true
	}
	if p.Edge != nil {
		if r.disclosesEdge(e, p.Edge) {
			return true
		}
		e = r.Model.Target(p.Edge)
	}
	return slices.ContainsFunc(p.Operands, func(operand query.Predicate) bool {
		return r.predicateSearchesRecordedValues(e, &operand)
	})
}

// disclosesValue reports whether a value requires a record and may be clear to the caller in some row.
func (r Recorder) disclosesValue(e *model.Entity, name string, tag model.Tag) bool {
	return tag.IsSensitive() && r.View.ClearWhere(e.Name, name, tag).Op != access.False
}

// disclosesEdge is disclosesValue for an edge from rows of an entity. The references of an edge to many rows are stored
// in the rows at its other end, so the view of those rows decides.
func (r Recorder) disclosesEdge(e *model.Entity, edge *model.Edge) bool {
	if edge.Kind != model.ToOne {
		e = r.Model.Target(edge)
	}
	return r.disclosesValue(e, edge.Name, edge.Tag)
}
