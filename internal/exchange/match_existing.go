package exchange

import (
	"context"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// A row of a file may be about a row of the hub that people made through the API, or have changed since: it has no name
// of the file's, or another one. Such a row is found by what tells it apart from others, so that it is not made twice.

func entityNamed(name string) *model.Entity { return inventory.Model.Entity(name) }

// allOf is the condition that all of them hold.
func allOf(kids ...*query.Predicate) *query.Predicate {
	all := &query.Predicate{Op: query.PredicateAnd}
	for _, k := range kids {
		all.Operands = append(all.Operands, *k)
	}
	return all
}

// fieldIs is the condition that a field has the value.
func fieldIs(of, field string, value any) *query.Predicate {
	return &query.Predicate{Op: query.PredicateField, Field: entityNamed(of).Field(field), Values: []any{value}}
}

// fieldIsNull is the condition that a field has no value.
func fieldIsNull(of, field string) *query.Predicate {
	return &query.Predicate{Op: query.PredicateField, Field: entityNamed(of).Field(field), Comparison: query.IsNull, Values: []any{true}}
}

// edgeLeadsTo is the condition that an edge to one leads to the row with the key; nil: to none.
func edgeLeadsTo(of, edge string, key any) *query.Predicate {
	if key == nil {
		return &query.Predicate{Op: query.PredicateNot, Operands: []query.Predicate{*edgeToRow(of, edge)}}
	}
	return edgeToRow(of, edge, &query.Predicate{Op: query.PredicateField, Values: []any{key}})
}

// edgeToRow is the condition that an edge to one leads to a row of which all of them hold.
func edgeToRow(of, edge string, kids ...*query.Predicate) *query.Predicate {
	return &query.Predicate{Op: query.PredicateToOne, Edge: entityNamed(of).Edge(edge), Operands: []query.Predicate{*allOf(kids...)}}
}

// textContains is the condition that a text has these words in it, in one of its languages.
func textContains(of, field, words string) *query.Predicate {
	return &query.Predicate{Op: query.PredicateField, Field: entityNamed(of).Field(field), Comparison: query.Contains, Values: []any{words}}
}

// matchExisting finds the first row that satisfies the condition, unless there is one by the name, and takes it for the one of that
// name. It returns that row; nil where there was nothing to find.
func (r *importRun) matchExisting(ctx context.Context, ask query.Selection, name string, where *query.Predicate, says func(*query.Row) bool) (*query.Row, error) {
	id, err := r.findRow(ctx, ask.Entity, "externalId", name)
	if err != nil || id != uuid.Nil {
		return nil, err
	}
	list := pagedList(ask)
	list.Where = where
	page, err := r.session.List(ctx, &list)
	if err != nil {
		return nil, err
	}
	for _, row := range page.Rows {
		if says == nil || says(row) {
			r.knownKeys[ask.Entity.Name+" externalId "+name] = row.ID
			return row, nil
		}
	}
	return nil, nil
}

// withoutBreakdown are the figures that a file of results can hold: of people of whom nothing but the sex is said.
var withoutBreakdown = allOf(fieldIs("IndicatorValue", "ageBand", "unknown"), fieldIs("IndicatorValue", "disability", "unknown"), fieldIsNull("IndicatorValue", "profession"),
	edgeLeadsTo("IndicatorValue", "country", nil), edgeLeadsTo("IndicatorValue", "partner", nil))

// matchResult finds the figures of a row of results, with their indicator and their result.
func (r *importRun) matchResult(ctx context.Context, row record, name string, intervention cell) error {
	text := row["indicator"]
	if text == "" {
		return nil
	}
	ask := query.Selection{Entity: entityNamed("IndicatorValue")}
	spoken := selectColumns(&ask, []column{{paths: "indicator.name", format: asTexts}, {paths: "indicator.result.statement", format: asTexts}})
	period := fieldIs("IndicatorValue", "period", row["period"])
	if row["period"] == "" {
		period = &query.Predicate{Op: query.PredicateOr, Operands: []query.Predicate{*period, *fieldIsNull("IndicatorValue", "period")}}
	}
	figure := func(sex string, of *query.Predicate) *query.Predicate {
		return allOf(fieldIs("IndicatorValue", "sex", sex), period, fieldIs("IndicatorValue", "kind", figureKind(text)), withoutBreakdown, of)
	}
	found, err := r.matchExisting(ctx, ask, "value:unknown:"+name, figure("unknown", edgeToRow("IndicatorValue", "indicator", textContains("Indicator", "name", text),
		edgeToRow("Indicator", "result", textContains("Result", "statement", text), edgeLeadsTo("Result", "intervention", intervention.value)))), func(row *query.Row) bool {
		said := spoken(r.language, row)
		return normalizeText(said[0]) == normalizeText(text) && normalizeText(said[1]) == normalizeText(text)
	})
	if err != nil || found == nil {
		return err
	}
	indicator := found.ToOne[0]
	r.knownKeys["Indicator externalId indicator:"+name], r.knownKeys["Result externalId result:"+name] = indicator.ID, indicator.ToOne[0].ID
	_, err = r.matchExisting(ctx, query.Selection{Entity: entityNamed("IndicatorValue")}, "value:female:"+name, figure("female", edgeLeadsTo("IndicatorValue", "indicator", indicator.ID)), nil)
	return err
}

// matchMandate finds the mandate of a row of volunteer mandates.
func (r *importRun) matchMandate(ctx context.Context, row record, name string, in rowValues) error {
	if row["mandate_title"] == "" {
		return nil
	}
	ask := query.Selection{Entity: entityNamed("Deployment")}
	spoken := selectColumns(&ask, []column{{paths: "title", format: asTexts}})
	where := allOf(textContains("Deployment", "title", row["mandate_title"]), edgeLeadsTo("Deployment", "intervention", in["intervention"].value),
		edgeLeadsTo("Deployment", "country", in["country"].value), edgeLeadsTo("Deployment", "partner", in["partner"].value))
	_, err := r.matchExisting(ctx, ask, name, where, func(found *query.Row) bool {
		return normalizeText(spoken(r.language, found)[0]) == normalizeText(row["mandate_title"])
	})
	return err
}
