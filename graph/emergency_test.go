package graph_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/graph/plan"
	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/query"
)

const openEmergencyMutation = `mutation($c: ID!, $code: String!, $hours: Int!, $why: String!) {
	openEmergencyAccess(input: {countryId: $c, caseCode: $code, reason: $why, hours: $hours}) {
		emergencyAccess { state child { id } }
	}
}`

// In an emergency a child protection officer opens one child's record for some hours, without a consent. No other role
// can do so. The answer does not reveal whether the code exists. While reviews are overdue, no other record is opened.
func TestEmergencyAccess(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		officer := api.As("protection.bf@demo", "services")
		country := api.RowID("Country", "iso2", "BF")
		// A child of the country without a consent, for which the officer is not responsible.
		child := `{children(where:{caseCode:{eq:"BF-00004"}}){nodes{givenName masked caseFiles{nodes{summary}}}}}`
		if a := officer.Ask(child, nil).RequireOK(); a.Len("children.nodes") != 0 {
			t.Fatal(a.Body)
		}
		vars := func(code string, hours int, why string) map[string]any {
			return map[string]any{"c": country, "code": code, "hours": hours, "why": why}
		}
		for name, c := range map[string]struct {
			who  *apitest.Caller
			vars map[string]any
			want string
		}{
			"an agent":      {api.As("agent.bf@demo", "services"), vars("BF-00004", 1, "urgent"), "FORBIDDEN"},
			"a coordinator": {api.As("coordinator.bf@demo", "services"), vars("BF-00004", 1, "urgent"), "FORBIDDEN"},
			"five hours":    {officer, vars("BF-00004", 5, "urgent"), "INVALID"},
			"no reason":     {officer, vars("BF-00004", 1, "  "), "INVALID"},
			"another country": {officer, map[string]any{
				"c": api.RowID("Country", "iso2", "CD"), "code": "CD-00040", "hours": 1, "why": "urgent",
			}, "FORBIDDEN"},
		} {
			if a := c.who.Ask(openEmergencyMutation, c.vars); a.Code() != c.want {
				t.Errorf("%s: %s", name, a.Body)
			}
		}
		none := officer.Ask(openEmergencyMutation, vars("BF-99999", 1, "urgent")).RequireOK()
		opened := officer.Ask(openEmergencyMutation, vars("BF-00004", 1, "urgent")).RequireOK()
		if none.At("openEmergencyAccess.emergencyAccess.child") != nil ||
			opened.At("openEmergencyAccess.emergencyAccess.child") != nil || none.Body != opened.Body {
			t.Errorf("the answer reveals whether the code exists: %s %s", none.Body, opened.Body)
		}
		if a := officer.Ask(child, nil).RequireOK(); a.Text("children.nodes.0.givenName") == "" ||
			a.Len("children.nodes.0.masked") != 0 || a.Text("children.nodes.0.caseFiles.nodes.0.summary") == "" {
			t.Errorf("the record is not open: %s", a.Body)
		}
		if a := api.As("protection.bf@demo", "").Ask(child, nil).RequireOK(); a.Len("children.nodes") != 1 ||
			a.At("children.nodes.0.givenName") != nil {
			t.Errorf("clear without a purpose: %s", a.Body)
		}
		if a := api.As("agent.bf@demo", "services").Ask(child, nil).RequireOK(); a.Len("children.nodes") != 0 {
			t.Errorf("open for another person: %s", a.Body)
		}
		// The access ends after its hours, and the overdue review prevents the next one.
		dbtest.ExecAsOwner(
			t, api.Hub.DB(), "UPDATE emergency_accesses SET valid_until = '2020-01-01 00:00:00+00:00'",
			"UPDATE emergency_accesses SET review_due = '2020-01-01 00:00:00+00:00'",
		)
		// A new user makes the hub read all rights again.
		if _, err := api.SeedSession().Create(t.Context(), theModel.Entity("User"), query.Input{
			"displayName": "Made up", "email": "x@demo",
		}); err != nil {
			t.Fatal(err)
		}
		if a := officer.Ask(child, nil).RequireOK(); a.Len("children.nodes") != 0 {
			t.Errorf("still open after the access ended: %s", a.Body)
		}
		if a := officer.Ask(openEmergencyMutation, vars("BF-00004", 1, "urgent")); a.Code() != "FORBIDDEN" {
			t.Errorf("opened again without a review: %s", a.Body)
		}
		// The supervisor of the office and the data protection officer may review, but not the officer.
		review := `mutation($id: ID!) {
			transitionEmergencyAccessState(input: {id: $id, version: 1, to: JUSTIFIED}) {
				emergencyAccess { state reason reviewedBy { id } }
			}
		}`
		list := api.As("supervisor.bf@demo", "services").
			Ask(`{emergencyAccesses(where:{state:{eq:OPENED}}){nodes{id reason}}}`, nil).RequireOK()
		if list.Len("emergencyAccesses.nodes") != 2 || list.Text("emergencyAccesses.nodes.0.reason") != "urgent" {
			t.Error(list.Body)
		}
		for i, path := range []string{"emergencyAccesses.nodes.0.id", "emergencyAccesses.nodes.1.id"} {
			id := map[string]any{"id": list.Text(path)}
			if a := officer.Ask(review, id); a.Code() != "FORBIDDEN" {
				t.Errorf("reviewed by the officer: %s", a.Body)
			}
			who := []*apitest.Caller{api.As("supervisor.bf@demo", "services"), api.As("privacy@demo", "")}[i]
			a := who.Ask(review, id).RequireOK()
			if a.Text("transitionEmergencyAccessState.emergencyAccess.state") != "JUSTIFIED" ||
				(i == 1) != (a.At("transitionEmergencyAccessState.emergencyAccess.reason") == nil) {
				t.Error(a.Body)
			}
		}
		// A review that finds no emergency closes the record at once.
		officer.Ask(openEmergencyMutation, vars("BF-00004", 1, "urgent")).RequireOK()
		count := `{children(where:{caseCode:{eq:"BF-00004"}}){totalCount}}`
		if a := officer.Ask(count, nil).RequireOK(); a.Int("children.totalCount") != 1 {
			t.Error(a.Body)
		}
		last := api.As("privacy@demo", "").
			Ask(`{emergencyAccesses(where:{state:{eq:OPENED}}){nodes{id}}}`, nil).RequireOK()
		api.As("privacy@demo", "").Ask(`mutation($id: ID!) {
			transitionEmergencyAccessState(input: {id: $id, version: 1, to: UNJUSTIFIED}) { emergencyAccess { state } }
		}`, map[string]any{"id": last.Text("emergencyAccesses.nodes.0.id")}).RequireOK()
		if a := officer.Ask(count, nil).RequireOK(); a.Int("children.totalCount") != 0 {
			t.Errorf("open after the review found no emergency: %s", a.Body)
		}
		// At most three accesses may wait for their review. Codes of no child count too.
		for i, code := range []string{"BF-00004", "BF-00005", "NOBODY", "BF-00006"} {
			if a := officer.Ask(openEmergencyMutation, vars(code, 1, "urgent")); (a.Code() == "FORBIDDEN") != (i == 3) {
				t.Errorf("access %d: %s", i+1, a.Body)
			}
		}
	})
}

