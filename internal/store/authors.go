package store

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// setAuthor records the author of a new row.
func (w *rowWrite) setAuthor(ctx context.Context) error {
	user := w.User()
	if user == uuid.Nil {
		return nil
	}
	w.setColumn("created_by", user)
	if err := w.addEditor(ctx); err != nil {
		return err
	}
	for i := range w.entity.Edges {
		edge := &w.entity.Edges[i]
		if edge.Maker && !w.changesColumn(edge.Column) {
			w.setColumn(edge.Column, user)
		}
	}
	return nil
}

// addEditor adds the caller to the users that changed the content of the row. Separation of duties needs all of them.
func (w *rowWrite) addEditor(context.Context) error {
	if user := w.User(); user != uuid.Nil && !slices.Contains(w.editors, user.String()) {
		w.setColumn("edited_by", append(w.editors, user.String()))
	}
	return nil
}
