package access_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"rightshub/internal/access"
	"rightshub/internal/classification"
	"rightshub/internal/model"
	"rightshub/policies"
)

var scopeWords = []string{"country", "office", "partner", "intervention", "self", "grant", "emergency"}

var placeScopes = []string{"country", "office", "partner", "intervention"}

func pathsOfScope(s model.Scope, scope string) []string {
	return map[string][]string{
		"country":      s.Country,
		"office":       s.Office,
		"partner":      s.Partner,
		"intervention": s.Intervention,
		"assigned":     s.Assigned,
		"self":         s.Self,
		"own":          s.Self,
		"grant":        s.Grant,
		"emergency":    childPath(s),
	}[scope]
}

func childPath(s model.Scope) []string {
	if s.Child == "" {
		return nil
	}
	return []string{s.Child}
}

// TestCompiledAgreesWithCasbin compares compiled views with Casbin's own answers for random users and random rows,
// under the policies of the project.
func TestCompiledAgreesWithCasbin(t *testing.T) {
	p := loadProjectPolicy(t)
	checkAgainstCasbin(t, func(*rapid.T) *access.Policy { return p })
}

// TestRandomPoliciesAgreeWithCasbin makes the same comparison under random policies with every scope, condition and
// effect.
func TestRandomPoliciesAgreeWithCasbin(t *testing.T) {
	conf, err := policies.Files.ReadFile("model.conf")
	if err != nil {
		t.Fatal(err)
	}
	checkAgainstCasbin(t, func(t *rapid.T) *access.Policy {
		text := ""
		for range rapid.IntRange(1, 12).Draw(t, "lines") {
			pick := func(name string, words ...string) string { return rapid.SampledFrom(words).Draw(t, name) }
			effect := pick("effect", "allow", "allow", "deny")
			clearance := pick("clearance", "C0", "C1", "C2", "C3")
			condition := "-"
			if effect == "deny" && rapid.Bool().Draw(t, "row") {
				clearance = "row"
			} else if effect == "allow" {
				condition = pick("condition", "-", "purpose", "consent", "shared", "pseudonym")
			}
			entity := pick("entity", "Child", "CaseFile", "Note")
			words := []string{
				"global", "country", "office", "assigned", "grant", "intervention", "emergency", "referred",
			}
			if entity == "Note" {
				words = append(words, "own", "team", "overseen")
			}
			role := pick("role", "one", "two", "everyone", "auditor")
			actions := pick("actions", "read", "read+update", "create")
			text += fmt.Sprintf("p, %s, %s, %s, %s, %s, %s, %s\n",
				role, entity, actions, pick("scope", words...), clearance, condition, effect)
		}
		for _, role := range []string{"one", "two", "everyone", "auditor"} {
			if rapid.Bool().Draw(t, "states") {
				text += fmt.Sprintf("g2, %s, services\n", role)
			}
		}
		files := fstest.MapFS{"model.conf": {Data: conf}, "roles.csv": {Data: []byte(text)}}
		p, err := access.Load(files, theModel)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}, "Child", "CaseFile", "Note")
}

