package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// Story is a person, and what that person may and may not do: an entry of a file of policies/cases. Keys of rows and of
// assignments are plain words; the same word is the same country, office or person.
type Story struct {
	Story   string            // what it tells
	Role    string            //
	Holds   map[string]string // what the assignment reaches: country: BF, office: Ouaga; everywhere: "yes"
	Purpose string            // what the request says it is for
	Basis   []string          // purposes that a live consent of the child, and a referral's own, covers
	May     []StoryLine
	MayNot  []StoryLine `yaml:"may not"`

	file string // in the policies' folder
	line int    // where it begins
}

// StoryLine is one thing that a story says may, or may not, be done to a row.
type StoryLine struct {
	Do    string            // actions joined by a blank, or "anything"
	Of    string            // entities and groups joined by a blank, or "rest": all that the story's other lines do not name, beyond what everyone may
	Row   map[string]string // the row's keys: country: BF, assigned: me. Of the rest without any: every key that the person holds
	Level string            // class of the cell, C0 unless stated

	line int // in the file
}

// wordKey turns a word of a story into a key.
func wordKey(s string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(s)) }

// assignmentLists are the words under "holds" and the lists of an assignment that they fill.
var assignmentLists = map[string]func(*Assignment) *[]uuid.UUID{
	"country":      func(a *Assignment) *[]uuid.UUID { return &a.Countries },
	"office":       func(a *Assignment) *[]uuid.UUID { return &a.Offices },
	"partner":      func(a *Assignment) *[]uuid.UUID { return &a.Partners },
	"intervention": func(a *Assignment) *[]uuid.UUID { return &a.Interventions },
	"grant":        func(a *Assignment) *[]uuid.UUID { return &a.Interventions },
}

type enforcer interface{ Enforce(...any) (bool, error) }

// toSubject is the person of the story.
func (s *Story) toSubject() (*Subject, error) {
	me := &Subject{User: wordKey("me"), Purpose: s.Purpose, Now: time.Unix(1, 0)}
	if strings.HasPrefix(s.Role, systemPrefix) || s.Role == Public {
		me.User = uuid.Nil
	}
	a := Assignment{Role: s.Role, Everywhere: s.Holds["everywhere"] == "yes"}
	for _, kind := range slices.Sorted(maps.Keys(s.Holds)) {
		key := wordKey(s.Holds[kind])
		switch into := assignmentLists[kind]; {
		case into != nil:
			*into(&a) = append(*into(&a), key)
		case kind == "emergency":
			me.Emergency = []Emergency{{Child: key, Until: me.Now.Add(time.Hour)}}
		case kind != "everywhere":
			return nil, fmt.Errorf("nobody can hold %q", kind)
		}
	}
	for _, purpose := range append([]string{s.Purpose}, s.Basis...) {
		if purpose != "" && !slices.Contains(Purposes, purpose) {
			return nil, fmt.Errorf("there is no purpose %q", purpose)
		}
	}
	me.Assignments = []Assignment{a}
	if s.Role == Auditor {
		me.ActingGrant = &Grant{Countries: a.Countries, Interventions: a.Interventions}
	}
	return me, nil
}

// storyResult is a story beside the policies: which entities it tells about, and where the policies say otherwise.
type storyResult struct {
	may, mayNot []string // entities
	problems    []Problem
}

// roleEnforcers are Casbin's answers for one role: with what everyone may, and without.
type roleEnforcers struct{ withEveryone, roleOnly enforcer }

// checkAgainst holds the story against the policies.
func (s *Story) checkAgainst(p *Policy, by roleEnforcers) (out storyResult) {
	wrong := func(line int, format string, args ...any) {
		out.problems = append(out.problems, Problem{s.file, line, fmt.Sprintf("%q: ", s.Story) + fmt.Sprintf(format, args...)})
	}
	if p.rules[s.Role] == nil {
		wrong(s.line, "no policy line is about the role %q", s.Role)
		return out
	}
	me, err := s.toSubject()
	if err != nil {
		wrong(s.line, "%v", err)
		return out
	}
	for i, lines := range [][]StoryLine{s.May, s.MayNot} {
		for _, l := range lines {
			entities, actions, err := l.entitiesAndActions(p, s)
			if err != nil {
				wrong(l.line, "%v", err)
				continue
			}
			may := i == 0
			if may {
				out.may = append(out.may, entities...)
			} else {
				out.mayNot = append(out.mayNot, entities...)
			}
			e := by.withEveryone
			if l.Of == restOfModel {
				e, l.Row = by.roleOnly, s.reachableRow(l.Row)
			}
			for _, w := range l.contradictions(e, me, s.Basis, entities, actions, may) {
				wrong(l.line, "%s", w)
			}
		}
	}
	return out
}

