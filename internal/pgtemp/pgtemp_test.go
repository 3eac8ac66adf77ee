package pgtemp_test

import (
	"errors"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"rightshub/internal/pgtemp"
)

// The server stops also where the interrupt is ignored, as in programs that a script runs in the background.
func TestStopWithIgnoredInterrupt(t *testing.T) {
	signal.Ignore(syscall.SIGINT) // processes that are started from now on inherit this
	defer signal.Reset(syscall.SIGINT)
	s, err := pgtemp.Start(t.Context())
	if errors.Is(err, pgtemp.ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan bool)
	go func() {
		s.Stop()
		close(stopped)
	}()
	select {
	case <-stopped:
	case <-time.After(20 * time.Second):
		t.Fatal("the server does not stop")
	}
}
