package graph_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"rightshub/ent/inventory"
	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/exchange"
	"rightshub/internal/query"
)

// checkImports takes in a file, as `rightshub import` does, by the session of each person who may sign in: a row with the code
// of a hidden row is told of as one with a code that nobody has. The operator's own task sees no child and no case.
func checkImports(p *worldPair) {
	if p.role == "public" {
		return // holds no session that writes
	}
	header := []string{"code", "title_en", "title_fr", "countries", "lead_office_code", "start_year", "end_year", "status", "thematic_area", "funder", "partner_codes", "crc_articles", "crc_basis", "summary", "source_url"}
	report := func(api *apitest.API, who *apitest.Caller, code string) string {
		row := make([]string, len(header))
		row[0], row[1] = code, "Essai"
		r, err := exchange.Import(p.Context(), api.SessionOf(who, p.purpose), "interventions", strings.NewReader(strings.Join(header, ",")+"\n"+strings.Join(row, ",")+"\n"), exchange.Options{Language: "en", DryRun: true})
		return strings.ReplaceAll(fmt.Sprintf("%+v %v", r, err), code, "CODE")
	}
	hidden, free := report(p.hubs[0], p.callerA, "HN-PRONINEZ-2016"), report(p.hubs[0], p.callerA, "T-NOBODYS")
	sees := slices.Contains([]string{"programme_manager", "platform_admin"}, p.role) // every intervention
	if other := report(p.hubs[1], p.callerB, "HN-PRONINEZ-2016"); !sees && (hidden != free || hidden != other) {
		p.Errorf("a hidden row's code: %s, in the other world %s, a free one: %s", hidden, other, free)
	}
	if takes := strings.Contains(free, "Created:1"); takes != (p.role == "programme_manager") {
		p.Errorf("%s", free)
	}
	task := p.hubs[0].SystemSession("system_import")
	for _, entity := range []string{"Child", "CaseFile", "Consent", "Note", "Volunteer", "User"} {
		page, err := task.List(p.Context(), &query.List{Selection: query.Selection{Entity: inventory.Model.Entity(entity)}, Total: true})
		if err != nil || page.Total != 0 {
			p.Errorf("the import's task sees %d rows of %s: %v", page.Total, entity, err)
		}
	}
}

// checkExports writes each type as `rightshub export` does, from two new worlds, under policies by which whoever reads a row may
// take it out: the files are the same, name nothing hidden, have as many rows as the list, and begin no cell with a formula.
// That they are the query, cell by cell, spend what it spends, and end with the rights: TestExportIsTheQuery,
// TestExportSpends and TestExportEnds.
func checkExports(p *worldPair) {
	if p.role == "public" {
		return // nobody who does not sign in takes a file out
	}
	one, other := p.newHub(), p.newHub()
	dbtest.ExecAsOwner(p, other.Hub.DB(), p.hideSQL...)
	files, who, rows := policiesExportingAllRead(p.T), p.callerAt(one), 0
	left, right := newExporter(p.T, one, files)(p.email, p.purpose, ""), newExporter(p.T, other, files)(p.email, p.purpose, "")
	for _, e := range inventory.Model.Entities() {
		var a, b bytes.Buffer
		done, err := exchange.Export(p.Context(), left, e.Name, &a, exchange.ExportOptions{Language: "en"})
		_, wrong := exchange.Export(p.Context(), right, e.Name, &b, exchange.ExportOptions{Language: "en"})
		if fmt.Sprint(err) != fmt.Sprint(wrong) || !bytes.Equal(a.Bytes(), b.Bytes()) || bytes.Contains(b.Bytes(), []byte(canary)) {
			p.Errorf("%s: the worlds' files differ: %v, %v\n%.500s\n%.500s", e.Name, err, wrong, a.Bytes(), b.Bytes())
		}
		total := who.Ask(fmt.Sprintf(`{list:%s{totalCount}}`, e.Plural), nil).RequireOK().Int("list.totalCount")
		if err != nil {
			if total != 0 {
				p.Errorf("%s: %d rows are listed, and the file is refused: %v", e.Name, total, err)
			}
			continue
		}
		if rows += done.Rows; done.Rows != total {
			p.Errorf("%s: %d rows, %d in the list", e.Name, done.Rows, total)
		}
		all, err := csv.NewReader(&a).ReadAll()
		if err != nil {
			p.Fatal(err)
		}
		for _, row := range all {
			if i := slices.IndexFunc(row, func(cell string) bool { return cell != "" && strings.Contains("=+@\t\r", cell[:1]) }); i >= 0 {
				p.Errorf("%s: %q may be run as a formula", e.Name, row[i])
			}
		}
	}
	if rows < 20 {
		p.Errorf("only %d rows were exported", rows)
	}
}
