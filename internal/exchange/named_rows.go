package exchange

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/graph/plan"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// This file finds the row that a code names. A code may be unique only among the rows that one writer sees, so an
// import may find several rows with the code of a line. A name that several rows have is no name.

// keyHints are the cells of a row that tell apart rows with the same code.
type keyHints struct {
	id        string   // id of the API
	countries []string // ISO codes
	office    string   // code
}

// referenceCell returns a cell with the key of the row of that natural key. An empty value is no reference.
func (r *importRun) referenceCell(ctx context.Context, entity, column, value string, hints keyHints) cell {
	e := r.model.Entity(entity)
	var id uuid.UUID
	var err error
	if reason := model.KeyProblem(value); reason != "" {
		err = invalidCell(column, reason)
	} else if value == "" && hints.id == "" {
		return cell{column: column}
	} else if id, err = r.findNamedRow(ctx, e, column, value, hints); err == nil && id == uuid.Nil {
		err = invalidCell(column, "there is no %s called %s.", entity, value)
	}
	if err != nil {
		return cell{column: column, err: err}
	}
	return cell{column: column, value: id}
}

// interventionCell reads the reference to an intervention. Codes of interventions are unique only among the rows that
// one writer sees.
func (r *importRun) interventionCell(ctx context.Context, row fileRow) cell {
	hints := keyHints{id: row["intervention_id"], countries: splitList(row["country_iso2"])}
	return r.referenceCell(ctx, "Intervention", "intervention_code", row["intervention_code"], hints)
}

// findNamedRow returns the key of the row with the natural key, or uuid.Nil when there is none. Among several rows it
// takes the one that the hints name. When they do not name exactly one, its error lists the rows.
func (r *importRun) findNamedRow(
	ctx context.Context, e *model.Entity, column, value string, hints keyHints,
) (uuid.UUID, error) {
	var ids []uuid.UUID
	var err error
	if value != "" {
		if ids, err = r.findRows(ctx, e, e.Column(e.CodeColumn).Name, value); err != nil {
			return uuid.Nil, err
		}
	}
	if hints.id != "" {
		of, id, err := plan.ParseID(r.model, hints.id)
		if err != nil || of != e {
			return uuid.Nil, invalidCell(idColumn(e), "is not an id of the type %s. Copy it from an export.", e.Name)
		}
		if slices.Contains(ids, id) {
			return id, nil
		}
		stored, err := r.session.Get(ctx, &query.Selection{Entity: e}, id)
		switch {
		case err != nil:
			return uuid.Nil, err
		case stored != nil && value == "":
			return id, nil
		case stored != nil || value == "":
			return uuid.Nil, invalidCell(idColumn(e),
				"does not belong to the code of this row. Correct one of the two, or leave the id empty.")
		}
		// The id comes from another hub, so that the code alone names the row.
	}
	if len(ids) < 2 {
		return append(ids, uuid.Nil)[0], nil
	}
	id, described, err := r.tellApart(ctx, e, ids, hints)
	if err != nil || id != uuid.Nil {
		return id, err
	}
	if e.Name == r.kind.entity {
		return uuid.Nil, invalidCell(column,
			"%d %s are called %s: %s. Name the countries and the office of one, or change its code in the hub.",
			len(ids), e.Plural, value, strings.Join(described, ", "))
	}
	return uuid.Nil, invalidCell(column,
		"%d %s are called %s: %s. Write the id of one in the column %s.",
		len(ids), e.Plural, value, strings.Join(described, ", "), idColumn(e))
}

// ownInterventionCell reads the code of a row of interventions and finds the row of the hub that it names. Of several
// rows with the code it takes the one with the countries and the office of the row, and else the one that has all
// values of the row already.
func (r *importRun) ownInterventionCell(ctx context.Context, row fileRow, countries []string, in rowValues) cell {
	code := row.keyCell("code")
	if code.value == nil {
		return code
	}
	e := r.model.Entity("Intervention")
	hints := keyHints{countries: countries, office: row["lead_office_code"]}
	id, err := r.findNamedRow(ctx, e, "code", row["code"], hints)
	var ambiguous cellError
	if errors.As(err, &ambiguous) {
		var same uuid.UUID
		if same, err = r.findUnchangedRow(ctx, row["code"], countries, in); err == nil && same == uuid.Nil {
			err = ambiguous
		}
		id = same
	}
	if err != nil {
		return cell{column: "code", err: err}
	}
	code.row = id
	return code
}

