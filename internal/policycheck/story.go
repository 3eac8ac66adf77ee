package policycheck

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// Story is an entry of a file in policies/cases. It describes a user and states which actions the user may and may not
// do. Keys of rows and of assignments are plain words. The same word always means the same country, office or user.
type Story struct {
	Story   string            // title
	Role    string            // role of the user
	Holds   map[string]string // keys of the assignment, for example country: BF, office: Ouaga, or everywhere: "yes"
	Purpose string            // purpose of the request
	Basis   []string          // purposes that a live consent of the child, and the own consent of a referral, covers
	May     []StoryLine
	MayNot  []StoryLine `yaml:"may not"`

	file string // path in the folder of policies
	line int    // first line of the story
}

// StoryLine is one line under "may" or "may not". It names actions on rows or cells.
type StoryLine struct {
	// Do lists actions separated by blanks, or is "anything".
	Do string
	// Of lists entities and groups separated by blanks. The word "rest" means all entities that the other lines of the
	// story do not name. For these, the rights of the role everyone are left out.
	Of string
	// Row holds the keys of the row, for example country: BF, assigned: me. Without it, a line about the rest is about
	// a row with every key that the user holds.
	Row map[string]string
	// Level is the level of the cell; "" means C0.
	Level string

	line int // line in the file
}

// wordKey returns the key that a word of a story stands for.
func wordKey(s string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(s)) }

// assignmentLists maps the words under "holds" to the lists of an assignment that they fill.
var assignmentLists = map[string]func(*access.Assignment) *[]uuid.UUID{
	"country":      func(a *access.Assignment) *[]uuid.UUID { return &a.Countries },
	"office":       func(a *access.Assignment) *[]uuid.UUID { return &a.Offices },
	"partner":      func(a *access.Assignment) *[]uuid.UUID { return &a.Partners },
	"intervention": func(a *access.Assignment) *[]uuid.UUID { return &a.Interventions },
	"grant":        func(a *access.Assignment) *[]uuid.UUID { return &a.Interventions },
}

// enforcer is the part of a Casbin enforcer that stories use.
type enforcer interface{ Enforce(...any) (bool, error) }

// toSubject returns the user of the story as a subject.
func (s *Story) toSubject() (*access.Subject, error) {
	me := &access.Subject{User: wordKey("me"), Purpose: s.Purpose, Now: time.Unix(1, 0)}
	if strings.HasPrefix(s.Role, access.SystemPrefix) || s.Role == access.Public {
		me.User = uuid.Nil
	}
	a := access.Assignment{Role: s.Role, Everywhere: s.Holds["everywhere"] == "yes"}
	for _, kind := range slices.Sorted(maps.Keys(s.Holds)) {
		key := wordKey(s.Holds[kind])
		switch into := assignmentLists[kind]; {
		case into != nil:
			*into(&a) = append(*into(&a), key)
		case kind == "emergency":
			me.Emergency = []access.Emergency{{Child: key, Until: me.Now.Add(time.Hour)}}
		case kind != "everywhere":
			return nil, fmt.Errorf("nobody can hold %q", kind)
		}
	}
	for _, purpose := range append([]string{s.Purpose}, s.Basis...) {
		if purpose != "" && !slices.Contains(access.Purposes, purpose) {
			return nil, fmt.Errorf("there is no purpose %q", purpose)
		}
	}
	me.Assignments = []access.Assignment{a}
	if s.Role == access.Auditor {
		me.ActingGrant = &access.Grant{Countries: a.Countries, Interventions: a.Interventions}
	}
	return me, nil
}

// storyResult is the result of checking a story against the policies.
type storyResult struct {
	may, mayNot []string // entities that the lines under "may" and "may not" name
	problems    []Problem
}

// roleEnforcers are the Casbin enforcers for one role, with and without the lines of the role everyone.
type roleEnforcers struct{ withEveryone, roleOnly enforcer }

