package server

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
)

// Neither one caller, nor one network, nor all who are not signed in have all the room; what is closed makes room.
func TestRoom(t *testing.T) {
	l := lasting{by: map[asker]*held{}}
	fill := func(next func(int) asker) (n int) {
		for ; l.open(next(n)) == nil; n++ {
		}
		return n
	}
	person := asker{user: uuid.UUID{1}}
	for name, c := range map[string]struct {
		next func(int) asker
		want int
	}{
		"one person":    {func(int) asker { return person }, MaxPerCaller},
		"one network":   {func(int) asker { return asker{network: "192.0.2.1/32"} }, MaxPerNetwork},
		"all strangers": {func(i int) asker { return asker{network: fmt.Sprint(i)} }, MaxStrangers},
		"all":           {func(i int) asker { return asker{user: uuid.UUID{byte(i), byte(i >> 8), 1}} }, MaxLasting},
	} {
		if n := fill(c.next); n != c.want {
			t.Errorf("%s: %d", name, n)
		}
		for i := range c.want {
			l.close(c.next(i))
		}
		if l.all != 0 || l.strangers != 0 || len(l.by) != 0 {
			t.Errorf("after %s: %d, %d, %d are left", name, l.all, l.strangers, len(l.by))
		}
	}
	for range MaxPerCaller {
		if err := l.begin(person); err != nil {
			t.Fatal(err)
		}
	}
	if l.begin(person) != errCaller || l.begin(asker{user: uuid.UUID{2}}) != nil {
		t.Error("subscriptions of one person")
	}
}
