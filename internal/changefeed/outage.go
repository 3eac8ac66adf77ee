package changefeed

import (
	"context"
	"math/rand/v2"
	"time"

	"rightshub/internal/fault"
)

// How a watch waits while the database does not answer.
const (
	// maxOutage is how long a watch waits for the database in one outage. After that it fails with Unavailable.
	maxOutage = time.Minute

	firstOutagePause = 50 * time.Millisecond // doubled after each failure
	longestPause     = 2 * time.Second
)

// outage is a time in which the database does not answer a watch.
type outage struct {
	since time.Time // zero while the database answers
	pause time.Duration
}

// waitToRetry waits before the next attempt after a failure. It returns false when the failure is no outage, the outage
// has lasted too long, or the context ends. Pauses differ at random, so that not all watches come back at the same
// moment.
func (o *outage) waitToRetry(ctx context.Context, err error) bool {
	if !fault.Is(err, fault.Unavailable) || ctx.Err() != nil {
		return false
	}
	if o.since.IsZero() {
		o.since, o.pause = time.Now(), firstOutagePause
	}
	if time.Since(o.since) > maxOutage {
		return false
	}
	pause := o.pause/2 + rand.N(o.pause/2)
	o.pause = min(2*o.pause, longestPause)
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}
