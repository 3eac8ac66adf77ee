package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/accounts"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
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
	if err := accounts.CheckToken(scopes, expires); err != nil {
		return uuid.Nil, "", err
	}
	list, err := validateInput(e, query.Input{"title": title, "scopes": scopes, "expiresAt": expires}, true, false)
	if err != nil {
		return uuid.Nil, "", err
	}
	token := accounts.NewToken()
	none := model.Tag{Ident: "none"}
	list = append(list,
		columnChange{column: "hash", tag: none, value: accounts.HashToken(token)},
		columnChange{column: "user_id", tag: none, value: subject.User})
	id := uuid.New()
	err = s.inTransaction(ctx, func(tx *session) error {
		w := &rowWrite{session: tx, entity: e, id: id, action: model.Create, changes: list}
		w.setAuthor()
		return w.saveRow(ctx)
	})
	return id, token, err
}
