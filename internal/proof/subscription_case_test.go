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

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// Subscriptions: whoever listens while something is written hears of each row of theirs that has become another, once,
// and of nothing else.

const (
	quietPeriod  = 15 * time.Millisecond // after what is to be heard: more would be heard in less
	eventTimeout = 10 * time.Second      // for what is to be heard
)

// subscription is a subscription of the caller's on one hub.
type subscription struct {
	stop     context.CancelFunc
	done     chan struct{}
	received chan struct{}

	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer: what the hub sends.
func (l *subscription) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.received <- struct{}{}:
	default:
	}
	return l.text.Write(b)
}

// sentFrames are the frames that were sent.
func (l *subscription) sentFrames() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSuffix(l.text.String(), "\n\n"), "\n\n")
}

// waitForFrames waits until so many frames were sent, or it takes too long.
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

// streamRecorder is what a handler writes a stream to.
type streamRecorder struct {
	*httptest.ResponseRecorder
	subscription *subscription
}

func (r *streamRecorder) Write(b []byte) (int, error) { return r.subscription.Write(b) }

// openSubscription subscribes, and returns once nothing more is missed.
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

// receivedChanges are the changes that were told, once so many are there and it is quiet.
func (l *subscription) receivedChanges(n int) (out []string, wrong string) {
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
			return nil, "an event is none: " + frame
		}
		out = append(out, in.Data.Changed.ID+" "+in.Data.Changed.Kind+" "+in.Data.Changed.Type)
	}
	return out, ""
}

// changesRights reports whether a write may change what somebody may see: a subscription may end with it.
func changesRights(e *model.Entity, verb string) bool {
	return slices.Contains([]string{"User", "RoleAssignment", "AuditGrant", "Deployment", "Volunteer", "AccessToken", "EmergencyAccess"}, e.Name) ||
		e.Name == "Partner" && verb == "archive"
}

// subscribeBoth subscribes on both hubs to some types, or to all.
func (s *scene) subscribeBoth(e *model.Entity) (root *selection, body string, on []*subscription) {
	root = &selection{name: "changed"}
	if s.author.intN(2) == 0 {
		types := []any{enumValue(e.Name)}
		for range s.author.intN(4) {
			types = append(types, enumValue(s.author.drawEntity().Name))
		}
		types = slices.DeleteFunc(types, func(t any) bool { return s.view.hasNoChangeFeed(inventory.Model.Entity(string(t.(enumValue)))) })
		if len(types) > 0 {
			root.args = append(root.args, argument{"types", "[RowType!]", types})
		}
	}
	types, err := json.Marshal(root.argumentValue("types"))
	if err != nil {
		types = nil
	}
	body = `{"query":"subscription($t:[RowType!]){changed(types:$t){id type kind}}","variables":{"t":` + string(types) + `}}`
	for _, h := range s.hubs {
		on = append(on, h.openSubscription(s.ctx, s.caller, body))
	}
	return root, body, on
}

// checkSubscriptions holds what the subscriptions were told against what became another to the caller.
func (s *scene) checkSubscriptions(root *selection, body string, on []*subscription) *failure {
	s.cases++
	s.subscriptions++
	later, elsewhere := s.viewAfterWrite(s.view), s.viewAfterWrite(s.twin)
	if later == nil || elsewhere == nil {
		return nil
	}
	known := knownRows{}
	for _, e := range s.view.requestedTypes(root) {
		for _, r := range s.view.visibleRows(e) {
			known[s.view.changeID(r)] = s.view.rowContent(r)
		}
	}
	changes, _ := later.changesFrom(root, known)
	if others, _ := elsewhere.changesFrom(root, known); !maps.Equal(changes, others) { // the change makes visible what was hidden, and differs
		s.incomparable++
		return nil
	}
	f := &failure{caller: s.caller, body: body, want: fmt.Sprint(changes), policies: s.policyText, roles: s.view.describeRoles(), world: s.view.world, twin: s.twin.world}
	for i, l := range on {
		got, wrong := l.receivedChanges(len(changes))
		f.exchangeA.body, f.message = strings.Join(l.sentFrames(), "\n"), wrong
		left := maps.Clone(changes)
		for _, told := range got {
			id, what, _ := strings.Cut(told, " ")
			if left[id] == "" {
				id = newRowID
			}
			if left[id] != what {
				f.message = fmt.Sprintf("hub %d tells of a change that is none: %s", i, told)
			}
			delete(left, id)
		}
		if f.message == "" && len(left) > 0 {
			f.message = fmt.Sprintf("hub %d tells of %d changes, and not of %v", i, len(got), left)
		}
		if f.message != "" {
			return f
		}
	}
	return nil
}
