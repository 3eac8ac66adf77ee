package access

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// capacity is one role as it is held: with the request's purpose, or without it.
type capacity struct {
	Assignment
	purpose bool // the purpose may be stated in this capacity
}

// set is a set of capacities, a bit for each.
type set uint64

// maxRoles is the most roles that policies may have for people: with everyone's, each held in two capacities, a set has
// bits enough.
const maxRoles = 31

// holding is what a subject holds while a view is compiled: all capacities, and the keys that sets of them reach. Lines of
// several roles with the same scope reach what their keys together reach, so they are joined before the conditions are.
type holding struct {
	subject Subject
	all     []capacity // in order of the roles: equal callers get equal statements
	roles   []roleHeld // in order
	keys    map[reachedBy][]uuid.UUID
	heard   heard // of the entity that is being compiled
	memory  memory
}

// roleHeld is what one role's lines say, by entity, and the capacities in which it is held.
type roleHeld struct {
	rules map[string][]Rule
	by    set
}

// heard is what lines allow and deny, by action and class.
type heard struct {
	allow, deny [7][4]said
	whole       [4]said // who reads, but for those with whom only named fields are shared
	shares      bool    // there are such
}

func (h *heard) forget() {
	for i := range h.allow {
		for j := range h.allow[i] {
			h.allow[i][j], h.deny[i][j] = h.allow[i][j][:0], h.deny[i][j][:0]
		}
	}
	for i := range h.whole {
		h.whole[i] = h.whole[i][:0]
	}
	h.shares = false
}

type reachedBy struct {
	scope string
	by    set
}

// holds reads what the subject, with the assignments that count, holds. The assignments of each role that may, and that may not, state the purpose are
// joined: a line compares one kind of key only, so joining their lists never multiplies rights.
func (p *Policy) holds(s Subject) *holding {
	held := map[string][]capacity{}
	if s.User != uuid.Nil {
		held[Everyone] = []capacity{{Assignment{Role: Everyone}, p.mayState(Everyone, nil, s.Purpose)}}
	}
	if s.Acting != nil {
		held[Auditor] = []capacity{{Assignment{Role: Auditor}, p.mayState(Auditor, nil, s.Purpose)}}
	}
	for _, a := range s.Assignments {
		if p.rules[a.Role] == nil {
			continue
		}
		states := p.mayState(a.Role, a.Purposes, s.Purpose)
		i := slices.IndexFunc(held[a.Role], func(c capacity) bool { return c.purpose == states })
		if i < 0 {
			i = len(held[a.Role])
			held[a.Role] = append(held[a.Role], capacity{Assignment{Role: a.Role}, states})
		}
		h := &held[a.Role][i]
		h.Everywhere = h.Everywhere || a.Everywhere
		h.Countries = append(h.Countries, a.Countries...)
		h.Offices = append(h.Offices, a.Offices...)
		h.Partners = append(h.Partners, a.Partners...)
		h.Interventions = append(h.Interventions, a.Interventions...)
	}
	h := &holding{subject: s, keys: map[reachedBy][]uuid.UUID{}}
	for _, role := range slices.Sorted(maps.Keys(held)) {
		by := set(1<<len(held[role])-1) << len(h.all)
		h.all = append(h.all, held[role]...)
		h.roles = append(h.roles, roleHeld{p.rules[role], by})
	}
	return h
}

// each calls do with each capacity of the set.
func (h *holding) each(by set, do func(*capacity)) {
	for rest := uint64(by); rest != 0; rest &= rest - 1 {
		do(&h.all[bits.TrailingZeros64(rest)])
	}
}

// everywhere reports whether one of the capacities is held everywhere.
func (h *holding) everywhere(by set) (yes bool) {
	h.each(by, func(c *capacity) { yes = yes || c.Everywhere })
	return yes
}

// reach lists the keys of a scope that the capacities hold, in order.
func (h *holding) reach(scope string, by set) []uuid.UUID {
	at := reachedBy{scope, by}
	keys, ok := h.keys[at]
	if ok {
		return keys
	}
	h.each(by, func(c *capacity) {
		switch scope {
		case "country":
			keys = append(keys, c.Countries...)
		case "office":
			keys = append(keys, c.Offices...)
		case "partner", "referred", "addressed":
			keys = append(keys, c.Partners...)
		case "intervention":
			keys = append(keys, c.Interventions...)
		}
	})
	if scope == "self" && h.subject.User != uuid.Nil {
		keys = append(keys, h.subject.User)
	}
	if scope == "emergency" {
		for _, open := range h.subject.Emergency {
			if h.subject.Now.Before(open.Until) && open.Child != uuid.Nil {
				keys = append(keys, open.Child)
			}
		}
	}
	h.keys[at] = ordered(keys)
	return h.keys[at]
}

// part is lines with one scope and one basis, and the capacities to which they speak.
type part struct {
	scope string
	basis Condition // what must be on record beside: Always for nothing, Consent or Shared
	by    set
}

// said is the parts that lines come to for one action and one class.
type said []part