// A record opened in an emergency stays open only in the countries of the officer's role. An officer who moves to
// another country loses it, and regains it on return before the access ends.
func TestEmergencyEndsWhereRoleEnds(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		officer := api.As("protection.bf@demo", "services")
		key := func(iso2 string) uuid.UUID { return api.RowKey("Country", "iso2", iso2) }
		requireRows := func(when string, want int) {
			t.Helper()
			a := officer.Ask(`{
				children(where: {caseCode: {eq: "BF-00004"}}) { nodes { givenName masked } }
				caseFiles(first: 1, where: {child: {caseCode: {eq: "BF-00004"}}}) { nodes { summary } }
			}`, nil).RequireOK()
			if a.Len("children.nodes") != want || a.Len("caseFiles.nodes") != want ||
				want > 0 && (a.Text("children.nodes.0.givenName") == "" || a.Text("caseFiles.nodes.0.summary") == "") {
				t.Errorf("%s: %s", when, a.Body)
			}
		}
		assignCountries := func(countries ...string) {
			t.Helper()
			user := api.RowKey("User", "email", "protection.bf@demo")
			dbtest.ExecAsOwner(
				t, api.Hub.DB(),
				"UPDATE role_assignments SET state = 'revoked' WHERE user_id = '"+user.String()+"'",
			)
			_, err := api.SeedSession().Create(t.Context(), theModel.Entity("RoleAssignment"), query.Input{
				"user": user, "role": "child_protection_officer", "state": "active", "countryIds": countries,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		officer.Ask(openEmergencyMutation, map[string]any{
			"c": plan.ID(theModel.Entity("Country"), key("BF")), "code": "BF-00004", "hours": 4,
			"why": "urgent",
		}).RequireOK()
		requireRows("opened", 1)
		assignCountries(key("CD").String())
		requireRows("in another country", 0)
		assignCountries(key("CD").String(), key("BF").String())
		requireRows("in both", 1)
	})
}

// Of many emergency accesses that are opened at the same time, only as many succeed as may wait for their review.
func TestEmergenciesAtOnce(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		country := api.RowID("Country", "iso2", "BF")
		opened := make(chan string, 12)
		for i := range cap(opened) {
			officer := api.As("protection.bf@demo", "services")
			go func() {
				opened <- officer.Ask(openEmergencyMutation, map[string]any{
					"c": country, "code": fmt.Sprintf("BF-%05d", 40+i), "hours": 1, "why": "urgent",
				}).Code()
			}()
		}
		codes := map[string]int{}
		for range cap(opened) {
			codes[<-opened]++
		}
		if codes[""] != 3 || codes["FORBIDDEN"] != cap(opened)-3 {
			t.Errorf("%v", codes)
		}
	})
}

