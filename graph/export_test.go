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

	"rightshub/graph/plan"
	"rightshub/internal/access"
	"rightshub/internal/apitest"
	"rightshub/internal/demo"
	"rightshub/internal/exchange"
	"rightshub/internal/fault"
	"rightshub/internal/identity"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
	"rightshub/policies"
)

// newExporter returns a function that authenticates an export as `rightshub export` does, under the policies in files.
// The function takes a person, a purpose and the id of an audit grant, or "" for none.
func newExporter(
	t *testing.T, api *apitest.API, files fs.FS,
) func(email, purpose, grant string) store.AuthenticateFunc {
	t.Helper()
	policy, err := access.Load(files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	authenticator, err := identity.NewAuthenticator(api.Hub, policy, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return func(email, purpose, grant string) store.AuthenticateFunc {
		credentials := store.Credentials{Purpose: purpose, Languages: []string{"en"}}
		if grant != "" {
			if credentials.Grant, err = plan.ParseGrant(theModel, grant); err != nil {
				t.Fatal(err)
			}
		}
		return authenticator.Impersonate(email, credentials)
	}
}

// actionsColumn matches a policy line up to its actions.
var actionsColumn = regexp.MustCompile(`(?m)^(p, \w+, \w+, )([a-z+]+)`)

// policiesWithActions returns the hub's policies with the actions of each line changed. A line without actions is
// commented out.
func policiesWithActions(t *testing.T, change func(actions []string) []string) fs.FS {
	t.Helper()
	files := apitest.PoliciesWithLines(t, "")
	files["roles.csv"].Data = actionsColumn.ReplaceAllFunc(files["roles.csv"].Data, func(line []byte) []byte {
		parts := actionsColumn.FindSubmatch(line)
		if actions := change(strings.Split(string(parts[2]), "+")); len(actions) > 0 {
			return append(parts[1], strings.Join(actions, "+")...)
		}
		return append([]byte("# "), line...)
	})
	return files
}

// policiesExportingAllRead returns policies under which a person may export every row that they may read.
func policiesExportingAllRead(t *testing.T) fs.FS {
	return policiesWithActions(t, func(actions []string) []string {
		actions = slices.DeleteFunc(actions, func(a string) bool { return a == "export" })
		if slices.Contains(actions, "read") {
			actions = append(actions, "export")
		}
		return actions
	})
}

// policiesReadingExportable returns policies under which a person may read only the rows that they may export.
func policiesReadingExportable(t *testing.T) fs.FS {
	return policiesWithActions(t, func(actions []string) []string {
		if slices.Contains(actions, "export") {
			return []string{"read"}
		}
		return nil
	})
}

// mustExportRows returns the rows of an export, each as a map from column names to cells.
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
	options := exchange.ExportOptions{Language: "en"}
	if _, err := exchange.Export(t.Context(), theModel, enter, kind, &out, options); err != nil {
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

// exportSelection returns the GraphQL selection of all that an export of the entity shows.
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
			if to := theModel.Target(&edge); to.CodeColumn != "" {
				b += " " + to.Column(to.CodeColumn).Name
			}
			b += "}"
		}
	}
	return b
}

