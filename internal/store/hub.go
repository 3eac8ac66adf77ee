// Package store is the only door to the rows: it reads and writes them on what a caller may see. It knows SQL and both
// databases; it does not know GraphQL or HTTP. Package access decides who may see what, and this package enforces it.
package store

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"rightshub/ent"
	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// Hub is an open database with the model that it holds: where sessions come from.
type Hub struct {
	db           *database.DB
	model        *model.Model
	cursorSealer *query.Sealer // of cursors
	feed         *feedPoller

	entClient *ent.Client // through the guard

	answerSealer        *query.Sealer // of what is kept for Once
	secret              database.Secret
	maxKnownRows        int           // rows that changes are followed on at once
	rightsCheckInterval time.Duration // how often a watch looks whether its caller still may, when nothing happens
	fingerprintKey      []byte        // key of the prints of rows, and of the order of changes

	rightsVersion atomic.Int64 // grows with each write of what decides about rights, so that kept ones are read again
	watchedRows   atomic.Int64 // rows of all watches
}

// NewHub joins a database, the model and the hub's secret.
func NewHub(db *database.DB, m *model.Model, secret database.Secret) (*Hub, error) {
	seal, err := query.NewSealer(secret, "cursor")
	if err != nil {
		return nil, err
	}
	answers, err := query.NewSealer(secret, "answer")
	h := &Hub{db: db, model: m, cursorSealer: seal, entClient: newGuardedClient(db.Kind()), answerSealer: answers, secret: secret, fingerprintKey: secret.Derive("change print"), maxKnownRows: MaxKnownRows, rightsCheckInterval: rightsCheckInterval}
	h.feed = &feedPoller{db: db, model: m, rightsVersion: &h.rightsVersion, wake: make(chan struct{}, 1), subscribers: map[*staleRows]bool{}}
	return h, err
}

// DB is the hub's database.
func (h *Hub) DB() *database.DB { return h.db }

// Session opens the door for a caller. Languages are the caller's, best first; unknown ones are left out.
func (h *Hub) Session(v *access.View, languages []string) Session {
	return h.SessionUntil(v, languages, time.Time{})
}

// SessionUntil is Session of a caller who must be asked for again at a moment that is known; zero: at none.
func (h *Hub) SessionUntil(v *access.View, languages []string, until time.Time) Session {
	langs := make([]string, 0, len(query.Languages))
	for _, list := range [][]string{languages, query.Languages} {
		for _, l := range list {
			if slices.Contains(query.Languages, l) && !slices.Contains(langs, l) {
				langs = append(langs, l)
			}
		}
	}
	return &session{hub: h, view: v, scopeView: v, languages: langs, rightsUntil: until, db: h.db.SQL()}
}

// May implements Session.
func (s *session) May(e *model.Entity, a model.Action) bool { return s.view.May(e.Name, a) }

// Languages implements Session.
func (s *session) Languages() []string { return s.languages }

// User implements Session.
func (s *session) User() uuid.UUID { return s.view.Subject().User }

// Grant implements Session.
func (s *session) Grant() uuid.UUID {
	if acting := s.view.Subject().ActingGrant; acting != nil {
		return acting.ID
	}
	return uuid.Nil
}

// Purpose implements Session.
func (s *session) Purpose() string { return s.view.Subject().Purpose }

// Purposes implements Session.
func (s *session) Purposes() []string { return s.view.Purposes() }

// Holds implements Session.
func (s *session) Holds(role string) bool {
	return slices.ContainsFunc(s.view.Subject().Assignments, func(a access.Assignment) bool { return a.Role == role })
}
