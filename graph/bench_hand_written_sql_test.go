package graph_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"
)

// handWrittenQuery answers one of the six operations as JSON, without the hub.
type handWrittenQuery func(ctx context.Context) ([]byte, error)

// handWrittenSQL answers the six operations with hand-written SQL through lib/pq and with encoding/json.
type handWrittenSQL struct {
	db                                  *sql.DB
	b                                   *testing.B
	country, oneWithActivities, oneByID string
	created                             int
}

func (h *handWrittenSQL) scan(query string, into ...any) {
	h.b.Helper()
	if err := h.db.QueryRowContext(h.b.Context(), query).Scan(into...); err != nil {
		h.b.Fatal(err)
	}
}

// queryRows reads every row of a statement with n columns, each as text.
func (h *handWrittenSQL) queryRows(ctx context.Context, n int, query string, args ...any) ([][]sql.NullString, error) {
	rows, err := h.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]sql.NullString
	for rows.Next() {
		row := make([]sql.NullString, n)
		dest := make([]any, n)
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// benchmarkRow is a row of any entity in the answer of a hand-written query.
type benchmarkRow struct {
	ID    string `json:"id,omitempty"`
	Code  string `json:"code"`
	Title string `json:"title,omitempty"`
	Name  string `json:"name,omitempty"`
	State string `json:"status,omitempty"`

	Country       *benchmarkRow   `json:"country,omitempty"`
	Office        *benchmarkRow   `json:"office,omitempty"`
	Partners      []*benchmarkRow `json:"partners,omitempty"`
	Interventions []*benchmarkRow `json:"interventions,omitempty"`
	Offices       []*benchmarkRow `json:"offices,omitempty"`
	Activities    []*benchmarkRow `json:"activities,omitempty"`
	Intervention  *benchmarkRow   `json:"intervention,omitempty"`
	Children      int             `json:"children,omitempty"`
	Sex           string          `json:"sex,omitempty"`
	At            string          `json:"createdAt,omitempty"`
}

// textSQL returns the expression for the text of a multilingual column.
func textSQL(column string) string {
	return "COALESCE(" + column + "->>'en', " + column + "->>'fr')"
}

var (
	interventionsSQL = `SELECT i.id, i.code, ` + textSQL("i.title") + `, i.status,
  c.iso2, ` + textSQL("c.name") + `, o.code, ` + textSQL("o.name") + `
 FROM interventions i
 LEFT JOIN countries c ON c.id = i.country_id
 LEFT JOIN offices o ON o.id = i.office_id
 WHERE i.country_id = $1 AND i.archived_at IS NULL
 ORDER BY i.created_at DESC, i.id DESC LIMIT 20`

	oneInterventionSQL = `SELECT id, code, ` + textSQL("title") + `
 FROM interventions
 WHERE id = $1 AND archived_at IS NULL`

	createdInterventionSQL = `SELECT i.id, i.code, ` + textSQL("i.title") + `, i.version, c.iso2
 FROM interventions i LEFT JOIN countries c ON c.id = i.country_id
 WHERE i.id = $1`

	insertInterventionSQL = `INSERT INTO interventions (id, created_at, updated_at, code, title, country_id,
  kind, theme, status, sdg_targets, crc_articles, cpms_standards, policy_markers, crc_editorial)
 SELECT gen_random_uuid(), now(), now(), $1, $2, id,
  'project', 'other', 'pipeline', '[]', '[]', '[]', '[]', false
 FROM countries WHERE id = $3 RETURNING id`

	activitiesSQL = `SELECT id, kind, ` + textSQL("title") + `, starts_on, state
 FROM activities
 WHERE intervention_id = $1 AND archived_at IS NULL
 ORDER BY created_at DESC, id DESC LIMIT 20`

	childrenSQL = `SELECT c.id, c.case_code, c.sex, c.created_at, i.id, i.code, ` + textSQL("i.title") + `
 FROM children c LEFT JOIN interventions i ON i.id = c.intervention_id
 WHERE c.country_id = $1 AND c.archived_at IS NULL
 ORDER BY c.created_at DESC, c.id DESC LIMIT 51`

	countriesSQL = `SELECT id, iso2, ` + textSQL("name") + `
 FROM countries
 WHERE archived_at IS NULL
 ORDER BY iso2 LIMIT 20`

	officesSQL = `SELECT s.k, o.id, o.code, ` + textSQL("o.name") + `
 FROM unnest($1::uuid[]) s(k)
 CROSS JOIN LATERAL (
  SELECT * FROM offices WHERE country_id = s.k AND archived_at IS NULL ORDER BY code LIMIT 5
 ) o`

	officeInterventionsSQL = `SELECT s.k, i.id, i.code, ` + textSQL("i.title") + `
 FROM unnest($1::uuid[]) s(k)
 CROSS JOIN LATERAL (
  SELECT * FROM interventions WHERE office_id = s.k AND archived_at IS NULL ORDER BY code LIMIT 5
 ) i`

	partnersSQL = `SELECT s.k, p.code, ` + textSQL("p.name") + `
 FROM unnest($1::uuid[]) s(k)
 CROSS JOIN LATERAL (
  SELECT p.code, p.name
  FROM intervention_partners ip JOIN partners p ON p.id = ip.partner_id
  WHERE ip.intervention_id = s.k AND ip.archived_at IS NULL
  ORDER BY p.code LIMIT $2
 ) p`
)

// arrayLiteral returns ids as a PostgreSQL array.
func arrayLiteral(ids []string) string {
	out := "{"
	for i, id := range ids {
		if i > 0 {
			out += ","
		}
		out += id
	}
	return out + "}"
}

// addPartners adds the first n partners to each intervention in byID.
func (h *handWrittenSQL) addPartners(ctx context.Context, n int, ids []string, byID map[string]*benchmarkRow) error {
	rows, err := h.queryRows(ctx, 3, partnersSQL, arrayLiteral(ids), n)
	for _, r := range rows {
		i := byID[r[0].String]
		i.Partners = append(i.Partners, &benchmarkRow{Code: r[1].String, Name: r[2].String})
	}
	return err
}

func (h *handWrittenSQL) interventionsOfCountry(ctx context.Context) ([]byte, error) {
	rows, err := h.queryRows(ctx, 8, interventionsSQL, h.country)
	if err != nil {
		return nil, err
	}
	var out []*benchmarkRow
	var ids []string
	byID := map[string]*benchmarkRow{}
	for _, r := range rows {
		i := &benchmarkRow{
			ID: r[0].String, Code: r[1].String, Title: r[2].String, State: r[3].String,
			Country: &benchmarkRow{Code: r[4].String, Name: r[5].String},
			Office:  &benchmarkRow{Code: r[6].String, Name: r[7].String},
		}
		out, ids, byID[i.ID] = append(out, i), append(ids, i.ID), i
	}
	if err := h.addPartners(ctx, 5, ids, byID); err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func (h *handWrittenSQL) interventionWithActivities(ctx context.Context) ([]byte, error) {
	rows, err := h.queryRows(ctx, 3, oneInterventionSQL, h.oneWithActivities)
	if err != nil {
		return nil, err
	}
	out := &benchmarkRow{ID: rows[0][0].String, Code: rows[0][1].String, Title: rows[0][2].String}
	activities, err := h.queryRows(ctx, 5, activitiesSQL, h.oneWithActivities)
	if err != nil {
		return nil, err
	}
	for _, r := range activities {
		out.Activities = append(out.Activities, &benchmarkRow{
			ID: r[0].String, Code: r[1].String, Title: r[2].String, At: r[3].String, State: r[4].String,
		})
	}
	n, err := h.queryRows(
		ctx, 1,
		"SELECT count(*) FROM children WHERE intervention_id = $1 AND archived_at IS NULL AND country_id = $2",
		h.oneWithActivities, h.country,
	)
	if err != nil {
		return nil, err
	}
	if out.Children, err = strconv.Atoi(n[0][0].String); err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func (h *handWrittenSQL) childrenOfCountry(ctx context.Context) ([]byte, error) {
	rows, err := h.queryRows(ctx, 7, childrenSQL, h.country)
	if err != nil {
		return nil, err
	}
	var out []*benchmarkRow
	for _, r := range rows {
		out = append(out, &benchmarkRow{
			ID: r[0].String, Code: r[1].String, Sex: r[2].String, At: r[3].String,
			Intervention: &benchmarkRow{ID: r[4].String, Code: r[5].String, Title: r[6].String},
		})
	}
	return json.Marshal(out)
}

func (h *handWrittenSQL) countriesWithOffices(ctx context.Context) ([]byte, error) {
	countries, err := h.queryRows(ctx, 3, countriesSQL)
	if err != nil {
		return nil, err
	}
	var out []*benchmarkRow
	var ids []string
	byID := map[string]*benchmarkRow{}
	for _, r := range countries {
		c := &benchmarkRow{Code: r[1].String, Name: r[2].String}
		out, ids, byID[r[0].String] = append(out, c), append(ids, r[0].String), c
	}
	offices, err := h.queryRows(ctx, 4, officesSQL, arrayLiteral(ids))
	if err != nil {
		return nil, err
	}
	ids = nil
	for _, r := range offices {
		o := &benchmarkRow{Code: r[2].String, Name: r[3].String}
		byID[r[0].String].Offices = append(byID[r[0].String].Offices, o)
		ids, byID[r[1].String] = append(ids, r[1].String), o
	}
	interventions, err := h.queryRows(ctx, 4, officeInterventionsSQL, arrayLiteral(ids))
	if err != nil {
		return nil, err
	}
	ids = nil
	for _, r := range interventions {
		i := &benchmarkRow{Code: r[2].String, Title: r[3].String}
		byID[r[0].String].Interventions = append(byID[r[0].String].Interventions, i)
		ids, byID[r[1].String] = append(ids, r[1].String), i
	}
	if err := h.addPartners(ctx, 3, ids, byID); err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func (h *handWrittenSQL) createIntervention(ctx context.Context) ([]byte, error) {
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	var id string
	h.created++
	code := fmt.Sprintf("H-%d-%d", time.Now().UnixNano(), h.created)
	err = tx.QueryRowContext(ctx, insertInterventionSQL, code, `{"fr":"Essai"}`, h.country).Scan(&id)
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return nil, err
	}
	rows, err := h.queryRows(ctx, 5, createdInterventionSQL, id)
	if err != nil {
		return nil, err
	}
	return json.Marshal(&benchmarkRow{
		ID: rows[0][0].String, Code: rows[0][1].String, Title: rows[0][2].String, State: rows[0][3].String,
		Country: &benchmarkRow{Code: rows[0][4].String},
	})
}

func (h *handWrittenSQL) interventionByID(ctx context.Context) ([]byte, error) {
	rows, err := h.queryRows(ctx, 3, oneInterventionSQL, h.oneByID)
	if err != nil {
		return nil, err
	}
	return json.Marshal(&benchmarkRow{ID: rows[0][0].String, Code: rows[0][1].String, Title: rows[0][2].String})
}
