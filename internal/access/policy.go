// Package access decides about rights. It compiles the policies and a caller's valid assignments into a View, which is
// immutable. For each entity, the view states which rows the caller may see, which cells are shown in clear and which
// actions are allowed. The package is pure and uses neither a database nor HTTP. It is the only user of Casbin. It
// compiles Casbin's policies once per version and caller instead of calling Casbin for each row. A test compares the
// compiled conditions with Casbin's own answers.
package access

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	casbin "github.com/casbin/casbin/v2/model"
	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// Everyone is the role that each signed-in user holds.
const Everyone = "everyone"

// SystemPrefix begins the names of the roles that tasks of the hub itself hold.
const SystemPrefix = "system_"

// Public is the role of a caller that is not signed in. The operator decides whether such callers are served.
const Public = "public"

// mayHoldRole reports whether an assignment can give the role to the subject. An assignment never gives a user the role
// of a task of the hub.
func mayHoldRole(s *Subject, role string) bool {
	return role != Everyone && role != Auditor && (s.User == uuid.Nil || !strings.HasPrefix(role, "system_"))
}

// denyWholeRow is the clearance of a deny line that hides the whole row.
const denyWholeRow = -1

// Rule is one policy line about one entity. A line about a group becomes one Rule for each entity of the group.
type Rule struct {
	Role, Entity, Scope string
	Actions             []model.Action
	Clearance           int // a classification.Level, or denyWholeRow
	Condition           Condition
	Deny                bool
	Line                int // line number in roles.csv
}

// Condition is the requirement of a line for showing cells of level C3 in clear.
type Condition string

// The words of the condition column.
const (
	// Always requires nothing.
	Always Condition = "-"
	// Purpose requires that the request states a purpose that the role may state.
	Purpose Condition = "purpose"
	// Consent requires such a purpose, and a live consent of the child or another legal basis that covers it.
	Consent Condition = "consent"
	// Shared requires such a purpose, and a live referral to the caller's partner that shares the field. For the
	// referral itself it requires the referral's own live consent.
	Shared Condition = "shared"
	// Pseudonym never shows cells of level C3 in clear. Rows are shown under pseudonyms.
	Pseudonym Condition = "pseudonym"
)

var allConditions = []Condition{Always, Purpose, Consent, Shared, Pseudonym}

// Policy is one version of the policies. It is immutable.
type Policy struct {
	model          *model.Model
	rules          map[string]map[string][]Rule // by role and entity
	purposesByRole map[string][]string          // purposes that a role may state
	entityGroups   map[string][]string          // entities of a group
	policyLines    []PolicyLine                 // in the order of the file, groups first
	roleRules      roleRules
	lastLine       int // number of the file's last line
	modelConf      string
	folder         string
	version        string
}

// Policies provides the policies that are in force. A request must call Current once and use the same policy
// throughout.
type Policies interface{ Current() *Policy }

// Current returns the policy itself, so that a fixed policy implements Policies.
func (p *Policy) Current() *Policy { return p }

// RolesFile is the name of the file with the policy lines.
const RolesFile = "roles.csv"

// Folder is a folder of policies with the name that error messages use for it.
type Folder struct {
	fs.FS
	Name string
}

// FolderName returns the name of a folder of policies. The folder embedded in the program is named "policies".
func FolderName(files fs.FS) string {
	if f, ok := files.(Folder); ok {
		return f.Name
	}
	return "policies"
}

// LinePosition formats the position of a line of roles.csv, for example as "policies/roles.csv line 12".
func (p *Policy) LinePosition(line int) string {
	return fmt.Sprintf("%s/%s line %d", p.folder, RolesFile, line)
}

// PolicyLine is a line of roles.csv that is neither empty nor a comment.
type PolicyLine struct {
	Columns []string
	Number  int
}

// Purposes lists the values of the header Purpose-Of-Use. A consent covers purposes of the same list.
var Purposes = []string{"services", "case_sharing", "referral", "tracing", "statistics", "research", "audit"}

