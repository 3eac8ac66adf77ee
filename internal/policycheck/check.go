package policycheck

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"rightshub/internal/access"
)

// Problem is a mistake in a line of the policy files.
type Problem struct {
	File string // path in the folder of policies; the results of Check begin with the name of the folder
	Line int
	Text string
}

// String formats the problem, for example as "policies/roles.csv line 12: there is no scope "galaxy"".
func (p Problem) String() string {
	return fmt.Sprintf("%s line %d: %s", p.File, p.Line, p.Text)
}

// Check finds mistakes in the meaning of the policies. Load has already refused lines of a wrong form. The problems are
// lines that can never apply, lines that another line covers, entities and classes that nobody may read, roles that
// are granted or grant without rights, stories that contradict the policies, and rights without a story. An error means
// that a file of stories cannot be parsed. It names the file and the line.
func Check(policies *access.Policy, files fs.FS) ([]Problem, error) {
	p := policy{policies}
	stories, err := readStories(files)
	if err != nil {
		return nil, err
	}
	results, problems, err := p.judgeStories(stories)
	if err != nil {
		return nil, err
	}
	problems = slices.Concat(
		p.unreachableLines(), p.shadowedLines(), p.unreadClasses(), p.roleRuleProblems(), problems,
		p.missingStories(results))
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	for i := range problems {
		problems[i].File = access.FolderName(files) + "/" + problems[i].File
	}
	return problems, nil
}

// judgeStories checks each story against the policies. It returns the results by role and all the problems in them.
func (p policy) judgeStories(stories []Story) (map[string][]storyResult, []Problem, error) {
	var problems []Problem
	results, enforcers := map[string][]storyResult{}, map[string]roleEnforcers{}
	for i := range stories {
		s := &stories[i]
		if _, ok := enforcers[s.Role]; !ok {
			withEveryone, err := p.Enforcer(s.Role, access.Everyone)
			if err != nil {
				return nil, nil, err
			}
			roleOnly, err := p.Enforcer(s.Role)
			if err != nil {
				return nil, nil, err
			}
			enforcers[s.Role] = roleEnforcers{withEveryone, roleOnly}
		}
		result := s.checkAgainst(p, enforcers[s.Role])
		results[s.Role] = append(results[s.Role], result)
		problems = append(problems, result.problems...)
	}
	return results, problems, nil
}

// readStories reads the stories of all files cases/*.yaml.
func readStories(files fs.FS) (all []Story, err error) {
	paths, err := fs.Glob(files, "cases/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", access.FolderName(files), err)
		}
		var stories []Story
		var root yaml.Node
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		decoder.KnownFields(true)
		if err := errors.Join(decoder.Decode(&stories), yaml.Unmarshal(text, &root)); err != nil {
			return nil, storyFileError(access.FolderName(files)+"/"+path, err)
		}
		for i := range stories {
			stories[i].recordPosition(path, root.Content[0].Content[i])
		}
		all = append(all, stories...)
	}
	return all, nil
}

// recordPosition sets the file and the line numbers of a story and of its lines.
func (s *Story) recordPosition(file string, at *yaml.Node) {
	s.file, s.line = file, at.Line
	for i := 0; i+1 < len(at.Content); i += 2 {
		lines := map[string][]StoryLine{"may": s.May, "may not": s.MayNot}[at.Content[i].Value]
		for j := range lines {
			lines[j].line = at.Content[i+1].Content[j].Line
		}
	}
}

// yamlLine matches the line number and the cause in an error of the YAML parser.
var yamlLine = regexp.MustCompile(`line (\d+): ([^\n]*)`)

// storyFileError turns an error of the YAML parser into an error with the file and the line.
func storyFileError(path string, err error) error {
	p := Problem{path, 1, err.Error()}
	if found := yamlLine.FindStringSubmatch(p.Text); found != nil {
		p.Line, _ = strconv.Atoi(found[1])
		p.Text = found[2]
	}
	return errors.New(p.String())
}

// missingStories finds rights without a story. It reports roles without a story, or without both a "may" and a "may
// not". It also reports each pair of a role and an entity that no story is about, or that lines allow while no "may"
// names it.
func (p policy) missingStories(results map[string][]storyResult) (out []Problem) {
	problem := func(line int, format string, args ...any) {
		out = append(out, Problem{access.RolesFile, line, fmt.Sprintf(format, args...)})
	}
	for _, role := range p.Roles() {
		at := p.firstLineAbout(role, "")
		var may, mayNot []string
		for _, result := range results[role] {
			may, mayNot = append(may, result.may...), append(mayNot, result.mayNot...)
		}
		switch {
		case len(results[role]) == 0:
			problem(at, "the role %s has no story in cases/*.yaml", role)
			continue
		case len(may) == 0:
			problem(at, "no story says what %s may do", role)
		case len(mayNot) == 0:
			problem(at, "no story says what %s may not do", role)
		}
		for _, e := range p.Model().Entities() {
			at := p.firstLineAbout(role, e.Name)
			switch {
			case !slices.Contains(may, e.Name) && !slices.Contains(mayNot, e.Name):
				problem(at, "no story says whether %s may read or write %s", role, e.Name)
			case p.allowsAnything(role, e.Name) && !slices.Contains(may, e.Name):
				problem(at, "%s may do something to %s, and no story says so", role, e.Name)
			}
		}
	}
	reported := map[string]bool{}
	for _, l := range p.Lines() {
		if role := l.Columns[1]; l.Columns[0] == "g2" && !p.HasRules(role) && !reported[role] {
			problem(l.Number, "no policy line is about the role %s", role)
			reported[role] = true
		}
	}
	return out
}

// allowsAnything reports whether a line can allow the role any action on the entity.
func (p policy) allowsAnything(role, entity string) bool {
	return slices.ContainsFunc(p.RulesAbout(role, entity), func(r access.Rule) bool {
		return !r.Deny && p.whyUnreachable(r) == ""
	})
}

// firstLineAbout returns the number of the first line about the role and the entity. Without such a line it returns the
// first line about the role, and without any the last line of the file. An empty role or entity matches every line.
func (p policy) firstLineAbout(role, entity string) int {
	first := 0
	for _, l := range p.Lines() {
		if l.Columns[0] != "p" || role != "" && l.Columns[1] != role {
			continue
		}
		if entity == "" || slices.Contains(p.EntitiesNamed(l.Columns[2]), entity) {
			return l.Number
		}
		if first == 0 && role != "" {
			first = l.Number
		}
	}
	if first > 0 {
		return first
	}
	return p.LastLine()
}
