package server

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
)

// TestConnectionLimits checks the limits of one user, of one network, of all anonymous callers and of all callers. A
// closed connection makes room for another.
func TestConnectionLimits(t *testing.T) {
	l := connectionCounter{byCaller: map[callerKey]*callerUsage{}}
	openUntilRefused := func(callerOf func(int) callerKey) (n int) {
		for ; l.openConnection(callerOf(n)) == nil; n++ {
		}
		return n
	}
	user, otherUser := callerKey{user: uuid.UUID{1}}, callerKey{user: uuid.UUID{2}}
	for name, c := range map[string]struct {
		callerOf func(int) callerKey
		want     int
	}{
		"one user": {
			func(int) callerKey { return user }, MaxPerCaller,
		},
		"one network": {
			func(int) callerKey { return callerKey{network: "192.0.2.1/32"} }, MaxConnectionsPerNetwork,
		},
		"all anonymous callers": {
			func(i int) callerKey { return callerKey{network: fmt.Sprint(i)} }, MaxAnonymousConnections,
		},
		"all callers": {
			func(i int) callerKey { return callerKey{user: uuid.UUID{byte(i), byte(i >> 8), 1}} }, MaxOpenConnections,
		},
	} {
		if n := openUntilRefused(c.callerOf); n != c.want {
			t.Errorf("%s: opened %d connections, want %d", name, n, c.want)
		}
		for i := range c.want {
			l.closeConnection(c.callerOf(i))
		}
		if l.total != 0 || l.anonymous != 0 || len(l.byCaller) != 0 {
			t.Errorf("after %s: total %d, anonymous %d, callers %d; want 0",
				name, l.total, l.anonymous, len(l.byCaller))
		}
	}
	for range MaxPerCaller {
		if err := l.addSubscription(user); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.addSubscription(user); err != errTooManySubscriptions {
		t.Errorf("one more subscription of the user: %v", err)
	}
	if err := l.addSubscription(otherUser); err != nil {
		t.Errorf("the first subscription of another user: %v", err)
	}
}
