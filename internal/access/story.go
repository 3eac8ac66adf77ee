package access

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"gopkg.in/yaml.v3"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// Story is one file of policies/cases: a person, and what that person may and may not do. Keys of rows and of
// assignments are plain words; the same word is the same country, office or person.
type Story struct {
	Story   string            // what it tells
	Role    string            //
	Holds   map[string]string // what the assignment reaches: country: BF, office: Ouaga; everywhere: "yes"
	Purpose string            // what the request says it is for
	Basis   []string          // purposes that a live consent of the child, and a referral's own, covers
	May     []Line
	MayNot  []Line `yaml:"may not"`
}

// Line is one thing that a story says may, or may not, be done to a row.
type Line struct {
	Do    string            // actions joined by a blank
	Of    string            // entities joined by a blank
	Row   map[string]string // the row's keys: country: BF, assigned: me
	Level string            // class of the cell, C0 unless stated
}

// word turns a word of a story into a key.
func word(s string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(s)) }

// Check holds the stories against the policies, and finds a role without a story. Each problem names file and story.
func (p *Policy) Check(files fs.FS) ([]string, error) {
	enforcer, err := p.Enforcer()
	if err != nil {
		return nil, err
	}
	paths, err := fs.Glob(files, "cases/*.yaml")
	if err != nil {
		return nil, err
	}
	var problems []string
	told := map[string]bool{}
	for _, path := range paths {
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, err
		}
		var stories []Story
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		decoder.KnownFields(true)
		if err := decoder.Decode(&stories); err != nil {
			return nil, fmt.Errorf("policies/%s: %w", path, err)
		}
		for _, s := range stories {
			told[s.Role] = true
			for _, wrong := range s.wrong(p, enforcer) {
				problems = append(problems, fmt.Sprintf("policies/%s: %q: %s", path, s.Story, wrong))
			}
		}
	}
	for _, role := range p.Roles() {
		if !told[role] {
			problems = append(problems, fmt.Sprintf("policies/cases: the role %s has no story", role))
		}
	}
	return append(problems, p.unspoken()...), nil
}

type judge interface{ Enforce(...any) (bool, error) }

// wrong lists where the policies say otherwise than the story.
func (s Story) wrong(p *Policy, e judge) (out []string) {
	if p.rules[s.Role] == nil {
		return []string{fmt.Sprintf("no policy line is about the role %q", s.Role)}
	}
	me := &Subject{User: word("me"), Purpose: s.Purpose, Now: time.Unix(1, 0)}
	if strings.HasPrefix(s.Role, "system_") {
		me.User = uuid.Nil
	}
	a := Assignment{Role: s.Role, Everywhere: s.Holds["everywhere"] == "yes"}
	for kind, into := range map[string]*[]uuid.UUID{"country": &a.Countries, "office": &a.Offices, "partner": &a.Partners,
		"intervention": &a.Interventions, "grant": &a.Interventions} {
		if s.Holds[kind] != "" {
			*into = append(*into, word(s.Holds[kind]))
		}
	}
	me.Assignments = []Assignment{a}
	if s.Role == Auditor {
		me.Acting = &Grant{Countries: a.Countries, Interventions: a.Interventions}
	}
	if s.Holds["emergency"] != "" {
		me.Emergency = []Emergency{{Child: word(s.Holds["emergency"]), Until: me.Now.Add(time.Hour)}}
	}
	for want, lines := range map[bool][]Line{true: s.May, false: s.MayNot} {
		for _, l := range lines {
			out = append(out, l.wrong(p.model, e, me, s.Basis, want)...)
		}
	}
	return out
}

func (l Line) wrong(m *model.Model, e judge, me *Subject, basis []string, want bool) (out []string) {
	o := &Object{Keys: map[string][]uuid.UUID{}, Covered: basis}
	for kind, key := range l.Row {
		if _, ok := scopes[kind]; !ok {
			return []string{fmt.Sprintf("there is no scope %q", kind)}
		}
		o.Keys[kind] = []uuid.UUID{word(key)}
	}
	if slices.Contains(basis, me.Purpose) {
		o.Travels = o.Keys["referred"]
	}
	if l.Level != "" {
		level, err := classification.ParseLevel(l.Level)
		if err != nil {
			return []string{err.Error()}
		}
		o.Level = level
	}
	for _, o.Entity = range strings.Fields(l.Of) {
		if m.Entity(o.Entity) == nil {
			return []string{fmt.Sprintf("there is no entity %q", o.Entity)}
		}
		for _, action := range strings.Fields(l.Do) {
			got, err := e.Enforce(me, o, action)
			if err != nil {
				return []string{err.Error()}
			}
			if got != want {
				out = append(out, fmt.Sprintf("%s of %s %v at %s is %s by the policies", action, o.Entity, l.Row, o.Level, map[bool]string{true: "allowed", false: "denied"}[got]))
			}
		}
	}
	return out
}

// unspoken lists the entities that no line lets anybody read.
func (p *Policy) unspoken() (out []string) {
	read := map[string]bool{}
	for _, rules := range p.rules {
		for entity := range rules {
			read[entity] = true
		}
	}
	for _, e := range p.model.Entities() {
		if !read[e.Name] {
			out = append(out, fmt.Sprintf("policies/roles.csv: no line is about %s", e.Name))
		}
	}
	return out
}
