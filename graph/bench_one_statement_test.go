package graph_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rightshub/internal/apitest"
	"rightshub/internal/database"
)

// coordinatorCountries are the countries of the caller for whom oneStatements answer.
var coordinatorCountries = []string{"BF", "SN"}

// sharedOrOwn is the condition that a coordinator of the countries $1 sees an intervention.
const sharedOrOwn = `(i.country_id = ANY($1) OR EXISTS (
  SELECT 1 FROM intervention_countries ic
  WHERE ic.intervention_id = i.id AND ic.archived_at IS NULL AND ic.country_id = ANY($1)))`

// partnersJSON returns the partners of the intervention i, at most n, as JSON.
func partnersJSON(n int) string {
	return fmt.Sprintf(`(SELECT COALESCE(json_agg(json_build_object('code', p.code, 'name', p.name)), '[]') FROM (
  SELECT p.code, %s AS name FROM intervention_partners ip JOIN partners p ON p.id = ip.partner_id
  WHERE ip.intervention_id = i.id AND ip.archived_at IS NULL AND p.archived_at IS NULL ORDER BY p.code LIMIT %d) p)`,
		textSQL("p.name"), n)
}

// oneStatements answers five of the six operations with one statement each, which returns the whole answer as JSON. The
// argument $1 holds the countries of the caller, and $2 the id or the code of a row where the operation has one.
var oneStatements = map[string]string{
	"a": `SELECT json_build_object('interventions', json_build_object('nodes', COALESCE(json_agg(x.node), '[]'))) FROM (
 SELECT json_build_object('id', i.id, 'code', i.code, 'title', ` + textSQL("i.title") + `, 'status', i.status,
  'country', json_build_object('iso2', c.iso2, 'name', ` + textSQL("c.name") + `),
  'office', CASE WHEN o.id IS NULL THEN NULL ELSE
   json_build_object('code', o.code, 'name', ` + textSQL("o.name") + `) END,
  'partners', json_build_object('nodes', ` + partnersJSON(5) + `)) AS node
 FROM (SELECT * FROM interventions i
  WHERE i.country_id = (SELECT id FROM countries WHERE iso2 = 'BF') AND i.archived_at IS NULL AND ` + sharedOrOwn + `
  ORDER BY i.created_at DESC, i.id DESC LIMIT 20) i
 JOIN countries c ON c.id = i.country_id LEFT JOIN offices o ON o.id = i.office_id
 ORDER BY i.created_at DESC, i.id DESC) x`,
	"b": `SELECT json_build_object('intervention', json_build_object('id', i.id, 'code', i.code,
 'title', ` + textSQL("i.title") + `,
 'activities', json_build_object('nodes', (
  SELECT COALESCE(json_agg(json_build_object('id', a.id, 'kind', a.kind, 'title', ` + textSQL("a.title") + `,
   'startsOn', a.starts_on, 'state', a.state)), '[]')
  FROM (SELECT * FROM activities a WHERE a.intervention_id = i.id AND a.archived_at IS NULL
   ORDER BY a.created_at DESC, a.id DESC LIMIT 20) a)),
 'children', json_build_object('totalCount', (SELECT count(*) FROM children c
  WHERE c.intervention_id = i.id AND c.archived_at IS NULL AND c.country_id = ANY($1)))))
 FROM interventions i WHERE i.id = $2 AND i.archived_at IS NULL AND ` + sharedOrOwn,
	"c": `SELECT json_build_object('children', json_build_object(
 'nodes', COALESCE(json_agg(x.node) FILTER (WHERE x.n <= 50), '[]'),
 'pageInfo', json_build_object('hasNextPage', count(*) > 50))) FROM (
 SELECT row_number() OVER () AS n, json_build_object('id', c.id, 'caseCode', c.case_code, 'sex', NULL,
  'createdAt', c.created_at, 'intervention', CASE WHEN i.id IS NULL THEN NULL ELSE
   json_build_object('id', i.id, 'code', i.code, 'title', ` + textSQL("i.title") + `) END) AS node
 FROM (SELECT * FROM children c WHERE c.country_id = ANY($1) AND c.archived_at IS NULL
  ORDER BY c.created_at DESC, c.id DESC LIMIT 51) c
 LEFT JOIN interventions i ON i.id = c.intervention_id AND i.archived_at IS NULL AND ` + sharedOrOwn + `
 ORDER BY c.created_at DESC, c.id DESC) x`,
	"d": `SELECT json_build_object('countries', json_build_object('nodes', json_agg(json_build_object(
 'iso2', c.iso2, 'name', ` + textSQL("c.name") + `, 'offices', json_build_object('nodes', (
  SELECT COALESCE(json_agg(json_build_object('code', o.code, 'name', ` + textSQL("o.name") + `,
   'interventions', json_build_object('nodes', (
    SELECT COALESCE(json_agg(json_build_object('code', i.code, 'title', ` + textSQL("i.title") + `,
     'partners', json_build_object('nodes', ` + partnersJSON(3) + `))), '[]')
    FROM (SELECT * FROM interventions i WHERE i.office_id = o.id AND i.archived_at IS NULL AND ` + sharedOrOwn + `
     ORDER BY i.code, i.id LIMIT 5) i)))), '[]')
  FROM (SELECT * FROM offices o WHERE o.country_id = c.id AND o.archived_at IS NULL
   ORDER BY o.code, o.id LIMIT 5) o)))))
 ) FROM (SELECT * FROM countries c WHERE c.archived_at IS NULL ORDER BY c.iso2 LIMIT 20) c`,
	"e": `WITH made AS (
 INSERT INTO interventions (id, created_at, updated_at, code, title, country_id, kind, theme, status, sdg_targets,
  crc_articles, cpms_standards, policy_markers, crc_editorial)
 SELECT gen_random_uuid(), now(), now(), $2, '{"fr": "Essai"}', c.id, 'project', 'other', 'pipeline', '[]', '[]', '[]',
  '[]', false FROM countries c WHERE c.iso2 = 'BF' AND c.id = ANY($1) RETURNING *)
SELECT json_build_object('createIntervention', json_build_object('intervention', json_build_object('id', i.id,
 'code', i.code, 'title', ` + textSQL("i.title") + `, 'version', i.version,
 'country', json_build_object('iso2', c.iso2))))
FROM made i JOIN countries c ON c.id = i.country_id`,
}

