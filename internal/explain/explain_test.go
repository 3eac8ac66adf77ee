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

	"rightshub/internal/access"
	"rightshub/internal/accounts"
	"rightshub/internal/apitest"
	"rightshub/internal/database"
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
	policy, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	return &explain.Explainer{
		Hub:         api.Hub,
		Policy:      policy,
		Model:       theModel,
		NameSession: taskSession(t, api, "system_review"),
	}
}

// taskSession returns a session with the role of a task of the hub.
func taskSession(t *testing.T, api *apitest.API, role string) store.Session {
	t.Helper()
	policy, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	now, err := api.Hub.DB().Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return api.Hub.Session(policy.View(access.SystemSubject(role, now)), nil)
}

// sectionsByEmail returns the section of each user in the answer of WhoCanSee, by e-mail address.
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

// clearIdentityPattern matches the purposes for which a user sees the child's identity in clear.
var clearIdentityPattern = regexp.MustCompile(`C3 direct for ([a-z_, ]+)`)

// openEmergency opens a child's record as the officer. A review then ends the access with the finding.
func openEmergency(t *testing.T, api *apitest.API, officer *apitest.Caller, code, finding string) {
	t.Helper()
	country := officer.Ask(`{
		countries(where: {iso2: {eq: "BF"}}) { nodes { id } }
	}`, nil).RequireOK().Text("countries.nodes.0.id")
	opened := officer.Ask(`mutation($c: ID!, $code: String!) {
		openEmergencyAccess(input: {countryId: $c, caseCode: $code, reason: "urgent", hours: 1}) {
			emergencyAccess { id }
		}
	}`, map[string]any{"c": country, "code": code}).RequireOK()
	id := opened.Text("openEmergencyAccess.emergencyAccess.id")
	api.As("privacy@demo", "").Ask(`mutation($id: ID!, $to: EmergencyAccessState!) {
		transitionEmergencyAccessState(input: {id: $id, version: 1, to: $to}) {
			emergencyAccess { state }
		}
	}`, map[string]any{"id": id, "to": finding}).RequireOK()
}

