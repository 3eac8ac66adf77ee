package exchange

import (
	"context"

	"github.com/google/uuid"

	"rightshub/graph/plan"
	"rightshub/internal/fault"
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

// anyOf combines predicates with OR.
func anyOf(predicates ...*query.Predicate) *query.Predicate {
	p := allOf(predicates...)
	p.Op = query.PredicateOr
	return p
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

// findStoredRow returns the only row that satisfies where and matches, or nil when there is none. Several such rows
// make it refuse the current row, in the column. A nil matches accepts every row.
func (r *importRun) findStoredRow(
	ctx context.Context,
	column string,
	selection query.Selection,
	where *query.Predicate,
	matches func(*query.Row) bool,
) (found *query.Row, err error) {
	list := pagedList(selection)
	list.Where = where
	for {
		page, err := r.session.List(ctx, &list)
		if err != nil {
			return nil, err
		}
		for _, row := range page.Rows {
			if matches != nil && !matches(row) {
				continue
			}
			if found != nil {
				r.addRefusal(fault.NewField(column,
					"several rows of the hub have the same %s. Use the columns of an export, which tell them apart.",
					r.kind.identity))
				return nil, errAlreadyRefused
			}
			found = row
		}
		if !page.Next {
			return found, nil
		}
		list.After = page.EndCursor()
	}
}

// findRowOfID returns the row of an id of the API that satisfies where. An id of another hub, which names no row here,
// gives nil.
func (r *importRun) findRowOfID(
	ctx context.Context, column, id string, selection query.Selection, where *query.Predicate,
) (*query.Row, error) {
	of, key, err := plan.ParseID(r.model, id)
	if err != nil || of != selection.Entity {
		return nil, nil
	}
	keyIs := &query.Predicate{Op: query.PredicateField, Values: []any{key}}
	return r.findStoredRow(ctx, column, selection, allOf(keyIs, where), nil)
}

// resultKeys are the external ids of the rows that a row of results describes.
type resultKeys struct {
	parts, legacy []string
	samePeriod    bool // a stored figure was found, and its period is that of the row
}

func (k resultKeys) externalID(kind string) string { return joinKey(kind, k.parts...) }

func (k resultKeys) legacyID(kind string) string {
	if legacy := legacyKey(k.legacy...); legacy != "" {
		return kind + ":" + legacy
	}
	return ""
}

// matchResult finds the stored figures of a row of results, with their indicator and their result, and remembers them
// under their external ids. It looks first for the figure's id, then for its external id, and then for its texts.
func (r *importRun) matchResult(ctx context.Context, row fileRow, keys *resultKeys, intervention cell) error {
	text := row["indicator"]
	if text == "" {
		return nil
	}
	e := r.model.Entity("IndicatorValue")
	if len(r.knownKeys[knownKey(e, "externalId", keys.externalID("value:unknown"))]) > 0 {
		return nil
	}
	selection := query.Selection{Entity: e}
	texts := selectColumns(r.model, &selection, []column{
		{paths: "indicator.name", format: asTexts},
		{paths: "indicator.result.statement", format: asTexts},
		{paths: "period", format: asText},
	})
	ofIntervention := r.edgeToRow("IndicatorValue", "indicator",
		r.edgeToRow("Indicator", "result", r.edgeLeadsTo("Result", "intervention", intervention.value)))
	unbroken := allOf(r.fieldIs("IndicatorValue", "sex", "unknown"), r.withoutBreakdown(), ofIntervention)
	found, err := r.findRowOfID(ctx, "figure_id", row["figure_id"], selection, unbroken)
	if err == nil && found != nil {
		keys.parts = []string{found.ID.String()}
	} else if err == nil {
		ids := r.hasExternalID("IndicatorValue", keys.externalID("value:unknown"), keys.legacyID("value:unknown"))
		found, err = r.findStoredRow(ctx, "indicator", selection, allOf(ids, ofIntervention), nil)
	}
	word, ok := figureKind(text)
	if !ok {
		return err
	}
	kind := r.fieldIs("IndicatorValue", "kind", word)
	if err == nil && found == nil {
		sameIndicator := r.edgeToRow("IndicatorValue", "indicator",
			r.textContains("Indicator", "name", text),
			r.edgeToRow("Indicator", "result", r.textContains("Result", "statement", text)))
		sameTexts := func(row *query.Row) bool {
			stored := texts(r.language, row)
			return normalizeText(stored[0]) == normalizeText(text) && normalizeText(stored[1]) == normalizeText(text)
		}
		samePeriod := anyOf(r.periodIs(row["period"]), r.periodIs(plainPeriod(row["period"])))
		where := allOf(unbroken, samePeriod, kind, sameIndicator)
		found, err = r.findStoredRow(ctx, "indicator", selection, where, sameTexts)
	}
	if err != nil || found == nil {
		return err
	}
	remember := func(entity, kind string, id uuid.UUID) {
		r.knownKeys[knownKey(r.model.Entity(entity), "externalId", keys.externalID(kind))] = []uuid.UUID{id}
	}
	indicator := found.ToOne[0]
	keys.samePeriod = plainPeriod(texts(r.language, found)[2]) == plainPeriod(row["period"])
	remember("IndicatorValue", "value:unknown", found.ID)
	remember("Indicator", "indicator", indicator.ID)
	remember("Result", "result", indicator.ToOne[0].ID)
	if row["women_value"] == "" {
		return nil
	}
	womenIDs := r.hasExternalID("IndicatorValue", keys.externalID("value:female"), keys.legacyID("value:female"))
	ofWomen := allOf(
		r.fieldIs("IndicatorValue", "sex", "female"),
		r.edgeLeadsTo("IndicatorValue", "indicator", indicator.ID),
		anyOf(womenIDs, allOf(r.periodIs(texts(r.language, found)[2]), kind, r.withoutBreakdown())),
	)
	women, err := r.findStoredRow(ctx, "women_value", query.Selection{Entity: e}, ofWomen, nil)
	if err == nil && women != nil {
		remember("IndicatorValue", "value:female", women.ID)
	}
	return err
}

// periodIs holds for figures of the period. A file cannot tell an empty period from none.
func (m conditions) periodIs(period string) *query.Predicate {
	is := m.fieldIs("IndicatorValue", "period", period)
	if period == "" {
		return anyOf(is, m.fieldIsNull("IndicatorValue", "period"))
	}
	return is
}

// findMandate returns the key of the stored mandate of a row of volunteer mandates, or uuid.Nil. A row with a number is
// the mandate of that id or with that number. A row without a number is the one with its other values.
func (r *importRun) findMandate(ctx context.Context, row fileRow, key, legacy string, in rowValues) (uuid.UUID, error) {
	if row["mandate_title"] == "" {
		return uuid.Nil, nil
	}
	selection := query.Selection{Entity: r.model.Entity("Deployment")}
	titles := selectColumns(r.model, &selection, []column{{paths: "title", format: asTexts}})
	column, number := "mandate_title", row["mandate_number"]
	found, err := r.findRowOfID(ctx, column, number, selection, allOf())
	if err == nil && found == nil {
		where := r.hasExternalID("Deployment", key, legacy)
		if in["intervention"].value != nil {
			where = allOf(where, r.edgeLeadsTo("Deployment", "intervention", in["intervention"].value))
		}
		found, err = r.findStoredRow(ctx, column, selection, where, nil)
	}
	if err == nil && found == nil && number == "" {
		where := allOf(
			r.textContains("Deployment", "title", row["mandate_title"]),
			r.edgeLeadsTo("Deployment", "intervention", in["intervention"].value),
			r.edgeLeadsTo("Deployment", "country", in["country"].value),
			r.edgeLeadsTo("Deployment", "partner", in["partner"].value),
		)
		found, err = r.findStoredRow(ctx, column, selection, where, func(found *query.Row) bool {
			return normalizeText(titles(r.language, found)[0]) == normalizeText(row["mandate_title"])
		})
	}
	if err != nil || found == nil {
		return uuid.Nil, err
	}
	return found.ID, nil
}
