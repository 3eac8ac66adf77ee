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
	mayStatePurpose bool // the purpose may be stated in this capacity
}

// capacitySet is a set of capacities, a bit for each.
type capacitySet uint64

// maxPersonRoles is the most roles that policies may have for people: with everyone's, each held in two capacities, a set has
// bits enough.
const maxPersonRoles = 31

// compileState is what a subject holds while a view is compiled: all capacities, and the keys that sets of them reach. Lines of
// several roles with the same scope reach what their keys together reach, so they are joined before the conditions are.
type compileState struct {
	subject       Subject
	capacities    []capacity // in order of the roles: equal callers get equal statements
	roles         []heldRole // in order
	heldKeysCache map[scopeCapacities][]uuid.UUID
	rolePolicies  rolePolicies // of the entity that is being compiled
	cache         conditionCache
}

// heldRole is what one role's lines say, by entity, and the capacities in which it is held.
type heldRole struct {
	rules      map[string][]Rule
	capacities capacitySet
}

// rolePolicies is what lines allow and deny, by action and class.
type rolePolicies struct {
	allow, deny  [7][4]scopeTerms
	wholeRow     [4]scopeTerms // who reads, but for those with whom only named fields are shared
	sharesFields bool          // there are such
}

func (h *rolePolicies) reset() {
	for i := range h.allow {
		for j := range h.allow[i] {
			h.allow[i][j], h.deny[i][j] = h.allow[i][j][:0], h.deny[i][j][:0]
		}
	}
	for i := range h.wholeRow {
		h.wholeRow[i] = h.wholeRow[i][:0]
	}
	h.sharesFields = false
}

type scopeCapacities struct {
	scope      string
	capacities capacitySet
}

