package rules

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/query"
)

// This file has the rules about what the caller cannot read of the row that is written. A form that sends back what it
// read sends null for it, and must not remove it.

// refuseHiddenInputs refuses to write a cell or a reference that the caller cannot read in this row, unless the input
// names it in overwriteHidden. The policies and the row decide this and not the stored value, so the error tells no
// more than the field masked of the row. It also marks each null that would clear a reference where the caller sees
// none, for keepUnseenReferences.
func (w *Write) refuseHiddenInputs(ctx context.Context, overwriteHidden []string) error {
	if w.isSystem() {
		return nil
	}
	if err := w.checkNamesOfInputs(overwriteHidden); err != nil {
		return err
	}
	c := w.NewCompiler()
	p := (&query.Fragment{}).Add("SELECT 1")
	var dest []any
	var one int
	dest = append(dest, &one)
	for i := range w.Columns {
		ch := &w.Columns[i]
		ch.Overwrites = slices.Contains(overwriteHidden, w.nameOfInput(ch))
		if shown, always := w.readableWhere(c, ch); !always && shown.Op != access.False {
			p.Add(", ").Sub(c.CompileCondition(w.Entity, "t", shown))
			dest = append(dest, (*query.BoolScan)(&ch.readable))
		} else {
			ch.readable = always
		}
		if ch.Edge != nil && ch.Value == nil && !ch.Overwrites {
			p.Add(", (").Sub(c.VisibleEdgeKey(w.Entity, "t", ch.Edge)).Add(") IS NULL")
			dest = append(dest, (*query.BoolScan)(&ch.unseen))
		}
	}
	if len(dest) > 1 {
		p.Add(" FROM ", query.TableAs(w.Entity, "t"), " WHERE t.id = ").Arg(w.ID.String())
		if err := w.QueryRows(ctx, c, p, func(row Row) error { return row.Scan(dest...) }); err != nil {
			return err
		}
	}
	var refused []fault.Field
	for _, ch := range w.Columns {
		if !ch.readable && !ch.Overwrites {
			refused = append(refused, fault.NewField(ch.InputName,
				"you cannot read what is stored, so leave it out, or name it in overwriteHidden to replace it.").
				WithCode(fault.HiddenField))
		}
	}
	return invalidFieldsError(refused)
}

// readableWhere returns the condition under which the caller reads a cell or follows a reference in the row.
func (w *Write) readableWhere(c *query.Compiler, ch *ColumnChange) (shown access.Cond, always bool) {
	if ch.Edge != nil {
		return c.FollowCondition(w.Entity, ch.Edge)
	}
	return c.ClearCondition(w.Entity, w.Entity.Column(ch.Column))
}

// nameOfInput returns the name under which an input has the change, such as countryId for the edge country.
func (w *Write) nameOfInput(ch *ColumnChange) string {
	if ch.Edge != nil {
		return ch.Edge.InputName()
	}
	return ch.InputName
}

// checkNamesOfInputs fails where overwriteHidden names what the input does not have, as a misspelt name would.
func (w *Write) checkNamesOfInputs(overwriteHidden []string) error {
	for _, name := range overwriteHidden {
		if !slices.ContainsFunc(w.Columns, func(ch ColumnChange) bool { return w.nameOfInput(&ch) == name }) {
			return fault.InvalidField("overwriteHidden", "names %s, which the input does not have.", name)
		}
	}
	return nil
}

// keepUnseenReferences leaves out each null for a reference where the caller sees none. To the caller, sending it back
// changes nothing, although a hidden row may be there.
func (w *Write) keepUnseenReferences(context.Context) error {
	w.Columns = slices.DeleteFunc(w.Columns, func(ch ColumnChange) bool { return ch.unseen })
	return nil
}

// sameReference reports whether a reference is sent as the caller sees it. Null is never the same, because
// keepUnseenReferences has left out the nulls that the caller sees.
func sameReference(ch *ColumnChange, seen query.KeyScan) bool {
	to, given := ch.Value.(uuid.UUID)
	return given && seen.Valid && seen.Key == to
}
