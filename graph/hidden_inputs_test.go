package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/model"
)

// A form sends back what it read. What the caller could not read is null there, and the hub refuses it by name, in each
// type and whatever is stored. Nothing is lost.
func TestFormSendsBackWhatItRead(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		written := map[string]bool{}
		for _, email := range []string{"agent.bf@demo", "protection.bf@demo", "supervisor.bf@demo", "coordinator.bf@demo"} {
			who := api.As(email, "")
			for _, e := range theModel.Entities() {
				if e.Can(model.Update) && e.HasSensitiveData() && sendBackMaskedFields(t, who, e) {
					written[e.Name] = true
				}
			}
		}
		for _, name := range []string{"Child", "CaseFile", "Volunteer"} {
			if !written[name] {
				t.Errorf("nobody updates a masked %s", name)
			}
		}
	})
}

// sendBackMaskedFields sends null for all masked fields of the rows that the caller may update. It reports whether
// there were any.
func sendBackMaskedFields(t *testing.T, who *apitest.Caller, e *model.Entity) (sent bool) {
	list := who.Ask(fmt.Sprintf(`{ %s(first: 50) { nodes { id version masked access { canUpdate } } } }`, e.Plural), nil)
	if list.Code() == "FORBIDDEN" {
		return false
	}
	list.RequireOK()
	for i := range list.Len(e.Plural + ".nodes") {
		row := fmt.Sprintf("%s.nodes.%d", e.Plural, i)
		input := map[string]any{"id": list.Text(row + ".id"), "version": list.Int(row + ".version")}
		var hidden []string
		for _, masked := range list.At(row + ".masked").([]any) {
			name := masked.(string)
			if f := e.Field(name); f != nil && f.Input(e, false) && f.Nullable {
				hidden = append(hidden, name)
			} else if edge := e.Edge(name); edge != nil && edge.Input(false) && !edge.Required {
				hidden = append(hidden, edge.InputName())
			}
		}
		if len(hidden) == 0 || list.At(row+".access.canUpdate") != true {
			continue
		}
		for _, name := range hidden {
			input[name] = nil
		}
		sent = true
		a := who.Ask(fmt.Sprintf(`mutation($in: Update%[1]sInput!) { update%[1]s(input: $in) { %[2]s { version } } }`,
			e.Name, e.Singular()), map[string]any{"in": input})
		var refused []string
		if a.Code() == "INVALID" {
			for _, f := range a.Errors[0].Extensions.Fields {
				if f.Code == "hidden" {
					refused = append(refused, f.Field)
				}
			}
		}
		slices.Sort(hidden)
		slices.Sort(refused)
		if !slices.Equal(refused, hidden) {
			t.Errorf("%s sends %s back: %s", e.Name, strings.Join(hidden, ", "), a.Body)
		}
	}
	return sent
}

// A caller who means to replace what is hidden names it. Names that the input does not have are refused.
func TestOverwriteHidden(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		blind, officer := api.As("protection.bf@demo", ""), api.As("protection.bf@demo", "services")
		read := officer.Ask(`{ children(first: 50) { nodes { id version masked access { canUpdate } } } }`, nil).RequireOK()
		vars := map[string]any{}
		for i := range read.Len("children.nodes") {
			child := fmt.Sprintf("children.nodes.%d.", i)
			if len(read.At(child+"masked").([]any)) == 0 && read.At(child+"access.canUpdate") == true {
				vars["id"], vars["v"] = read.At(child+"id"), read.At(child+"version")
			}
		}
		update := func(set string) *apitest.Answer {
			return blind.Ask(`mutation($id: ID!, $v: Int!) {
				updateChild(input: { id: $id, version: $v, `+set+` }) { child { version phone masked } }
			}`, vars)
		}
		for set, field := range map[string]string{
			`phone: "+226 25 00 00 01"`:                                      "phone",
			`phone: null, overwriteHidden: ["fone"]`:                         "overwriteHidden",
			`phone: null, address: null, overwriteHidden: ["phone"]`:         "address",
			`phone: null, placeId: null, overwriteHidden: ["phone","place"]`: "overwriteHidden",
		} {
			if a := update(set); a.Code() != "INVALID" || a.Errors[0].Extensions.Fields[0].Field != field {
				t.Errorf("%s: %s", set, a.Body)
			}
		}
		written := update(`phone: "+226 25 00 00 01", overwriteHidden: ["phone"]`).RequireOK()
		if written.At("updateChild.child.phone") != nil {
			t.Error("the answer shows what was hidden:", written.Body)
		}
		again := officer.Ask(`query($id: ID!) { child(id: $id) { phone } }`, vars).RequireOK()
		if again.Text("child.phone") != "+226 25 00 00 01" {
			t.Error(again.Body)
		}
	})
}

// A reference reads null where the row at its end is hidden. A null that is sent back keeps it, and a null that
// overwriteHidden names removes it. The caller reads the same answer either way.
func TestKeepUnseenReference(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		bf, db := newActivityWriter(api, "coordinator.bf@demo", "BF"), api.Hub.DB()
		activity := bf.createActivity()
		partner := bf.Ask(`{ partners(first: 1) { nodes { id } } }`, nil).RequireOK().Text("partners.nodes.0.id")
		version := func(path string, a *apitest.Answer) int { return a.RequireOK().Int(path + ".version") }
		updated := version("updateActivity.activity", bf.Ask(`mutation($id: ID!, $v: Int!, $p: ID!) {
			updateActivity(input: { id: $id, version: $v, partnerId: $p }) { activity { version } }
		}`, map[string]any{"id": activity["id"], "v": activity["version"], "p": partner}))
		ofActivity := "SELECT partner_id FROM activities WHERE CAST(title AS text) LIKE '%Essai 1%'"
		for _, step := range []struct {
			overwrite []string
			remains   bool
		}{{nil, true}, {[]string{"partnerId"}, false}} {
			dbtest.ExecAsOwner(t, db, "UPDATE partners SET archived_at = created_at WHERE id IN ("+ofActivity+")")
			answer := bf.Ask(`mutation($id: ID!, $v: Int!, $o: [String!]) {
				updateActivity(input: { id: $id, version: $v, partnerId: null, overwriteHidden: $o }) {
					activity { version partner { id } }
				}
			}`, map[string]any{"id": activity["id"], "v": updated, "o": step.overwrite})
			updated = version("updateActivity.activity", answer)
			if answer.At("updateActivity.activity.partner") != nil {
				t.Error(answer.Body)
			}
			dbtest.ExecAsOwner(t, db, "UPDATE partners SET archived_at = NULL")
			stored := bf.Ask(`query($id: ID!) { activity(id: $id) { partner { id } } }`, activity).RequireOK()
			if got := stored.At("activity.partner") != nil; got != step.remains {
				t.Errorf("overwriteHidden %v: the reference remains: %v", step.overwrite, got)
			}
		}
	})
}
