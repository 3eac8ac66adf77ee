package store

import (
	"testing"
	"time"

	"rightshub/internal/access"
)

// NewMismatchedSession returns a session with statements for one view and row-level security for the keys of another
// view. It shows what row-level security alone hides.
func NewMismatchedSession(h *Hub, view, keys *access.View) Session {
	return &session{hub: h, view: view, scopeView: keys, db: h.db.SQL()}
}

// SetRightsCheckInterval sets how often the hub's watches check the rights of their callers.
func SetRightsCheckInterval(h *Hub, d time.Duration) { h.feed.RightsCheckInterval = d }

// SetMaxKnownRows sets the most rows of which a caller may follow changes.
func SetMaxKnownRows(h *Hub, rows int) { h.feed.MaxKnownRows = rows }

// SessionExpiringAt returns a copy of the session with rights that end at the moment.
func SessionExpiringAt(s Session, ends time.Time) Session {
	c := *s.(*session)
	c.rightsUntil = ends
	return &c
}

// SetClaimDuration sets how long a claim of an Idempotency-Key holds, until the end of the test.
func SetClaimDuration(t testing.TB, d time.Duration) {
	before := claimDuration
	claimDuration = d
	t.Cleanup(func() { claimDuration = before })
}