// TestWhoCanSeeAgreesWithTheAPI compares the answer of WhoCanSee with the answers of the API to each user of the
// demonstration, for the visible rows and for the purposes that show the name in clear.
func TestWhoCanSeeAgreesWithTheAPI(t *testing.T) {
	dbtest.OnEachDatabaseWhenLong(t, apitest.Demo, func(t *testing.T, db *database.DB) {
		api := apitest.New(t, db)
		a := newExplainer(t, api)
		officer := api.As("protection.bf@demo", "services")
		openEmergency(t, api, officer, "BF-00001", "UNJUSTIFIED")
		openEmergency(t, api, officer, "BF-00002", "JUSTIFIED")
		now, err := api.Hub.DB().Now(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		shown, cleared := 0, 0
		codes := []string{"BF-00001", "BF-00002", "BF-00006", "BF-00007", "BF-00012", "CD-00045", "CD-00150"}
		for _, code := range codes {
			query := explain.ChildQuery{Code: code, Country: code[:2], First: now, Last: now}
			var out bytes.Buffer
			if err := a.WhoCanSee(t.Context(), &out, query); err != nil {
				continue // the demonstration has no such child
			}
			found := sectionsByEmail(t, a, query)
			for _, p := range demo.People {
				if p.Role == access.Auditor {
					continue // an auditor finds children by pseudonyms; see TestAuditor
				}
				section, listed := found[p.Email]
				for _, purpose := range []string{"", "services", "research"} {
					answer := api.As(p.Email, purpose).Ask(`query($code: String!) {
						children(where: {caseCode: {eq: $code}}) { nodes { givenName masked } }
					}`, map[string]any{"code": code})
					sees := answer.Len("children.nodes") > 0
					clear := sees && answer.At("children.nodes.0.givenName") != nil
					purposes := clearIdentityPattern.FindStringSubmatch(section)
					listedClear := purposes != nil && slices.Contains(strings.Split(purposes[1], ", "), purpose)
					if sees != listed || clear != listedClear {
						t.Errorf("%s, %s for %q: the API shows the row %v and the name %v; WhoCanSee says %v and %v",
							code, p.Email, purpose, sees, clear, listed, listedClear)
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
			t.Errorf("the API showed %d rows and %d names, which is too few for a useful test", shown, cleared)
		}
	})
}

// TestAccountsAgreeWithPerson checks that the rights of an account at the current time are the rights of a request by
// that user.
func TestAccountsAgreeWithPerson(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		a := newExplainer(t, api)
		for _, p := range demo.People {
			person, err := api.Hub.Accounts().FindPerson(t.Context(), accounts.Identity{Email: p.Email})
			if err != nil {
				t.Fatal(err)
			}
			err = api.Hub.Accounts().EachAccount(t.Context(), p.Email, func(account *accounts.Account) error {
				subject, active := account.Subject(person.Subject.Now)
				if !active {
					t.Errorf("the account of %s is not active", p.Email)
				}
				got, want := a.Policy.View(subject), a.Policy.View(person.Subject)
				for _, e := range theModel.Entities() {
					for _, action := range model.Actions {
						if !reflect.DeepEqual(got.RowsWhere(e.Name, action), want.RowsWhere(e.Name, action)) {
							t.Errorf("the account and the request of %s differ in %s of %s", p.Email, action, e.Name)
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

// createPastRole creates a user with a role in Burkina Faso that began, and possibly ended, in the past. It sets the
// times directly in the database. A zero ended leaves the role open.
func createPastRole(t *testing.T, api *apitest.API, role, state string, began, ended time.Time) (email string) {
	t.Helper()
	seed := taskSession(t, api, "system_seed")
	country := theModel.Entity("Country")
	isBurkina := &query.Predicate{Op: query.PredicateField, Field: country.Field("iso2"), Values: []any{"BF"}}
	page, err := seed.List(t.Context(), &query.List{
		Selection: query.Selection{Entity: country},
		Rows:      true,
		Where:     isBurkina,
	})
	if err != nil {
		t.Fatal(err)
	}
	email = fmt.Sprintf("%s.%s@past", role, state)
	user, err := seed.Create(t.Context(), theModel.Entity("User"), query.Input{
		"displayName": "Made up", "email": email, "state": "active",
	})
	if err != nil {
		t.Fatal(err)
	}
	id, err := seed.Create(t.Context(), theModel.Entity("RoleAssignment"), query.Input{
		"user": user, "role": role, "state": state, "countryIds": []string{page.Rows[0].ID.String()},
	})
	if err != nil {
		t.Fatal(err)
	}
	executeUpdate(t, api, "UPDATE users SET created_at = $1 WHERE id = $2", began.AddDate(0, 0, -1), user)
	executeUpdate(t, api, "UPDATE role_assignments SET created_at = $1, active_from = $1 WHERE id = $2", began, id)
	if !ended.IsZero() {
		executeUpdate(t, api, "UPDATE role_assignments SET ended_at = $1 WHERE id = $2", ended, id)
	}
	return email
}

// executeUpdate executes a statement with a time and a key as its arguments.
func executeUpdate(t *testing.T, api *apitest.API, statement string, at time.Time, id uuid.UUID) {
	t.Helper()
	if _, err := api.Hub.DB().SQL().ExecContext(t.Context(), statement, at, id.String()); err != nil {
		t.Fatal(err)
	}
}

// TestPastDays checks that WhoCanSee for a past day lists the users that had the right on that day. It must not list a
// user before its role begins or after its role ends.
func TestPastDays(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		a := newExplainer(t, api)
		day := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
		began, ended := day.Add(9*time.Hour), day.AddDate(0, 0, 5).Add(17*time.Hour)
		revoked := createPastRole(t, api, "country_coordinator", "revoked", began, ended)
		active := createPastRole(t, api, "country_coordinator", "active", day.AddDate(0, 0, 2), time.Time{})
		requested := createPastRole(t, api, "country_coordinator", "requested", day, time.Time{})
		for _, c := range []struct {
			after int // days after day
			want  []string
		}{
			{-1, nil},
			{0, []string{revoked}},
			{1, []string{revoked}},
			{2, []string{active, revoked}},
			{5, []string{active, revoked}},
			{6, []string{active}},
		} {
			first := day.AddDate(0, 0, c.after)
			last := first.Add(24*time.Hour - time.Microsecond)
			found := sectionsByEmail(t, a, explain.ChildQuery{
				Code: "BF-00001", Country: "BF", First: first, Last: last,
			})
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
		found := sectionsByEmail(t, a, explain.ChildQuery{Code: "BF-00001", Country: "BF", First: at, Last: at})
		if found[revoked] != "" || found[requested] != "" {
			t.Error("a role gives rights before it begins")
		}
	})
}

// TestAuditor checks that WhoCanSee lists an auditor while the grant is valid, names the pseudonym, and uses nothing of
// the budget of the grant.
func TestAuditor(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		a := newExplainer(t, api)
		now, err := api.Hub.DB().Now(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		query := explain.ChildQuery{Code: "BF-00001", Country: "BF", First: now, Last: now}
		section := sectionsByEmail(t, a, query)["auditor@demo"]
		for _, want := range []string{"audit grant", "under a pseudonym", "the row only"} {
			if !strings.Contains(section, want) {
				t.Errorf("the section of the auditor is %q; want it to contain %q", section, want)
			}
		}
		var used int
		row := api.Hub.DB().SQL().QueryRowContext(t.Context(), "SELECT sum(rows_used) FROM audit_grants")
		if err := row.Scan(&used); err != nil || used != 0 {
			t.Errorf("WhoCanSee used %d rows of the budget: %v", used, err)
		}
		later := now.AddDate(1, 0, 0)
		query.First, query.Last = later, later
		if sectionsByEmail(t, a, query)["auditor@demo"] != "" {
			t.Error("a grant gives rights after its end")
		}
	})
}

// TestExplainAgreesWithTheView checks that Explain answers about a row, and about each class of its cells, as the
// user's own view shows them.
func TestExplainAgreesWithTheView(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		a := newExplainer(t, api)
		rows, clear := 0, 0
		for _, name := range []string{"Child", "CaseFile", "Consent", "User", "Activity", "Deployment"} {
			e := theModel.Entity(name)
			first := 4
			list := &query.List{Selection: query.Selection{Entity: e}, First: &first, Rows: true}
			if f := e.Field("caseCode"); f != nil {
				list.Where = &query.Predicate{
					Op:         query.PredicateField,
					Field:      f,
					Comparison: query.OneOf,
					Values:     []any{"BF-00001", "BF-00002", "BF-00007", "BF-00012"},
				}
			}
			page, err := taskSession(t, api, "system_seed").List(t.Context(), list)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range page.Rows {
				for _, p := range demo.People {
					person, err := api.Hub.Accounts().FindPerson(t.Context(), accounts.Identity{Email: p.Email})
					if err != nil {
						t.Fatal(err)
					}
					subject, err := person.Subject.ChooseCapacity(uuid.Nil)
					if err != nil {
						t.Fatal(err)
					}
					subject.Purpose = "services"
					session := api.Hub.Session(a.Policy.View(subject).WithoutPseudonyms(), nil)
					selection := &query.Selection{Entity: e, Masked: true}
					visible, err := session.Get(context.Background(), selection, row.ID)
					if err != nil {
						t.Fatal(err)
					}
					var out bytes.Buffer
					err = a.Explain(t.Context(), &out, explain.Question{
						Email: p.Email, Entity: e, ID: row.ID, Action: model.Read, Purpose: "services", At: subject.Now,
					})
					if err != nil {
						t.Fatal(err)
					}
					text := out.String()
					if got := strings.Contains(text, "Answer: yes"); got != (visible != nil) {
						t.Errorf("%s, %s: Explain answers %v, and the view shows the row %v",
							p.Email, name, got, visible != nil)
					}
					if visible == nil {
						continue
					}
					rows++
					for _, c := range access.Classes(e) {
						isMasked := func(f string) bool { return slices.Contains(visible.Masked, f) }
						open := !slices.ContainsFunc(c.Fields, isMasked)
						if got := !regexp.MustCompile(c.Tag.String() + ` +masked`).MatchString(text); got != open {
							t.Errorf("%s, %s %s: Explain answers %v, and the view shows the cells %v\n%s",
								p.Email, name, c.Tag, got, open, text)
						}
						if open && c.Tag.Level == 3 && c.Tag.Ident != "none" {
							clear++
						}
					}
				}
			}
		}
		if rows < 30 || clear < 2 {
			t.Errorf("%d rows and %d sensitive classes were visible, which is too few for a useful test", rows, clear)
		}
	})
}
