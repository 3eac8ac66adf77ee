package graph_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"rightshub/graph/plan"
	"rightshub/internal/apitest"
	"rightshub/internal/query"
)

// A partner sees the referrals that were sent to it. Drafts are hidden, and revoked ones disappear from lists, lookups
// by id and changes. The partner cannot revoke a referral that others sent.
func TestReferralsReachTheirPartner(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		partner, seed := api.As("partner@demo", "referral"), api.SeedSession()
		e := theModel.Entity("Referral")
		row := func(state string) string {
			key, err := seed.Create(t.Context(), e, query.Input{
				"caseFile":     api.RowKey("CaseFile", "code", "C-BF-00001"),
				"country":      api.RowKey("Country", "iso2", "BF"),
				"partner":      api.RowKey("Partner", "code", "MJ-BF"),
				"services":     []string{"legal aid"},
				"fieldsShared": []string{},
				"reason":       "Synthetic.",
				"state":        state,
			})
			if err != nil {
				t.Fatal(err)
			}
			return plan.ID(e, key)
		}
		var accepted string
		for _, state := range e.Field("state").Values {
			want := state != "draft" && state != "revoked" && state != "expired"
			id := row(state)
			if state == "accepted" {
				accepted = id
			}
			a := partner.Ask(`query($id: ID!) {
				node(id: $id) { id }
				referrals(where: {id: {eq: $id}}) { totalCount }
			}`, map[string]any{"id": id}).RequireOK()
			if (a.At("node") != nil) != want || (a.Int("referrals.totalCount") == 1) != want {
				t.Errorf("%s: %s", state, a.Body)
			}
		}
		sent := row("sent")
		for _, to := range []string{"REVOKED", "ACCEPTED"} {
			want := map[string]string{"REVOKED": "FORBIDDEN"}[to]
			if a := partner.Ask(`mutation($id: ID!, $to: ReferralState!) {
				transitionReferralState(input: {id: $id, version: 1, to: $to}) { referral { state } }
			}`, map[string]any{"id": sent, "to": to}); a.Code() != want {
				t.Errorf("%s: %s", to, a.Body)
			}
		}
		token := partner.Ask(`{changesSince(types:[Referral],first:1000){token}}`, nil).RequireOK().
			Text("changesSince.token")
		supervisor := api.As("supervisor.bf@demo", "services")
		for id, version := range map[string]int{accepted: 1, sent: 2} {
			supervisor.Ask(`mutation($id: ID!, $v: Int!) {
				transitionReferralState(input: {id: $id, version: $v, to: REVOKED}) { referral { state } }
			}`, map[string]any{"id": id, "v": version}).RequireOK()
		}
		a := partner.Ask(`query($id: ID!, $t: String) {
			node(id: $id) { id }
			changesSince(types: [Referral], token: $t) { changes { kind id } }
		}`, map[string]any{"id": sent, "t": token}).RequireOK()
		if a.At("node") != nil || a.Len("changesSince.changes") != 2 ||
			a.Text("changesSince.changes.0.kind") != "REMOVED" || a.Text("changesSince.changes.1.kind") != "REMOVED" {
			t.Errorf("a revoked referral is still visible, or its removal is not reported: %s", a.Body)
		}
	})
}

// The cells of a referral are clear under its own consent, but not under another consent of the child.
func TestReferralsNeedTheirConsent(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		partner, seed, e := api.As("partner@demo", "referral"), api.SeedSession(), theModel.Entity("Referral")
		make := func(entity string, in query.Input) uuid.UUID {
			in["country"] = api.RowKey("Country", "iso2", "BF")
			id, err := seed.Create(t.Context(), theModel.Entity(entity), in)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		given := make("Consent", query.Input{
			"child": api.RowKey("Child", "caseCode", "BF-00001"), "purposes": []string{"referral"},
			"dataCategories": []string{}, "recipients": []string{},
		})
		for _, consent := range []any{given, nil} {
			in := query.Input{
				"caseFile": api.RowKey("CaseFile", "code", "C-BF-00001"),
				"partner":  api.RowKey("Partner", "code", "MJ-BF"), "services": []string{"legal aid"},
				"fieldsShared": []string{}, "reason": "Synthetic.", "state": "sent",
			}
			if consent != nil {
				in["consent"] = consent
			}
			a := partner.Ask(
				`query($id:ID!){node(id:$id){...on Referral{reason services masked}}}`,
				map[string]any{"id": plan.ID(e, make("Referral", in))},
			).RequireOK()
			clear := consent != nil
			if (a.At("node.reason") == "Synthetic.") != clear || (a.At("node.services") != nil) != clear {
				t.Errorf("with the consent %v: %s", consent, a.Body)
			}
		}
	})
}

// A closed case and a withdrawn consent cannot be changed. A case that is opened again can.
func TestClosedRecords(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		supervisor := api.As("supervisor.bf@demo", "services")
		for list, c := range map[string]struct{ where, update string }{
			"caseFiles": {`status:{eq:%s}`, `updateCaseFile(input:{id:$id,version:$v,risk:LOW}){caseFile{version}}`},
			"consents":  {`state:{eq:%s}`, `updateConsent(input:{id:$id,version:$v,method:ORAL}){consent{version}}`},
		} {
			for state, want := range map[string]map[string]string{
				"caseFiles": {"CLOSED": "INVALID", "DUPLICATE": "INVALID", "REOPENED": "", "OPEN": ""},
				"consents":  {"WITHDRAWN": "INVALID", "ACTIVE": ""},
			}[list] {
				where := fmt.Sprintf(c.where, state)
				doc := fmt.Sprintf("{%s(first:1,where:{%s}){nodes{id version}}}", list, where)
				a := supervisor.Ask(doc, nil).RequireOK()
				b := supervisor.Ask("mutation($id:ID!,$v:Int!){"+c.update+"}", map[string]any{
					"id": a.Text(list + ".nodes.0.id"), "v": a.Int(list + ".nodes.0.version"),
				})
				if b.Code() != want {
					t.Errorf("%s %s: %s", list, state, b.Body)
				}
			}
		}
	})
}
