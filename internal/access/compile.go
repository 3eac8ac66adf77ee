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

// capacity is one role of the subject. The assignments of the role are joined into one, once for those that may state
// the request's purpose and once for the others.
type capacity struct {
	Assignment
	mayStatePurpose bool // the request's purpose may be stated in this capacity
}

// capacitySet is a set of capacities. Each capacity has one bit, at its index in compileState.capacities.
type capacitySet uint64

// maxPersonRoles is the highest number of roles that the policies may have for people. Each role is held in at most two
// capacities. The role everyone included, a capacitySet of 64 bits has room for all of them.
const maxPersonRoles = 31

// compileState holds what the subject holds while a view is compiled. Lines of several roles with the same scope cover
// the union of the rows that their keys cover. The lines are therefore joined first, and one condition is built for all
// of them.
type compileState struct {
	subject       Subject
	capacities    []capacity // in order of the roles, so that equal callers get equal SQL statements
	roles         []heldRole // in order
	heldKeysCache map[scopeCapacities][]uuid.UUID
	rolePolicies  rolePolicies // of the entity that is being compiled
	cache         conditionCache
}

// heldRole is one role of the subject, with the lines of the role by entity and the capacities in which it is held.
type heldRole struct {
	rules      map[string][]Rule
	capacities capacitySet
}

// rolePolicies collects the terms that lines allow and deny, by index of the action and by level.
type rolePolicies struct {
	allow, deny  [7][4]scopeTerms
	wholeRow     [4]scopeTerms // terms for reading, without the lines that share only the fields of a referral
	sharesFields bool          // a line shares only the fields of a referral
}

// reset empties the lists and reuses their memory.
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

// scopeCapacities is the key of the cache of held keys.
type scopeCapacities struct {
	scope      string
	capacities capacitySet
}

// newCompileState collects the capacities of the subject, which must have its current assignments only. The assignments
// of a role that may state the purpose are joined into one capacity, and those that may not into another. Joining their
// keys never multiplies rights, because a line compares only one kind of key.
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
		set := capacitySet(1<<len(held[role])-1) << len(h.capacities)
		h.capacities = append(h.capacities, held[role]...)
		h.roles = append(h.roles, heldRole{p.rules[role], set})
	}
	return h
}

// eachCapacity calls do with each capacity of the set.
func (h *compileState) eachCapacity(set capacitySet, do func(*capacity)) {
	for rest := uint64(set); rest != 0; rest &= rest - 1 {
		do(&h.capacities[bits.TrailingZeros64(rest)])
	}
}

// heldEverywhere reports whether one of the capacities is held everywhere.
func (h *compileState) heldEverywhere(set capacitySet) (yes bool) {
	h.eachCapacity(set, func(c *capacity) { yes = yes || c.Everywhere })
	return yes
}

