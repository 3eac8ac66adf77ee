package explain_test

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/demo"
	"rightshub/internal/explain"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
	"rightshub/policies"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func newExplainer(t *testing.T, api *apitest.API) *explain.Explainer {
	t.Helper()
	policy, err := access.Load(policies.Files, inventory.Model)
	if err != nil {
		t.Fatal(err)
	}
	return &explain.Explainer{Hub: api.Hub, Policy: policy, Model: inventory.Model, NameSession: taskSession(t, api, "system_review")}
}

func taskSession(t *testing.T, api *apitest.API, role string) store.Session {
	t.Helper()
	policy, err := access.Load(policies.Files, inventory.Model)
	if err != nil {
		t.Fatal(err)
	}
	now, err := api.Hub.DB().Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return api.Hub.Session(policy.View(access.SystemSubject(role, now)), nil)
}

// section is what WhoCanSee says of each person, by e-mail address.
func sectionsByEmail(t *testing.T, a *explain.Explainer, s explain.ChildQuery) map[string]string {
	t.Helper()
	var out bytes.Buffer
	if err := a.WhoCanSee(t.Context(), &out, s); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, part := range strings.Split(out.String(), "\n\n")[1:] {
		if email, _, ok := strings.Cut(part, ", user "); ok {
			found[email] = part
		}
	}
	return found
}

var clearIdentityPattern = regexp.MustCompile(`C3 direct for ([a-z_, ]+)`)

// Who can see a child, and for what in clear, is what the API answers each person of the demonstration.
func TestWhoCanSeeAgreesWithTheAPI(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		a := newExplainer(t, api)
		officer := api.As("protection.bf@demo", "services") // opens two records in an emergency; a review finds that one was none
		for code, finding := range map[string]string{"BF-00001": "UNJUSTIFIED", "BF-00002": "JUSTIFIED"} {
			country := officer.Ask(`{countries(where:{iso2:{eq:"BF"}}){nodes{id}}}`, nil).RequireOK().Text("countries.nodes.0.id")
			opened := officer.Ask(`mutation($c:ID!,$code:String!){openEmergencyAccess(input:{countryId:$c,caseCode:$code,reason:"urgent",hours:1}){emergencyAccess{id}}}`, map[string]any{"c": country, "code": code}).RequireOK()
			api.As("privacy@demo", "").Ask(`mutation($id:ID!,$to:EmergencyAccessState!){transitionEmergencyAccessState(input:{id:$id,version:1,to:$to}){emergencyAccess{state}}}`,
				map[string]any{"id": opened.Text("openEmergencyAccess.emergencyAccess.id"), "to": finding}).RequireOK()
		}
		now, err := api.Hub.DB().Now(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		shown, cleared := 0, 0
		for _, code := range []string{"BF-00001", "BF-00002", "BF-00006", "BF-00007", "BF-00012", "CD-00045", "CD-00150"} {
			country := code[:2]
			var out bytes.Buffer
			if err := a.WhoCanSee(t.Context(), &out, explain.ChildQuery{Code: code, Country: country, First: now, Last: now}); err != nil {
				continue // the demonstration has no such child
			}
			found := sectionsByEmail(t, a, explain.ChildQuery{Code: code, Country: country, First: now, Last: now})
			for _, p := range demo.People {
				if p.Role == access.Auditor {
					continue // asks by pseudonyms: TestAuditor
				}
				said, listed := found[p.Email]
				for _, purpose := range []string{"", "services", "research"} {
					answer := api.As(p.Email, purpose).Ask(`query($code: String!) { children(where: {caseCode: {eq: $code}}) { nodes { givenName masked } } }`, map[string]any{"code": code})
					sees := answer.Len("children.nodes") > 0
					clear := sees && answer.At("children.nodes.0.givenName") != nil
					purposes := clearIdentityPattern.FindStringSubmatch(said)
					says := purposes != nil && slices.Contains(strings.Split(purposes[1], ", "), purpose)
					if sees != listed || clear != says {
						t.Errorf("%s, %s for %q: the API shows %v and clears %v; it says %v and %v", code, p.Email, purpose, sees, clear, listed, says)
					}
					if sees {
						shown++
					}
					if clear {
						cleared++
					}
				}
			}
		}
		if shown < 10 || cleared < 2 {
			t.Errorf("the API showed %d and cleared %d: the test shows little", shown, cleared)
		}
	})
}

