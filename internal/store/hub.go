package store

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"rightshub/ent"
	"rightshub/internal/access"
	"rightshub/internal/model"
)

// Hub is an open database with the model that it holds: where sessions come from.
type Hub struct {
	db    *DB
	model *model.Model
	seal  *sealer // of cursors
	feed  *feed

	writes *ent.Client // through the guard

	answers *sealer // of what is kept for Once
	secret  Secret
	most    int           // rows that changes are followed on at once
	look    time.Duration // how often a watch looks whether its caller still may, when nothing happens
	prints  []byte        // key of the prints of rows, and of the order of changes

	rights  atomic.Int64 // grows with each write of what decides about rights, so that kept ones are read again
	watched atomic.Int64 // rows of all watches
}

// NewHub joins a database, the model and the hub's secret.
func NewHub(db *DB, m *model.Model, secret Secret) (*Hub, error) {
	seal, err := newSealer(secret, "cursor")
	if err != nil {
		return nil, err
	}
	answers, err := newSealer(secret, "answer")
	h := &Hub{db: db, model: m, seal: seal, writes: guarded(db.kind), answers: answers, secret: secret, prints: secret.Derive("change print"), most: MaxKnown, look: rightsLook}
	h.feed = &feed{db: db, rights: &h.rights, bell: make(chan struct{}, 1), readers: map[*dirt]bool{}}
	return h, err
}

// DB is the hub's database.
func (h *Hub) DB() *DB { return h.db }

// Session opens the door for a caller. Languages are the caller's, best first; unknown ones are left out.
func (h *Hub) Session(v *access.View, languages []string) Session {
	return h.SessionUntil(v, languages, time.Time{})
}

// SessionUntil is Session of a caller who must be asked for again at a moment that is known; zero: at none.
func (h *Hub) SessionUntil(v *access.View, languages []string, until time.Time) Session {
	langs := make([]string, 0, len(Languages))
	for _, list := range [][]string{languages, Languages} {
		for _, l := range list {
			if slices.Contains(Languages, l) && !slices.Contains(langs, l) {
				langs = append(langs, l)
			}
		}
	}
	return &caller{hub: h, view: v, keys: v, langs: langs, until: until, db: h.db.sql}
}

// May implements Session.
func (s *caller) May(e *model.Entity, a model.Action) bool { return s.view.May(e.Name, a) }

// Languages implements Session.
func (s *caller) Languages() []string { return s.langs }

// User implements Session.
func (s *caller) User() uuid.UUID { return s.view.Subject().User }

// Grant implements Session.
func (s *caller) Grant() uuid.UUID {
	if acting := s.view.Subject().Acting; acting != nil {
		return acting.ID
	}
	return uuid.Nil
}

// Purpose implements Session.
func (s *caller) Purpose() string { return s.view.Subject().Purpose }

// Purposes implements Session.
func (s *caller) Purposes() []string { return s.view.Purposes() }

// Holds implements Session.
func (s *caller) Holds(role string) bool {
	return slices.ContainsFunc(s.view.Subject().Assignments, func(a access.Assignment) bool { return a.Role == role })
}
