package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/rules"
)

// TokenPrefix begins every personal access token, so that scanners for leaked secrets recognise it.
const TokenPrefix = "rhp_"

// maxTokenLifetime is the longest time for which a personal access token works.
const maxTokenLifetime = 366 * 24 * time.Hour

// HashToken returns the hash of a personal access token. Only the hash is stored.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// IssueToken implements Session.
func (s *session) IssueToken(ctx context.Context, title string, scopes []string, expires time.Time) (
	uuid.UUID, string, error) {
	subject := s.view.Subject()
	if subject.User == uuid.Nil {
		return uuid.Nil, "", errSignInRequired
	}
	if subject.SignedInByToken {
		return uuid.Nil, "", fault.New(fault.Forbidden,
			"A personal access token is made by a person who is signed in, not by another token.")
	}
	e := s.hub.model.Entity("AccessToken")
	switch strings.Join(scopes, "+") {
	case "read", "read+write", "write+read":
	default: // every token may read, so the stored scopes must include read
		return uuid.Nil, "", fault.InvalidField("scopes", "must be read, or read and write.")
	}
	if now := time.Now(); !expires.After(now) || expires.After(now.Add(maxTokenLifetime)) {
		return uuid.Nil, "", fault.InvalidField("expiresAt", "must lie within the next year.")
	}
	list, err := rules.ValidateInput(e, query.Input{"title": title, "scopes": scopes, "expiresAt": expires}, true, false)
	if err != nil {
		return uuid.Nil, "", err
	}
	token := TokenPrefix + rand.Text() + rand.Text()
	none := model.Tag{Ident: "none"}
	list = append(list,
		rules.ColumnChange{Column: "hash", Tag: none, Value: HashToken(token)},
		rules.ColumnChange{Column: "user_id", Tag: none, Value: subject.User})
	id := uuid.New()
	err = s.inTransaction(ctx, func(tx *session) error {
		w := tx.newRowWrite(e, id, model.Create)
		w.Columns = list
		if err := w.CheckAccessToken(ctx); err != nil {
			return err
		}
		return w.saveRow(ctx)
	})
	return id, token, err
}
