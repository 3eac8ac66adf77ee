package server

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
)

// Neither one caller, nor one network, nor all who are not signed in have all the room; what is closed makes room.
func TestConnectionLimits(t *testing.T) {
	l := connectionCounter{byCaller: map[callerKey]*callerUsage{}}
	fill := func(next func(int) callerKey) (n int) {
		for ; l.openConnection(next(n)) == nil; n++ {
		}
		return n
	}
	person := callerKey{user: uuid.UUID{1}}
	for name, c := range map[string]struct {
		next func(int) callerKey
		want int
	}{
		"one person":    {func(int) callerKey { return person }, MaxPerCaller},
		"one network":   {func(int) callerKey { return callerKey{network: "192.0.2.1/32"} }, MaxConnectionsPerNetwork},
		"all strangers": {func(i int) callerKey { return callerKey{network: fmt.Sprint(i)} }, MaxAnonymousConnections},
		"all":           {func(i int) callerKey { return callerKey{user: uuid.UUID{byte(i), byte(i >> 8), 1}} }, MaxOpenConnections},
	} {
		if n := fill(c.next); n != c.want {
			t.Errorf("%s: %d", name, n)
		}
		for i := range c.want {
			l.closeConnection(c.next(i))
		}
		if l.total != 0 || l.anonymous != 0 || len(l.byCaller) != 0 {
			t.Errorf("after %s: %d, %d, %d are left", name, l.total, l.anonymous, len(l.byCaller))
		}
	}
	for range MaxPerCaller {
		if err := l.addSubscription(person); err != nil {
			t.Fatal(err)
		}
	}
	if l.addSubscription(person) != errTooManySubscriptions || l.addSubscription(callerKey{user: uuid.UUID{2}}) != nil {
		t.Error("subscriptions of one person")
	}
}