// scopeWords maps each word of the scope column to a function that returns the paths of an entity's scope for the word.
// For "published" it returns states instead of paths. An entity does not have the scope when the list is empty. The
// word "global" has no function, because it covers every row.
var scopeWords = map[string]func(model.Scope) []string{
	"global":       nil,
	"country":      func(s model.Scope) []string { return s.Country },
	"office":       func(s model.Scope) []string { return s.Office },
	"partner":      func(s model.Scope) []string { return s.Partner },
	"intervention": func(s model.Scope) []string { return s.Intervention },
	"assigned":     func(s model.Scope) []string { return s.Assigned },
	"self":         func(s model.Scope) []string { return s.Self },
	"own":          func(s model.Scope) []string { return s.Self },
	"grant":        func(s model.Scope) []string { return s.Grant },
	"emergency":    childPath,
	"referred":     childPath,
	"addressed":    func(s model.Scope) []string { return pathsIfOpen(s.Published, s.Partner) },
	"team":         func(s model.Scope) []string { return pathsIfOpen(s.Team, s.Assigned) },
	"overseen":     func(s model.Scope) []string { return pathsIfOpen(s.Overseen, s.Office) },
	"published":    func(s model.Scope) []string { return s.Published },
}

// pathsIfOpen returns the paths when the entity has values that open them.
func pathsIfOpen(values, paths []string) []string {
	if len(values) == 0 {
		return nil
	}
	return paths
}

// childPath returns the path to the child of a row as a list.
func childPath(s model.Scope) []string {
	if s.Child == "" {
		return nil
	}
	return []string{s.Child}
}

// Load reads and parses model.conf and roles.csv. An error names the file and the line.
func Load(files fs.FS, m *model.Model) (*Policy, error) {
	conf, err := fs.ReadFile(files, "model.conf")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", FolderName(files), err)
	}
	if _, err := casbin.NewModelFromString(string(conf)); err != nil {
		return nil, fmt.Errorf("%s/model.conf: %w", FolderName(files), err)
	}
	text, err := fs.ReadFile(files, RolesFile)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", FolderName(files), err)
	}
	sum := sha256.Sum256(append(bytes.Clone(conf), text...))
	p := &Policy{
		model:          m,
		rules:          map[string]map[string][]Rule{},
		purposesByRole: map[string][]string{},
		entityGroups:   map[string][]string{},
		roleRules:      roleRules{deploymentLines: map[string]int{}},
		modelConf:      string(conf),
		folder:         FolderName(files),
		version:        hex.EncodeToString(sum[:8]),
	}
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%s: the file is not in UTF-8: save it as CSV in UTF-8", p.LinePosition(1))
	}
	scanner := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; scanner.Scan(); n++ {
		fields := splitPolicyLine(scanner.Text())
		if p.lastLine = n; len(fields) == 0 {
			continue
		}
		p.policyLines = append(p.policyLines, PolicyLine{fields, n})
		if err := p.parseLine(fields, n); err != nil {
			return nil, fmt.Errorf("%s: %w", p.LinePosition(n), err)
		}
	}
	isSystem := func(role string) bool { return strings.HasPrefix(role, SystemPrefix) }
	if held := slices.DeleteFunc(p.Roles(), isSystem); len(held) > maxPersonRoles {
		return nil, fmt.Errorf("%s: the file has %d roles that people may hold, and at most %d are supported",
			p.LinePosition(p.lastLine), len(held), maxPersonRoles)
	}
	return p, scanner.Err()
}

// splitPolicyLine returns the columns of a line, or nil for an empty line and a comment. It also reads lines as
// spreadsheet programs save them, with a byte-order mark, quotes, semicolons or tabs, and empty columns at the end. No
// column may contain any of these.
func splitPolicyLine(text string) []string {
	text = strings.NewReplacer("\uFEFF", "", `"`, "", ";", ",", "\t", ",").Replace(text)
	columns := strings.Split(text, ",")
	for i := range columns {
		columns[i] = strings.TrimSpace(columns[i])
	}
	if strings.HasPrefix(columns[0], "#") {
		return nil
	}
	for len(columns) > 0 && columns[len(columns)-1] == "" {
		columns = columns[:len(columns)-1]
	}
	return columns
}