// A partner sees those fields of a child that a valid referral to the partner shares, under the referral's own consent.
func TestReferralsCarryFields(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		seed := api.SeedSession()
		child, bf := api.RowKey("Child", "caseCode", "BF-00002"), api.RowKey("Country", "iso2", "BF")
		make := func(entity string, in query.Input) uuid.UUID {
			key, err := seed.Create(t.Context(), theModel.Entity(entity), in)
			if err != nil {
				t.Fatal(err)
			}
			return key
		}
		consent := make("Consent", query.Input{"child": child, "country": bf, "purposes": []string{"referral"}})
		c := make("CaseFile", query.Input{"child": child, "country": bf, "code": "T-1"})
		ref := make("Referral", query.Input{
			"caseFile": c, "country": bf, "partner": api.RowKey("Partner", "code", "MJ-BF"), "consent": consent,
			"fieldsShared": []string{"givenName", "sex"}, "state": "sent", "expiresOn": time.Now().AddDate(0, 0, 1),
		})
		doc := `{children(where:{caseCode:{eq:"BF-00002"}}){nodes{givenName familyName sex ageBand masked}}}`
		partner := api.As("partner@demo", "referral")
		if a := partner.Ask(doc, nil).RequireOK(); a.Text("children.nodes.0.givenName") == "" ||
			a.At("children.nodes.0.familyName") != nil || a.Text("children.nodes.0.sex") == "" ||
			a.Len("children.nodes.0.masked") != 12 || a.At("children.nodes.0.ageBand") != nil {
			t.Error(a.Body)
		}
		if a := partner.Ask(`{
			a: children(where: {caseCode: {eq: "BF-00002"}, sex: {isNull: false}}) { totalCount }
			b: children(where: {caseCode: {eq: "BF-00002"}, birthDate: {isNull: false}}) { totalCount }
		}`, nil).RequireOK(); a.Int("a.totalCount") != 1 || a.Int("b.totalCount") != 0 {
			t.Error(a.Body)
		}
		if a := api.As("partner@demo", "services").Ask(doc, nil).RequireOK(); a.Len("children.nodes") != 1 ||
			a.At("children.nodes.0.givenName") != nil {
			t.Errorf("clear for another purpose: %s", a.Body)
		}
		// The partner cannot change which fields are shared. The consent of another child does not allow them.
		referral := partner.Ask(`{
			referrals(first: 1, orderBy: [{field: CREATED_AT, direction: DESC}]) { nodes { id } }
		}`, nil).RequireOK()
		if a := partner.Ask(`mutation($id: ID!) {
			updateReferral(input: {id: $id, version: 1, fieldsShared: ["familyName"]}) { referral { id } }
		}`, map[string]any{"id": referral.Text("referrals.nodes.0.id")}); a.Code() != "FORBIDDEN" {
			t.Error(a.Body)
		}
		foreign := make("Consent", query.Input{
			"child": api.RowKey("Child", "caseCode", "BF-00003"), "country": bf, "purposes": []string{"referral"},
		})
		for i, consent := range []uuid.UUID{foreign, consent} {
			if err := seed.Update(
				t.Context(), theModel.Entity("Referral"), ref, int64(i+1), query.Input{"consent": consent},
			); err != nil {
				t.Fatal(err)
			}
			a := partner.Ask(doc, nil).RequireOK()
			if (a.At("children.nodes.0.givenName") == nil) != (consent == foreign) {
				t.Error(a.Body)
			}
		}
		// A derived field is shared under its own name. Without a valid consent the partner does not see the record.
		if err := seed.Update(
			t.Context(), theModel.Entity("Referral"), ref, 3,
			query.Input{"fieldsShared": []string{"ageBand"}},
		); err != nil {
			t.Fatal(err)
		}
		if a := partner.Ask(doc, nil).RequireOK(); a.Text("children.nodes.0.ageBand") == "" ||
			a.At("children.nodes.0.givenName") != nil {
			t.Error(a.Body)
		}
		for state, want := range map[string]int{"withdrawn": 0, "active": 1} {
			dbtest.ExecAsOwner(
				t, api.Hub.DB(), "UPDATE consents SET state = '"+state+"' WHERE id = '"+consent.String()+"'",
			)
			if a := partner.Ask(doc, nil).RequireOK(); a.Len("children.nodes") != want {
				t.Errorf("%s: %s", state, a.Body)
			}
		}
		dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE consents SET state = 'active' WHERE id = '"+consent.String()+"'")
		for _, q := range []string{
			"UPDATE referrals SET expires_on = '2020-01-01 00:00:00+00:00'",
			"UPDATE referrals SET expires_on = NULL, state = 'revoked'",
		} {
			dbtest.ExecAsOwner(t, api.Hub.DB(), q+" WHERE id = '"+ref.String()+"'")
			if a := partner.Ask(doc, nil).RequireOK(); a.Len("children.nodes") != 0 {
				t.Errorf("%s: the partner still sees the child: %s", q, a.Body)
			}
		}
	})
}

