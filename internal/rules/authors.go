package rules

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// setAuthor records the author of a new row.
func (w *Write) setAuthor(ctx context.Context) error {
	user := w.user()
	if user == uuid.Nil {
		return nil
	}
	w.SetColumn("created_by", user)
	if err := w.addEditor(ctx); err != nil {
		return err
	}
	for i := range w.Entity.Edges {
		edge := &w.Entity.Edges[i]
		if edge.Maker && !w.changesColumn(edge.Column) {
			w.SetColumn(edge.Column, user)
		}
	}
	return nil
}

// addEditor adds the caller to the users that changed the content of the row. Separation of duties needs all of them.
func (w *Write) addEditor(context.Context) error {
	if user := w.user(); user != uuid.Nil && !slices.Contains(w.Editors, user.String()) {
		w.SetColumn("edited_by", append(w.Editors, user.String()))
	}
	return nil
}
