package access_test

import (
	"testing"
	"time"

	"rightshub/internal/access"
)

// TestSameHoldings checks that a user that is read again has the same holdings until a role changes, begins or ends, or
// the day changes.
func TestSameHoldings(t *testing.T) {
	noon := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	subject := func(role string, now time.Time) access.Subject {
		a := access.Assignment{Role: role, From: noon.Add(-time.Hour), Until: noon.Add(time.Hour)}
		return access.Subject{Name: "one", Assignments: []access.Assignment{a}, Now: now}
	}
	first := subject("volunteer", noon)
	for name, c := range map[string]struct {
		later access.Subject
		want  bool
	}{
		"a little later":     {subject("volunteer", noon.Add(time.Minute)), true},
		"another role":       {subject("auditor", noon), false},
		"the role has ended": {subject("volunteer", noon.Add(time.Hour)), false},
		"read before":        {subject("volunteer", noon.Add(-time.Second)), false},
	} {
		if first.SameHoldings(c.later) != c.want {
			t.Errorf("%s: %v", name, !c.want)
		}
	}
	today := access.Subject{Name: "one", Now: noon}
	if tomorrow := (access.Subject{Name: "one", Now: noon.Add(12 * time.Hour)}); today.SameHoldings(tomorrow) {
		t.Error("the holdings are the same on another day, although consents and ages change with the day")
	}
}
