package access

import (
	"fmt"
	"slices"
	"strings"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// systemPrefix begins the names of roles that tasks of the hub itself hold.
const systemPrefix = "system_"

// Public is the role of callers who are not signed in, where the operator lets them in.
const Public = "public"

// scopesOfRole lists the scope words that can ever reach a row for whoever holds the role; none where nobody can hold
// it.
func scopesOfRole(role string) []string {
	switch {
	case role == Public:
		return []string{"global", "published"}
	case strings.HasPrefix(role, systemPrefix):
		return []string{"global", "country"}
	case role == Everyone, role == Auditor:
		return []string{"global", "self", "grant", "published"}
	case slices.Contains(Grantable, role):
		return []string{"global", "country", "office", "partner", "intervention", "assigned", "self", "own", "emergency", "referred", "addressed", "published", "team", "overseen"}
	}
	return nil
}

// whyUnreachable says why a line never says anything about its entity; "" where it can.
func (p *Policy) whyUnreachable(r Rule) string {
	words := scopesOfRole(r.Role)
	paths := scopeWords[r.Scope]
	switch {
	case words == nil:
		return fmt.Sprintf("there is no role %q: nobody can hold it", r.Role)
	case !slices.Contains(words, r.Scope):
		return fmt.Sprintf("whoever holds %s has nothing of the scope %q: the line never allows anything", r.Role, r.Scope)
	case paths != nil && len(paths(p.model.Entity(r.Entity).Scope)) == 0:
		return fmt.Sprintf("%s has no scope %q: the line never allows anything there", r.Entity, r.Scope)
	}
	return ""
}

// unreachableLines finds lines that never apply, to their entity or to one of their group, and conditions that say
// nothing or cannot be met.
func (p *Policy) unreachableLines() (out []Problem) {
	for _, rules := range p.rulesByLine() {
		said := ""
		for _, r := range rules {
			why := p.whyUnreachable(r)
			if why == "" {
				why = p.whyConditionIsVoid(r)
			}
			if why != "" && why != said {
				out = append(out, Problem{rolesFile, r.Line, why})
				said = why
			}
		}
	}
	return out
}

// whyConditionIsVoid says why a line's condition means nothing.
func (p *Policy) whyConditionIsVoid(r Rule) string {
	switch {
	case r.Condition == Always || r.Condition == Pseudonym:
		return ""
	case r.Clearance < int(classification.C3):
		return fmt.Sprintf("the condition %q is about C3, and the line ends at %s", r.Condition, classification.Level(r.Clearance))
	case len(p.purposesByRole[r.Role]) == 0:
		return fmt.Sprintf("the condition %q is never met: no g2 line says which purposes %s may state", r.Condition, r.Role)
	}
	return ""
}

// rulesByLine lists the rules of each line, in the order of the file.
func (p *Policy) rulesByLine() [][]Rule {
	at := map[int][]Rule{}
	for _, entities := range p.rules {
		for _, rules := range entities {
			for _, r := range rules {
				at[r.Line] = append(at[r.Line], r)
			}
		}
	}
	var out [][]Rule
	for _, l := range p.policyLines {
		if rules := at[l.number]; rules != nil {
			slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.Entity, b.Entity) })
			out = append(out, rules)
		}
	}
	return out
}

// shadowedLines finds lines that could go: whatever they say, other lines of the role say too.
func (p *Policy) shadowedLines() (out []Problem) {
	for _, rules := range p.rulesByLine() {
		if by := p.shadowingLine(rules); by > 0 {
			out = append(out, Problem{rolesFile, rules[0].Line, fmt.Sprintf("line %d says all of this already", by)})
		}
	}
	return out
}

// shadowingLine is the number of a line that says what the rules of one line say; 0 where something would be missing.
func (p *Policy) shadowingLine(rules []Rule) (by int) {
	for _, r := range rules {
		for _, a := range r.Actions {
			if p.whyUnreachable(r) != "" {
				continue
			}
			if by = p.coveringLine(r, a); by == 0 {
				return 0
			}
		}
	}
	return by
}

