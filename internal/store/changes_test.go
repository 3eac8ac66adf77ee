package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/changefeed"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// describeChanges returns a sorted text of changes, with the names of the rows of the test hub.
func (w *testHub) describeChanges(list []*changefeed.Change) string {
	names := map[uuid.UUID]string{}
	for name, id := range w.ids {
		names[id] = name
	}
	out := []string{}
	for _, ch := range list {
		out = append(out, fmt.Sprintf("%s %s", names[ch.ID], ch.Kind))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// changesSince reads all changes since a token, in pages of first changes. It returns their description and the last
// token.
func (w *testHub) changesSince(s store.Session, token string, first int, types ...string) (string, string) {
	w.Helper()
	var list []*changefeed.Change
	for {
		page, err := s.Changes(w.Context(), entitiesNamed(types), token, first)
		if err != nil {
			w.Fatal(err)
		}
		list, token = append(list, page.List...), page.Token
		if !page.More {
			return w.describeChanges(list), token
		}
	}
}

func entitiesNamed(names []string) (out []*model.Entity) {
	for _, name := range names {
		out = append(out, entityNamed(name))
	}
	return out
}

func (w *testHub) seedSession() store.Session {
	return w.sessionFor(access.SystemSubject("system_seed", time.Now()))
}

// updateRow changes a row of the test hub as a system task.
func (w *testHub) updateRow(name, entity string, in query.Input) {
	w.Helper()
	e := theModel.Entity(entity)
	if err := w.seedSession().Update(w.Context(), e, w.ids[name], w.rowVersion(e, w.ids[name]), in); err != nil {
		w.Fatal(err)
	}
}

// archiveRow archives a row past the rules, and adds it to the feed.
func (w *testHub) archiveRow(name, entity string) {
	w.Helper()
	xid := "0"
	if w.hub.DB().IsPostgres() {
		xid = "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
	}
	for _, statement := range []string{
		fmt.Sprintf("UPDATE %s SET archived_at = '2020-01-01 00:00:00+00:00' WHERE id = '%s'",
			theModel.Entity(entity).Table, w.ids[name]),
		fmt.Sprintf("INSERT INTO row_changes (xid, entity, row_key, at) VALUES (%s, '%s', '%s', CURRENT_TIMESTAMP)",
			xid, entity, w.ids[name]),
	} {
		if _, err := w.hub.DB().SQL().ExecContext(w.Context(), statement); err != nil {
			w.Fatal(err)
		}
	}
}

func (w *testHub) rowVersion(e *model.Entity, id uuid.UUID) int64 {
	w.Helper()
	a := selectFields(e, "version")
	row, err := w.seedSession().Get(w.Context(), &a, id)
	if err != nil || row == nil {
		w.Fatalf("%s: %v", e.Name, err)
	}
	return row.Cells[0].Int
}

// A caller gets exactly the changes in the caller's view. Changes of hidden rows and masked cells cause nothing, not
// even another token.
func TestChangesFollowTheView(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		bf := w.sessionWithRole("user.BF", "country_coordinator", "", "BF")
		types := []string{"Child", "CaseFile", "Intervention"}
		first, token := w.changesSince(bf, "", 2, types...)
		want := "case CREATED, child.BF.0 CREATED, child.BF.1 CREATED, child.BF.2 CREATED, child.BF.3 CREATED," +
			" child.BF.4 CREATED, int.BF CREATED"
		if first != want {
			w.Errorf("first changes: %s, want %s", first, want)
		}
		whole, other := w.changesSince(bf, "", 1000, types...)
		if whole != first {
			w.Errorf("in one page: %s", whole)
		}
		for _, token := range []string{token, other} {
			if got, again := w.changesSince(bf, token, 100, types...); got != "" || again != token {
				w.Errorf("without a change: %q, same token %v", got, again == token)
			}
		}
		w.updateRow("child.BF.0", "Child", query.Input{"familyName": "Other"})                        // masked
		w.updateRow("child.CD.0", "Child", query.Input{"caseCode": "CD-X"})                           // hidden
		w.updateRow("int.CD", "Intervention", query.Input{"title": map[string]string{"en": "Other"}}) // hidden
		w.archiveRow("child.CD.1", "Child")                                                           // hidden
		if got, again := w.changesSince(bf, token, 100, types...); got != "" || again != token {
			w.Errorf("after hidden changes: %q, same token %v", got, again == token)
		}
		w.updateRow("child.BF.1", "Child", query.Input{"caseCode": "BF-X"})
		w.archiveRow("child.BF.2", "Child")
		w.updateRow("child.CD.2", "Child", query.Input{"country": w.ids["BF"]})
		got, next := w.changesSince(bf, token, 1, types...)
		if got != "child.BF.1 CHANGED, child.BF.2 REMOVED, child.CD.2 CREATED" {
			w.Errorf("after visible changes: %q", got)
		}
		if again, _ := w.changesSince(bf, token, 100, types...); again != got {
			w.Errorf("with the old token again: %q, want %q", again, got)
		}
		if got, _ := w.changesSince(bf, next, 100, types...); got != "" {
			w.Errorf("with the new token: %q", got)
		}
	})
}

