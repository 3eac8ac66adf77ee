package exchange

import (
	"context"
	"errors"
	"maps"

	"github.com/google/uuid"

	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// rowsTogether is the number of rows of a file that are written together. It is also the largest page of a list.
const rowsTogether = query.MaxPage

// importTogether imports some rows of the file with few statements. When one of them is refused, it undoes them and
// imports them one by one, which finds all that is wrong with each.
func (r *importRun) importTogether(ctx context.Context, rows []fileRow, lines []int) error {
	if err := r.readNamedRows(ctx, rows); err != nil {
		return err
	}
	before := *r.report
	err := r.session.Together(ctx, func(ctx context.Context) error {
		for i, row := range rows {
			r.line, r.firstRefusal = lines[i], len(r.report.Refused)
			err := r.kind.importRow(ctx, r, row)
			if err == nil && len(r.report.Refused) > r.firstRefusal || err == errAlreadyRefused {
				err = store.ErrNotTogether
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil || !errors.Is(err, store.ErrNotTogether) && !isRefusal(err) {
		return err
	}
	*r.report = before
	maps.DeleteFunc(r.keyLines, func(_ string, line int) bool { return line >= lines[0] })
	maps.DeleteFunc(r.rowLines, func(_ uuid.UUID, line int) bool { return line >= lines[0] })
	clear(r.knownKeys)
	for i, row := range rows {
		err := r.tryRow(ctx, lines[i], func(ctx context.Context) error { return r.kind.importRow(ctx, r, row) })
		if err != nil {
			return err
		}
	}
	return nil
}

// namedRows are the columns with codes, and the entities that they name.
var namedRows = []struct{ column, entity string }{
	{"country_iso2", "Country"},
	{"countries", "Country"},
	{"lead_office_code", "Office"},
	{"partner_code", "Partner"},
	{"partner_codes", "Partner"},
	{"intervention_code", "Intervention"},
}

// readNamedRows looks up the codes of some rows of the file with a statement for each entity.
func (r *importRun) readNamedRows(ctx context.Context, rows []fileRow) error {
	codes := map[string]map[string]bool{}
	add := func(entity, code string) {
		if codes[entity] == nil {
			codes[entity] = map[string]bool{}
		}
		e := r.model.Entity(entity)
		_, known := r.knownKeys[knownKey(e, e.Column(e.CodeColumn).Name, code)]
		if !known && code != "" && model.KeyProblem(code) == "" {
			codes[entity][code] = true
		}
	}
	own := r.model.Entity(r.kind.entity)
	for _, row := range rows {
		for _, n := range namedRows {
			for _, code := range splitList(row[n.column]) {
				add(n.entity, code)
			}
		}
		if own.CodeColumn != "" {
			add(own.Name, row[own.CodeColumn])
		}
	}
	for entity, codes := range codes {
		if err := r.readRowsOfCodes(ctx, r.model.Entity(entity), codes); err != nil {
			return err
		}
	}
	return nil
}

// readRowsOfCodes remembers the rows of an entity that have the codes, and also that a code has none.
func (r *importRun) readRowsOfCodes(ctx context.Context, e *model.Entity, codes map[string]bool) error {
	if len(codes) == 0 {
		return nil
	}
	field := e.Column(e.CodeColumn)
	list := pagedList(query.Selection{Entity: e, Cells: []query.Cell{{Field: field}}})
	list.Where = &query.Predicate{Op: query.PredicateField, Field: field, Comparison: query.OneOf}
	for code := range codes {
		list.Where.Values = append(list.Where.Values, code)
		r.knownKeys[knownKey(e, field.Name, code)] = nil
	}
	for {
		page, err := r.session.List(ctx, &list)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			name := knownKey(e, field.Name, row.Cells[0].Text)
			r.knownKeys[name] = append(r.knownKeys[name], row.ID)
		}
		if !page.Next {
			return nil
		}
		list.After = page.EndCursor()
	}
}

// findRows returns the keys of the rows that have the value in the field.
func (r *importRun) findRows(ctx context.Context, e *model.Entity, field, value string) ([]uuid.UUID, error) {
	name := knownKey(e, field, value)
	if ids, ok := r.knownKeys[name]; ok {
		return ids, nil
	}
	list := pagedList(query.Selection{Entity: e})
	list.Where = r.fieldIs(e.Name, field, value)
	page, err := r.session.List(ctx, &list)
	if err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	for _, row := range page.Rows {
		ids = append(ids, row.ID)
	}
	r.knownKeys[name] = ids
	return ids, nil
}
