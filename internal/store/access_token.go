package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/accounts"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/rules"
)

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
	if err := accounts.CheckToken(scopes, expires, s.hub.db.CurrentTime()); err != nil {
		return uuid.Nil, "", err
	}
	list, err := rules.ValidateInput(e, query.Input{"title": title, "scopes": scopes, "expiresAt": expires}, true, false)
	if err != nil {
		return uuid.Nil, "", err
	}
	token := accounts.NewToken()
	none := model.Tag{Ident: "none"}
	list = append(list,
		rules.ColumnChange{Column: "hash", Tag: none, Value: accounts.HashToken(token)},
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
