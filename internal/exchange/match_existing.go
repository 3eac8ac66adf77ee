package exchange

import (
	"context"

	"github.com/google/uuid"

	"rightshub/internal/model"
	"rightshub/internal/query"
)

// A row of a file may describe a row that people created through the API or have renamed since, so that it has
// another external id than the file gives it, or none. The functions here find such a row by the values that identify
// it, so that an import does not create it twice.

// conditions makes predicates on rows of the entities of a model.
type conditions struct{ model *model.Model }

// allOf combines predicates with AND.
func allOf(predicates ...*query.Predicate) *query.Predicate {
	all := &query.Predicate{Op: query.PredicateAnd}
	for _, p := range predicates {
		all.Operands = append(all.Operands, *p)
	}
	return all
}

// fieldIs holds for rows of an entity that have the value in the field.
func (m conditions) fieldIs(of, field string, value any) *query.Predicate {
	return &query.Predicate{Op: query.PredicateField, Field: m.model.Entity(of).Field(field), Values: []any{value}}
}

// fieldIsNull holds for rows of an entity that have no value in the field.
func (m conditions) fieldIsNull(of, field string) *query.Predicate {
	return &query.Predicate{
		Op: query.PredicateField, Field: m.model.Entity(of).Field(field), Comparison: query.IsNull, Values: []any{true},
	}
}

// edgeLeadsTo holds for rows with a to-one edge to the row of the key. A nil key means that the edge leads to no row.
func (m conditions) edgeLeadsTo(of, edge string, key any) *query.Predicate {
	if key == nil {
		return &query.Predicate{Op: query.PredicateNot, Operands: []query.Predicate{*m.edgeToRow(of, edge)}}
	}
	return m.edgeToRow(of, edge, &query.Predicate{Op: query.PredicateField, Values: []any{key}})
}

// edgeToRow holds for rows with a to-one edge to a row that satisfies all predicates.
func (m conditions) edgeToRow(of, edge string, predicates ...*query.Predicate) *query.Predicate {
	return &query.Predicate{
		Op: query.PredicateToOne, Edge: m.model.Entity(of).Edge(edge), Operands: []query.Predicate{*allOf(predicates...)},
	}
}

// textContains holds for rows that contain the words in the text of the field, in any language.
func (m conditions) textContains(of, field, words string) *query.Predicate {
	return &query.Predicate{
		Op: query.PredicateField, Field: m.model.Entity(of).Field(field), Comparison: query.Contains, Values: []any{words},
	}
}

// matchExisting finds the first row that satisfies where and matches, and remembers it under the external id, so that
// createOrUpdate updates it. It returns nil when no row is found, or when a row with the external id exists already.
// A nil matches accepts every row.
func (r *importRun) matchExisting(
	ctx context.Context,
	selection query.Selection,
	externalID string,
	where *query.Predicate,
	matches func(*query.Row) bool,
) (*query.Row, error) {
	id, err := r.findRow(ctx, selection.Entity, "externalId", externalID)
	if err != nil || id != uuid.Nil {
		return nil, err
	}
	list := pagedList(selection)
	list.Where = where
	page, err := r.session.List(ctx, &list)
	if err != nil {
		return nil, err
	}
	for _, row := range page.Rows {
		if matches == nil || matches(row) {
			r.knownKeys[selection.Entity.Name+" externalId "+externalID] = row.ID
			return row, nil
		}
	}
	return nil, nil
}

// withoutBreakdown holds for the figures that a file of results can hold, which are broken down by sex alone.
func (m conditions) withoutBreakdown() *query.Predicate {
	return allOf(
		m.fieldIs("IndicatorValue", "ageBand", "unknown"),
		m.fieldIs("IndicatorValue", "disability", "unknown"),
		m.fieldIsNull("IndicatorValue", "profession"),
		m.edgeLeadsTo("IndicatorValue", "country", nil),
		m.edgeLeadsTo("IndicatorValue", "partner", nil),
	)
}

// matchResult finds the stored figures of a row of results, with their indicator and their result.
func (r *importRun) matchResult(ctx context.Context, row fileRow, name string, intervention cell) error {
	text := row["indicator"]
	if text == "" {
		return nil
	}
	kind, ok := figureKind(text)
	if !ok {
		return nil
	}
	selection := query.Selection{Entity: r.model.Entity("IndicatorValue")}
	texts := selectColumns(r.model, &selection, []column{
		{paths: "indicator.name", format: asTexts},
		{paths: "indicator.result.statement", format: asTexts},
	})
	period := r.fieldIs("IndicatorValue", "period", row["period"])
	if row["period"] == "" {
		noPeriod := r.fieldIsNull("IndicatorValue", "period")
		period = &query.Predicate{Op: query.PredicateOr, Operands: []query.Predicate{*period, *noPeriod}}
	}
	figure := func(sex string, ofIndicator *query.Predicate) *query.Predicate {
		return allOf(
			r.fieldIs("IndicatorValue", "sex", sex),
			period,
			r.fieldIs("IndicatorValue", "kind", kind),
			r.withoutBreakdown(),
			ofIndicator,
		)
	}
	sameIndicator := r.edgeToRow("IndicatorValue", "indicator",
		r.textContains("Indicator", "name", text),
		r.edgeToRow("Indicator", "result",
			r.textContains("Result", "statement", text),
			r.edgeLeadsTo("Result", "intervention", intervention.value)))
	sameTexts := func(row *query.Row) bool {
		stored := texts(r.language, row)
		return normalizeText(stored[0]) == normalizeText(text) && normalizeText(stored[1]) == normalizeText(text)
	}
	ofAll := figure("unknown", sameIndicator)
	found, err := r.matchExisting(ctx, selection, "value:unknown:"+name, ofAll, sameTexts)
	if err != nil || found == nil {
		return err
	}
	indicator := found.ToOne[0]
	r.knownKeys["Indicator externalId indicator:"+name] = indicator.ID
	r.knownKeys["Result externalId result:"+name] = indicator.ToOne[0].ID
	ofWomen := figure("female", r.edgeLeadsTo("IndicatorValue", "indicator", indicator.ID))
	_, err = r.matchExisting(ctx, query.Selection{Entity: selection.Entity}, "value:female:"+name, ofWomen, nil)
	return err
}

// matchMandate finds the stored mandate of a row of volunteer mandates.
func (r *importRun) matchMandate(ctx context.Context, row fileRow, name string, in rowValues) error {
	if row["mandate_title"] == "" {
		return nil
	}
	selection := query.Selection{Entity: r.model.Entity("Deployment")}
	titles := selectColumns(r.model, &selection, []column{{paths: "title", format: asTexts}})
	where := allOf(
		r.textContains("Deployment", "title", row["mandate_title"]),
		r.edgeLeadsTo("Deployment", "intervention", in["intervention"].value),
		r.edgeLeadsTo("Deployment", "country", in["country"].value),
		r.edgeLeadsTo("Deployment", "partner", in["partner"].value),
	)
	_, err := r.matchExisting(ctx, selection, name, where, func(found *query.Row) bool {
		return normalizeText(titles(r.language, found)[0]) == normalizeText(row["mandate_title"])
	})
	return err
}
