package access_test

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/policies"
)

// projectFiles are the project's policy files, to be changed by a test.
func projectFiles(t testing.TB) textFS {
	t.Helper()
	out := textFS{}
	err := fs.WalkDir(policies.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(policies.Files, path)
		out[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// lineNumber is the number of the line of a file that begins with the text.
func lineNumber(t *testing.T, f textFS, file, begins string) int {
	t.Helper()
	for i, line := range strings.Split(f[file], "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), begins) {
			return i + 1
		}
	}
	t.Fatalf("%s has no line %q", file, begins)
	return 0
}

func replaceInFile(t *testing.T, f textFS, file, before, after string) {
	t.Helper()
	if !strings.Contains(f[file], before) {
		t.Fatalf("%s does not say %q", file, before)
	}
	f[file] = strings.Replace(f[file], before, after, 1)
}

// Each kind of problem is found, and named with its file and its line.
func TestProblems(t *testing.T) {
	const roles, children, outside, tasks = "roles.csv", "cases/children.yaml", "cases/outside.yaml", "cases/tasks.yaml"
	for name, c := range map[string]struct {
		file, before, after string
		in, at, want        string // the problem's file, how its line begins, and what it says
	}{
		"scope of nobody": {roles, "\n# Tasks", "p, everyone, Child, read, country, C0, -, allow\n# Tasks",
			roles, "p, everyone, Child", `nothing of the scope "country"`},
		"scope that one of a group lacks": {roles, "\n# Tasks", "p, donor, reference, read, intervention, C0, -, allow\n# Tasks",
			roles, "p, donor, reference", `Region has no scope "intervention"`},
		"unknown role":       {roles, "\n# Tasks", "p, tourist, Region, read, global, C0, -, allow\n# Tasks", roles, "p, tourist", `no role "tourist"`},
		"purposes of nobody": {roles, "\n# Everyone", "g2, system_none, services\n# Everyone", roles, "g2, system_none", "no policy line is about the role system_none"},
		"shadowed": {roles, "\n# Tasks", "p, donor, Office, read, country, C0, -, allow\n# Tasks",
			roles, "p, donor, Office, read, country", "says all of this already"},
		"shadowed by an easier condition": {roles, "\n# Tasks", "p, case_supervisor, Consent, read, office, C3, consent, allow\n# Tasks",
			roles, "p, case_supervisor, Consent, read, office, C3, consent", "says all of this already"},
		"condition below C3": {roles, "Child, read, referred, C3, shared", "Child, read, referred, C2, shared",
			roles, "p, partner_focal_point, Child, read", `condition "shared" is about C3`},
		"condition that is never met": {roles, "\n# Tasks", "p, donor, Deployment, read, intervention, C3, purpose, allow\n# Tasks",
			roles, "p, donor, Deployment", "never met"},
		"entity that nobody reads": {roles, "p, data_protection_officer, RetentionRule, read+create", "p, data_protection_officer, RetentionRule, create",
			roles, "p, data_protection_officer, RetentionRule", "no line lets anybody read RetentionRule"},
		"class that nobody reads": {roles, "p, volunteer, Volunteer, read, self, C3", "p, volunteer, Volunteer, read, self, C2",
			roles, "p, programme_manager, people", "the class C3 direct of Volunteer in clear"},
		"pair without a story": {outside, "    - {do: anything, of: rest, row: {country: BF}}\n", "",
			roles, "p, public, reference", "no story says whether public may read or write Activity"},
		"role without a may not": {tasks, "  may not:\n    - {do: delete, of: User RoleAssignment}\n    - {do: update, of: RoleAssignment}\n    - {do: approve export aggregate, of: User RoleAssignment}\n    - {do: anything, of: User RoleAssignment, level: C3}\n    - {do: anything, of: cases programme people}\n    - {do: anything, of: rest}\n", "",
			roles, "p, system_identity, User", "no story says what system_identity may not do"},
		"allowed and untold": {tasks, "Setting}", "AccessToken}", roles, "p, system_seed, Setting", "and no story says so"},
		"contradiction": {children, "{do: read, of: cases, row: {emergency: Amina}, level: C3}", "{do: read export, of: cases, row: {emergency: Amina}, level: C3}",
			children, "- {do: read export, of: cases", "export of Child"},
		"story about nobody":       {tasks, "role: system_import", "role: system_imports", tasks, "- story: The import", `the role "system_imports"`},
		"story of no purpose":      {children, "purpose: tracing", "purpose: curiosity", children, "- story: In an emergency, a case supervisor", `no purpose "curiosity"`},
		"story of no holding":      {outside, "holds: {intervention: Justice}", "holds: {galaxy: Justice}", outside, "- story: A donor", `nobody can hold "galaxy"`},
		"story of no entity":       {tasks, "of: AccessEvent AccessToken", "of: AccessEvents", tasks, "- {do: anything, of: AccessEvents", `no group "AccessEvents"`},
		"story of no action":       {tasks, "do: delete, of: User RoleAssignment", "do: remove, of: User", tasks, "- {do: remove", `no action "remove"`},
		"story of no scope":        {outside, "row: {referred: Other, partner: Keogo}", "row: {galaxy: Other}", outside, "- {do: read, of: Child, row: {galaxy", `no scope "galaxy"`},
		"story of no class":        {outside, "level: C3} # the fields", "level: C4} # the fields", outside, "- {do: read, of: Child, row: {referred: Keogo}, level: C4", `"C4"`},
		"story that says nothing":  {outside, "{do: update, of: Child, row: {referred: Keogo}}", "{of: Child}", outside, "- {of: Child}", "says nothing"},
		"rights beside the others": {roles, "\n# Tasks", "p, donor, Child, read, intervention, C0, -, allow\n# Tasks", outside, "- {do: anything, of: cases Note Activity", "read of Child"},
	} {
		t.Run(name, func(t *testing.T) {
			f := projectFiles(t)
			replaceInFile(t, f, c.file, c.before, c.after)
			want := fmt.Sprintf("policies/%s line %d: ", c.in, lineNumber(t, f, c.in, c.at))
			found := checkProblems(t, f)
			if !slices.ContainsFunc(found, func(p string) bool { return strings.HasPrefix(p, want) && strings.Contains(p, c.want) }) {
				t.Errorf("no %q ... %q in:\n%s", want, c.want, strings.Join(found, "\n"))
			}
		})
	}
}

func checkProblems(t *testing.T, f textFS) (out []string) {
	t.Helper()
	p, err := access.Load(f, inventory.Model)
	if err != nil {
		t.Fatal(err)
	}
	problems, err := p.Check(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}

// Of two lines that say the same, the later one is named; a line that another covers in part only is not.
func TestLaterLineIsShadowed(t *testing.T) {
	f := projectFiles(t)
	line := "p, donor, Resource, read, published, C0, -, allow\n"
	f["roles.csv"] += line + "p, donor, Resource, read+export, published, C0, -, allow\n"
	first := lineNumber(t, f, "roles.csv", line[:20])
	found := slices.DeleteFunc(checkProblems(t, f), func(p string) bool { return !strings.Contains(p, "already") })
	n := strings.Count(f["roles.csv"], "\n")
	want := []string{fmt.Sprintf("line %d: line %d says", first, n), fmt.Sprintf("line %d: line %d says", n-1, first)}
	for i, w := range want {
		if len(found) != len(want) || !strings.Contains(found[i], w) {
			t.Fatalf("found %q, want %q", found, want)
		}
	}
}

// A role is told about by its own stories: without them it is named, once.
func TestRoleWithoutStory(t *testing.T) {
	f := projectFiles(t)
	delete(f, "cases/oversight.yaml")
	found := checkProblems(t, f)
	var want []string
	for _, role := range []string{"data_protection_officer", "auditor"} {
		want = append(want, fmt.Sprintf("policies/roles.csv line %d: the role %s has no story in cases/*.yaml", lineNumber(t, f, "roles.csv", "p, "+role), role))
	}
	if !slices.Equal(found, want) {
		t.Errorf("found %q, want %q", found, want)
	}
}

// A file of stories that cannot be read is refused with its line.
func TestBrokenStoryNamesLine(t *testing.T) {
	broken := map[string]string{
		"- story: one\n  rule: donor\n":      "line 2: field rule not found",
		"- story: one\n  role: [\n":          "line",
		"- story: one\n  role: {a: b}\n":     "line 2: cannot unmarshal",
		"story: one\n":                       "line 1: cannot unmarshal",
		"- story: one\n  story: two\n":       "line 2: mapping key",
		"- story: one\n  may: nothing\n":     "line 2: cannot unmarshal",
		"- story: one\n  may:\n    - read\n": "line 3: cannot unmarshal",
	}
	for _, text := range slices.Sorted(maps.Keys(broken)) {
		f := projectFiles(t)
		f["cases/broken.yaml"] = text
		p, err := access.Load(f, inventory.Model)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Check(f); err == nil || !containsAll(err.Error(), "policies/cases/broken.yaml "+broken[text]) {
			t.Errorf("%q: %v; want %s", text, err, broken[text])
		}
	}
}
