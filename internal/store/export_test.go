package store

import "rightshub/internal/access"

// Confused is a session whose guard is off: the statements are written for one view, and row-level security compares the
// keys of another.
func Confused(h *Hub, view, keys *access.View) Session {
	return &caller{hub: h, view: view, keys: keys, db: h.db.sql}
}

// Follow lets callers follow at most so many rows.
func Follow(h *Hub, rows int) { h.most = rows }
