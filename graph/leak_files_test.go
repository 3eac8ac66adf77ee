package graph_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/exchange"
	"rightshub/internal/query"
)

// checkImports imports a file with the watcher's session. The report of a row with the code of a hidden row must be the
// same as that of a row with an unused code. The session of `rightshub import` itself must see no child and no case.
func checkImports(p *worldPair) {
	if p.role == "public" {
		return // the public has no session that writes
	}
	header := []string{
		"code", "title_en", "title_fr", "countries", "lead_office_code", "start_year", "end_year", "status",
		"thematic_area", "funder", "partner_codes", "crc_articles", "crc_basis", "summary", "source_url",
	}
	importRow := func(api *apitest.API, who *apitest.Caller, code string) string {
		row := make([]string, len(header))
		row[0], row[1] = code, "Essai"
		r, err := exchange.Import(
			p.Context(), theModel, api.SessionOf(who, p.purpose), "interventions",
			strings.NewReader(strings.Join(header, ",")+"\n"+strings.Join(row, ",")+"\n"),
			exchange.Options{Language: "en", DryRun: true},
		)
		return strings.ReplaceAll(fmt.Sprintf("%+v %v", r, err), code, "CODE")
	}
	hidden := importRow(p.hubs[0], p.callerA, "HN-PRONINEZ-2016")
	unused := importRow(p.hubs[0], p.callerA, "T-NOBODYS")
	seesAll := slices.Contains([]string{"programme_manager", "platform_admin"}, p.role)
	if other := importRow(p.hubs[1], p.callerB, "HN-PRONINEZ-2016"); !seesAll && (hidden != unused || hidden != other) {
		p.Errorf("a hidden row's code: %s, in the other world: %s, an unused code: %s", hidden, other, unused)
	}
	if created := strings.Contains(unused, "Created:1"); created != (p.role == "programme_manager") {
		p.Errorf("%s", unused)
	}
	task := p.hubs[0].SystemSession("system_import")
	for _, entity := range []string{"Child", "CaseFile", "Consent", "Note", "Volunteer", "User"} {
		page, err := task.List(p.Context(), &query.List{
			Selection: query.Selection{Entity: theModel.Entity(entity)}, Total: true,
		})
		if err != nil || page.Total != 0 {
			p.Errorf("the session of the import sees %d rows of %s: %v", page.Total, entity, err)
		}
	}
}

// checkExports exports each type as `rightshub export` does, from two new worlds, under policies that let people export
// all that they read. The files of both worlds must be the same, show nothing hidden, have as many rows as the list,
// and have no cell that may run as a formula. TestExportMatchesQuery, TestExportChargesAuditBudget and
// TestExportEndsWithRights check the cells, the audit budget and the loss of rights.
func checkExports(p *worldPair) {
	if p.role == "public" {
		return // an export needs a person who signs in
	}
	apiA, apiB := p.newHub(), p.newHub()
	dbtest.ExecAsOwner(p, apiB.Hub.DB(), p.hideSQL...)
	files, who, rows := policiesExportingAllRead(p.T), p.callerAt(apiA), 0
	enterA := newExporter(p.T, apiA, files)(p.email, p.purpose, "")
	enterB := newExporter(p.T, apiB, files)(p.email, p.purpose, "")
	for _, e := range theModel.Entities() {
		var a, b bytes.Buffer
		done, err := exchange.Export(p.Context(), theModel, enterA, e.Name, &a, exchange.ExportOptions{Language: "en"})
		_, errB := exchange.Export(p.Context(), theModel, enterB, e.Name, &b, exchange.ExportOptions{Language: "en"})
		if fmt.Sprint(err) != fmt.Sprint(errB) || !bytes.Equal(a.Bytes(), b.Bytes()) ||
			bytes.Contains(b.Bytes(), []byte(canary)) {
			p.Errorf("%s: the worlds' files differ: %v, %v\n%.500s\n%.500s", e.Name, err, errB, a.Bytes(), b.Bytes())
		}
		total := who.Ask(fmt.Sprintf(`{list:%s{totalCount}}`, e.Plural), nil).RequireOK().Int("list.totalCount")
		if err != nil {
			if total != 0 {
				p.Errorf("%s: %d rows are listed, but the export is refused: %v", e.Name, total, err)
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
			for _, cell := range row {
				if cell != "" && strings.Contains("=+@\t\r", cell[:1]) {
					p.Errorf("%s: %q may be run as a formula", e.Name, cell)
				}
			}
		}
	}
	if rows < 20 {
		p.Errorf("only %d rows were exported", rows)
	}
}
