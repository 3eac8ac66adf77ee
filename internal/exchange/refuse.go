package exchange

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// wrong is why a cell of the row at hand cannot be taken.
type wrong struct{ fault.Field }

func (w wrong) Error() string { return w.Name + ": " + w.Reason }

// not says why a column of the row at hand is refused.
func not(column, format string, args ...any) error {
	return wrong{fault.NewField(column, format, args...)}
}

// errNoted ends a row, or stands in a cell, whose faults are noted already.
var errNoted = errors.New("noted")

// made is the cell of a reference to what the row itself has made.
func made(column string, id uuid.UUID) cell {
	if id == uuid.Nil {
		return cell{column: column, err: errNoted}
	}
	return cell{column: column, value: id}
}

// row takes a row, or refuses it and leaves nothing of it behind.
func (r *run) row(ctx context.Context, line int, take func(context.Context) error) error {
	before := *r.report
	r.line, r.first = line, len(before.Refused)
	err := r.session.Atomic(ctx, func(ctx context.Context, _ store.Session) error {
		err := take(ctx)
		if err == nil && len(r.report.Refused) > r.first {
			err = errNoted
		}
		return err
	})
	if err == nil {
		return nil
	}
	if err != errNoted && !r.refuse(err) {
		return err
	}
	slices.SortStableFunc(r.report.Refused[r.first:], func(a, b Refusal) int { return r.order(a.Name, b.Name) })
	r.report.Created, r.report.Changed, r.report.Remarks = before.Created, before.Changed, before.Remarks
	clear(r.known) // what the row made is gone
	return nil
}

// note keeps why the row at hand is refused, once.
func (r *run) note(f fault.Field) {
	if !slices.ContainsFunc(r.report.Refused[r.first:], func(old Refusal) bool { return old.Name == f.Name && old.Reason == f.Reason }) {
		r.report.Refused = append(r.report.Refused, Refusal{r.line, f})
	}
}

// remark says what of a row is not taken, though the row is.
func (r *run) remark(column, format string, args ...any) {
	r.report.Remarks = append(r.report.Remarks, Refusal{r.line, fault.NewField(column, format, args...)})
}

// refuse notes why the row was not taken; it is false for what is no fault of the row.
func (r *run) refuse(err error) bool {
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid && f.Code != fault.Forbidden && f.Code != fault.Conflict {
		return false
	}
	for _, field := range f.Fields {
		r.note(field)
	}
	if len(f.Fields) == 0 {
		r.note(f.Reason())
	}
	return true
}

// wrongs notes which cells cannot be taken, and returns their columns.
func (r *run) wrongs(in says) (map[string]bool, error) {
	columns := map[string]bool{}
	for c := range maps.Values(in) {
		var w wrong
		if errors.As(c.err, &w) {
			r.note(w.Field)
		} else if c.err != nil && c.err != errNoted {
			return nil, c.err
		}
		if c.err != nil {
			columns[c.column] = true
		}
	}
	return columns, nil
}

// told notes the fields for which a write is refused, by the columns of the file, but those whose faults are noted. It
// returns what is no fault of a field.
func (r *run) told(err error, in says, noted map[string]bool) error {
	f := fault.As(err)
	if len(f.Fields) == 0 {
		return err
	}
	for _, field := range f.Fields {
		column := in[field.Name].column
		if column != "" {
			field.Name = column
		}
		if !noted[column] {
			r.note(field)
		}
	}
	return nil
}

// unmoved notes why the state that a column says could not be reached.
func (r *run) unmoved(err error, column string) error {
	first := len(r.report.Refused)
	if !r.refuse(err) {
		return err
	}
	for i := range r.report.Refused[first:] {
		r.report.Refused[first+i].Name = column
	}
	return nil
}

// order compares two columns by their places in the file's header.
func (r *run) order(a, b string) int { return slices.Index(r.header, a) - slices.Index(r.header, b) }
