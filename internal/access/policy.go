// Package access is the decision: it turns the policies and a caller's live assignments into V(u), an immutable view
// that says, per entity, which rows the caller may see, where a cell is clear, and what may be done. It is pure: no
// database, no HTTP. It is the only user of Casbin, whose policies it compiles once per policy version and caller
// instead of asking for each row; a test holds what it compiles against Casbin's own answers.
package access

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	casbin "github.com/casbin/casbin/v2/model"
	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// Everyone is the role that each signed-in person holds.
const Everyone = "everyone"

// Grantable are the roles that an assignment may give. The others are nobody's to give: everyone has one, an audit
// grant brings one, and those of the hub's own tasks belong to no person.
var Grantable = []string{"platform_admin", "programme_manager", "country_coordinator", "field_agent", "child_protection_officer", "case_supervisor",
	"volunteer", "partner_focal_point", "data_protection_officer", "donor", "integration"}

// mayHoldRole reports whether an assignment's role counts for the subject: a person's never makes them a task of the
// hub.
func mayHoldRole(s *Subject, role string) bool {
	return role != Everyone && role != Auditor && (s.User == uuid.Nil || !strings.HasPrefix(role, "system_"))
}

// denyWholeRow is the clearance of a deny line that takes the whole row away.
const denyWholeRow = -1

// Rule is one policy line about one entity.
type Rule struct {
	Role, Entity, Scope string
	Actions             []model.Action
	Clearance           int // a classification.Level, or row
	Condition           Condition
	Deny                bool
	Line                int // in roles.csv
}

// Condition is what a line asks for before cells of class C3 are clear.
type Condition string

// The words of the condition column.
const (
	Always    Condition = "-"         // nothing
	Purpose   Condition = "purpose"   // a purpose that the role may state
	Consent   Condition = "consent"   // such a purpose, and a live consent of the child, or another legal basis, that covers it
	Shared    Condition = "shared"    // such a purpose, and a live referral to the caller's partner with which the field travels; of the referral itself, its own live consent
	Pseudonym Condition = "pseudonym" // never: rows are shown under pseudonyms
)

var allConditions = []Condition{Always, Purpose, Consent, Shared, Pseudonym}

// Policy is one version of the policies. It is immutable.
type Policy struct {
	model          *model.Model
	rules          map[string]map[string][]Rule // by role, by entity
	purposesByRole map[string][]string          // purposes that a role may state
	entityGroups   map[string][]string          // entities of a group
	policyLines    []policyLine                 // as Casbin reads them, groups first
	lastLine       int                          // number of the file's last line
	modelConf      string
	folder         string
	version        string
}

// Folder is a folder of policies with a name, which what is wrong in it is told by.
type Folder struct {
	fs.FS
	Name string
}

// folderName is the name of a folder of policies; that inside the program is its own.
func folderName(files fs.FS) string {
	if f, ok := files.(Folder); ok {
		return f.Name
	}
	return "policies"
}

// LinePosition says where a line of roles.csv stands.
func (p *Policy) LinePosition(line int) string {
	return fmt.Sprintf("%s/%s line %d", p.folder, rolesFile, line)
}

// policyLine is a line of roles.csv that says something.
type policyLine struct {
	fields []string
	number int
}

// Purposes are what a request may say that it is for (Purpose-Of-Use): those of a consent.
var Purposes = []string{"services", "case_sharing", "referral", "tracing", "statistics", "research", "audit"}

// scopeWords are the words of the scope column, with the paths, or for "published" the states, that each means for an
// entity.
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

// pathsIfOpen are the paths, if some values of a row open them.
func pathsIfOpen(values, paths []string) []string {
	if len(values) == 0 {
		return nil
	}
	return paths
}

func childPath(s model.Scope) []string {
	if s.Child == "" {
		return nil
	}
	return []string{s.Child}
}