// findUnchangedRow returns the only intervention of the code that the countries and the cells would not change, or
// uuid.Nil. No countries change nothing.
func (r *importRun) findUnchangedRow(
	ctx context.Context, code string, countries []string, in rowValues,
) (found uuid.UUID, err error) {
	selection := query.Selection{Entity: r.model.Entity("Intervention")}
	reached := selectColumns(r.model, &selection, []column{{paths: allCountryPaths, format: asAllCountries}})
	ids, err := r.findRows(ctx, selection.Entity, "code", code)
	if err != nil {
		return uuid.Nil, err
	}
	for _, id := range ids {
		row, err := r.session.Get(ctx, &selection, id)
		if err != nil {
			return uuid.Nil, err
		}
		d, err := r.diffStored(ctx, selection.Entity, id, in)
		if err != nil {
			return uuid.Nil, err
		}
		misses := row == nil || slices.ContainsFunc(countries, func(country string) bool {
			return !slices.Contains(splitList(reached(r.language, row)[0]), country)
		})
		if misses || len(d.columns)+len(d.transitions) > 0 {
			continue
		}
		if found != uuid.Nil {
			return uuid.Nil, nil
		}
		found = id
	}
	return found, nil
}

// idColumn returns the column with the id of a row of the entity.
func idColumn(e *model.Entity) string { return e.Singular() + "_id" }

// tellApart returns the only row of ids that fits the hints, or uuid.Nil with a description of each row.
func (r *importRun) tellApart(
	ctx context.Context, e *model.Entity, ids []uuid.UUID, hints keyHints,
) (uuid.UUID, []string, error) {
	selection := query.Selection{Entity: e}
	var columns []column
	if e.Name == "Intervention" {
		columns = []column{
			{paths: allCountryPaths, format: asAllCountries},
			{paths: "office.code", format: asText},
		}
	}
	distinctions := selectColumns(r.model, &selection, columns)
	rows, err := r.session.GetMany(ctx, &selection, ids)
	if err != nil {
		return uuid.Nil, nil, err
	}
	var described []string
	best, bestFit, tied := uuid.Nil, 0, false
	for i, row := range rows {
		if row == nil {
			continue
		}
		name, fit := plan.ID(e, ids[i]), 0
		if len(columns) > 0 {
			differences := distinctions(r.language, row)
			fit = fitHints(hints, splitList(differences[0]), differences[1])
			if words := strings.TrimSuffix(strings.Join(differences, "; "), "; "); words != "" {
				name += " (" + words + ")"
			}
		}
		described = append(described, name)
		if fit > bestFit {
			best, bestFit, tied = ids[i], fit, false
		} else if fit == bestFit {
			tied = true
		}
	}
	if tied {
		best = uuid.Nil
	}
	return best, described, nil
}

// fitHints returns how well a row of these countries and this office fits the hints. Zero means that it contradicts
// them, or that they say nothing.
func fitHints(hints keyHints, countries []string, office string) int {
	fit := 0
	if len(hints.countries) > 0 {
		for _, code := range hints.countries {
			if !slices.Contains(countries, code) {
				return 0
			}
		}
		fit = 4
		if len(countries) == len(hints.countries) {
			fit++
		}
	}
	if hints.office != "" && hints.office == office {
		fit += 2
	}
	return fit
}

// allCountryPaths lead to the country that leads an intervention and to the countries that it reaches.
const allCountryPaths = "country.iso2 countries.iso2"

// asAllCountries writes the countries of an intervention, first the one that leads it.
func asAllCountries(_ string, from []pathValues) string {
	codes := textsOfValues(from[0])
	for _, code := range textsOfValues(from[1]) {
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return strings.Join(codes, ";")
}
