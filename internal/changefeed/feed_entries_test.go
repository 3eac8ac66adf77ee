package changefeed

import (
	"slices"
	"testing"

	"github.com/google/uuid"
)

// A row that a transaction writes several times is published once, and a row that is published is not published again.
// Many rows are published as one entry of their entity.
func TestWrittenRowsArePublishedOnce(t *testing.T) {
	w := &WrittenRows{}
	if w.Any() || w.Unpublished() {
		t.Error("a transaction without a write has rows")
	}
	child, note := uuid.UUID{1}, uuid.UUID{2}
	w.Add("Child", child)
	w.Add("Note", note)
	w.Add("Child", child)
	if got, want := publishedRows(w), []any{"Child", child.String(), "Note", note.String()}; !slices.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
	if !w.Any() || w.Unpublished() {
		t.Error("all rows are published, and the transaction wrote some")
	}
	for i := range maxNamedRows + 1 {
		w.Add("Child", uuid.UUID{byte(i), byte(i >> 8)})
	}
	if got, want := publishedRows(w), []any{"Child", nil}; !slices.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
}

// publishedRows returns the entity and the key of each row that the statement for SQLite publishes.
func publishedRows(w *WrittenRows) (out []any) {
	args := w.PublishStatement(false).Args
	for ; len(args) > 0; args = args[3:] { // the third is the time
		out = append(out, args[0], args[1])
	}
	return out
}
