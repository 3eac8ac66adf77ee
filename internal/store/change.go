package store

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// rowWrite is one row that is written in a transaction.
type rowWrite struct {
	*session
	entity         *model.Entity
	id             uuid.UUID
	action         model.Action
	changes        []columnChange
	now            time.Time
	version        int64                 // before the write
	states         map[string]string     // before the write, by the column of the state machine
	allowedActions map[model.Action]bool // what the caller may do to the row as it was
	editors        []string              // the users that changed the content of the row before
}

// columnChange is the new value of one column, in the form that ent takes. Nil clears the column.
type columnChange struct {
	column    string
	tag       model.Tag
	value     any
	edge      *model.Edge // set for a reference, with a value that is a uuid.UUID or nil
	inputName string      // the name of the field in the input

	distinct bool // no other row that the caller sees may have the value
}

// setColumn adds a change that the hub makes by itself. The caller needs no right to write the column.
func (w *rowWrite) setColumn(column string, value any) {
	w.changes = append(w.changes, columnChange{column: column, tag: model.Tag{Ident: "none"}, value: value})
}

// changesColumn reports whether the write changes the column.
func (w *rowWrite) changesColumn(column string) bool {
	return slices.ContainsFunc(w.changes, func(ch columnChange) bool { return ch.column == column })
}

// requireAction fails unless the caller may do the action to the row as it was.
func (w *rowWrite) requireAction(context.Context) error {
	if !w.allowedActions[w.action] {
		return fault.New(fault.Forbidden, "You may see this row, but this change needs the right to %s it.", w.action)
	}
	return nil
}

// setArchived archives the row.
func (w *rowWrite) setArchived(context.Context) error {
	w.setColumn("archived_at", w.now)
	return nil
}