// newCompileState reads what the subject, with the assignments that count, holds. The assignments of each role that may, and that may not, state the purpose are
// joined: a line compares one kind of key only, so joining their lists never multiplies rights.
func (p *Policy) newCompileState(s Subject) *compileState {
	held := map[string][]capacity{}
	if s.User != uuid.Nil {
		held[Everyone] = []capacity{{Assignment{Role: Everyone}, p.mayState(Everyone, nil, s.Purpose)}}
	}
	if s.ActingGrant != nil {
		held[Auditor] = []capacity{{Assignment{Role: Auditor}, p.mayState(Auditor, nil, s.Purpose)}}
	}
	for _, a := range s.Assignments {
		if p.rules[a.Role] == nil {
			continue
		}
		states := p.mayState(a.Role, a.Purposes, s.Purpose)
		i := slices.IndexFunc(held[a.Role], func(c capacity) bool { return c.mayStatePurpose == states })
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
	h := &compileState{subject: s, heldKeysCache: map[scopeCapacities][]uuid.UUID{}}
	for _, role := range slices.Sorted(maps.Keys(held)) {
		by := capacitySet(1<<len(held[role])-1) << len(h.capacities)
		h.capacities = append(h.capacities, held[role]...)
		h.roles = append(h.roles, heldRole{p.rules[role], by})
	}
	return h
}

// eachCapacity calls do with each capacity of the set.
func (h *compileState) eachCapacity(by capacitySet, do func(*capacity)) {
	for rest := uint64(by); rest != 0; rest &= rest - 1 {
		do(&h.capacities[bits.TrailingZeros64(rest)])
	}
}

// heldEverywhere reports whether one of the capacities is held everywhere.
func (h *compileState) heldEverywhere(by capacitySet) (yes bool) {
	h.eachCapacity(by, func(c *capacity) { yes = yes || c.Everywhere })
	return yes
}

// heldKeys lists the keys of a scope that the capacities hold, in order.
func (h *compileState) heldKeys(scope string, by capacitySet) []uuid.UUID {
	at := scopeCapacities{scope, by}
	keys, ok := h.heldKeysCache[at]
	if ok {
		return keys
	}
	h.eachCapacity(by, func(c *capacity) {
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
	h.heldKeysCache[at] = sortKeys(keys)
	return h.heldKeysCache[at]
}

// scopeTerm is lines with one scope and one basis, and the capacities to which they speak.
type scopeTerm struct {
	scope      string
	basis      Condition // what must be on record beside: Always for nothing, Consent or Shared
	capacities capacitySet
}

// scopeTerms is the parts that lines come to for one action and one class.
type scopeTerms []scopeTerm

func (s *scopeTerms) add(scope string, basis Condition, by capacitySet) {
	for i := range *s {
		if p := &(*s)[i]; p.scope == scope && p.basis == basis {
			p.capacities |= by
			return
		}
	}
	*s = append(*s, scopeTerm{scope, basis, by})
}

// compileEntity compiles what the lines about an entity say.
func (p *Policy) compileEntity(e *model.Entity, h *compileState) *entityView {
	v := &entityView{conds: map[model.Action][4]*Cond{}}
	h.rolePolicies.reset()
	h.cache.reset()
	for _, role := range h.roles {
		rules := role.rules[e.Name]
		for i := range rules {
			r := &rules[i]
			v.pseudonymous = v.pseudonymous || r.Condition == Pseudonym
			by, into := h.capacitiesByLevel(r, role.capacities), &h.rolePolicies.allow
			if r.Deny {
				into = &h.rolePolicies.deny
			}
			for _, action := range r.Actions {
				if !h.subject.ReadOnly || action == model.Read {
					addLineByLevel(&into[slices.Index(model.Actions, action)], r, by)
				}
				switch {
				case action != model.Read || r.Deny:
				case r.Condition == Shared:
					h.rolePolicies.sharesFields = true
				default:
					addLineByLevel(&h.rolePolicies.wholeRow, r, by)
				}
			}
		}
	}
	for i, action := range model.Actions {
		if len(h.rolePolicies.allow[i][0]) == 0 {
			continue // what no line allows with cells of the least class, no line allows
		}
		var conds [4]*Cond
		for l := range conds {
			conds[l] = h.joinTerms(p, e, h.rolePolicies.allow[i][l])
			if deny := h.rolePolicies.deny[i][l]; len(deny) > 0 {
				but := allOf(*conds[l], negate(*h.joinTerms(p, e, deny)))
				conds[l] = &but
			}
		}
		v.conds[action] = conds
	}
	if v.sharesFields = h.rolePolicies.sharesFields; v.sharesFields {
		v.wholeRow = *h.joinTerms(p, e, h.rolePolicies.wholeRow[0])
		if deny := h.rolePolicies.deny[slices.Index(model.Actions, model.Read)][0]; len(deny) > 0 {
			v.wholeRow = allOf(v.wholeRow, negate(*h.joinTerms(p, e, deny)))
		}
	}
	return v
}

// capacitiesByLevel lists to which of the capacities held the line speaks about each class.
func (h *compileState) capacitiesByLevel(r *Rule, held capacitySet) (by [4]capacitySet) {
	for rest := uint64(held); rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		for l := range by {
			if appliesToLevel(r, classification.Level(l), h.capacities[i].mayStatePurpose) {
				by[l] |= 1 << i
			}
		}
	}
	return by
}

// addLineByLevel adds a line, for the capacities to which it speaks, to what is said about each class.
func addLineByLevel(levels *[4]scopeTerms, r *Rule, by [4]capacitySet) {
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

// conditionCache keeps the conditions of one entity: actions and classes have few different ones.
type conditionCache struct {
	termLists   []cachedTerms
	singleTerms []cachedTerm
	scratch     []Cond
}

type cachedTerms struct {
	terms scopeTerms
	cond  *Cond
}

type cachedTerm struct {
	term scopeTerm
	cond Cond
}

func (m *conditionCache) reset() { m.termLists, m.singleTerms = m.termLists[:0], m.singleTerms[:0] }

// joinTerms is where any of the parts holds.
func (h *compileState) joinTerms(p *Policy, e *model.Entity, s scopeTerms) *Cond {
	m := &h.cache
	slices.SortFunc(s, func(x, y scopeTerm) int {
		return cmp.Or(strings.Compare(x.scope, y.scope), strings.Compare(string(x.basis), string(y.basis)))
	})
	for i := range m.termLists {
		if slices.Equal(m.termLists[i].terms, s) {
			return m.termLists[i].cond
		}
	}
	m.scratch = m.scratch[:0]
	for _, t := range s {
		i := slices.IndexFunc(m.singleTerms, func(j cachedTerm) bool { return j.term == t })
		if i < 0 {
			i = len(m.singleTerms)
			m.singleTerms = append(m.singleTerms, cachedTerm{t, p.termCondition(e, h, t)})
		}
		m.scratch = append(m.scratch, m.singleTerms[i].cond)
	}
	c := anyOf(m.scratch...)
	m.termLists = append(m.termLists, cachedTerms{s, &c})
	return &c
}

// termCondition is where a part holds.
func (p *Policy) termCondition(e *model.Entity, h *compileState, t scopeTerm) Cond {
	switch t.basis {
	case Consent:
		return allOf(p.scopeCondition(e, h, t.scope, t.capacities), toChild(p.model, e, Cond{Op: ConsentCovers, Text: h.subject.Purpose, Day: utcDay(h.subject.Now)}))
	case Shared: // who is shared with must be who is reached: one by one
		if e.Edge("consent") != nil { // the referral itself
			return allOf(p.scopeCondition(e, h, t.scope, t.capacities), Cond{Op: OwnConsentCovers, Text: h.subject.Purpose, Day: utcDay(h.subject.Now)})
		}
		var all []Cond
		for rest := t.capacities; rest != 0; rest &= rest - 1 {
			one := rest & -rest
			with := Cond{Op: ReferredToPartner, Values: h.heldKeys("partner", one), Text: h.subject.Purpose, Day: utcDay(h.subject.Now)}
			all = append(all, allOf(p.scopeCondition(e, h, t.scope, one), toChild(p.model, e, with)))
		}
		return anyOf(all...)
	}
	return p.scopeCondition(e, h, t.scope, t.capacities)
}
