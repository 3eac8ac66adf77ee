package policycheck

import (
	"fmt"
	"slices"
	"strings"

	"rightshub/internal/access"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// scopesOfRole lists the scope words that can cover a row for a holder of the role. It returns nil for a role that
// nobody can hold.
func (p policy) scopesOfRole(role string) []string {
	switch {
	case role == access.Public:
		return []string{"global", "published"}
	case strings.HasPrefix(role, access.SystemPrefix):
		return []string{"global", "country"}
	case role == access.Everyone, role == access.Auditor:
		return []string{"global", "self", "grant", "published"}
	case slices.Contains(p.GrantableRoles(), role):
		return []string{
			"global", "country", "office", "partner", "intervention", "assigned", "self", "own",
			"emergency", "referred", "addressed", "published", "team", "overseen",
		}
	}
	return nil
}

// whyUnreachable explains why a line never applies to a row of its entity. It returns "" when the line can apply.
func (p policy) whyUnreachable(r access.Rule) string {
	words := p.scopesOfRole(r.Role)
	switch {
	case words == nil:
		return fmt.Sprintf("there is no role %q that somebody could hold; say who grants it, for example with the line "+
			`"grant, platform_admin, %s, global"`, r.Role, r.Role)
	case !slices.Contains(words, r.Scope):
		return fmt.Sprintf("the role %s has nothing of the scope %q, so the line never allows anything",
			r.Role, r.Scope)
	case !access.HasScope(p.Model().Entity(r.Entity), r.Scope):
		return fmt.Sprintf("%s has no scope %q, so the line never allows anything there", r.Entity, r.Scope)
	}
	return ""
}

// unreachableLines finds lines that never apply to their entity, or to one entity of their group. It also finds
// conditions that have no effect or that cannot be met.
func (p policy) unreachableLines() (out []Problem) {
	for _, rules := range p.rulesByLine() {
		last := ""
		for _, r := range rules {
			why := p.whyUnreachable(r)
			if why == "" {
				why = p.whyConditionIsVoid(r)
			}
			if why != "" && why != last {
				out = append(out, Problem{access.RolesFile, r.Line, why})
				last = why
			}
		}
	}
	return out
}

// whyConditionIsVoid explains why a line's condition has no effect or cannot be met. It returns "" for a sound
// condition.
func (p policy) whyConditionIsVoid(r access.Rule) string {
	switch {
	case r.Condition == access.Always || r.Condition == access.Pseudonym:
		return ""
	case r.Clearance < int(classification.C3):
		return fmt.Sprintf("the condition %q is about C3, and the line ends at %s",
			r.Condition, classification.Level(r.Clearance))
	case len(p.StatablePurposesOf(r.Role)) == 0:
		return fmt.Sprintf("the condition %q is never met, because no g2 line says which purposes %s may state",
			r.Condition, r.Role)
	}
	return ""
}

// rulesByLine lists the rules of each line, in the order of the file.
func (p policy) rulesByLine() [][]access.Rule {
	at := map[int][]access.Rule{}
	for _, role := range p.Roles() {
		for _, e := range p.Model().Entities() {
			for _, r := range p.RulesAbout(role, e.Name) {
				at[r.Line] = append(at[r.Line], r)
			}
		}
	}
	var out [][]access.Rule
	for _, l := range p.Lines() {
		if rules := at[l.Number]; rules != nil {
			slices.SortFunc(rules, func(a, b access.Rule) int { return strings.Compare(a.Entity, b.Entity) })
			out = append(out, rules)
		}
	}
	return out
}

// shadowedLines finds superfluous lines. Other lines of the same role already give or deny the same rights.
func (p policy) shadowedLines() (out []Problem) {
	for _, rules := range p.rulesByLine() {
		if line := p.shadowingLine(rules); line > 0 {
			text := fmt.Sprintf("line %d says all of this already", line)
			out = append(out, Problem{access.RolesFile, rules[0].Line, text})
		}
	}
	return out
}

// shadowingLine returns the number of a line that makes the rules of one line superfluous, and 0 when a right would be
// missing without them. When several lines together cover the rules, it returns the line for the last rule.
func (p policy) shadowingLine(rules []access.Rule) (line int) {
	for _, r := range rules {
		for _, a := range r.Actions {
			if p.whyUnreachable(r) != "" {
				continue
			}
			if line = p.coveringLine(r, a); line == 0 {
				return 0
			}
		}
	}
	return line
}

// coveringLine returns the number of another line of the role that states the same or more about the action, and 0 when
// there is none. When two lines state the same, the earlier one covers the later one.
func (p policy) coveringLine(r access.Rule, a model.Action) int {
	for _, other := range p.RulesAbout(r.Role, r.Entity) {
		same := !slices.ContainsFunc(other.Actions, func(a model.Action) bool { return !ruleCovers(r, other, a) })
		if other.Line != r.Line && ruleCovers(other, r, a) && (other.Line < r.Line || !same) {
			return other.Line
		}
	}
	return 0
}

// ruleCovers reports whether the wide line provably states about the action everything that the narrow line states.
func ruleCovers(wide, narrow access.Rule, a model.Action) bool {
	if wide.Deny != narrow.Deny || !slices.Contains(wide.Actions, a) || !slices.Contains(narrow.Actions, a) {
		return false
	}
	if wide.Scope != narrow.Scope && wide.Scope != "global" {
		return false
	}
	if wide.Deny {
		return wide.Clearance <= narrow.Clearance
	}
	// Consent and Shared both include the requirement of Purpose, but neither includes the other.
	strictness := map[access.Condition]int{access.Always: 0, access.Purpose: 1, access.Consent: 2, access.Shared: 3}
	w, n := strictness[wide.Condition], strictness[narrow.Condition]
	pseudonyms := wide.Condition == access.Pseudonym || narrow.Condition == access.Pseudonym
	easier := wide.Condition == narrow.Condition ||
		!pseudonyms && (w <= 1 && w < n || narrow.Clearance < int(classification.C3))
	return easier && wide.Clearance >= narrow.Clearance
}

// unreadClasses finds entities and classes of cells that no line lets anybody read. Roles of the hub's own tasks do not
// count.
func (p policy) unreadClasses() (out []Problem) {
	reads := func(r access.Rule) bool {
		return !strings.HasPrefix(r.Role, access.SystemPrefix) && !r.Deny && slices.Contains(r.Actions, model.Read) &&
			p.whyUnreachable(r) == ""
	}
	for _, e := range p.Model().Entities() {
		highest := -1
		for _, role := range p.Roles() {
			for _, r := range p.RulesAbout(role, e.Name) {
				if reads(r) {
					highest = max(highest, p.highestClearedLevel(r))
				}
			}
		}
		at := p.firstLineAbout("", e.Name)
		if highest < 0 {
			out = append(out, Problem{access.RolesFile, at, fmt.Sprintf("no line lets anybody read %s", e.Name)})
			continue
		}
		for _, c := range access.Classes(e) {
			if c.Tag.Ident != classification.None && int(c.Tag.Level) > highest {
				out = append(out, Problem{access.RolesFile, at, fmt.Sprintf(
					"no line lets anybody read the class %s of %s in clear: %s",
					c.Tag, e.Name, strings.Join(c.Fields, ", "))})
			}
		}
	}
	return out
}

// highestClearedLevel returns the highest level that the line can show in clear.
func (p policy) highestClearedLevel(r access.Rule) int {
	if r.Condition == access.Pseudonym || r.Condition != access.Always && len(p.StatablePurposesOf(r.Role)) == 0 {
		return min(r.Clearance, int(classification.C2))
	}
	return r.Clearance
}
