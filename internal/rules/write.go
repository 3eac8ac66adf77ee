package rules

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// Write is one row that is written in a transaction. The rules read it, and complete its columns.
type Write struct {
	Transaction
	Entity  *model.Entity
	ID      uuid.UUID // the stored key of the row
	Action  model.Action
	Columns []ColumnChange
	Now     time.Time

	// What the store read of the row when it locked it. A new row has none of it.
	Version        int64
	States         map[string]string     // by the column of the state machine
	AllowedActions map[model.Action]bool // what the caller may do to the row as it was
	Editors        []string              // the users that changed the content of the row before
}

// Transaction is what the rules need of the caller's transaction. Statements run in the caller's scope of row-level
// security, except within WithAllRows.
type Transaction interface {
	// Model returns the model of the hub.
	Model() *model.Model
	// View returns the rights of the caller.
	View() *access.View
	// NewCompiler returns a compiler of statements for the caller's view.
	NewCompiler() *query.Compiler
	// QueryRows runs a statement and calls each at every row of its result.
	QueryRows(ctx context.Context, c *query.Compiler, p *query.Fragment, each func(Row) error) error
	// WithAllRows runs do with all rows of the tables in scope, for rules about the stored rows.
	WithAllRows(ctx context.Context, tables []string, do func() error) error
	// ExecStatement runs a statement without a result.
	ExecStatement(ctx context.Context, p *query.Fragment) error
	// NoteWrittenRow adds a row that ExecStatement changed to the feed of changes. The key uuid.Nil stands for any row
	// of the entity.
	NoteWrittenRow(entity string, key uuid.UUID)
}

// Row is a row of a statement's result.
type Row interface {
	Scan(dest ...any) error
}

// ColumnChange is the new value of one column, in the form that ent takes. Nil clears the column.
type ColumnChange struct {
	Column    string
	Tag       model.Tag
	Value     any
	Edge      *model.Edge // set for a reference, with a value that is a uuid.UUID or nil
	InputName string      // the name of the field in the input
	Distinct  bool        // no other row that the caller sees may have the value

	Overwrites bool // the input names it in overwriteHidden, so it replaces what the caller cannot read
	readable   bool // the caller reads the cell, or may follow the reference, in the row as it was
	unseen     bool // null for a reference where the caller sees none
}

// SetColumn adds a change that the hub makes by itself. The caller needs no right to write the column.
func (w *Write) SetColumn(column string, value any) {
	w.Columns = append(w.Columns, ColumnChange{Column: column, Tag: model.Tag{Ident: "none"}, Value: value})
}

// user returns the key of the caller's account, or uuid.Nil for a task of the hub.
func (w *Write) user() uuid.UUID { return w.View().Subject().User }

// isSystem reports whether the write is a task of the hub. Most rules are about people and do not bind it.
func (w *Write) isSystem() bool { return w.user() == uuid.Nil }

// changesColumn reports whether the write changes the column.
func (w *Write) changesColumn(column string) bool {
	return slices.ContainsFunc(w.Columns, func(ch ColumnChange) bool { return ch.Column == column })
}

// requireAction fails unless the caller may do the action to the row as it was.
func (w *Write) requireAction(context.Context) error {
	if !w.AllowedActions[w.Action] {
		return fault.New(fault.Forbidden, "You may see this row, but this change needs the right to %s it.", w.Action)
	}
	return nil
}

// setArchived archives the row.
func (w *Write) setArchived(context.Context) error {
	w.SetColumn("archived_at", w.Now)
	return nil
}