// checkAgainst checks each line of the story against the policies.
func (s *Story) checkAgainst(p policy, enforcers roleEnforcers) (out storyResult) {
	problem := func(line int, format string, args ...any) {
		text := fmt.Sprintf("%q: ", s.Story) + fmt.Sprintf(format, args...)
		out.problems = append(out.problems, Problem{s.file, line, text})
	}
	if !p.HasRules(s.Role) {
		problem(s.line, "no policy line is about the role %q", s.Role)
		return out
	}
	me, err := s.toSubject()
	if err != nil {
		problem(s.line, "%v", err)
		return out
	}
	for i, lines := range [][]StoryLine{s.May, s.MayNot} {
		for _, l := range lines {
			entities, actions, err := l.entitiesAndActions(p, s)
			if err != nil {
				problem(l.line, "%v", err)
				continue
			}
			may := i == 0
			if may {
				out.may = append(out.may, entities...)
			} else {
				out.mayNot = append(out.mayNot, entities...)
			}
			e := enforcers.withEveryone
			if l.Of == restOfModel {
				e, l.Row = enforcers.roleOnly, s.reachableRow(l.Row)
			}
			for _, text := range l.contradictions(e, me, s.Basis, entities, actions, may) {
				problem(l.line, "%s", text)
			}
		}
	}
	return out
}

// entitiesAndActions lists the entities and the actions that the line names. An error states a mistake in the line.
func (l *StoryLine) entitiesAndActions(p policy, s *Story) (entities []string, actions []model.Action, err error) {
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
		named := p.EntitiesNamed(w)
		if l.Of == restOfModel {
			named = s.unnamedEntities(p)
		}
		if len(named) == 0 {
			return nil, nil, fmt.Errorf("there is no entity and no group %q", w)
		}
		entities = append(entities, named...)
	}
	if len(actions) == 0 || len(entities) == 0 {
		return nil, nil, errors.New("the line says nothing; write actions after do and entities after of")
	}
	for kind := range l.Row {
		if !access.IsScope(kind) {
			return nil, nil, fmt.Errorf("there is no scope %q", kind)
		}
	}
	if l.Level != "" {
		_, err = classification.ParseLevel(l.Level)
	}
	return entities, actions, err
}

// restOfModel is the word for all entities that the other lines of a story do not name.
const restOfModel = "rest"

// unnamedEntities lists the entities that the story does not name.
func (s *Story) unnamedEntities(p policy) (out []string) {
	named := map[string]bool{}
	for _, l := range slices.Concat(s.May, s.MayNot) {
		for _, w := range strings.Fields(l.Of) {
			for _, entity := range p.EntitiesNamed(w) {
				named[entity] = true
			}
		}
	}
	for _, e := range p.Model().Entities() {
		if !named[e.Name] {
			out = append(out, e.Name)
		}
	}
	return out
}

// reachableRow returns the row of a line about the rest. When the line has none, it is a row that the user reaches by
// every scope of its assignment.
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

// contradictions describes each entity and action for which the policies do not decide as the line wants.
func (l *StoryLine) contradictions(
	e enforcer, me *access.Subject, basis, entities []string, actions []model.Action, want bool,
) (out []string) {
	o := &access.Object{Keys: map[string][]uuid.UUID{}, CoveredPurposes: basis, Published: l.Row["published"] != ""}
	for _, scope := range []string{"team", "overseen"} {
		if l.Row[scope] != "" {
			o.OpenScopes = append(o.OpenScopes, scope)
		}
	}
	for kind, key := range l.Row {
		o.Keys[kind] = []uuid.UUID{wordKey(key)}
	}
	at := o.Keys
	if !slices.ContainsFunc(access.PlaceScopes, func(place string) bool { return l.Row[place] != "" }) {
		// Without a place in the line, the user's own case and a record that it opened lie within its assignment.
		for _, a := range me.Assignments {
			at = map[string][]uuid.UUID{
				"country":      a.Countries,
				"office":       a.Offices,
				"partner":      a.Partners,
				"intervention": a.Interventions,
			}
		}
	}
	o.ChildPlaces = at
	for kind, scope := range map[string]string{"assigned": "assigned", "self": "own"} {
		if user := l.Row[kind]; user != "" {
			o.Responsible = append(o.Responsible, access.Responsibility{Scope: scope, User: wordKey(user), Keys: at})
		}
	}
	if slices.Contains(basis, me.Purpose) {
		o.SharedWith = slices.Concat(o.Keys["referred"], o.Keys["partner"]) // for a child, and for the referral itself
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
				effect := map[bool]string{true: "allowed", false: "denied"}[got]
				out = append(out, fmt.Sprintf(
					"the story and the policies contradict each other: %s of %s %v at %s is %s by the policies",
					action, o.Entity, l.Row, o.Level, effect))
			}
		}
	}
	return out
}