// A caller follows the edge between a child and its place, in both directions, only if the place is clear to them. The
// first level of the place is less precise and stays visible.
func TestChildPlaceIsMasked(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		seed := api.SeedSession()
		bf := api.RowKey("Country", "iso2", "BF")
		var above any
		for level, code := range []string{"T1", "T2", "T3"} {
			in := query.Input{
				"code": code, "level": int64(level + 1), "country": bf, "name": map[string]string{"en": code},
			}
			if above != nil {
				in["parent"] = above
			}
			id, err := seed.Create(t.Context(), theModel.Entity("Place"), in)
			if err != nil {
				t.Fatal(err)
			}
			above = id
		}
		child := api.RowKey("Child", "caseCode", "BF-00007")
		if err := seed.Update(
			t.Context(), theModel.Entity("Child"), child, 1, query.Input{"place": above},
		); err != nil {
			t.Fatal(err)
		}
		doc := `{
			children(where: {caseCode: {eq: "BF-00007"}}) { nodes { place { code } firstLevelPlace { code } masked } }
			there: children(where: {place: {code: {eq: "T3"}}}) { totalCount }
			any: children(where: {place: {}}) { totalCount }
			places(where: {code: {eq: "T3"}}) { nodes { children { totalCount nodes { caseCode } } } }
			many: places(where: {children: {some: {}}}) { totalCount }
			counted: places(where: {children: {count: {gte: 1}}}) { totalCount }
			top: places(first: 1, orderBy: [{field: CHILDREN_COUNT, direction: DESC}, {field: CODE}]) { nodes { code } }
			last: children(first: 1, orderBy: [{field: PLACE_CODE}]) { nodes { caseCode } }
		}`
		sumCounts := func(a *apitest.Answer) int {
			return a.Int("there.totalCount") + a.Int("any.totalCount") + a.Int("places.nodes.0.children.totalCount") +
				a.Int("many.totalCount") + a.Int("counted.totalCount")
		}
		clear := api.As("protection.bf@demo", "services").Ask(doc, nil).RequireOK()
		if clear.Text("children.nodes.0.place.code") != "T3" ||
			clear.Text("children.nodes.0.firstLevelPlace.code") != "T1" || sumCounts(clear) != 5 ||
			clear.Len("places.nodes.0.children.nodes") != 1 || clear.Text("top.nodes.0.code") != "T3" ||
			clear.Text("last.nodes.0.caseCode") != "BF-00007" {
			t.Error(clear.Body)
		}
		for _, who := range []*apitest.Caller{
			api.As("protection.bf@demo", ""), api.As("coordinator.bf@demo", "services"),
		} {
			a := who.Ask(doc, nil).RequireOK()
			if a.At("children.nodes.0.place") != nil || a.Text("children.nodes.0.firstLevelPlace.code") != "T1" ||
				sumCounts(a) != 0 || a.Len("places.nodes.0.children.nodes") != 0 || a.Text("top.nodes.0.code") != "T1" {
				t.Error(a.Body)
			}
		}
		// A caller to whom the place is masked may not write it either.
		coordinator := api.As("coordinator.bf@demo", "services")
		id := coordinator.Ask(`{children(where:{caseCode:{eq:"BF-00007"}}){nodes{id version}}}`, nil).RequireOK()
		if a := coordinator.Ask(`mutation($id: ID!) {
			updateChild(input: {id: $id, version: 2, placeId: null}) { child { id } }
		}`, map[string]any{"id": id.Text("children.nodes.0.id")}); a.Code() != "FORBIDDEN" {
			t.Error(a.Body)
		}
	})
}
