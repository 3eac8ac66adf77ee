package policycheck_test

import (
	"os"
	"strings"
	"testing"

	"rightshub/internal/access"
	"rightshub/internal/policycheck"
	"rightshub/policies"
)

// loadProjectPolicy loads the policies that are embedded in the program.
func loadProjectPolicy(t testing.TB) *access.Policy {
	t.Helper()
	p, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestStories checks the project's policies against the stories of policies/cases. Every role must have a story.
func TestStories(t *testing.T) {
	problems, err := policycheck.Check(loadProjectPolicy(t), policies.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
}

// TestMatrix compares the rights with policies/matrix.txt, so that a review shows every change of a right.
func TestMatrix(t *testing.T) {
	want, err := os.ReadFile("../../policies/matrix.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	if err := policycheck.WriteMatrix(&got, loadProjectPolicy(t)); err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Error("the rights have changed; review the change with: " +
			"go run ./cmd/rightshub policy matrix > policies/matrix.txt; git diff policies/matrix.txt")
	}
}