// checkAgainstCasbin compares views with Casbin's answers on the named entities, or on all entities when none is named.
func checkAgainstCasbin(t *testing.T, policy func(*rapid.T) *access.Policy, entities ...string) {
	var keys []uuid.UUID
	for i := range 4 {
		keys = append(keys, uuid.NewSHA1(uuid.NameSpaceOID, []byte{byte(i)}))
	}
	now := time.Unix(1000, 0)
	days := []time.Time{{}, now.AddDate(0, 0, -9), now.AddDate(0, 0, -3), now.AddDate(0, 0, -1), now.AddDate(-1, 0, 0)}
	some := func(t *rapid.T, name string) []uuid.UUID {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 0, 2, rapid.ID).Draw(t, name)
	}
	long := os.Getenv("RIGHTSHUB_TEST_LONG") == "true"
	if !long { // a third of what rapid takes by itself
		checks := flag.Lookup("rapid.checks")
		defer checks.Value.Set(checks.Value.String())
		if checks.Value.String() == checks.DefValue {
			checks.Value.Set("30")
		}
	}
	allowed, decisions := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		p := policy(t)
		enforcer, err := p.Enforcer()
		if err != nil {
			t.Fatal(err)
		}
		s := access.Subject{
			User:    rapid.SampledFrom(keys).Draw(t, "user"),
			Now:     now,
			Purpose: rapid.SampledFrom([]string{"", "services"}).Draw(t, "purpose"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "roles") {
			a := access.Assignment{
				Role:          rapid.SampledFrom(p.Roles()).Draw(t, "role"),
				Everywhere:    rapid.IntRange(0, 5).Draw(t, "everywhere") == 0,
				Countries:     some(t, "countries"),
				Offices:       some(t, "offices"),
				Partners:      some(t, "partners"),
				Interventions: some(t, "interventions"),
			}
			if rapid.IntRange(0, 3).Draw(t, "narrowed") == 0 {
				a.Purposes = []string{rapid.SampledFrom([]string{"services", "research"}).Draw(t, "narrowed to")}
			}
			switch rapid.IntRange(0, 5).Draw(t, "dates") {
			case 0:
				a.Until = now
			case 1:
				a.From = now.Add(time.Second)
			}
			s.Assignments = append(s.Assignments, a)
		}
		if rapid.IntRange(0, 2).Draw(t, "acting") == 0 {
			g := &access.Grant{Countries: some(t, "granted countries"), Interventions: some(t, "granted interventions")}
			if rapid.Bool().Draw(t, "period") {
				g.First, g.Last = days[1], days[2]
			}
			if rapid.IntRange(0, 3).Draw(t, "entities") == 0 {
				g.Entities = []string{"Child", "Activity"}
			}
			s.ActingGrant = g
		}
		for _, c := range some(t, "emergencies") {
			hours := time.Duration(rapid.IntRange(0, 1).Draw(t, "open"))
			s.Emergency = append(s.Emergency, access.Emergency{Child: c, Until: now.Add(hours * time.Hour)})
		}
		view := p.View(s)
		for _, e := range theModel.Entities() {
			if len(entities) > 0 && !slices.Contains(entities, e.Name) {
				continue
			}
			o := &access.Object{Entity: e.Name, Keys: map[string][]uuid.UUID{}, SeatOnly: e.Scope.CountryIsSeat}
			facts := rowFacts{keys: map[string]uuid.UUID{}, object: o}
			at := func(path string) uuid.UUID {
				if _, ok := facts.keys[path]; !ok {
					facts.keys[path] = rapid.SampledFrom(append(keys, uuid.Nil)).Draw(t, path)
				}
				return facts.keys[path]
			}
			scopeKeys := func(e *model.Entity, prefix string, scopes ...string) map[string][]uuid.UUID {
				out := map[string][]uuid.UUID{}
				for _, scope := range scopes {
					for _, path := range pathsOfScope(e.Scope, scope) {
						out[scope] = append(out[scope], at(prefix+path))
					}
				}
				return out
			}
			o.Keys = scopeKeys(e, "", scopeWords...)
			for _, scope := range []string{"assigned", "own"} {
				for _, path := range pathsOfScope(e.Scope, scope) {
					holder, prefix := e, ""
					for step := range strings.SplitSeq(path, ".") {
						if prefix+step != path {
							holder, prefix = theModel.Target(holder.Edge(step)), prefix+step+"."
						}
					}
					o.Responsible = append(o.Responsible, access.Responsibility{
						Scope: scope,
						User:  at(path),
						Keys:  scopeKeys(holder, prefix, placeScopes...),
					})
				}
			}
			if e.Scope.Child != "" {
				prefix := strings.TrimPrefix(e.Scope.Child+".", "id.")
				o.ChildPlaces = scopeKeys(theModel.Entity("Child"), prefix, placeScopes...)
				o.CoveredPurposes = rapid.SampledFrom([][]string{nil, {"services"}, {"research"}}).Draw(t, "covered")
				o.Keys["referred"] = some(t, "referred")
				with := o.Keys["referred"]
				if e.Edge("consent") != nil {
					with = o.Keys["partner"]
				}
				o.SharedWith = rapid.SampledFrom([][]uuid.UUID{nil, with}).Draw(t, "travels")
			}
			o.Published = len(e.Scope.Published) > 0 && rapid.Bool().Draw(t, "published")
			if len(e.Scope.Team) > 0 {
				o.OpenScopes = rapid.SampledFrom([][]string{nil, {"overseen"}, {"team", "overseen"}}).Draw(t, "open")
			}
			if edge := e.Edge(e.Scope.Period); edge != nil {
				owner := theModel.Target(edge)
				o.PeriodOwner = &access.Object{
					Entity:   owner.Name,
					Keys:     scopeKeys(owner, edge.Name+".", "grant", "country"),
					SeatOnly: owner.Scope.CountryIsSeat,
					Day:      rapid.SampledFrom(days).Draw(t, "day"),
				}
			} else if e.Scope.Period != "" {
				o.Day = rapid.SampledFrom(days).Draw(t, "day")
			}
			for _, action := range []model.Action{model.Read, model.Create, model.Update, model.Approve} {
				for level := classification.C0; level <= classification.C3; level++ {
					o.Level = level
					want, err := enforcer.Enforce(&s, o, string(action))
					if err != nil {
						t.Fatal(err)
					}
					c := view.WritableWhere(e.Name, action, model.Tag{Level: level, Ident: classification.Direct})
					if got := includesRow(e, c, facts, ""); got != want {
						t.Fatalf("%s %s %s: compiled %v, casbin %v: %+v", action, e.Name, level, got, want, c)
					}
					if decisions++; want {
						allowed++
					}
					keys, all := view.ScopeKeys(e.Name, action)
					hasKey := func(k uuid.UUID) bool { return slices.Contains(keys, k) }
					if want && !all && !slices.ContainsFunc(facts.allKeys(), hasKey) {
						t.Fatalf("%s %s: a row of the view has none of the keys %v: %+v", action, e.Name, keys, c)
					}
				}
			}
		}
	})
	if long && allowed < decisions/100 { // by chance, the few policies of the short form may allow nothing
		t.Errorf("only %d of %d decisions allow, which is too few for a useful test", allowed, decisions)
	}
}