// flattenNode converts a node of a GraphQL answer to a row of an export.
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
			field, multilingual := strings.CutSuffix(name, "Texts")
			list := []string{}
			for _, entry := range v {
				if text, ok := entry.(map[string]any); ok && multilingual {
					row[field+"_"+text["language"].(string)] = text["text"].(string)
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

// normalizeRow removes empty cells, the apostrophe that keeps a cell from running as a formula, and trailing zeros.
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

// allNodes returns the nodes of all pages of an entity's list.
func allNodes(who *apitest.Caller, e *model.Entity, selection string) (nodes []map[string]any) {
	query := fmt.Sprintf(`query($after: String) {
		%s(first: 100, after: $after) { nodes { %s } pageInfo { hasNextPage endCursor } }
	}`, e.Plural, selection)
	after := any(nil)
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

// For each person, type and purpose, an export holds the rows of the person's query that they may export, in the same
// order and with the same cells. Without the right to export a row, the export is refused. Under policies that let
// people export all that they read, an export equals the query.
func TestExportMatchesQuery(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		exportAll := newExporter(t, api, policiesExportingAllRead(t))
		export := newExporter(t, api, policies.Files)
		narrowed := apitest.NewUnderPolicies(t, api.Hub.DB(), policiesReadingExportable(t))
		compared, masked, exported, withheld := 0, 0, 0, 0
		auditGrant := createGrant(t, api, query.Input{"dailyRowBudget": int64(1_000_000)})
		requireSame := func(name string, e *model.Entity, got []map[string]string, nodes []map[string]any) {
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
			if api.Hub.DB().Kind() == "postgres" &&
				!slices.Contains([]string{"coordinator.bf@demo", "protection.bf@demo", "auditor@demo"}, p.Email) {
				continue // all people are compared on SQLite, and on PostgreSQL some suffice
			}
			grant := ""
			if p.Role == "auditor" {
				grant = auditGrant
			}
			for _, purpose := range slices.Compact([]string{"", map[string]string{
				"auditor": "audit", "child_protection_officer": "services", "case_supervisor": "services",
				"field_agent": "services", "partner_focal_point": "referral",
			}[p.Role]}) {
				who, narrow := api.As(p.Email, purpose), narrowed.As(p.Email, purpose)
				who.Headers["Audit-Grant"], narrow.Headers["Audit-Grant"] = grant, grant
				for _, e := range theModel.Entities() {
					nodes := allNodes(who, e, exportSelection(e))
					got, err := exportRows(t, exportAll(p.Email, purpose, grant), e.Name)
					if err != nil && !fault.Is(err, fault.Forbidden) {
						t.Fatalf("%s %s: %v", p.Email, e.Name, err)
					}
					requireSame(p.Email+" "+purpose, e, got, nodes)
					for _, row := range got {
						if compared++; row["masked"] != "" {
							masked++
						}
					}
					exportable := map[any]bool{}
					for _, node := range allNodes(narrow, e, "id") {
						exportable[node["id"]] = true
					}
					got, err = exportRows(t, export(p.Email, purpose, grant), e.Name)
					if err != nil && (!fault.Is(err, fault.Forbidden) || len(exportable) > 0) {
						t.Fatalf("%s %s: %v", p.Email, e.Name, err)
					}
					if err == nil && e.Scope.Child != "" {
						t.Errorf("%s exports rows of %s, which are about children", p.Email, e.Name)
					}
					before := len(nodes)
					nodes = slices.DeleteFunc(nodes, func(node map[string]any) bool { return !exportable[node["id"]] })
					requireSame(p.Email+", under the hub's own policies,", e, got, nodes)
					exported, withheld = exported+len(got), withheld+before-len(nodes)
				}
			}
		}
		if compared < 5000 || masked < 1000 || exported < 400 || withheld < 1000 {
			t.Errorf("%d rows were compared, %d of them with masked cells; %d were exported, %d withheld",
				compared, masked, exported, withheld)
		}
	})
}

// An export costs as much of an auditor's daily budget as the query that shows the same rows. The export ends when the
// budget is spent.
func TestExportChargesAuditBudget(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		authenticate := newExporter(t, api, policiesExportingAllRead(t))
		e := theModel.Entity("CaseFile")
		grants := theModel.Entity("AuditGrant")
		grant := createGrant(t, api, query.Input{"dailyRowBudget": int64(100_000)})
		_, id, err := plan.ParseID(theModel, grant)
		if err != nil {
			t.Fatal(err)
		}
		rowsUsed := func() int64 {
			t.Helper()
			selection := &query.Selection{Entity: grants, Cells: []query.Cell{{Field: grants.Field("rowsUsed")}}}
			row, err := api.SeedSession().Get(t.Context(), selection, id)
			if err != nil || row == nil {
				t.Fatal(row, err)
			}
			return row.Cells[0].Int
		}
		rows := mustExportRows(t, authenticate("auditor@demo", "audit", grant), "CaseFile")
		byExport := rowsUsed()
		who, after := api.As("auditor@demo", "audit"), any(nil)
		for who.Headers["Audit-Grant"] = grant; ; {
			a := who.Ask(fmt.Sprintf(`query($after: String) {
				caseFiles(first: 100, after: $after) { nodes { %s } pageInfo { hasNextPage endCursor } }
			}`, exportSelection(e)), map[string]any{"after": after}).RequireOK()
			if after = a.At("caseFiles.pageInfo.endCursor"); a.At("caseFiles.pageInfo.hasNextPage") != true {
				break
			}
		}
		byQuery := rowsUsed() - byExport
		if len(rows) < 200 || byExport < int64(len(rows)) || byQuery != byExport {
			t.Errorf("%d rows cost %d in an export and %d in a query", len(rows), byExport, byQuery)
		}
		smallGrant := createGrant(t, api, query.Input{"dailyRowBudget": int64(800)})
		var out bytes.Buffer
		enter := authenticate("auditor@demo", "audit", smallGrant)
		done, err := exchange.Export(t.Context(), theModel, enter, "CaseFile", &out, exchange.ExportOptions{})
		if !fault.Is(err, fault.RateLimited) || done.Rows != 100 {
			t.Errorf("%+v %v", done, err)
		}
	})
}

// An export reads each page with the caller's current rights, so it ends when the caller is suspended.
func TestExportEndsWithRights(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		enter := newExporter(t, api, policiesExportingAllRead(t))("coordinator.bf@demo", "", "")
		pages := 0
		var out bytes.Buffer
		done, err := exchange.Export(t.Context(), theModel, func(ctx context.Context) (store.Session, error) {
			if pages++; pages == 3 {
				user := theModel.Entity("User")
				if err := api.SystemSession("system_identity").Transition(
					ctx, user, "state", api.RowKey("User", "email", "coordinator.bf@demo"), 1, "suspended",
				); err != nil {
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

// A file that a person exported changes nothing when it is imported again, whichever rows the person may export.
func TestExportReimportsUnchanged(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	authenticate := newExporter(t, api, policies.Files)
	rows, refused := 0, 0
	for _, p := range demo.People {
		for _, kind := range exchange.Kinds() {
			var file bytes.Buffer
			enter := authenticate(p.Email, "", "")
			_, err := exchange.Export(t.Context(), theModel, enter, kind, &file, exchange.ExportOptions{Language: "en"})
			if fault.Is(err, fault.Forbidden) {
				refused++
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			report, err := exchange.Import(
				t.Context(), theModel, api.SystemSession("system_import"), kind, &file, exchange.Options{Language: "en"},
			)
			if err != nil || report.Created+len(report.Changed)+len(report.Refused)+len(report.Remarks) != 0 {
				t.Errorf("%s of %s: %+v %v", kind, p.Email, report, err)
			}
			rows += report.Rows
		}
	}
	if rows < 200 || refused == 0 {
		t.Errorf("%d rows were imported again, %d exports were refused", rows, refused)
	}
}