// A token does not work for another caller, for other types, or with a changed byte. All fail with the same error.
func TestChangesTokens(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		bf := w.sessionWithRole("user.BF", "country_coordinator", "", "BF")
		cd := w.sessionWithRole("user.CD", "country_coordinator", "", "CD")
		_, token := w.changesSince(bf, "", 3, "Child")
		refused := func(s store.Session, token string, types ...string) {
			w.Helper()
			_, err := s.Changes(w.Context(), entitiesNamed(types), token, 10)
			message := "token: this is not your token"
			if !fault.Is(err, fault.Invalid) || !strings.HasPrefix(fault.As(err).Message, message) {
				w.Errorf("%v, want %q", err, message)
			}
		}
		refused(cd, token, "Child")
		refused(bf, token, "Child", "Note")
		for i := range len(token) {
			flipped := []byte(token)
			flipped[i] = map[bool]byte{true: 'B', false: 'A'}[flipped[i] == 'A']
			refused(bf, string(flipped), "Child")
		}
		if _, err := w.hub.DB().SQL().ExecContext(w.Context(), "DELETE FROM change_marks"); err != nil {
			w.Fatal(err)
		}
		w.changesSince(bf, token, 3, "Child") // the token itself holds the five rows
	})
}

// Rows leave the view when rights end. When a case gets another owner, its child leaves the view too, although the
// child's row was not written.
func TestChangesWhenRightsEnd(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		officer := w.sessionWithRole("user.BF", "child_protection_officer", "services", "BF")
		got, token := w.changesSince(officer, "", 100, "Child", "CaseFile")
		if got != "case CREATED, child.BF.0 CREATED" {
			w.Fatalf("at first: %s", got)
		}
		volunteer := w.sessionWithRole("user.BF", "volunteer", "")
		got, _ = w.changesSince(volunteer, token, 100, "Child", "CaseFile")
		if got != "case REMOVED, child.BF.0 REMOVED" {
			w.Errorf("without the role: %s", got)
		}
		w.updateRow("case", "CaseFile", query.Input{"owner": w.ids["user.CD"]})
		got, _ = w.changesSince(officer, token, 100, "Child", "CaseFile")
		if got != "case REMOVED, child.BF.0 REMOVED" {
			w.Errorf("another owner: %s", got)
		}
	})
}

// startWatch follows types as the caller of a session whose rights do not change.
func (w *testHub) startWatch(s store.Session, since string, types ...string) *changefeed.Watch {
	w.Helper()
	authenticate := func(context.Context) (store.Session, error) { return s, nil }
	watch, err := s.Watch(w.Context(), authenticate, entitiesNamed(types), since)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(watch.Close)
	return watch
}

// nextChanges waits for n changes of a watch. It returns their description and the token of the last one.
func (w *testHub) nextChanges(watch *changefeed.Watch, n int) (string, string) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	var list []*changefeed.Change
	for range n {
		ch, err := watch.Next(ctx)
		if err != nil {
			w.Fatalf("after %s: %v", w.describeChanges(list), err)
		}
		list = append(list, ch)
	}
	return w.describeChanges(list), list[n-1].Token
}

