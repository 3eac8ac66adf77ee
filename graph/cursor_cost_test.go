package graph_test

import (
	"fmt"
	"testing"

	"rightshub/internal/apitest"
)

// Only the cursors that an answer shows are sealed. Sealing one takes some allocations, so a page that shows the cursor
// of its last row takes fewer than a page that shows the cursors of all rows.
func TestCursorsAreSealedWhenShown(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	who := api.As("coordinator.bf@demo", "")
	rows := who.Ask(`{children(first: 100) {nodes {id}}}`, nil).RequireOK().Len("children.nodes")
	if rows < 10 {
		t.Fatalf("the coordinator sees %d children, which are too few", rows)
	}
	allocations := func(selection string) float64 {
		body := fmt.Sprintf(`{"query": "{children(first: 100) {%s}}"}`, selection)
		return testing.AllocsPerRun(20, func() { who.Send(t.Context(), body) })
	}
	none := allocations("nodes {__typename}")
	last := allocations("nodes {__typename} pageInfo {endCursor}") - none
	all := allocations("edges {cursor}") - none
	t.Logf("%d cursors take %v allocations, and the last alone takes %v", rows, all, last)
	if last > all/2 {
		t.Errorf("%d cursors take %v allocations, and the last alone takes %v, want at most half", rows, all, last)
	}
}
