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

// cellError is why a cell of the row at hand cannot be taken.
type cellError struct{ fault.Field }

func (w cellError) Error() string { return w.Name + ": " + w.Reason }

// invalidCell says why a column of the row at hand is refused.
func invalidCell(column, format string, args ...any) error {
	return cellError{fault.NewField(column, format, args...)}
}

// errAlreadyRefused ends a row, or stands in a cell, whose faults are noted already.
var errAlreadyRefused = errors.New("noted")

// createdCell is the cell of a reference to what the row itself has made.
func createdCell(column string, id uuid.UUID) cell {
	if id == uuid.Nil {
		return cell{column: column, err: errAlreadyRefused}
	}
	return cell{column: column, value: id}
}

// tryRow takes a row, or refuses it and leaves nothing of it behind.
func (r *importRun) tryRow(ctx context.Context, line int, take func(context.Context) error) error {
	before := *r.report
	r.line, r.firstRefusal = line, len(before.Refused)
	err := r.session.Atomic(ctx, func(ctx context.Context, _ store.Session) error {
		err := take(ctx)
		if err == nil && len(r.report.Refused) > r.firstRefusal {
			err = errAlreadyRefused
		}
		return err
	})
	if err == nil {
		return nil
	}
	if err != errAlreadyRefused && !r.refuseRow(err) {
		return err
	}
	slices.SortStableFunc(r.report.Refused[r.firstRefusal:], func(a, b Refusal) int { return r.compareColumns(a.Name, b.Name) })
	r.report.Created, r.report.Changed, r.report.Remarks = before.Created, before.Changed, before.Remarks
	clear(r.knownKeys) // what the row made is gone
	return nil
}

// addRefusal keeps why the row at hand is refused, once.
func (r *importRun) addRefusal(f fault.Field) {
	if !slices.ContainsFunc(r.report.Refused[r.firstRefusal:], func(old Refusal) bool { return old.Name == f.Name && old.Reason == f.Reason }) {
		r.report.Refused = append(r.report.Refused, Refusal{r.line, f})
	}
}

// addRemark says what of a row is not taken, though the row is.
func (r *importRun) addRemark(column, format string, args ...any) {
	r.report.Remarks = append(r.report.Remarks, Refusal{r.line, fault.NewField(column, format, args...)})
}

// refuseRow notes why the row was not taken; it is false for what is no fault of the row.
func (r *importRun) refuseRow(err error) bool {
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid && f.Code != fault.Forbidden && f.Code != fault.Conflict {
		return false
	}
	for _, field := range f.Fields {
		r.addRefusal(field)
	}
	if len(f.Fields) == 0 {
		r.addRefusal(f.AsField())
	}
	return true
}

// refuseCells notes which cells cannot be taken, and returns their columns.
func (r *importRun) refuseCells(in rowValues) (map[string]bool, error) {
	columns := map[string]bool{}
	for c := range maps.Values(in) {
		var w cellError
		if errors.As(c.err, &w) {
			r.addRefusal(w.Field)
		} else if c.err != nil && c.err != errAlreadyRefused {
			return nil, c.err
		}
		if c.err != nil {
			columns[c.column] = true
		}
	}
	return columns, nil
}

// refuseFields notes the fields for which a write is refused, by the columns of the file, but those whose faults are noted. It
// returns what is no fault of a field.
func (r *importRun) refuseFields(err error, in rowValues, noted map[string]bool) error {
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
			r.addRefusal(field)
		}
	}
	return nil
}

// refuseTransition notes why the state that a column says could not be reached.
func (r *importRun) refuseTransition(err error, column string) error {
	first := len(r.report.Refused)
	if !r.refuseRow(err) {
		return err
	}
	for i := range r.report.Refused[first:] {
		r.report.Refused[first+i].Name = column
	}
	return nil
}

// compareColumns compares two columns by their places in the file's header.
func (r *importRun) compareColumns(a, b string) int {
	return slices.Index(r.header, a) - slices.Index(r.header, b)
}