// A watch reports visible changes only. With a token, a new watch reports the changes since the old one was closed.
func TestWatch(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		officer := w.sessionWithRole("user.BF", "child_protection_officer", "", "BF")
		_, token := w.changesSince(officer, "", 100, "Child", "CaseFile")
		watch := w.startWatch(officer, token, "Child", "CaseFile")
		w.updateRow("child.BF.0", "Child", query.Input{"familyName": "Other"}) // masked without a purpose
		w.updateRow("child.BF.1", "Child", query.Input{"caseCode": "BF-X"})    // hidden from the officer
		w.updateRow("case", "CaseFile", query.Input{"risk": "high"})
		got, token := w.nextChanges(watch, 1)
		if got != "case CHANGED" {
			w.Errorf("first: %s", got)
		}
		watch.Close()
		w.updateRow("case", "CaseFile", query.Input{"owner": w.ids["user.CD"]})
		got, _ = w.nextChanges(w.startWatch(officer, token, "Child", "CaseFile"), 2)
		if got != "case REMOVED, child.BF.0 REMOVED" {
			w.Errorf("in a new watch with the token: %s", got)
		}
		fresh := w.startWatch(officer, "", "Child", "CaseFile")
		w.updateRow("case", "CaseFile", query.Input{"owner": w.ids["user.BF"]})
		got, token = w.nextChanges(fresh, 2)
		if got != "case CREATED, child.BF.0 CREATED" {
			w.Errorf("after the case came back: %s", got)
		}
		if got, _ := w.changesSince(officer, token, 100, "Child", "CaseFile"); got != "" {
			w.Errorf("Changes with the token of a watch: %s", got)
		}
	})
}

// A watch ends with the rights that it began with.
func TestWatchEndsWhenRightsChange(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		for name, then := range map[string]struct {
			session store.Session
			err     error
			code    fault.Code
		}{
			"other rights": {session: w.sessionWithRole("user.BF", "volunteer", ""), code: fault.Forbidden},
			"other country": {
				session: w.sessionWithRole("user.BF", "country_coordinator", "", "CD"), code: fault.Forbidden,
			},
			"suspended": {err: fault.New(fault.Unauthenticated, "Gone."), code: fault.Unauthenticated},
		} {
			bf, over := w.sessionWithRole("user.BF", "country_coordinator", "", "BF"), false
			watch, err := bf.Watch(w.Context(), func(context.Context) (store.Session, error) {
				if over {
					return then.session, then.err
				}
				return bf, nil
			}, entitiesNamed([]string{"Child"}), "")
			if err != nil {
				w.Fatal(err)
			}
			over = true
			w.updateRow("child.BF.1", "Child", query.Input{"caseCode": name})
			if ch, err := watch.Next(w.Context()); !fault.Is(err, then.code) {
				w.Errorf("%s: %v %v", name, ch, err)
			}
			watch.Close()
		}
	})
}

// A watch authenticates its caller again at the moment at which the caller's rights end by the clock. Nothing else
// wakes the watch in this test.
func TestWatchEndsByTheClock(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		store.SetRightsCheckInterval(w.hub, time.Hour)
		ends := time.Now().Add(3 * time.Second)
		bf := store.SessionExpiringAt(w.sessionWithRole("user.BF", "country_coordinator", "", "BF"), ends)
		watch, err := bf.Watch(w.Context(), func(context.Context) (store.Session, error) {
			if time.Now().Before(ends) {
				return bf, nil
			}
			return nil, fault.New(fault.Unauthenticated, "Gone.")
		}, entitiesNamed([]string{"Child"}), "")
		if err != nil {
			w.Fatal(err)
		}
		defer watch.Close()
		ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
		defer cancel()
		if ch, err := watch.Next(ctx); !fault.Is(err, fault.Unauthenticated) {
			w.Errorf("%v %v", ch, err)
		}
	})
}

// A caller that sees more rows than one caller may follow gets TooLarge. Rows that only others see do not count.
func TestChangesAreLimited(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		store.SetMaxKnownRows(w.hub, 5)
		bf := w.sessionWithRole("user.BF", "country_coordinator", "", "BF")
		if got, _ := w.changesSince(bf, "", 2, "Child"); strings.Count(got, "CREATED") != 5 {
			w.Errorf("exactly as many rows as allowed: %s", got)
		}
		w.startWatch(bf, "", "Child")
		tooMany := entitiesNamed([]string{"Child", "CaseFile"})
		if _, err := bf.Changes(w.Context(), tooMany, "", 10); !fault.Is(err, fault.TooLarge) {
			w.Errorf("changes: %v", err)
		}
		if _, err := bf.Watch(w.Context(), nil, tooMany, ""); !fault.Is(err, fault.TooLarge) {
			w.Errorf("watch: %v", err)
		}
	})
}
