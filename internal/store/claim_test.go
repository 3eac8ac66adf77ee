package store_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// claimRetry returns the retryAfter of a refused request, or 0 when it was not refused.
func claimRetry(err error) int {
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Conflict {
		return 0
	}
	seconds, _ := f.Extensions["retryAfter"].(int)
	return seconds
}

// The key of a process that was killed is free again soon, and the refusals before say when to try again.
func TestKeyOfKilledProcess(t *testing.T) {
	store.SetClaimDuration(t, 4*time.Second)
	onBothDatabases(t, func(w *testHub) {
		s := w.sessionWithRole("user.BF", "country_coordinator", "", "BF")
		killed := make(chan struct{})
		go func() {
			defer close(killed)
			s.Once(w.Context(), "key", nil, func(context.Context, store.Session) ([]byte, bool) {
				runtime.Goexit() // nothing of Once runs after this
				return nil, false
			})
		}()
		<-killed
		began := time.Now()
		for {
			answer, replayed, err := s.Once(w.Context(), "key", nil,
				func(context.Context, store.Session) ([]byte, bool) { return []byte("done"), true })
			if err == nil {
				if string(answer) != "done" || replayed {
					w.Errorf("%s %t", answer, replayed)
				}
				break
			}
			seconds := claimRetry(err)
			if seconds == 0 || time.Since(began) > 15*time.Second {
				w.Fatalf("after %v: %v", time.Since(began), err)
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
}

// A request that takes longer than a claim keeps its key while its process lives.
func TestKeyOfLongRequest(t *testing.T) {
	store.SetClaimDuration(t, 4*time.Second)
	w := newTestHub(t, emptyFixture.Postgres(t))
	s := w.sessionWithRole("user.BF", "country_coordinator", "", "BF")
	var carriedOut atomic.Int32
	do := func(context.Context, store.Session) ([]byte, bool) {
		carriedOut.Add(1)
		time.Sleep(9 * time.Second)
		return []byte("done"), true
	}
	first := make(chan error)
	go func() {
		_, _, err := s.Once(w.Context(), "key", nil, do)
		first <- err
	}()
	for began := time.Now(); time.Since(began) < 8*time.Second; time.Sleep(200 * time.Millisecond) {
		if carriedOut.Load() == 1 {
			if _, _, err := s.Once(w.Context(), "key", nil, do); claimRetry(err) == 0 {
				t.Fatalf("%v, want CONFLICT", err)
			}
		}
	}
	if err := <-first; err != nil || carriedOut.Load() != 1 {
		t.Errorf("%v after %d times", err, carriedOut.Load())
	}
}