// coveringLine is the number of another line of the role that says the same or more about the action; 0 where none
// does. Of two lines that say the same, the later one is covered.
func (p *Policy) coveringLine(r Rule, a model.Action) int {
	for _, other := range p.rules[r.Role][r.Entity] {
		same := !slices.ContainsFunc(other.Actions, func(a model.Action) bool { return !ruleCovers(r, other, a) })
		if other.Line != r.Line && ruleCovers(other, r, a) && (other.Line < r.Line || !same) {
			return other.Line
		}
	}
	return 0
}

// ruleCovers reports whether the wider line provably says about the action whatever the narrow one does.
func ruleCovers(wide, narrow Rule, a model.Action) bool {
	if wide.Deny != narrow.Deny || !slices.Contains(wide.Actions, a) || !slices.Contains(narrow.Actions, a) {
		return false
	}
	if wide.Scope != narrow.Scope && wide.Scope != "global" {
		return false
	}
	if wide.Deny {
		return wide.Clearance <= narrow.Clearance
	}
	asks := map[Condition]int{Always: 0, Purpose: 1, Consent: 2, Shared: 3} // a purpose is asked for by the two after it, too
	easier := wide.Condition == narrow.Condition || wide.Condition != Pseudonym && narrow.Condition != Pseudonym &&
		(asks[wide.Condition] <= 1 && asks[wide.Condition] < asks[narrow.Condition] || narrow.Clearance < int(classification.C3))
	return easier && wide.Clearance >= narrow.Clearance
}

// unreadClasses finds entities and classes of cells that no line lets anybody but the hub's own tasks read.
func (p *Policy) unreadClasses() (out []Problem) {
	for _, e := range p.model.Entities() {
		most := -1
		for role, entities := range p.rules {
			for _, r := range entities[e.Name] {
				if !strings.HasPrefix(role, systemPrefix) && !r.Deny && slices.Contains(r.Actions, model.Read) && p.whyUnreachable(r) == "" {
					most = max(most, p.highestClearedLevel(r))
				}
			}
		}
		if most < 0 {
			out = append(out, Problem{rolesFile, p.firstLineAbout("", e.Name), fmt.Sprintf("no line lets anybody read %s", e.Name)})
			continue
		}
		for _, c := range Classes(e) {
			if c.Tag.Ident != classification.None && int(c.Tag.Level) > most {
				out = append(out, Problem{rolesFile, p.firstLineAbout("", e.Name), fmt.Sprintf("no line lets anybody read the class %s of %s in clear: %s", c.Tag, e.Name, strings.Join(c.Fields, ", "))})
			}
		}
	}
	return out
}

// highestClearedLevel is the highest class that the line can ever clear.
func (p *Policy) highestClearedLevel(r Rule) int {
	if r.Condition == Pseudonym || r.Condition != Always && len(p.purposesByRole[r.Role]) == 0 {
		return min(r.Clearance, int(classification.C2))
	}
	return r.Clearance
}

// Class is a class of an entity's cells, with the API names of the fields and the references that are of it.
type Class struct {
	Tag    model.Tag
	Fields []string
}

// Classes lists the classes of an entity's cells in the API, least first.
func Classes(e *model.Entity) []Class {
	var out []Class
	add := func(tag model.Tag, name string) {
		i := slices.IndexFunc(out, func(c Class) bool { return c.Tag == tag })
		if i < 0 {
			i, out = len(out), append(out, Class{Tag: tag})
		}
		out[i].Fields = append(out[i].Fields, name)
	}
	for _, f := range e.Fields {
		if !f.Internal {
			add(f.Tag, f.Name)
		}
	}
	for _, edge := range e.Edges {
		if edge.Kind == model.ToOne {
			add(edge.Tag, edge.Name)
		}
	}
	weight := func(t model.Tag) int {
		return 3*int(t.Level) + slices.Index([]classification.Identifiability{classification.None, classification.Quasi, classification.Direct}, t.Ident)
	}
	slices.SortFunc(out, func(a, b Class) int { return weight(a.Tag) - weight(b.Tag) })
	return out
}
