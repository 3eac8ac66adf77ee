package store

import (
	"time"

	"rightshub/internal/access"
)

// NewMismatchedSession is a session whose guard is off: the statements are written for one view, and row-level security compares the
// keys of another.
func NewMismatchedSession(h *Hub, view, keys *access.View) Session {
	return &session{hub: h, view: view, scopeView: keys, db: h.db.SQL()}
}

// SetRightsCheckInterval is how often the hub's watches look whether their callers still may.
func SetRightsCheckInterval(h *Hub, d time.Duration) { h.rightsCheckInterval = d }

// SetMaxKnownRows lets callers follow at most so many rows.
func SetMaxKnownRows(h *Hub, rows int) { h.maxKnownRows = rows }

// SessionExpiringAt is the session of somebody who must be asked for again at the moment.
func SessionExpiringAt(s Session, ends time.Time) Session {
	c := *s.(*session)
	c.rightsUntil = ends
	return &c
}