// rowFacts holds the facts of one row. Each path leads to one key, so that a path has the same key in every scope.
type rowFacts struct {
	keys   map[string]uuid.UUID // by path
	object *access.Object
}

// allKeys lists the keys at the end of the row's paths, and the partners that received a referral of its child.
func (r rowFacts) allKeys() []uuid.UUID {
	return slices.Concat(slices.Collect(maps.Values(r.keys)), r.object.Keys["referred"])
}

// includesRow evaluates a condition on the facts of one row.
func includesRow(e *model.Entity, c access.Cond, facts rowFacts, path string) bool {
	all := func(want bool) bool {
		return !slices.ContainsFunc(c.Kids, func(k access.Cond) bool { return includesRow(e, k, facts, path) != want })
	}
	switch c.Op {
	case access.True:
		return true
	case access.And:
		return all(true)
	case access.Or:
		return !all(false)
	case access.Not:
		return all(false)
	case access.Via:
		edge := e.Edge(c.Edge)
		return includesRow(theModel.Target(edge), c.Kids[0], facts, path+c.Edge+".")
	case access.WordIn:
		if c.Column == "visibility" {
			word := map[bool]string{true: "team", false: "overseen"}[slices.Equal(c.Words, e.Scope.Team)]
			return slices.Contains(facts.object.OpenScopes, word)
		}
		return facts.object.Published
	case access.InPeriod:
		day := facts.object.Day
		if path != "" {
			day = facts.object.PeriodOwner.Day
		}
		return day.IsZero() || !day.Before(c.Day) && !day.After(c.Last)
	case access.NotEnded:
		return true // facts.object.Published covers this
	case access.OwnConsentCovers:
		return len(facts.object.SharedWith) > 0
	case access.ConsentCovers:
		return slices.Contains(facts.object.CoveredPurposes, c.Text)
	case access.ReferredToPartner:
		partners := facts.object.Keys["referred"]
		if c.Text != "" {
			partners = facts.object.SharedWith
		}
		return slices.ContainsFunc(partners, func(p uuid.UUID) bool { return slices.Contains(c.Values, p) })
	case access.KeyIn:
		if c.Column == "id" {
			if path == "" {
				return slices.Contains(c.Values, facts.keys["id"])
			}
			return slices.Contains(c.Values, facts.keys[path[:len(path)-1]])
		}
		for _, edge := range e.Edges {
			if edge.Kind == model.ToOne && edge.Column == c.Column {
				return slices.Contains(c.Values, facts.keys[path+edge.Name])
			}
		}
	}
	return false
}