// parseLine adds a line with the number n to the policy. An error states what is wrong in the line, without its
// position.
func (p *Policy) parseLine(fields []string, n int) error {
	switch {
	case fields[0] == "g" && len(fields) == 3:
		if p.model.Entity(fields[1]) == nil {
			return fmt.Errorf("there is no entity %q", fields[1])
		}
		p.entityGroups[fields[2]] = append(p.entityGroups[fields[2]], fields[1])
		return nil
	case fields[0] == "g2" && len(fields) == 3:
		if !slices.Contains(Purposes, fields[2]) {
			return fmt.Errorf("there is no purpose %q; write one of %s", fields[2], strings.Join(Purposes, ", "))
		}
		p.purposesByRole[fields[1]] = append(p.purposesByRole[fields[1]], fields[2])
		return nil
	case slices.Contains(roleRights, RoleRight(fields[0])) && len(fields) == 4:
		return p.roleRules.addRight(fields, n)
	case fields[0] == "needs" && len(fields) == 3:
		return p.roleRules.addNeed(fields, n)
	case fields[0] != "p" || len(fields) != 8:
		return errors.New("write p and seven columns (role, entity, actions, scope, clearance, condition, effect), " +
			"or g, entity, group, or g2, role, purpose, or grant, end or suspend with role, role, scope, " +
			"or needs, role, deployment")
	}
	r := Rule{
		Role:      fields[1],
		Scope:     fields[4],
		Condition: Condition(fields[6]),
		Deny:      fields[7] == "deny",
		Line:      n,
	}
	for _, word := range strings.Split(fields[3], "+") {
		if !slices.Contains(model.Actions, model.Action(word)) {
			return fmt.Errorf("there is no action %q", word)
		}
		r.Actions = append(r.Actions, model.Action(word))
	}
	if !IsScope(r.Scope) {
		return fmt.Errorf("there is no scope %q", r.Scope)
	}
	if level, err := classification.ParseLevel(fields[5]); err == nil {
		r.Clearance = int(level)
	} else if r.Clearance = denyWholeRow; fields[5] != "row" || !r.Deny {
		return err
	}
	if !slices.Contains(allConditions, r.Condition) || r.Deny && r.Condition != Always {
		return fmt.Errorf("the condition %q is not possible in a line with the effect %q", fields[6], fields[7])
	}
	if fields[7] != "allow" && !r.Deny {
		return fmt.Errorf("the effect is %q; write allow or deny", fields[7])
	}
	entities := p.EntitiesNamed(fields[2])
	if len(entities) == 0 {
		return fmt.Errorf("%q is neither an entity nor a group that a line above defines", fields[2])
	}
	for _, name := range entities {
		r.Entity = name
		if fields[2] == name && !HasScope(p.model.Entity(name), r.Scope) {
			return fmt.Errorf("%s has no scope %q, so the line would never allow anything", name, r.Scope)
		}
		if r.Condition == Consent && childPath(p.model.Entity(name).Scope) == nil {
			return fmt.Errorf("%s is not about a child, so no consent covers it", name)
		}
		if p.rules[r.Role] == nil {
			p.rules[r.Role] = map[string][]Rule{}
		}
		p.rules[r.Role][name] = append(p.rules[r.Role][name], r)
	}
	return nil
}

// EntitiesNamed returns the entity with the name, or the entities of the group with the name.
func (p *Policy) EntitiesNamed(word string) []string {
	if p.model.Entity(word) != nil {
		return []string{word}
	}
	return p.entityGroups[word]
}

// Model returns the model that the policies are about.
func (p *Policy) Model() *model.Model { return p.model }

// Lines lists the lines of roles.csv in the order of the file. The caller must not change them.
func (p *Policy) Lines() []PolicyLine { return p.policyLines }

// LastLine returns the number of the last line of roles.csv.
func (p *Policy) LastLine() int { return p.lastLine }

// RulesAbout lists the rules of a role about an entity, in the order of the file. The caller must not change them.
func (p *Policy) RulesAbout(role, entity string) []Rule { return p.rules[role][entity] }

// HasRules reports whether a policy line is about the role.
func (p *Policy) HasRules(role string) bool { return p.rules[role] != nil }

// IsScope reports whether the word is one of the scope column.
func IsScope(word string) bool {
	_, ok := scopeWords[word]
	return ok
}

// HasScope reports whether rows of the entity can have the scope.
func HasScope(e *model.Entity, word string) bool {
	paths := scopeWords[word]
	return paths == nil || len(paths(e.Scope)) > 0
}

// Version identifies the text of model.conf and roles.csv. It changes with the text.
func (p *Policy) Version() string { return p.version }

// Roles lists the roles that have a line, in the order of their names.
func (p *Policy) Roles() []string {
	var names []string
	for name := range p.rules {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
