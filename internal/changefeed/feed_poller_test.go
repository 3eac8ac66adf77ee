package changefeed

import (
	"context"
	"testing"
)

// A background task runs again after a panic, and ends with its context.
func TestRestartOnPanic(t *testing.T) {
	n := 0
	restartOnPanic(t.Context(), func() {
		if n++; n < 3 {
			panic("a mistake")
		}
	})
	if n != 3 {
		t.Errorf("it ran %d times", n)
	}
	ctx, stop := context.WithCancel(t.Context())
	restartOnPanic(ctx, func() {
		stop()
		panic("a mistake")
	})
}
