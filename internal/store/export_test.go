package store

import (
	"time"

	"rightshub/internal/access"
)

// Confused is a session whose guard is off: the statements are written for one view, and row-level security compares the
// keys of another.
func Confused(h *Hub, view, keys *access.View) Session {
	return &caller{hub: h, view: view, keys: keys, db: h.db.sql}
}

// LookEvery is how often the hub's watches look whether their callers still may.
func LookEvery(h *Hub, d time.Duration) { h.look = d }

// Follow lets callers follow at most so many rows.
func Follow(h *Hub, rows int) { h.most = rows }

// Until is the session of somebody who must be asked for again at the moment.
func Until(s Session, ends time.Time) Session {
	c := *s.(*caller)
	c.until = ends
	return &c
}
