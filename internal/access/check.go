package access

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Problem is something wrong in the policy files, and where.
type Problem struct {
	File string // with the policies' folder, once Check has found it
	Line int
	Text string
}

// String is, for example, "policies/roles.csv line 12: there is no scope "galaxy"".
func (p Problem) String() string {
	return fmt.Sprintf("%s line %d: %s", p.File, p.Line, p.Text)
}

const rolesFile = "roles.csv"

// Check finds what is wrong beyond the form of the lines, which Load refuses: lines that nobody can hold or that never
// apply, that another line covers, what nobody may read, stories that the policies contradict, and what has no story.
// An error means that a file of stories cannot be read; it names the file and the line.
func (p *Policy) Check(files fs.FS) ([]Problem, error) {
	stories, err := readStories(files)
	if err != nil {
		return nil, err
	}
	told, problems, err := p.judgeStories(stories)
	if err != nil {
		return nil, err
	}
	problems = slices.Concat(p.unreachableLines(), p.shadowedLines(), p.unreadClasses(), problems, p.missingStories(told))
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return strings.Compare(fmt.Sprintf("%s %9d", a.File, a.Line), fmt.Sprintf("%s %9d", b.File, b.Line))
	})
	for i := range problems {
		problems[i].File = folderName(files) + "/" + problems[i].File
	}
	return problems, nil
}

// judgeStories judges the stories.
func (p *Policy) judgeStories(stories []Story) (map[string][]storyResult, []Problem, error) {
	var problems []Problem
	told, known := map[string][]storyResult{}, map[string]roleEnforcers{}
	for i := range stories {
		s := &stories[i]
		if _, ok := known[s.Role]; !ok {
			whole, err := p.Enforcer(s.Role, Everyone)
			if err != nil {
				return nil, nil, err
			}
			own, err := p.Enforcer(s.Role)
			if err != nil {
				return nil, nil, err
			}
			known[s.Role] = roleEnforcers{whole, own}
		}
		j := s.checkAgainst(p, known[s.Role])
		told[s.Role] = append(told[s.Role], j)
		problems = append(problems, j.problems...)
	}
	return told, problems, nil
}

// readStories reads cases/*.yaml.
func readStories(files fs.FS) (all []Story, err error) {
	paths, err := fs.Glob(files, "cases/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", folderName(files), err)
		}
		var stories []Story
		var root yaml.Node
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		decoder.KnownFields(true)
		if err := errors.Join(decoder.Decode(&stories), yaml.Unmarshal(text, &root)); err != nil {
			return nil, storyFileError(folderName(files)+"/"+path, err)
		}
		for i := range stories {
			stories[i].recordPosition(path, root.Content[0].Content[i])
		}
		all = append(all, stories...)
	}
	return all, nil
}

// recordPosition notes where a story and its lines stand.
func (s *Story) recordPosition(file string, at *yaml.Node) {
	s.file, s.line = file, at.Line
	for i := 0; i+1 < len(at.Content); i += 2 {
		lines := map[string][]StoryLine{"may": s.May, "may not": s.MayNot}[at.Content[i].Value]
		for j := range lines {
			lines[j].line = at.Content[i+1].Content[j].Line
		}
	}
}

var yamlLine = regexp.MustCompile(`line (\d+): ([^\n]*)`)

// storyFileError says where a file of stories cannot be read.
func storyFileError(path string, err error) error {
	p := Problem{path, 1, err.Error()}
	if found := yamlLine.FindStringSubmatch(p.Text); found != nil {
		p.Line, _ = strconv.Atoi(found[1])
		p.Text = found[2]
	}
	return errors.New(p.String())
}

// missingStories finds roles without a story, or without both a "may" and a "may not", pairs of a role and an entity
// that no story is about, and pairs for which lines allow something while no story says what.
func (p *Policy) missingStories(told map[string][]storyResult) (out []Problem) {
	for _, role := range p.Roles() {
		at := p.firstLineAbout(role, "")
		var may, mayNot []string
		for _, j := range told[role] {
			may, mayNot = append(may, j.may...), append(mayNot, j.mayNot...)
		}
		switch {
		case len(told[role]) == 0:
			out = append(out, Problem{rolesFile, at, fmt.Sprintf("the role %s has no story in cases/*.yaml", role)})
			continue
		case len(may) == 0:
			out = append(out, Problem{rolesFile, at, fmt.Sprintf("no story says what %s may do", role)})
		case len(mayNot) == 0:
			out = append(out, Problem{rolesFile, at, fmt.Sprintf("no story says what %s may not do", role)})
		}
		for _, e := range p.model.Entities() {
			switch {
			case !slices.Contains(may, e.Name) && !slices.Contains(mayNot, e.Name):
				out = append(out, Problem{rolesFile, p.firstLineAbout(role, e.Name), fmt.Sprintf("no story says whether %s may read or write %s", role, e.Name)})
			case p.allowsAnything(role, e.Name) && !slices.Contains(may, e.Name):
				out = append(out, Problem{rolesFile, p.firstLineAbout(role, e.Name), fmt.Sprintf("%s may do something to %s, and no story says so", role, e.Name)})
			}
		}
	}
	for _, role := range slices.Sorted(maps.Keys(p.purposesByRole)) {
		if p.rules[role] == nil {
			out = append(out, Problem{rolesFile, p.firstPurposeLine(role), fmt.Sprintf("no policy line is about the role %s", role)})
		}
	}
	return out
}

func (p *Policy) allowsAnything(role, entity string) bool {
	return slices.ContainsFunc(p.rules[role][entity], func(r Rule) bool { return !r.Deny && p.whyUnreachable(r) == "" })
}

// firstLineAbout is the number of the first line about the role and the entity; about the role, or the last of the
// file, where there is none. An empty name means any.
func (p *Policy) firstLineAbout(role, entity string) int {
	first := 0
	for _, l := range p.policyLines {
		if l.fields[0] != "p" || role != "" && l.fields[1] != role {
			continue
		}
		if entity == "" || slices.Contains(p.entitiesNamed(l.fields[2]), entity) {
			return l.number
		}
		if first == 0 && role != "" {
			first = l.number
		}
	}
	if first > 0 {
		return first
	}
	return p.lastLine
}

func (p *Policy) firstPurposeLine(role string) int {
	for _, l := range p.policyLines {
		if l.fields[0] == "g2" && l.fields[1] == role {
			return l.number
		}
	}
	return p.lastLine
}