// What the accounts of all times say of now is what a request is judged by.
func TestAccountsAgreeWithPerson(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		a := newExplainer(t, api)
		for _, p := range demo.People {
			person, err := api.Hub.Person(t.Context(), store.Identity{Email: p.Email})
			if err != nil {
				t.Fatal(err)
			}
			err = api.Hub.Accounts(t.Context(), p.Email, func(account *store.Account) error {
				subject, active := account.Subject(person.Subject.Now)
				if !active {
					t.Errorf("%s does not count", p.Email)
				}
				was, is := a.Policy.View(subject), a.Policy.View(person.Subject)
				for _, e := range inventory.Model.Entities() {
					for _, action := range model.Actions {
						if !reflect.DeepEqual(was.RowsWhere(e.Name, action), is.RowsWhere(e.Name, action)) {
							t.Errorf("%s: %s %s", p.Email, action, e.Name)
						}
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// createPastRole makes a person with a role that began, and ended, on past days, as the database would hold it.
func createPastRole(t *testing.T, api *apitest.API, role, state string, began, ended time.Time) (email string, countries []string) {
	t.Helper()
	seed := taskSession(t, api, "system_seed")
	country := inventory.Model.Entity("Country")
	page, err := seed.List(t.Context(), &query.List{Selection: query.Selection{Entity: country}, Rows: true, Where: &query.Predicate{Op: query.PredicateField, Field: country.Field("iso2"), Values: []any{"BF"}}})
	if err != nil {
		t.Fatal(err)
	}
	countries = []string{page.Rows[0].ID.String()}
	email = fmt.Sprintf("%s.%s@past", role, state)
	user, err := seed.Create(t.Context(), inventory.Model.Entity("User"), query.Input{"displayName": "Made up", "email": email, "state": "active"})
	if err != nil {
		t.Fatal(err)
	}
	id, err := seed.Create(t.Context(), inventory.Model.Entity("RoleAssignment"), query.Input{"user": user, "role": role, "state": state, "countryIds": countries})
	if err != nil {
		t.Fatal(err)
	}
	executeUpdate(t, api, "UPDATE users SET created_at = $1 WHERE id = $2", began.AddDate(0, 0, -1), user)
	executeUpdate(t, api, "UPDATE role_assignments SET created_at = $1, active_from = $1 WHERE id = $2", began, id)
	if !ended.IsZero() {
		executeUpdate(t, api, "UPDATE role_assignments SET ended_at = $1 WHERE id = $2", ended, id)
	}
	return email, countries
}

func executeUpdate(t *testing.T, api *apitest.API, statement string, at time.Time, id uuid.UUID) {
	t.Helper()
	if _, err := api.Hub.DB().SQL().ExecContext(t.Context(), statement, at, id.String()); err != nil {
		t.Fatal(err)
	}
}

// On a past day, those are listed who could see the child then: before a role begins and after it ends they are not.
func TestPastDays(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		a := newExplainer(t, api)
		day := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
		revoked, _ := createPastRole(t, api, "country_coordinator", "revoked", day.Add(9*time.Hour), day.AddDate(0, 0, 5).Add(17*time.Hour))
		active, _ := createPastRole(t, api, "country_coordinator", "active", day.AddDate(0, 0, 2), time.Time{})
		requested, _ := createPastRole(t, api, "country_coordinator", "requested", day, time.Time{})
		for _, c := range []struct {
			after int // days
			want  []string
		}{
			{-1, nil}, {0, []string{revoked}}, {1, []string{revoked}}, {2, []string{active, revoked}}, {5, []string{active, revoked}}, {6, []string{active}},
		} {
			first := day.AddDate(0, 0, c.after)
			found := sectionsByEmail(t, a, explain.ChildQuery{Code: "BF-00001", Country: "BF", First: first, Last: first.Add(24*time.Hour - time.Microsecond)})
			var got []string
			for email := range found {
				if strings.HasSuffix(email, "@past") {
					got = append(got, email)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("%d days after: %v, want %v", c.after, got, c.want)
			}
		}
		at := day.Add(8 * time.Hour) // an hour before the role begins, on its first day
		if found := sectionsByEmail(t, a, explain.ChildQuery{Code: "BF-00001", Country: "BF", First: at, Last: at}); found[revoked] != "" || found[requested] != "" {
			t.Error("a role counts before it begins")
		}
	})
}

// An auditor's grant is listed while it counts, under a pseudonym, and asking charges nothing to its budget.
func TestAuditor(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		a := newExplainer(t, api)
		now, err := api.Hub.DB().Now(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		found := sectionsByEmail(t, a, explain.ChildQuery{Code: "BF-00001", Country: "BF", First: now, Last: now})["auditor@demo"]
		if !strings.Contains(found, "audit grant") || !strings.Contains(found, "under a pseudonym") || !strings.Contains(found, "the row only") {
			t.Errorf("of the auditor it says %q", found)
		}
		var used int
		if err := api.Hub.DB().SQL().QueryRowContext(t.Context(), "SELECT sum(rows_used) FROM audit_grants").Scan(&used); err != nil || used != 0 {
			t.Errorf("asking used %d rows of the budget: %v", used, err)
		}
		later := now.AddDate(1, 0, 0)
		if found := sectionsByEmail(t, a, explain.ChildQuery{Code: "BF-00001", Country: "BF", First: later, Last: later}); found["auditor@demo"] != "" {
			t.Error("a grant counts after its end")
		}
	})
}

// What explain answers about a row, and about each class of its cells, is what the person's own view shows.
func TestExplainAgreesWithTheView(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		a := newExplainer(t, api)
		yes, clear := 0, 0
		for _, name := range []string{"Child", "CaseFile", "Consent", "User", "Activity", "Deployment"} {
			e := inventory.Model.Entity(name)
			most := 4
			list := &query.List{Selection: query.Selection{Entity: e}, First: &most, Rows: true}
			if f := e.Field("caseCode"); f != nil {
				list.Where = &query.Predicate{Op: query.PredicateField, Field: f, Comparison: query.OneOf, Values: []any{"BF-00001", "BF-00002", "BF-00007", "BF-00012"}}
			}
			page, err := taskSession(t, api, "system_seed").List(t.Context(), list)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range page.Rows {
				for _, p := range demo.People {
					person, err := api.Hub.Person(t.Context(), store.Identity{Email: p.Email})
					if err != nil {
						t.Fatal(err)
					}
					subject, err := person.Subject.ChooseCapacity(uuid.Nil)
					if err != nil {
						t.Fatal(err)
					}
					subject.Purpose = "services"
					seen, err := api.Hub.Session(a.Policy.View(subject).WithoutPseudonyms(), nil).Get(context.Background(), &query.Selection{Entity: e, Masked: true}, row.ID)
					if err != nil {
						t.Fatal(err)
					}
					var out bytes.Buffer
					if err := a.Explain(t.Context(), &out, explain.Question{Email: p.Email, Entity: e, ID: row.ID, Action: model.Read, Purpose: "services", At: subject.Now}); err != nil {
						t.Fatal(err)
					}
					text := out.String()
					if says := strings.Contains(text, "Answer: yes"); says != (seen != nil) {
						t.Errorf("%s, %s: says %v, sees %v", p.Email, name, says, seen != nil)
					}
					if seen == nil {
						continue
					}
					yes++
					for _, c := range access.Classes(e) {
						open := !slices.ContainsFunc(c.Fields, func(f string) bool { return slices.Contains(seen.Masked, f) })
						if says := !regexp.MustCompile(c.Tag.String() + ` +masked`).MatchString(text); says != open {
							t.Errorf("%s, %s %s: says %v, is %v\n%s", p.Email, name, c.Tag, says, open, text)
						}
						if open && c.Tag.Level == 3 && c.Tag.Ident != "none" {
							clear++
						}
					}
				}
			}
		}
		if yes < 30 || clear < 2 {
			t.Errorf("%d rows and %d sensitive classes were seen: the test shows little", yes, clear)
		}
	})
}
