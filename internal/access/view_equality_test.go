package access_test

import (
	"testing"
	"time"

	"rightshub/internal/access"
)

// A view serves a person who was read again, while what they hold and what the clock makes of it are the same.
func TestSameHoldings(t *testing.T) {
	noon := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	subject := func(role string, now time.Time) access.Subject {
		return access.Subject{Name: "one", Assignments: []access.Assignment{{Role: role, From: noon.Add(-time.Hour), Until: noon.Add(time.Hour)}}, Now: now}
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
	ever := access.Subject{Name: "one", Now: noon}
	if tomorrow := (access.Subject{Name: "one", Now: noon.Add(12 * time.Hour)}); ever.SameHoldings(tomorrow) {
		t.Error("consents and ages are of another day")
	}
}