// benchmarkOneStatements compares the hub with a server that answers each operation with one prepared statement, whose
// JSON it sends as it comes. Both answer for a coordinator of two countries. "ratio" is the hub's requests per second
// divided by the server's, and "cpu-ratio" is the server's processor time of a request divided by the hub's, each with
// the database's and with that of the load.
func benchmarkOneStatements(b *testing.B, api *apitest.API, hubURL string, db *database.DB) {
	pool, err := sql.Open("postgres", db.URL())
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	pool.SetMaxIdleConns(loadConnections)
	h, server := &handWrittenSQL{db: pool, b: b}, postgresServer(b, db)
	var intervention, country string
	h.scan("SELECT id, country_id FROM interventions WHERE code = 'BF-SGBV-2021'", &intervention, &country)
	var keys []string
	for _, iso2 := range coordinatorCountries {
		var key string
		h.scan("SELECT id FROM countries WHERE iso2 = '"+iso2+"'", &key)
		keys = append(keys, key)
	}
	who := api.AsNewPerson("country_coordinator", coordinatorCountries...)
	first := who.Ask(`{interventions(where: {code: {eq: "BF-SGBV-2021"}}) {nodes {id country {id}}}}`, nil).RequireOK()
	var made atomic.Int64
	newCode := func() string { return fmt.Sprintf("O-%d-%d", time.Now().UnixNano(), made.Add(1)) }
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		statement, err := pool.PrepareContext(b.Context(), oneStatements[name])
		if err != nil {
			b.Fatal(name, err)
		}
		rival := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			args := []any{arrayLiteral(keys)}
			switch name {
			case "b":
				args = append(args, intervention)
			case "e":
				args = append(args, newCode())
			}
			var text []byte
			if err := statement.QueryRowContext(r.Context(), args...).Scan(&text); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Write(text)
		}))
		body := func() []byte {
			text, err := json.Marshal(map[string]any{
				"query": benchmarkOperations[name].document,
				"variables": map[string]any{
					"n": map[string]int{"a": 20, "b": 20, "c": 50, "d": 20, "e": 0}[name], "code": newCode(),
					"id": first.Text("interventions.nodes.0.id"), "country": first.Text("interventions.nodes.0.country.id"),
				},
			})
			if err != nil {
				b.Error(err)
			}
			return text
		}
		requireSameAnswer(b, who, rival.URL, body())
		b.Run("one statement/"+name, func(b *testing.B) {
			compareLoads(b, server, func(n int) time.Duration {
				took, _ := sendLoad(b, hubURL, who.Headers, body, n)
				return took
			}, func(n int) time.Duration {
				took, _ := sendLoad(b, rival.URL, nil, body, n)
				return took
			})
		})
		rival.Close()
		statement.Close()
	}
}

// compareLoads sends loads to the hub and to its rival in turns, and reports their ratios.
func compareLoads(b *testing.B, server int, hub, rival func(n int) time.Duration) {
	n := max(b.N, 200)
	hub(200) // 16 connections make five plans of each statement, before they keep one
	rival(200)
	b.ResetTimer()
	var times, processor [2]time.Duration
	for range loadRounds {
		for i, send := range []func(int) time.Duration{hub, rival} {
			before := processorTime() + postgresProcessorTime(server)
			times[i] += send(n / loadRounds)
			processor[i] += processorTime() + postgresProcessorTime(server) - before
		}
	}
	b.ReportMetric(float64(n)/times[0].Seconds(), "req/s")
	b.ReportMetric(times[1].Seconds()/times[0].Seconds(), "ratio")
	b.ReportMetric(processor[1].Seconds()/processor[0].Seconds(), "cpu-ratio")
}

// requireSameAnswer checks that the hub and its rival give the same rows in the same order.
func requireSameAnswer(b *testing.B, who *apitest.Caller, url string, body []byte) {
	b.Helper()
	answer, err := http.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	var theirs any
	if err := json.NewDecoder(answer.Body).Decode(&theirs); err != nil {
		b.Fatal(err)
	}
	var ours struct{ Data any }
	if err := json.Unmarshal(who.Send(b.Context(), string(body)).Body.Bytes(), &ours); err != nil {
		b.Fatal(err)
	}
	if got, want := withoutSpelling(ours.Data), withoutSpelling(theirs); !reflect.DeepEqual(got, want) {
		b.Fatalf("the hub answers %.600v, and its rival %.600v", got, want)
	}
}

// withoutSpelling returns an answer without ids and new codes, and with texts in lower case.
func withoutSpelling(v any) any {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "id")
		for name, member := range v {
			v[name] = withoutSpelling(member)
		}
	case []any:
		for i := range v {
			v[i] = withoutSpelling(v[i])
		}
	case string:
		if strings.HasPrefix(v, "O-") {
			return ""
		}
		return strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(v, "Z"), "+00:00"))
	}
	return v
}