// entitiesAndActions lists the entities and the actions that the line means.
func (l *StoryLine) entitiesAndActions(p *Policy, s *Story) (entities []string, actions []model.Action, err error) {
	for _, w := range strings.Fields(l.Do) {
		switch {
		case w == "anything":
			actions = append(actions, model.Actions...)
		case slices.Contains(model.Actions, model.Action(w)):
			actions = append(actions, model.Action(w))
		default:
			return nil, nil, fmt.Errorf("there is no action %q", w)
		}
	}
	for _, w := range strings.Fields(l.Of) {
		named := p.entitiesNamed(w)
		if l.Of == restOfModel {
			named = s.unnamedEntities(p)
		}
		if len(named) == 0 {
			return nil, nil, fmt.Errorf("there is no entity and no group %q", w)
		}
		entities = append(entities, named...)
	}
	if len(actions) == 0 || len(entities) == 0 {
		return nil, nil, fmt.Errorf("the line says nothing: write do and of")
	}
	for kind := range l.Row {
		if _, ok := scopeWords[kind]; !ok {
			return nil, nil, fmt.Errorf("there is no scope %q", kind)
		}
	}
	if l.Level != "" {
		_, err = classification.ParseLevel(l.Level)
	}
	return entities, actions, err
}

const restOfModel = "rest"

// unnamedEntities lists the entities that no line of the story names.
func (s *Story) unnamedEntities(p *Policy) (out []string) {
	named := map[string]bool{}
	for _, l := range slices.Concat(s.May, s.MayNot) {
		for _, w := range strings.Fields(l.Of) {
			for _, entity := range p.entitiesNamed(w) {
				named[entity] = true
			}
		}
	}
	for _, e := range p.model.Entities() {
		if !named[e.Name] {
			out = append(out, e.Name)
		}
	}
	return out
}

// reachableRow is a row that the person reaches in each way that there is, unless the line names another.
func (s *Story) reachableRow(row map[string]string) map[string]string {
	if row != nil {
		return row
	}
	row = map[string]string{"assigned": "me", "self": "me", "published": "yes", "team": "yes", "overseen": "yes"}
	for kind, key := range s.Holds {
		row[kind] = key
	}
	if delete(row, "everywhere"); row["partner"] != "" {
		row["referred"] = row["partner"]
	}
	return row
}

// contradictions lists where the policies say otherwise than the line.
func (l *StoryLine) contradictions(e enforcer, me *Subject, basis, entities []string, actions []model.Action, want bool) (out []string) {
	o := &Object{Keys: map[string][]uuid.UUID{}, CoveredPurposes: basis, Published: l.Row["published"] != ""}
	for _, scope := range []string{"team", "overseen"} {
		if l.Row[scope] != "" {
			o.OpenScopes = append(o.OpenScopes, scope)
		}
	}
	for kind, key := range l.Row {
		o.Keys[kind] = []uuid.UUID{wordKey(key)}
	}
	at := o.Keys
	if !slices.ContainsFunc(placeScopes, func(place string) bool { return l.Row[place] != "" }) {
		for _, a := range me.Assignments { // a case of one's own, and a record that was opened, lies where one works, unless the line says where
			at = map[string][]uuid.UUID{"country": a.Countries, "office": a.Offices, "partner": a.Partners, "intervention": a.Interventions}
		}
	}
	o.ChildPlaces = at
	for kind, scope := range map[string]string{"assigned": "assigned", "self": "own"} {
		if by := l.Row[kind]; by != "" {
			o.Responsible = append(o.Responsible, Responsibility{scope, wordKey(by), at})
		}
	}
	if slices.Contains(basis, me.Purpose) {
		o.SharedWith = slices.Concat(o.Keys["referred"], o.Keys["partner"]) // of a child, and of the referral itself
	}
	if l.Level != "" {
		o.Level = classification.Level(l.Level[1] - '0')
	}
	for _, o.Entity = range entities {
		for _, action := range actions {
			got, err := e.Enforce(me, o, string(action))
			if err != nil {
				return []string{err.Error()}
			}
			if got != want {
				out = append(out, fmt.Sprintf("the story and the policies contradict each other: %s of %s %v at %s is %s by the policies", action, o.Entity, l.Row, o.Level, map[bool]string{true: "allowed", false: "denied"}[got]))
			}
		}
	}
	return out
}