func (s *said) add(scope string, basis Condition, by set) {
	for i := range *s {
		if p := &(*s)[i]; p.scope == scope && p.basis == basis {
			p.by |= by
			return
		}
	}
	*s = append(*s, part{scope, basis, by})
}

// entity compiles what the lines about an entity say.
func (p *Policy) entity(e *model.Entity, h *holding) *entityView {
	v := &entityView{conds: map[model.Action][4]*Cond{}}
	h.heard.forget()
	h.memory.forget()
	for _, role := range h.roles {
		rules := role.rules[e.Name]
		for i := range rules {
			r := &rules[i]
			v.pseudonym = v.pseudonym || r.Condition == Pseudonym
			by, into := h.hear(r, role.by), &h.heard.allow
			if r.Deny {
				into = &h.heard.deny
			}
			for _, action := range r.Actions {
				if !h.subject.ReadOnly || action == model.Read {
					say(&into[slices.Index(model.Actions, action)], r, by)
				}
				switch {
				case action != model.Read || r.Deny:
				case r.Condition == Shared:
					h.heard.shares = true
				default:
					say(&h.heard.whole, r, by)
				}
			}
		}
	}
	for i, action := range model.Actions {
		if len(h.heard.allow[i][0]) == 0 {
			continue // what no line allows with cells of the least class, no line allows
		}
		var conds [4]*Cond
		for l := range conds {
			conds[l] = h.join(p, e, h.heard.allow[i][l])
			if deny := h.heard.deny[i][l]; len(deny) > 0 {
				but := and(*conds[l], not(*h.join(p, e, deny)))
				conds[l] = &but
			}
		}
		v.conds[action] = conds
	}
	if v.shares = h.heard.shares; v.shares {
		v.whole = *h.join(p, e, h.heard.whole[0])
		if deny := h.heard.deny[slices.Index(model.Actions, model.Read)][0]; len(deny) > 0 {
			v.whole = and(v.whole, not(*h.join(p, e, deny)))
		}
	}
	return v
}

// hear lists to which of the capacities held the line speaks about each class.
func (h *holding) hear(r *Rule, held set) (by [4]set) {
	for rest := uint64(held); rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		for l := range by {
			if applies(r, classification.Level(l), h.all[i].purpose) {
				by[l] |= 1 << i
			}
		}
	}
	return by
}

// say adds a line, for the capacities to which it speaks, to what is said about each class.
func say(levels *[4]said, r *Rule, by [4]set) {
	for l, some := range by {
		basis := Always
		if classification.Level(l) == classification.C3 && !r.Deny && (r.Condition == Consent || r.Condition == Shared) {
			basis = r.Condition
		}
		if some != 0 {
			levels[l].add(r.Scope, basis, some)
		}
	}
}

// memory keeps the conditions of one entity: actions and classes have few different ones.
type memory struct {
	joined []joined
	parts  []joinedPart
	all    []Cond
}

type joined struct {
	said said
	cond *Cond
}

type joinedPart struct {
	part part
	cond Cond
}

func (m *memory) forget() { m.joined, m.parts = m.joined[:0], m.parts[:0] }

// join is where any of the parts holds.
func (h *holding) join(p *Policy, e *model.Entity, s said) *Cond {
	m := &h.memory
	slices.SortFunc(s, func(x, y part) int {
		return cmp.Or(strings.Compare(x.scope, y.scope), strings.Compare(string(x.basis), string(y.basis)))
	})
	for i := range m.joined {
		if slices.Equal(m.joined[i].said, s) {
			return m.joined[i].cond
		}
	}
	m.all = m.all[:0]
	for _, t := range s {
		i := slices.IndexFunc(m.parts, func(j joinedPart) bool { return j.part == t })
		if i < 0 {
			i = len(m.parts)
			m.parts = append(m.parts, joinedPart{t, p.part(e, h, t)})
		}
		m.all = append(m.all, m.parts[i].cond)
	}
	c := or(m.all...)
	m.joined = append(m.joined, joined{s, &c})
	return &c
}

// part is where a part holds.
func (p *Policy) part(e *model.Entity, h *holding, t part) Cond {
	switch t.basis {
	case Consent:
		return and(p.scope(e, h, t.scope, t.by), toChild(p.model, e, Cond{Op: Covered, Text: h.subject.Purpose, Day: day(h.subject.Now)}))
	case Shared: // who is shared with must be who is reached: one by one
		if e.Edge("consent") != nil { // the referral itself
			return and(p.scope(e, h, t.scope, t.by), Cond{Op: Agreed, Text: h.subject.Purpose, Day: day(h.subject.Now)})
		}
		var all []Cond
		for rest := t.by; rest != 0; rest &= rest - 1 {
			one := rest & -rest
			with := Cond{Op: Referred, Values: h.reach("partner", one), Text: h.subject.Purpose, Day: day(h.subject.Now)}
			all = append(all, and(p.scope(e, h, t.scope, one), toChild(p.model, e, with)))
		}
		return or(all...)
	}
	return p.scope(e, h, t.scope, t.by)
}
