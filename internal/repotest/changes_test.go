package repotest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rightshub/internal/dbtest"
)

// A projectChange is a change of the project as a contributor makes it. Each step applies one patch of hand-written
// files, which is in testdata/changes, in the folder with the name of the change.
type projectChange struct {
	name  string
	steps []changeStep
	// files are the files that are changed by hand, as the table in CONTRIBUTING.md states. The generated files, a
	// migration and policies/matrix.txt are written by commands.
	files []string
	// golden are files that a test writes by itself when it is told to.
	golden []string
	// shows maps a file to a text that it contains after the last step.
	shows map[string]string
}

// A changeStep is a patch, and the commands that a contributor runs after it.
type changeStep struct {
	patch    string
	commands []string
	// failure is part of what the last command reports when it fails, so that the contributor knows what comes next.
	// When it is "", all commands must succeed.
	failure string
}

const (
	generateCode   = "go run ./internal/codegen"
	buildProgram   = "go build -o . ./cmd/rightshub"
	buildAll       = "go build ./..."
	checkPolicies  = "./rightshub policy check policies"
	writeMatrix    = "./rightshub policy matrix policies > policies/matrix.txt"
	compareFormats = "go test ./internal/exchange -run TestFormats -count=1"
)

var projectChanges = []projectChange{
	{
		name: "field",
		steps: []changeStep{
			{"1_entity.patch", []string{generateCode, buildProgram, buildAll, checkPolicies}, ""},
		},
		files: []string{"ent/schema/funding_line.go"},
		shows: map[string]string{"graph/generated/schema/fundingLine.graphqls": "\n  reference: String"},
	},
	{
		name: "classified_field",
		steps: []changeStep{
			{"1_entity.patch", []string{generateCode, buildProgram, buildAll, checkPolicies},
				"no line lets anybody read the class C3 direct of PartnerContact in clear: idNumber"},
			{"2_policy.patch", []string{checkPolicies},
				"read of PartnerContact map[country:BF] at C3 is allowed by the policies"},
			{"3_story.patch", []string{checkPolicies, writeMatrix}, ""},
		},
		files: []string{"ent/schema/partner_contact.go", "policies/cases/programme.yaml", "policies/roles.csv"},
		shows: map[string]string{
			"graph/generated/schema/partnerContact.graphqls": "\n  idNumber: String",
			"policies/matrix.txt":                            "PartnerContact       C3 direct  idNumber",
		},
	},
	{
		name: "entity",
		steps: []changeStep{
			{"1_entity.patch", []string{generateCode, buildProgram, buildAll, checkPolicies},
				"no line lets anybody read Vehicle"},
			{"2_policy.patch", []string{checkPolicies},
				"country_coordinator may do something to Vehicle, and no story says so"},
			{"3_story.patch", []string{checkPolicies, writeMatrix}, ""},
		},
		files: []string{"ent/schema/vehicle.go", "policies/cases/programme.yaml", "policies/roles.csv"},
		shows: map[string]string{
			"graph/generated/schema/office.graphqls":  "\n  vehicles",
			"graph/generated/schema/vehicle.graphqls": "\n  transitionVehicleState(",
			"graph/generated/resolvers.go":            "CreateVehicle(",
			"policies/matrix.txt":                     "country_coordinator       Vehicle ",
		},
	},
	{
		name: "role",
		steps: []changeStep{
			{"1_policy.patch", []string{buildProgram, checkPolicies},
				"the role translator has no story in cases/*.yaml"},
			{"2_story.patch", []string{checkPolicies, writeMatrix}, ""},
		},
		files: []string{"policies/cases/outside.yaml", "policies/roles.csv"},
		shows: map[string]string{
			"policies/matrix.txt": "translator                country_coordinator country, platform_admin",
		},
	},
	{
		name: "export_format",
		steps: []changeStep{
			{"1_format.patch", []string{buildProgram, "./rightshub export --help", compareFormats},
				"open testdata/formats/offices.jsonl: no such file"},
			{"2_golden.patch", []string{compareFormats}, ""},
		},
		files:  []string{"internal/exchange/format.go", "internal/exchange/json_lines.go"},
		golden: []string{"internal/exchange/testdata/formats/offices.jsonl"},
	},
}

// patchedFile matches the file that a part of a patch changes or adds.
var patchedFile = regexp.MustCompile(`(?m)^\+\+\+ b/(.*)$`)

// A change touches the files that CONTRIBUTING.md lists and no others, and the generator, the build and `policy check`
// tell a contributor what is missing. The short form only tests that the patches apply.
func TestChangesTouchFewFiles(t *testing.T) {
	for _, c := range projectChanges {
		t.Run(c.name, func(t *testing.T) {
			folder, err := filepath.Abs("testdata/changes/" + c.name)
			if err != nil {
				t.Fatal(err)
			}
			var patches, files []string
			for _, step := range c.steps {
				path := filepath.Join(folder, step.patch)
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				patches = append(patches, path)
				for _, match := range patchedFile.FindAllStringSubmatch(string(text), -1) {
					files = append(files, match[1])
				}
			}
			slices.Sort(files)
			if want := slices.Sorted(slices.Values(slices.Concat(c.files, c.golden))); !slices.Equal(files, want) {
				t.Errorf("the change touches %q, want %q", files, want)
			}
			if !dbtest.Long() {
				runInTree(t, repoRoot, slices.Concat([]string{"git", "apply", "--check"}, patches)...)
				return
			}
			start := time.Now()
			tree := copyTree(t)
			for i, step := range c.steps {
				runInTree(t, tree, "git", "apply", patches[i])
				step.run(t, tree)
			}
			for path, want := range c.shows {
				if text, err := os.ReadFile(filepath.Join(tree, path)); err != nil || !strings.Contains(string(text), want) {
					t.Errorf("%s does not contain %q: %v", path, want, err)
				}
			}
			t.Logf("%d files by hand, %.0f seconds", len(c.files), time.Since(start).Seconds())
		})
	}
}

// run runs the commands of a step.
func (s *changeStep) run(t *testing.T, tree string) {
	t.Helper()
	for i, command := range s.commands {
		if s.failure == "" || i < len(s.commands)-1 {
			runInTree(t, tree, "sh", "-c", command)
			continue
		}
		out, err := commandInTree(t, tree, "sh", "-c", command).CombinedOutput()
		if err == nil || !strings.Contains(string(out), s.failure) {
			t.Fatalf("after %s, %q reports %v, want a failure with %q:\n%s", s.patch, command, err, s.failure, out)
		}
	}
}

// runInTree runs a command, which must succeed.
func runInTree(t *testing.T, tree string, args ...string) {
	t.Helper()
	if out, err := commandInTree(t, tree, args...).CombinedOutput(); err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
}

// commandInTree returns a command that runs in a copy of the project. All copies share the build cache.
func commandInTree(t *testing.T, tree string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir = tree
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath", "RIGHTSHUB_TEST_LONG=false")
	return cmd
}

// copyTree copies the files of the project as they are, without those that git ignores.
func copyTree(t *testing.T) string {
	t.Helper()
	tree := t.TempDir()
	files := runGit(t, "", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	for path := range strings.SplitSeq(files, "\x00") {
		content, err := os.ReadFile(filepath.Join(repoRoot, path))
		if err != nil {
			continue // deleted and not yet committed, or a folder
		}
		target := filepath.Join(tree, path)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(repoRoot, path))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, content, info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}
