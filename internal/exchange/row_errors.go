package exchange

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// cellError says why a cell of the current row cannot be imported.
type cellError struct{ fault.Field }

func (e cellError) Error() string { return e.Name + ": " + e.Reason }

// invalidCell returns a cellError for a column of the current row.
func invalidCell(column, format string, args ...any) error {
	return cellError{fault.NewField(column, format, args...)}
}

// errAlreadyRefused ends a row, or stands in a cell, after its refusals were added to the report.
var errAlreadyRefused = errors.New("already refused")

// createdCell is a reference to a row that the current row of the file has created. uuid.Nil means that it was refused.
func createdCell(column string, id uuid.UUID) cell {
	if id == uuid.Nil {
		return cell{column: column, err: errAlreadyRefused}
	}
	return cell{column: column, value: id}
}

// tryRow imports one row of the file in a transaction of its own. When the row is refused, tryRow undoes it and
// restores the counts of the report. It returns only errors that are not the fault of the row.
func (r *importRun) tryRow(ctx context.Context, line int, importRow func(context.Context) error) error {
	before := *r.report
	r.line, r.firstRefusal = line, len(before.Refused)
	err := r.session.Atomic(ctx, func(ctx context.Context, _ store.Session) error {
		err := importRow(ctx)
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
	slices.SortStableFunc(r.report.Refused[r.firstRefusal:], func(a, b Refusal) int {
		return r.compareColumns(a.Name, b.Name)
	})
	r.report.Created, r.report.Changed, r.report.Remarks = before.Created, before.Changed, before.Remarks
	clear(r.knownKeys) // the rows that this row created are undone
	return nil
}

// addRefusal adds a refusal of the current row, unless the row has the same one already.
func (r *importRun) addRefusal(f fault.Field) {
	same := func(old Refusal) bool { return old.Name == f.Name && old.Reason == f.Reason }
	if !slices.ContainsFunc(r.report.Refused[r.firstRefusal:], same) {
		r.report.Refused = append(r.report.Refused, Refusal{r.line, f})
	}
}

// addRemark reports a cell that was ignored, although the row was imported.
func (r *importRun) addRemark(column, format string, args ...any) {
	r.report.Remarks = append(r.report.Remarks, Refusal{r.line, fault.NewField(column, format, args...)})
}

// isRefusal reports whether an error of a write is the fault of the row.
func isRefusal(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && (f.Code == fault.Invalid || f.Code == fault.Forbidden || f.Code == fault.Conflict)
}

// refuseRow adds the refusals that an error of a write gives. It reports false for an error that is not the fault of
// the row.
func (r *importRun) refuseRow(err error) bool {
	if !isRefusal(err) {
		return false
	}
	f := fault.As(err)
	for _, field := range f.Fields {
		r.addRefusal(field)
	}
	if len(f.Fields) == 0 {
		r.addRefusal(f.AsField())
	}
	return true
}

// refuseCells adds a refusal for each cell with an error and returns the columns of these cells.
func (r *importRun) refuseCells(in rowValues) (map[string]bool, error) {
	columns := map[string]bool{}
	for c := range maps.Values(in) {
		var invalid cellError
		if errors.As(c.err, &invalid) {
			r.addRefusal(invalid.Field)
		} else if c.err != nil && c.err != errAlreadyRefused {
			return nil, c.err
		}
		if c.err != nil {
			columns[c.column] = true
		}
	}
	return columns, nil
}

// refuseFields adds a refusal for each field that a write was refused for, under the name of its column. It skips the
// columns in noted, which were refused already. It returns an error that names no field.
func (r *importRun) refuseFields(err error, in rowValues, noted map[string]bool) error {
	f := fault.As(err)
	if len(f.Fields) == 0 {
		return err
	}
	columnOf := func(field string) string { return cmp.Or(in[field].column, field) }
	for _, field := range f.Fields {
		if !noted[in[field.Name].column] {
			r.addRefusal(field.WithColumns(columnOf))
		}
	}
	return nil
}

// refuseTransition adds refusals, under the column of the state, for a transition that failed.
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

// compareColumns orders two columns as the header of the kind does.
func (r *importRun) compareColumns(a, b string) int {
	return slices.Index(r.header, a) - slices.Index(r.header, b)
}
