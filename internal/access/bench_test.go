package access_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/model"
	"rightshub/policies"
)

// BenchmarkView compiles the view of a caller with 50 assignments under 300 policy lines. These are the project's own
// lines and more lines of the same kind. It also reports the processor time, which other work on the machine does not
// distort.
func BenchmarkView(b *testing.B) {
	text, err := policies.Files.ReadFile("roles.csv")
	if err != nil {
		b.Fatal(err)
	}
	lines, grantable := string(text), loadProjectPolicy(b).GrantableRoles()
	n := strings.Count(lines, "\np, ")
	for i := 0; n < 300; i++ {
		e := theModel.Entities()[i%len(theModel.Entities())]
		if len(e.Scope.Country) > 0 {
			role := grantable[i%len(grantable)]
			lines += fmt.Sprintf("p, %s, %s, read+update+export, country, C%d, -, allow\n", role, e.Name, i%4)
			n++
		}
	}
	p, err := access.Load(policyFiles(b, lines), theModel)
	if err != nil {
		b.Fatal(err)
	}
	s := access.Subject{User: uuid.New(), Now: time.Unix(1, 0), Purpose: "services"}
	for i := range 50 {
		s.Assignments = append(s.Assignments, access.Assignment{
			Role:          grantable[i%len(grantable)],
			Countries:     []uuid.UUID{uuid.New()},
			Offices:       []uuid.UUID{uuid.New()},
			Partners:      []uuid.UUID{uuid.New()},
			Interventions: []uuid.UUID{uuid.New()},
		})
	}
	before := processorTime(b)
	for b.Loop() {
		if !p.View(s).May("Child", model.Read) {
			b.Fatal("the view is empty")
		}
	}
	b.ReportMetric(float64(processorTime(b)-before)/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(n), "lines")
}

// processorTime returns the processor time that this process has used so far.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
