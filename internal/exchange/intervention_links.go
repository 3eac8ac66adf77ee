package exchange

import (
	"context"

	"github.com/google/uuid"

	"rightshub/internal/query"
)

// interventionLink is an entity that links interventions to another entity, which a column of the file lists by codes.
type interventionLink struct{ entity, target, edge, idPrefix, column string }

var interventionLinks = []interventionLink{
	{"InterventionCountry", "Country", "country", "intervention_country", "countries"},
	{"InterventionPartner", "Partner", "partner", "intervention_partner", "partner_codes"},
}

// importLink links an intervention to the row with the code, unless the two are linked already. An intervention that
// was refused has the id uuid.Nil; then importLink only checks the code.
func (r *importRun) importLink(ctx context.Context, link interventionLink, intervention uuid.UUID, code string) error {
	target := r.referenceCell(ctx, link.target, link.column, code, keyHints{})
	noted, err := r.refuseCells(rowValues{link.edge: target})
	if err != nil || len(noted) > 0 || intervention == uuid.Nil {
		return err
	}
	key := joinKey(link.idPrefix, intervention.String(), target.value.(uuid.UUID).String())
	e := r.model.Entity(link.entity)
	linked := r.knownKeys[knownKey(e, "externalId", key)]
	if len(linked) == 0 && !r.createdRows[intervention] {
		list := query.List{Selection: query.Selection{Entity: e}, Rows: true}
		list.Where = allOf(
			r.edgeLeadsTo(link.entity, "intervention", intervention),
			r.edgeLeadsTo(link.entity, link.edge, target.value),
		)
		page, err := r.session.List(ctx, &list)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			linked = append(linked, row.ID)
		}
	}
	if len(linked) > 0 {
		return nil
	}
	r.knownKeys[knownKey(e, "externalId", key)] = nil // a row without a link has no row of its external id either
	_, err = r.createOrUpdate(ctx, link.entity, "externalId", rowValues{
		"externalId":   {column: link.column, value: key},
		"intervention": {column: "code", value: intervention},
		link.edge:      target,
	}, nil)
	return err
}