// Load reads model.conf and roles.csv. An error names the file and the line.
func Load(files fs.FS, m *model.Model) (*Policy, error) {
	conf, err := fs.ReadFile(files, "model.conf")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folderName(files), err)
	}
	if _, err := casbin.NewModelFromString(string(conf)); err != nil {
		return nil, fmt.Errorf("%s/model.conf: %w", folderName(files), err)
	}
	text, err := fs.ReadFile(files, "roles.csv")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folderName(files), err)
	}
	sum := sha256.Sum256(append(bytes.Clone(conf), text...))
	p := &Policy{model: m, rules: map[string]map[string][]Rule{}, purposesByRole: map[string][]string{}, entityGroups: map[string][]string{}, modelConf: string(conf), folder: folderName(files), version: hex.EncodeToString(sum[:8])}
	scanner := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; scanner.Scan(); n++ {
		text := strings.TrimSpace(scanner.Text())
		if p.lastLine = n; text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		fields := strings.Split(text, ",")
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		p.policyLines = append(p.policyLines, policyLine{fields, n})
		if err := p.parseLine(fields, n); err != nil {
			return nil, fmt.Errorf("%s: %w", p.LinePosition(n), err)
		}
	}
	if held := slices.DeleteFunc(p.Roles(), func(role string) bool { return strings.HasPrefix(role, systemPrefix) }); len(held) > maxPersonRoles {
		return nil, fmt.Errorf("%s: %d roles that people may hold: write %d at most", p.LinePosition(p.lastLine), len(held), maxPersonRoles)
	}
	return p, scanner.Err()
}

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
			return fmt.Errorf("there is no purpose %q: write one of %s", fields[2], strings.Join(Purposes, ", "))
		}
		p.purposesByRole[fields[1]] = append(p.purposesByRole[fields[1]], fields[2])
		return nil
	case fields[0] != "p" || len(fields) != 8:
		return fmt.Errorf("write p and seven columns (role, entity, actions, scope, clearance, condition, effect), or g, entity, group, or g2, role, purpose")
	}
	r := Rule{Role: fields[1], Scope: fields[4], Condition: Condition(fields[6]), Deny: fields[7] == "deny", Line: n}
	for _, word := range strings.Split(fields[3], "+") {
		if !slices.Contains(model.Actions, model.Action(word)) {
			return fmt.Errorf("there is no action %q", word)
		}
		r.Actions = append(r.Actions, model.Action(word))
	}
	if _, ok := scopeWords[r.Scope]; !ok {
		return fmt.Errorf("there is no scope %q", r.Scope)
	}
	if level, err := classification.ParseLevel(fields[5]); err == nil {
		r.Clearance = int(level)
	} else if r.Clearance = denyWholeRow; fields[5] != "row" || !r.Deny {
		return err
	}
	if !slices.Contains(allConditions, r.Condition) || r.Deny && r.Condition != Always {
		return fmt.Errorf("there is no condition %q here", fields[6])
	}
	if fields[7] != "allow" && !r.Deny {
		return fmt.Errorf("the effect is %q: write allow or deny", fields[7])
	}
	entities := p.entitiesNamed(fields[2])
	if len(entities) == 0 {
		return fmt.Errorf("there is no entity and no group above %q", fields[2])
	}
	for _, name := range entities {
		r.Entity = name
		if paths := scopeWords[r.Scope]; paths != nil && len(paths(p.model.Entity(name).Scope)) == 0 && fields[2] == name {
			return fmt.Errorf("%s has no scope %q: the line would never allow anything", name, r.Scope)
		}
		if r.Condition == Consent && childPath(p.model.Entity(name).Scope) == nil {
			return fmt.Errorf("%s is not about a child: no consent covers it", name)
		}
		if p.rules[r.Role] == nil {
			p.rules[r.Role] = map[string][]Rule{}
		}
		p.rules[r.Role][name] = append(p.rules[r.Role][name], r)
	}
	return nil
}

// entitiesNamed lists the entities that a word means: an entity, or a group.
func (p *Policy) entitiesNamed(word string) []string {
	if p.model.Entity(word) != nil {
		return []string{word}
	}
	return p.entityGroups[word]
}

// Version names the text of the policies: another text has another version.
func (p *Policy) Version() string { return p.version }

// Roles lists the roles that have a line, in order of their names.
func (p *Policy) Roles() []string {
	var names []string
	for name := range p.rules {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
