package proof_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"rightshub/internal/model"
)

// This file runs subscriptions. A caller that listens during a write must hear of each change of a row in the caller's
// view once, and of nothing else.

const (
	quietPeriod  = 15 * time.Millisecond // wait after the expected events; an event too many arrives sooner
	eventTimeout = 10 * time.Second      // longest wait for the expected events, before a keep-alive
)

// subscription is a subscription of a caller to one hub.
type subscription struct {
	stop     context.CancelFunc
	done     chan struct{}
	received chan struct{}

	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer. The hub writes its events to it.
func (l *subscription) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.received <- struct{}{}:
	default:
	}
	return l.text.Write(b)
}

// sentFrames are the frames of the event stream so far.
func (l *subscription) sentFrames() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSuffix(l.text.String(), "\n\n"), "\n\n")
}

// waitForFrames waits until the hub has sent n frames, or for eventTimeout.
func (l *subscription) waitForFrames(n int) {
	for late := time.After(eventTimeout); len(l.sentFrames()) < n || l.sentFrames()[0] == ""; {
		select {
		case <-l.received:
		case <-l.done:
			return
		case <-late:
			return
		}
	}
}

// streamRecorder is the response writer of an event stream.
type streamRecorder struct {
	*httptest.ResponseRecorder
	subscription *subscription
}

func (r *streamRecorder) Write(b []byte) (int, error) { return r.subscription.Write(b) }

// openSubscription subscribes. It returns when the hub listens, so that no later change is missed.
func (h *hub) openSubscription(ctx context.Context, c caller, body string) *subscription {
	ctx, stop := context.WithCancel(ctx)
	l := &subscription{stop: stop, done: make(chan struct{}), received: make(chan struct{}, 1)}
	r, err := h.newRequest(ctx, c, body)
	if err != nil {
		close(l.done)
		return l
	}
	r.Header.Set("Accept", "text/event-stream")
	go func() {
		defer close(l.done)
		h.handler.ServeHTTP(&streamRecorder{httptest.NewRecorder(), l}, r)
	}()
	l.waitForFrames(1)
	return l
}

// receivedChanges waits for n changes and a quiet period, ends the subscription, and returns all changes that came.
func (l *subscription) receivedChanges(n int) (changes []string, wrong string) {
	l.waitForFrames(1 + n)
	time.Sleep(quietPeriod)
	l.stop()
	<-l.done
	for _, frame := range l.sentFrames()[1:] {
		_, data, _ := strings.Cut(frame, "data: ")
		var in struct {
			Data struct {
				Changed struct{ ID, Type, Kind string }
			}
		}
		if err := json.Unmarshal([]byte(data), &in); err != nil || in.Data.Changed.ID == "" {
			return nil, "the hub sent a frame that is not a change: " + frame
		}
		changed := in.Data.Changed
		changes = append(changes, changed.ID+" "+changed.Kind+" "+changed.Type)
	}
	return changes, ""
}

// changesRights reports whether a write may change rights. The hub may end a subscription after such a write.
func changesRights(e *model.Entity, verb string) bool {
	holders := []string{
		"User", "RoleAssignment", "AuditGrant", "Deployment", "Volunteer", "AccessToken", "EmergencyAccess",
	}
	return slices.Contains(holders, e.Name) || e.Name == "Partner" && verb == "archive"
}

// subscribeBoth subscribes on both hubs, to some types (the entity among them) or to all.
func (s *scene) subscribeBoth(e *model.Entity) (root *selection, body string, on []*subscription) {
	root = &selection{name: "changed"}
	if s.author.intN(2) == 0 {
		types := []any{enumValue(e.Name)}
		for range s.author.intN(4) {
			types = append(types, enumValue(s.author.drawEntity().Name))
		}
		types = slices.DeleteFunc(types, func(t any) bool {
			return s.view.hasNoChangeFeed(theModel.Entity(string(t.(enumValue))))
		})
		if len(types) > 0 {
			root.args = append(root.args, argument{"types", "[RowType!]", types})
		}
	}
	types, err := json.Marshal(root.argumentValue("types"))
	if err != nil {
		types = nil
	}
	body = `{"query":"subscription($t:[RowType!]){changed(types:$t){id type kind}}",` +
		`"variables":{"t":` + string(types) + `}}`
	for _, h := range s.hubs {
		on = append(on, h.openSubscription(s.ctx, s.caller, body))
	}
	return root, body, on
}

// checkSubscriptions compares the events of the subscriptions with the changes in the caller's view.
func (s *scene) checkSubscriptions(root *selection, body string, on []*subscription) *failure {
	s.cases++
	s.subscriptions++
	after, twinAfter := s.viewAfterWrite(s.view), s.viewAfterWrite(s.twin)
	if after == nil || twinAfter == nil {
		return nil
	}
	known := knownRows{}
	for _, e := range s.view.requestedTypes(root) {
		for _, r := range s.view.visibleRows(e) {
			known[s.view.changeID(r)] = s.view.rowContent(r)
		}
	}
	changes, _ := after.changesFrom(root, known)
	// the write may show the caller what was hidden and differs between the worlds
	if twinChanges, _ := twinAfter.changesFrom(root, known); !maps.Equal(changes, twinChanges) {
		s.incomparable++
		return nil
	}
	f := s.newFailure(body, fmt.Sprint(changes))
	for i, l := range on {
		got, wrong := l.receivedChanges(len(changes))
		f.exchangeA.body, f.message = strings.Join(l.sentFrames(), "\n"), wrong
		left := maps.Clone(changes)
		for _, change := range got {
			id, what, _ := strings.Cut(change, " ")
			if left[id] == "" {
				id = newRowID
			}
			if left[id] != what {
				f.message = fmt.Sprintf("hub %d sent a change that did not happen: %s", i, change)
			}
			delete(left, id)
		}
		if f.message == "" && len(left) > 0 {
			f.message = fmt.Sprintf("hub %d sent %d changes, and missed %v", i, len(got), left)
		}
		if f.message != "" {
			return f
		}
	}
	return nil
}
