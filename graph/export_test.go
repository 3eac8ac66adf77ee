package graph_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rightshub/ent/inventory"
	"rightshub/graph/plan"
	"rightshub/internal/access"
	"rightshub/internal/apitest"
	"rightshub/internal/demo"
	"rightshub/internal/exchange"
	"rightshub/internal/fault"
	signin "rightshub/internal/identity"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
	"rightshub/policies"
)

// newExporter makes what exports as `rightshub export` does, under policies, for a person, a purpose and an audit grant or "".
func newExporter(t *testing.T, api *apitest.API, files fs.FS) func(email, purpose, grant string) store.AuthenticateFunc {
	t.Helper()
	policy, err := access.Load(files, inventory.Model)
	if err != nil {
		t.Fatal(err)
	}
	door, err := signin.NewAuthenticator(api.Hub, policy, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return func(email, purpose, grant string) store.AuthenticateFunc {
		e := store.Credentials{Purpose: purpose, Languages: []string{"en"}}
		if grant != "" {
			if e.Grant, err = plan.ParseGrant(grant); err != nil {
				t.Fatal(err)
			}
		}
		return door.Impersonate(email, e)
	}
}

var actionsColumn = regexp.MustCompile(`(?m)^(p, \w+, \w+, )([a-z+]+)`)

// policiesWithActions are the hub's policies with other actions in each line; a line that is left without any is left out.
func policiesWithActions(t *testing.T, change func(actions []string) []string) fs.FS {
	t.Helper()
	files := apitest.PoliciesWithLines(t, "")
	files["roles.csv"].Data = actionsColumn.ReplaceAllFunc(files["roles.csv"].Data, func(line []byte) []byte {
		parts := actionsColumn.FindSubmatch(line)
		if now := change(strings.Split(string(parts[2]), "+")); len(now) > 0 {
			return append(parts[1], strings.Join(now, "+")...)
		}
		return append([]byte("# "), line...)
	})
	return files
}

// policiesExportingAllRead are policies under which whoever reads a row may export it.
func policiesExportingAllRead(t *testing.T) fs.FS {
	return policiesWithActions(t, func(actions []string) []string {
		actions = slices.DeleteFunc(actions, func(a string) bool { return a == "export" })
		if slices.Contains(actions, "read") {
			actions = append(actions, "export")
		}
		return actions
	})
}

// policiesReadingExportable are policies under which people read what they may export, and nothing else.
func policiesReadingExportable(t *testing.T) fs.FS {
	return policiesWithActions(t, func(actions []string) []string {
		if slices.Contains(actions, "export") {
			return []string{"read"}
		}
		return nil
	})
}

// mustExportRows reads the rows of an export, each by the names of its columns.
func mustExportRows(t *testing.T, enter store.AuthenticateFunc, kind string) []map[string]string {
	t.Helper()
	rows, err := exportRows(t, enter, kind)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func exportRows(t *testing.T, enter store.AuthenticateFunc, kind string) (rows []map[string]string, err error) {
	t.Helper()
	var out bytes.Buffer
	if _, err := exchange.Export(t.Context(), enter, kind, &out, exchange.ExportOptions{Language: "en"}); err != nil {
		return nil, err
	}
	all, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, cell := range cells {
			row[all[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// exportSelection asks over GraphQL for what an export of a type shows.
func exportSelection(e *model.Entity) string {
	b := "id masked"
	for _, f := range e.Fields {
		switch {
		case f.Internal:
			continue
		case f.Kind == model.Texts:
			b += " " + f.Name + "Texts{language text}"
		default:
			b += " " + f.Name
		}
		for _, d := range f.Derived {
			b += " " + d.Name
		}
	}
	for _, edge := range e.Edges {
		if edge.Kind == model.ToOne {
			b += " " + edge.Name + "{id"
			if to := inventory.Model.Target(&edge); to.Natural != "" {
				b += " " + to.Column(to.Natural).Name
			}
			b += "}"
		}
	}
	return b
}

// flattenNode is a node of an answer as a row of an export.
func flattenNode(node map[string]any) map[string]string {
	row := map[string]string{}
	for name, v := range node {
		switch v := v.(type) {
		case map[string]any: // the row at the end of an edge
			for field, v := range v {
				row[name+"."+field] = fmt.Sprint(v)
			}
			row[name+"Id"] = row[name+".id"]
			delete(row, name+".id")
		case []any:
			texts, of := strings.CutSuffix(name, "Texts")
			list := []string{}
			for _, entry := range v {
				if text, ok := entry.(map[string]any); ok && of {
					row[texts+"_"+text["language"].(string)] = text["text"].(string)
				} else {
					list = append(list, fmt.Sprint(entry))
				}
			}
			row[name] = strings.Join(list, ";")
		case float64:
			row[name] = fmt.Sprintf("%.0f", v)
		case nil:
		default:
			row[name] = fmt.Sprint(v)
		}
	}
	return row
}

// normalizeRow takes cells that say nothing away, and what neutralises a formula.
func normalizeRow(row map[string]string, e *model.Entity) map[string]string {
	for name, cell := range row {
		if f := e.Field(name); f != nil && f.Kind == model.Decimal && strings.Contains(cell, ".") {
			cell = strings.TrimSuffix(strings.TrimRight(cell, "0"), ".")
		}
		row[name] = strings.TrimPrefix(cell, "'")
	}
	maps.DeleteFunc(row, func(_, cell string) bool { return cell == "" })
	return row
}

// allNodes are the nodes of all pages of a list.
func allNodes(who *apitest.Caller, e *model.Entity, selection string) (nodes []map[string]any) {
	query, after := fmt.Sprintf(`query($after:String){%s(first:100,after:$after){nodes{%s} pageInfo{hasNextPage endCursor}}}`, e.Plural, selection), any(nil)
	for {
		a := who.Ask(query, map[string]any{"after": after}).RequireOK()
		for _, node := range a.At(e.Plural + ".nodes").([]any) {
			nodes = append(nodes, node.(map[string]any))
		}
		if after = a.At(e.Plural + ".pageInfo.endCursor"); a.At(e.Plural+".pageInfo.hasNextPage") != true {
			return nodes
		}
	}
}

// Everyone's export of every type is what their query shows, as far as they may export it: the same rows in the same order,
// with the same cells, under each purpose. Where they may export none, they are refused. If everybody might export what
// they read, an export would be all that the query shows.
func TestExportMatchesQuery(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		all, as, narrowed := newExporter(t, api, policiesExportingAllRead(t)), newExporter(t, api, policies.Files), apitest.NewUnderPolicies(t, api.Hub.DB(), policiesReadingExportable(t))
		shown, masked, taken, kept, granted := 0, 0, 0, 0, createGrant(t, api, query.Input{"dailyRowBudget": int64(1_000_000)})
		same := func(name string, e *model.Entity, got []map[string]string, nodes []map[string]any) {
			t.Helper()
			for i, node := range nodes {
				if i >= len(got) || !maps.Equal(normalizeRow(got[i], e), normalizeRow(flattenNode(node), e)) {
					t.Fatalf("%s %s: row %d of %d is not %v", name, e.Name, i, len(got), flattenNode(node))
				}
			}
			if len(got) != len(nodes) {
				t.Errorf("%s %s: %d rows, want %d", name, e.Name, len(got), len(nodes))
			}
		}
		for _, p := range demo.People {
			if api.Hub.DB().Kind() == "postgres" && !slices.Contains([]string{"coordinator.bf@demo", "protection.bf@demo", "auditor@demo"}, p.Email) {
				continue // what each sees is compared on SQLite; here, that the database answers alike
			}
			under := ""
			if p.Role == "auditor" {
				under = granted
			}
			for _, purpose := range slices.Compact([]string{"", map[string]string{"auditor": "audit", "child_protection_officer": "services", "case_supervisor": "services", "field_agent": "services", "partner_focal_point": "referral"}[p.Role]}) {
				who, may := api.As(p.Email, purpose), narrowed.As(p.Email, purpose)
				who.Headers["Audit-Grant"], may.Headers["Audit-Grant"] = under, under
				for _, e := range inventory.Model.Entities() {
					nodes := allNodes(who, e, exportSelection(e))
					got, err := exportRows(t, all(p.Email, purpose, under), e.Name)
					if err != nil && !fault.Is(err, fault.Forbidden) {
						t.Fatalf("%s %s: %v", p.Email, e.Name, err)
					}
					same(p.Email+" "+purpose, e, got, nodes)
					for _, row := range got {
						if shown++; row["masked"] != "" {
							masked++
						}
					}
					free := map[any]bool{}
					for _, node := range allNodes(may, e, "id") {
						free[node["id"]] = true
					}
					got, err = exportRows(t, as(p.Email, purpose, under), e.Name)
					if err != nil && (!fault.Is(err, fault.Forbidden) || len(free) > 0) {
						t.Fatalf("%s %s: %v", p.Email, e.Name, err)
					}
					if err == nil && e.Scope.Child != "" {
						t.Errorf("%s takes rows of %s out", p.Email, e.Name)
					}
					before := len(nodes)
					nodes = slices.DeleteFunc(nodes, func(node map[string]any) bool { return !free[node["id"]] })
					same(p.Email+", as far as they may,", e, got, nodes)
					taken, kept = taken+len(got), kept+before-len(nodes)
				}
			}
		}
		if shown < 5000 || masked < 1000 || taken < 400 || kept < 1000 {
			t.Errorf("%d rows were compared, %d of them with masked cells; %d left the hub, %d did not", shown, masked, taken, kept)
		}
	})
}

// An auditor's budget of the day is spent by an export as by the query that shows the same; where it ends, so does the export.
func TestExportChargesAuditBudget(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		as, e, grants := newExporter(t, api, policiesExportingAllRead(t)), inventory.Model.Entity("CaseFile"), inventory.Model.Entity("AuditGrant")
		granted := createGrant(t, api, query.Input{"dailyRowBudget": int64(100_000)})
		_, id, err := plan.ParseID(granted)
		if err != nil {
			t.Fatal(err)
		}
		read := func() *query.Row {
			t.Helper()
			row, err := api.SeedSession().Get(t.Context(), &query.Selection{Entity: grants, Cells: []query.Cell{{Field: grants.Field("rowsUsed")}}}, id)
			if err != nil || row == nil {
				t.Fatal(row, err)
			}
			return row
		}
		rows := mustExportRows(t, as("auditor@demo", "audit", granted), "CaseFile")
		byExport := read().Cells[0].Int
		who, after := api.As("auditor@demo", "audit"), any(nil)
		for who.Headers["Audit-Grant"] = granted; ; {
			a := who.Ask(fmt.Sprintf(`query($after:String){caseFiles(first:100,after:$after){nodes{%s} pageInfo{hasNextPage endCursor}}}`, exportSelection(e)), map[string]any{"after": after}).RequireOK()
			if after = a.At("caseFiles.pageInfo.endCursor"); a.At("caseFiles.pageInfo.hasNextPage") != true {
				break
			}
		}
		row := read()
		if len(rows) < 200 || byExport < int64(len(rows)) || row.Cells[0].Int != 2*byExport {
			t.Errorf("%d rows cost %d, and as a query %d", len(rows), byExport, row.Cells[0].Int-byExport)
		}
		little := createGrant(t, api, query.Input{"dailyRowBudget": int64(800)})
		var out bytes.Buffer
		if done, err := exchange.Export(t.Context(), as("auditor@demo", "audit", little), "CaseFile", &out, exchange.ExportOptions{}); !fault.Is(err, fault.RateLimited) || done.Rows != 100 {
			t.Errorf("%+v %v", done, err)
		}
	})
}

// Each page is read with the rights of its moment: whoever is suspended meanwhile reads no further.
func TestExportEndsWithRights(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		enter, pages := newExporter(t, api, policiesExportingAllRead(t))("coordinator.bf@demo", "", ""), 0
		var out bytes.Buffer
		done, err := exchange.Export(t.Context(), func(ctx context.Context) (store.Session, error) {
			if pages++; pages == 3 {
				user := inventory.Model.Entity("User")
				if err := api.SystemSession("system_identity").Transition(ctx, user, "state", api.RowKey("User", "email", "coordinator.bf@demo"), 1, "suspended"); err != nil {
					t.Fatal(err)
				}
			}
			return enter(ctx)
		}, "Child", &out, exchange.ExportOptions{})
		if !fault.Is(err, fault.Unauthenticated) || done.Rows != 200 {
			t.Errorf("%+v %v", done, err)
		}
	})
}

// A file of a kind, imported again, changes nothing, whatever part of the rows its person may take out.
func TestExportReimportsUnchanged(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	as, rows, refused := newExporter(t, api, policies.Files), 0, 0
	for _, p := range demo.People {
		for _, kind := range exchange.Kinds() {
			var file bytes.Buffer
			_, err := exchange.Export(t.Context(), as(p.Email, "", ""), kind, &file, exchange.ExportOptions{Language: "en"})
			if fault.Is(err, fault.Forbidden) {
				refused++
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			report, err := exchange.Import(t.Context(), api.SystemSession("system_import"), kind, &file, exchange.Options{Language: "en"})
			if err != nil || report.Created+len(report.Changed)+len(report.Refused)+len(report.Remarks) != 0 {
				t.Errorf("%s of %s: %+v %v", kind, p.Email, report, err)
			}
			rows += report.Rows
		}
	}
	if rows < 200 || refused == 0 {
		t.Errorf("%d rows came back, %d files were refused", rows, refused)
	}
}
