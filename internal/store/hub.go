// Package store is the only way for a caller to read and write rows. It limits each statement to what the caller may
// see. Package access decides what a caller may see, and this package enforces the decision. The package knows SQL and
// both databases. It knows neither GraphQL nor HTTP.
//
// A session ties together what other packages hold. Package accounts reads persons and their tokens before a session
// exists, changefeed finds what changes in a view, record describes what a read discloses, and rules has the rules on
// writes. They do not import this package.
package store

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"rightshub/ent"
	"rightshub/internal/access"
	"rightshub/internal/accounts"
	"rightshub/internal/changefeed"
	"rightshub/internal/database"
	"rightshub/internal/languages"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// Hub is an open database together with its model. It makes the sessions of callers.
type Hub struct {
	db           *database.DB
	model        *model.Model
	cursorSealer *query.Sealer // seals cursors and tokens of changes
	feed         *changefeed.Feed
	accounts     *accounts.Directory

	entClient *ent.Client // writes only what a session has checked; see newGuardedClient

	answerSealer *query.Sealer // seals the answers that Once stores
	secret       database.Secret

	rightsVersion atomic.Int64 // grows with each write that may change rights, so that cached rights are read again
}

// NewHub makes a hub from a database, the model and the hub's secret.
func NewHub(db *database.DB, m *model.Model, secret database.Secret) (*Hub, error) {
	seal, err := query.NewSealer(secret, "cursor")
	if err != nil {
		return nil, err
	}
	answers, err := query.NewSealer(secret, "answer")
	h := &Hub{
		db: db, model: m, accounts: accounts.NewDirectory(db), cursorSealer: seal,
		entClient: newGuardedClient(db.Kind()), answerSealer: answers, secret: secret,
	}
	h.feed = changefeed.NewFeed(db, m, secret, seal, &h.rightsVersion)
	return h, err
}

// DB returns the hub's database.
func (h *Hub) DB() *database.DB { return h.db }

// FeedLag returns the time since the feed of changes was last read, while somebody subscribes. Otherwise it is 0.
func (h *Hub) FeedLag() time.Duration { return h.feed.Lag() }

// Accounts returns the accounts of the hub's database.
func (h *Hub) Accounts() *accounts.Directory { return h.accounts }

// RightsVersion returns a number that grows whenever rights may have changed. What was read about a person at an
// earlier version may be out of date.
func (h *Hub) RightsVersion() int64 { return h.rightsVersion.Load() }

// Session returns a session for the caller of a view. Languages are the caller's languages, best first. Unknown
// languages are left out.
func (h *Hub) Session(v *access.View, languages []string) Session {
	return h.SessionUntil(v, languages, time.Time{})
}

// SessionUntil is like Session for a caller with rights that the clock alone may change at a known moment. After that
// moment the caller must be authenticated again. A zero time means that no such moment is known.
func (h *Hub) SessionUntil(v *access.View, accepted []string, until time.Time) Session {
	langs := make([]string, 0, languages.Count)
	for _, list := range [][]string{accepted, languages.All[:]} {
		for _, l := range list {
			if languages.IsKnown(l) && !slices.Contains(langs, l) {
				langs = append(langs, l)
			}
		}
	}
	pool := h.db.Shared(shareOf(v))
	return &session{hub: h, view: v, scopeView: v, languages: langs, rightsUntil: until, db: pool}
}

// shareOf names the share of the pool that a caller uses. All anonymous callers have one together.
func shareOf(v *access.View) string {
	s := v.Subject()
	return s.Name + " " + s.User.String()
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
