package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"rightshub/internal/query"
	"rightshub/internal/store"
)

// forgetPositions makes the hub compare all rows for the next changesSince.
func (w *testHub) forgetPositions() {
	w.Helper()
	if _, err := w.hub.DB().SQL().ExecContext(w.Context(), "DELETE FROM change_positions"); err != nil {
		w.Fatal(err)
	}
}

// describePage returns a page of changes as a text in the order of the page, with its token.
func (w *testHub) describePage(s store.Session, token string, first int, types []string) (
	text, next string, more bool) {
	w.Helper()
	page, err := s.Changes(w.Context(), entitiesNamed(types), token, first)
	if err != nil {
		w.Fatal(err)
	}
	for _, ch := range page.List {
		text += fmt.Sprintf("%s %s, ", ch.ID, ch.Kind)
	}
	return fmt.Sprint(text, page.More, " ", page.Token), page.Token, page.More
}

// A page is the same whether the hub looks only at the rows that were written since the token, or compares all rows.
// This holds after any writes, for callers with other rights, and for tokens from the middle of a synchronisation.
func TestPagesOfChangesDoNotDependOnPositions(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		random := rand.New(rand.NewPCG(3, 4))
		types := []string{"CaseFile", "Child", "Intervention"}
		sessions := []store.Session{
			w.sessionWithRole("user.BF", "country_coordinator", "", "BF"),
			w.sessionWithRole("user.BF", "country_coordinator", "", "BF", "CD"),
			w.sessionWithRole("user.BF", "child_protection_officer", "services", "BF"),
		}
		tokens := []string{""}
		for step := range 60 {
			child := fmt.Sprintf("child.%s.%d", []string{"BF", "CD"}[random.IntN(2)], random.IntN(5))
			switch random.IntN(6) {
			case 0:
				w.updateRow(child, "Child", query.Input{"familyName": fmt.Sprint("Name ", step)}) // masked to some
			case 1:
				w.updateRow(child, "Child", query.Input{"caseCode": fmt.Sprint("X-", step)})
			case 2:
				w.updateRow(child, "Child", query.Input{"country": w.ids[[]string{"BF", "CD"}[random.IntN(2)]]})
			case 3:
				w.updateRow("case", "CaseFile", query.Input{"owner": w.ids[[]string{"user.BF", "user.CD"}[random.IntN(2)]]})
			case 4:
				w.updateRow("int.BF", "Intervention", query.Input{"title": map[string]string{"en": fmt.Sprint(step)}})
			}
			token, first := tokens[random.IntN(len(tokens))], 1+random.IntN(4)
			s := sessions[random.IntN(len(sessions))]
			for more := true; more; {
				quick, _, _ := w.describePage(s, token, first, types)
				if again, _, _ := w.describePage(s, token, first, types); again != quick {
					t.Fatalf("step %d, the same page again:\n%s\n%s", step, quick, again)
				}
				if random.IntN(3) == 0 { // otherwise the next page goes on with the position of this one
					w.forgetPositions()
				}
				full, next, hasMore := w.describePage(s, token, first, types)
				if more = hasMore; full != quick {
					t.Fatalf("step %d, with and without positions:\n%s\n%s", step, quick, full)
				}
				token = next
				if tokens = append(tokens, token); random.IntN(5) == 0 {
					break
				}
			}
		}
	})
}

// When nothing was written, the hub looks at no row. A write past the hub, which is not in its feed, shows this. It is
// found when the positions are forgotten.
func TestChangesLookOnlyAtWrittenRows(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		bf := w.sessionWithRole("user.BF", "country_coordinator", "", "BF")
		_, token := w.changesSince(bf, "", 2, "Child")
		past := "UPDATE children SET case_code = 'past' WHERE id = '" + w.ids["child.BF.0"].String() + "'"
		if _, err := w.hub.DB().SQL().ExecContext(w.Context(), past); err != nil {
			t.Fatal(err)
		}
		if got, again := w.changesSince(bf, token, 2, "Child"); got != "" || again != token {
			t.Errorf("a row that is not in the feed was looked at: %s", got)
		}
		w.updateRow("child.BF.1", "Child", query.Input{"caseCode": "BF-X"})
		got, _ := w.changesSince(bf, token, 2, "Child")
		if got != "child.BF.1 CHANGED" {
			t.Errorf("after a write: %s", got)
		}
		w.forgetPositions()
		if got, _ := w.changesSince(bf, token, 2, "Child"); got != "child.BF.0 CHANGED, child.BF.1 CHANGED" {
			t.Errorf("all rows compared: %s", got)
		}
	})
}
