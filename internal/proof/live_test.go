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
	quiet  = 15 * time.Millisecond // after what is to be heard: more would be heard in less
	sooner = 10 * time.Second      // for what is to be heard
)

// live is a subscription of the caller's on one hub.
type live struct {
	stop context.CancelFunc
	done chan struct{}
	news chan struct{}

	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer: what the hub sends.
func (l *live) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.news <- struct{}{}:
	default:
	}
	return l.text.Write(b)
}

// sent are the frames that were sent.
func (l *live) sent() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSuffix(l.text.String(), "\n\n"), "\n\n")
}

// until waits until so many frames were sent, or it takes too long.
func (l *live) until(n int) {
	for late := time.After(sooner); len(l.sent()) < n || l.sent()[0] == ""; {
		select {
		case <-l.news:
		case <-l.done:
			return
		case <-late:
			return
		}
	}
}

// recorder is what a handler writes a stream to.
type recorder struct {
	*httptest.ResponseRecorder
	to *live
}

func (r *recorder) Write(b []byte) (int, error) { return r.to.Write(b) }

// listen subscribes, and returns once nothing more is missed.
func (h *hub) listen(ctx context.Context, c caller, body string) *live {
	ctx, stop := context.WithCancel(ctx)
	l := &live{stop: stop, done: make(chan struct{}), news: make(chan struct{}, 1)}
	r, err := h.request(ctx, c, body)
	if err != nil {
		close(l.done)
		return l
	}
	r.Header.Set("Accept", "text/event-stream")
	go func() {
		defer close(l.done)
		h.handler.ServeHTTP(&recorder{httptest.NewRecorder(), l}, r)
	}()
	l.until(1)
	return l
}

// heard are the changes that were told, once so many are there and it is quiet.
func (l *live) heard(n int) (out []string, wrong string) {
	l.until(1 + n)
	time.Sleep(quiet)
	l.stop()
	<-l.done
	for _, frame := range l.sent()[1:] {
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

// decides reports whether a write may change what somebody may see: a subscription may end with it.
func decides(e *model.Entity, verb string) bool {
	return slices.Contains([]string{"User", "RoleAssignment", "AuditGrant", "Deployment", "Volunteer", "AccessToken", "EmergencyAccess"}, e.Name) ||
		e.Name == "Partner" && verb == "archive"
}

// follow subscribes on both hubs to some types, or to all.
func (s *scene) follow(e *model.Entity) (root *sel, body string, on []*live) {
	root = &sel{name: "changed"}
	if s.author.n(2) == 0 {
		types := []any{word(e.Name)}
		for range s.author.n(4) {
			types = append(types, word(s.author.entity().Name))
		}
		types = slices.DeleteFunc(types, func(t any) bool { return s.v.unfollowed(inventory.Model.Entity(string(t.(word)))) })
		if len(types) > 0 {
			root.args = append(root.args, arg{"types", "[RowType!]", types})
		}
	}
	types, err := json.Marshal(root.arg("types"))
	if err != nil {
		types = nil
	}
	body = `{"query":"subscription($t:[RowType!]){changed(types:$t){id type kind}}","variables":{"t":` + string(types) + `}}`
	for _, h := range s.hubs {
		on = append(on, h.listen(s.ctx, s.who, body))
	}
	return root, body, on
}

// hear holds what the subscriptions were told against what became another to the caller.
func (s *scene) hear(root *sel, body string, on []*live) *failure {
	s.cases++
	s.lives++
	later, elsewhere := s.later(s.v), s.later(s.twin)
	if later == nil || elsewhere == nil {
		return nil
	}
	known := knowledge{}
	for _, e := range s.v.typesOf(root) {
		for _, r := range s.v.visible(e) {
			known[s.v.shownID(r)] = s.v.content(r)
		}
	}
	changes, _ := later.since(root, known)
	if others, _ := elsewhere.since(root, known); !maps.Equal(changes, others) { // the change makes visible what was hidden, and differs
		s.uneven++
		return nil
	}
	f := &failure{caller: s.who, body: body, want: fmt.Sprint(changes), policies: s.lines, roles: s.v.describe(), one: s.v.w, other: s.twin.w}
	for i, l := range on {
		got, wrong := l.heard(len(changes))
		f.a.body, f.what = strings.Join(l.sent(), "\n"), wrong
		left := maps.Clone(changes)
		for _, told := range got {
			id, what, _ := strings.Cut(told, " ")
			if left[id] == "" {
				id = made
			}
			if left[id] != what {
				f.what = fmt.Sprintf("hub %d tells of a change that is none: %s", i, told)
			}
			delete(left, id)
		}
		if f.what == "" && len(left) > 0 {
			f.what = fmt.Sprintf("hub %d tells of %d changes, and not of %v", i, len(got), left)
		}
		if f.what != "" {
			return f
		}
	}
	return nil
}
