package policycheck_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rightshub/internal/access"
)

// TestLaterGrantIsReported checks that the later of two equal lines about giving roles is reported, and only that one.
func TestLaterGrantIsReported(t *testing.T) {
	f := projectFiles(t)
	const line = "grant, country_coordinator, volunteer, country\n"
	f["roles.csv"] += line + "needs, volunteer, deployment"
	if _, err := access.Load(f, theModel); err == nil || !strings.Contains(err.Error(), "says this already") {
		t.Errorf("a need that is stated twice: %v", err)
	}
	f["roles.csv"] = strings.TrimSuffix(f["roles.csv"], "needs, volunteer, deployment")
	want := fmt.Sprintf("policies/roles.csv line %d: line %d says all of this already; delete one of the two",
		strings.Count(f["roles.csv"], "\n"), lineNumber(t, f, "roles.csv", line[:len(line)-1]))
	if found := checkProblems(t, f); !slices.Equal(found, []string{want}) {
		t.Errorf("found %q, want %q", found, want)
	}
}
