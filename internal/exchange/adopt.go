package exchange

import (
	"context"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// A row of a file may be about a row of the hub that people made through the API, or have changed since: it has no name
// of the file's, or another one. Such a row is found by what tells it apart from others, so that it is not made twice.

func entity(name string) *model.Entity { return inventory.Model.Entity(name) }

// allOf is the condition that all of them hold.
func allOf(kids ...*store.Pred) *store.Pred {
	all := &store.Pred{Op: store.PredAnd}
	for _, k := range kids {
		all.Kids = append(all.Kids, *k)
	}
	return all
}

// is is the condition that a field has the value.
func is(of, field string, value any) *store.Pred {
	return &store.Pred{Op: store.PredField, Field: entity(of).Field(field), Values: []any{value}}
}

// no is the condition that a field has no value.
func no(of, field string) *store.Pred {
	return &store.Pred{Op: store.PredField, Field: entity(of).Field(field), Compare: store.Null, Values: []any{true}}
}

// at is the condition that an edge to one leads to the row with the key; nil: to none.
func at(of, edge string, key any) *store.Pred {
	if key == nil {
		return &store.Pred{Op: store.PredNot, Kids: []store.Pred{*to(of, edge)}}
	}
	return to(of, edge, &store.Pred{Op: store.PredField, Values: []any{key}})
}

// to is the condition that an edge to one leads to a row of which all of them hold.
func to(of, edge string, kids ...*store.Pred) *store.Pred {
	return &store.Pred{Op: store.PredOne, Edge: entity(of).Edge(edge), Kids: []store.Pred{*allOf(kids...)}}
}

// has is the condition that a text has these words in it, in one of its languages.
func has(of, field, words string) *store.Pred {
	return &store.Pred{Op: store.PredField, Field: entity(of).Field(field), Compare: store.Contains, Values: []any{words}}
}

// adopt finds the first row that satisfies the condition, unless there is one by the name, and takes it for the one of that
// name. It returns that row; nil where there was nothing to find.
func (r *run) adopt(ctx context.Context, ask store.Ask, name string, where *store.Pred, says func(*store.Row) bool) (*store.Row, error) {
	id, err := r.find(ctx, ask.Entity, "externalId", name)
	if err != nil || id != uuid.Nil {
		return nil, err
	}
	list := pages(ask)
	list.Where = where
	page, err := r.session.List(ctx, &list)
	if err != nil {
		return nil, err
	}
	for _, row := range page.Rows {
		if says == nil || says(row) {
			r.known[ask.Entity.Name+" externalId "+name] = row.ID
			return row, nil
		}
	}
	return nil, nil
}

// undivided are the figures that a file of results can hold: of people of whom nothing but the sex is said.
var undivided = allOf(is("IndicatorValue", "ageBand", "unknown"), is("IndicatorValue", "disability", "unknown"), no("IndicatorValue", "profession"),
	at("IndicatorValue", "country", nil), at("IndicatorValue", "partner", nil))

// adoptResult finds the figures of a row of results, with their indicator and their result.
func (r *run) adoptResult(ctx context.Context, row record, name string, intervention cell) error {
	text := row["indicator"]
	if text == "" {
		return nil
	}
	ask := store.Ask{Entity: entity("IndicatorValue")}
	spoken := asking(&ask, []column{{from: "indicator.name", as: asTexts}, {from: "indicator.result.statement", as: asTexts}})
	period := is("IndicatorValue", "period", row["period"])
	if row["period"] == "" {
		period = &store.Pred{Op: store.PredOr, Kids: []store.Pred{*period, *no("IndicatorValue", "period")}}
	}
	figure := func(sex string, of *store.Pred) *store.Pred {
		return allOf(is("IndicatorValue", "sex", sex), period, is("IndicatorValue", "kind", kindOf(text)), undivided, of)
	}
	found, err := r.adopt(ctx, ask, "value:unknown:"+name, figure("unknown", to("IndicatorValue", "indicator", has("Indicator", "name", text),
		to("Indicator", "result", has("Result", "statement", text), at("Result", "intervention", intervention.value)))), func(row *store.Row) bool {
		said := spoken(r.language, row)
		return sayable(said[0]) == sayable(text) && sayable(said[1]) == sayable(text)
	})
	if err != nil || found == nil {
		return err
	}
	indicator := found.One[0]
	r.known["Indicator externalId indicator:"+name], r.known["Result externalId result:"+name] = indicator.ID, indicator.One[0].ID
	_, err = r.adopt(ctx, store.Ask{Entity: entity("IndicatorValue")}, "value:female:"+name, figure("female", at("IndicatorValue", "indicator", indicator.ID)), nil)
	return err
}

// adoptMandate finds the mandate of a row of volunteer mandates.
func (r *run) adoptMandate(ctx context.Context, row record, name string, in says) error {
	if row["mandate_title"] == "" {
		return nil
	}
	ask := store.Ask{Entity: entity("Deployment")}
	spoken := asking(&ask, []column{{from: "title", as: asTexts}})
	where := allOf(has("Deployment", "title", row["mandate_title"]), at("Deployment", "intervention", in["intervention"].value),
		at("Deployment", "country", in["country"].value), at("Deployment", "partner", in["partner"].value))
	_, err := r.adopt(ctx, ask, name, where, func(found *store.Row) bool {
		return sayable(spoken(r.language, found)[0]) == sayable(row["mandate_title"])
	})
	return err
}