// heldKeys lists the keys of a scope that the capacities hold, in the order of sortKeys.
func (h *compileState) heldKeys(scope string, set capacitySet) []uuid.UUID {
	at := scopeCapacities{scope, set}
	keys, ok := h.heldKeysCache[at]
	if ok {
		return keys
	}
	h.eachCapacity(set, func(c *capacity) {
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

// scopeTerm stands for all lines with one scope and one basis, and for the capacities to which they apply.
type scopeTerm struct {
	scope      string
	basis      Condition // Consent or Shared when this must also be on record, otherwise Always
	capacities capacitySet
}

// scopeTerms are the terms for one action and one level. Any of them suffices.
type scopeTerms []scopeTerm

// add adds the capacities to the term with the same scope and basis, or appends a new term.
func (s *scopeTerms) add(scope string, basis Condition, set capacitySet) {
	for i := range *s {
		if t := &(*s)[i]; t.scope == scope && t.basis == basis {
			t.capacities |= set
			return
		}
	}
	*s = append(*s, scopeTerm{scope, basis, set})
}

// compileEntity compiles the lines about an entity into conditions.
func (p *Policy) compileEntity(e *model.Entity, h *compileState) *entityView {
	v := &entityView{conds: map[model.Action][4]*Cond{}}
	h.rolePolicies.reset()
	h.cache.reset()
	for _, role := range h.roles {
		rules := role.rules[e.Name]
		for i := range rules {
			r := &rules[i]
			v.pseudonymous = v.pseudonymous || r.Condition == Pseudonym
			sets, into := h.capacitiesByLevel(r, role.capacities), &h.rolePolicies.allow
			if r.Deny {
				into = &h.rolePolicies.deny
			}
			for _, action := range r.Actions {
				if !h.subject.ReadOnly || action == model.Read {
					addLineByLevel(&into[slices.Index(model.Actions, action)], r, sets)
				}
				switch {
				case action != model.Read || r.Deny:
				case r.Condition == Shared:
					h.rolePolicies.sharesFields = true
				default:
					addLineByLevel(&h.rolePolicies.wholeRow, r, sets)
				}
			}
		}
	}
	for i, action := range model.Actions {
		if len(h.rolePolicies.allow[i][0]) == 0 {
			continue // a line that allows the action at any level also allows it at level C0
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

// capacitiesByLevel returns for each level the capacities in the set to which the line applies.
func (h *compileState) capacitiesByLevel(r *Rule, set capacitySet) (sets [4]capacitySet) {
	for rest := uint64(set); rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		for l := range sets {
			if r.AppliesToLevel(classification.Level(l), h.capacities[i].mayStatePurpose) {
				sets[l] |= 1 << i
			}
		}
	}
	return sets
}

// addLineByLevel adds a line to the terms of each level. The sets hold the capacities to which the line applies at each
// level.
func addLineByLevel(levels *[4]scopeTerms, r *Rule, sets [4]capacitySet) {
	for l, set := range sets {
		basis := Always
		if classification.Level(l) == classification.C3 && !r.Deny &&
			(r.Condition == Consent || r.Condition == Shared) {
			basis = r.Condition
		}
		if set != 0 {
			levels[l].add(r.Scope, basis, set)
		}
	}
}

// conditionCache stores the conditions of one entity. Its actions and levels share a few different conditions.
type conditionCache struct {
	termLists   []cachedTerms
	singleTerms []cachedTerm
	scratch     []Cond // reused by joinTerms
}

// cachedTerms is the condition of a list of terms.
type cachedTerms struct {
	terms scopeTerms
	cond  *Cond
}

// cachedTerm is the condition of one term.
type cachedTerm struct {
	term scopeTerm
	cond Cond
}

// reset empties the cache and reuses its memory.
func (m *conditionCache) reset() { m.termLists, m.singleTerms = m.termLists[:0], m.singleTerms[:0] }

// joinTerms returns the condition that selects the rows of any of the terms. It sorts the terms.
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

// termCondition returns the condition that selects the rows of a term.
func (p *Policy) termCondition(e *model.Entity, h *compileState, t scopeTerm) Cond {
	purpose, day := h.subject.Purpose, utcDay(h.subject.Now)
	switch t.basis {
	case Consent:
		covered := Cond{Op: ConsentCovers, Text: purpose, Day: day}
		return allOf(p.scopeCondition(e, h, t.scope, t.capacities), toChild(p.model, e, covered))
	case Shared:
		if e.Edge("consent") != nil { // the entity is the referral itself
			covered := Cond{Op: OwnConsentCovers, Text: purpose, Day: day}
			return allOf(p.scopeCondition(e, h, t.scope, t.capacities), covered)
		}
		// Each capacity has its own condition, because the partner that receives the referral and the scope that covers
		// the row must belong to the same capacity.
		var all []Cond
		for rest := t.capacities; rest != 0; rest &= rest - 1 {
			single := rest & -rest
			shared := Cond{Op: ReferredToPartner, Values: h.heldKeys("partner", single), Text: purpose, Day: day}
			all = append(all, allOf(p.scopeCondition(e, h, t.scope, single), toChild(p.model, e, shared)))
		}
		return anyOf(all...)
	}
	return p.scopeCondition(e, h, t.scope, t.capacities)
}
