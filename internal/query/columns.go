package query

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/model"
)

// rowReader holds the scan targets of one Selection in one statement, and builds a Row from the values in them.
type rowReader struct {
	selection *Selection
	id        KeyScan

	Pseudonyms *pseudonymCipher // nil when rows keep their own keys

	cells            []Value
	clearFlags       []BoolScan     // for each of conditionalMasks, whether the fields are clear in this row
	conditionalMasks []maskedFields // fields that some rows mask
	permitted        []BoolScan
	toOne            []*rowReader
	alwaysMasked     []string // fields that every row masks
}

// maskedFields is a group of fields that are clear under one condition.
type maskedFields struct{ fields []string }

// SelectColumns appends the columns of a selection from the table alias to cols, separated by commas, and the scan
// target of each column to dest in the same order. It appends a LEFT JOIN to joins for each row that an edge to one
// leads to. The statement must limit the rows of alias itself, for example by VisibleRows.
//
// The caller scans a row of the result into dest, and then calls TakeRow of the result before it scans the next row.
func (c *Compiler) SelectColumns(selection *Selection, alias string, cols, joins *Fragment, dest *[]any) *rowReader {
	r := &rowReader{
		selection:  selection,
		Pseudonyms: c.PseudonymsOf(selection.Entity),
		cells:      make([]Value, len(selection.Cells)),
		permitted:  make([]BoolScan, len(selection.Permissions)),
	}
	put := func(p *Fragment, into any) {
		if cols.text.Len() > 0 {
			cols.Add(", ")
		}
		cols.Sub(p)
		*dest = append(*dest, into)
	}
	put((&Fragment{}).Add(Col(alias, "id")), &r.id)
	for i, cell := range selection.Cells {
		if cell.Derived != nil { // the scan replaces the stored value, so that the row never holds it
			put(c.derivedCell(selection.Entity, alias, cell.Field, cell.Derived),
				&CellScan{&r.cells[i], cell.Field.Kind, cell.Derived.Rule})
			continue
		}
		p, _ := c.MaskedCell(selection.Entity, alias, cell.Field)
		if cell.Localized {
			put(c.localizedText(p), ScanInto(&r.cells[i], model.String))
			continue
		}
		put(p, ScanInto(&r.cells[i], cell.Field.Kind))
	}
	if selection.Masked {
		for _, g := range c.maskGroups(selection.Entity) {
			if g.cond.Op == access.False {
				r.alwaysMasked = append(r.alwaysMasked, g.fields...)
				continue
			}
			r.conditionalMasks = append(r.conditionalMasks, maskedFields{g.fields})
		}
		r.clearFlags = make([]BoolScan, len(r.conditionalMasks))
		i := 0
		for _, g := range c.maskGroups(selection.Entity) {
			if g.cond.Op != access.False {
				put(c.CompileCondition(selection.Entity, alias, g.cond), &r.clearFlags[i])
				i++
			}
		}
	}
	for i, a := range selection.Permissions {
		put(c.permissionCondition(selection.Entity, alias, a), &r.permitted[i])
	}
	for _, one := range selection.ToOne {
		target, t := c.Model.Target(one.Edge), c.NewAlias()
		joins.Add(" LEFT JOIN ", TableAs(target, t), " ON ", Col(t, "id"), " = ", Col(alias, one.Edge.Column)).
			Sub(c.followableEdge(selection.Entity, alias, one.Edge)).Add(" AND ").Sub(c.VisibleRows(target, t))
		r.toOne = append(r.toOne, c.SelectColumns(&one.Selection, t, cols, joins, dest))
	}
	return r
}

// maskGroup is the API names of fields and edges that are clear under one condition, and the condition.
type maskGroup struct {
	cond   access.Cond
	fields []string
}

// maskGroups returns the fields and the edges to one of an entity that at least one visible row masks, grouped by the
// condition under which they are clear. The groups keep the order of the model.
func (c *Compiler) maskGroups(e *model.Entity) (out []maskGroup) {
	mask := func(name string, cond access.Cond, always bool) {
		if always {
			return
		}
		i := slices.IndexFunc(out, func(g maskGroup) bool { return reflect.DeepEqual(g.cond, cond) })
		if i < 0 {
			i = len(out)
			out = append(out, maskGroup{cond: cond})
		}
		out[i].fields = append(out[i].fields, name)
	}
	for i := range e.Fields {
		if f := &e.Fields[i]; !f.Internal {
			cond, always := c.ClearCondition(e, f)
			mask(f.Name, cond, always)
			for j := range f.Derived {
				cond, always := c.DerivedCondition(e, f, &f.Derived[j])
				mask(f.Derived[j].Name, cond, always)
			}
		}
	}
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == model.ToOne {
			cond, always := c.FollowCondition(e, edge)
			mask(edge.Name, cond, always)
		}
	}
	return out
}

// TakeRow returns the row that was scanned last, as a copy that later scans do not change. It returns nil when the row
// has no key, which is how a LEFT JOIN shows a missing or hidden row. Lists of the row are not read yet. Row.Lists has
// one nil page for each list of the selection.
func (r *rowReader) TakeRow() *Row {
	if !r.id.Valid {
		return nil
	}
	row := &Row{ID: r.Pseudonyms.publicID(r.id.Key), StoredKey: r.id.Key}
	if len(r.cells) > 0 {
		row.Cells = slices.Clone(r.cells)
	}
	if r.selection.Masked {
		row.Masked = slices.Clone(r.alwaysMasked)
		for i, f := range r.clearFlags {
			if !f {
				row.Masked = append(row.Masked, r.conditionalMasks[i].fields...)
			}
		}
		slices.Sort(row.Masked)
	}
	for _, c := range r.permitted {
		row.Permitted = append(row.Permitted, bool(c))
	}
	if len(r.toOne) > 0 {
		row.ToOne = make([]*Row, len(r.toOne))
		for i, o := range r.toOne {
			row.ToOne[i] = o.TakeRow()
		}
	}
	if n := len(r.selection.Lists); n > 0 {
		row.Lists = make([]*Page, n)
	}
	return row
}

// KeyScan scans a key that may be null. Valid is false for null.
type KeyScan struct {
	Key   uuid.UUID
	Valid bool
}

// Scan implements sql.Scanner. It takes null, or a UUID as text. It fails for any other value.
func (k *KeyScan) Scan(src any) (err error) {
	switch v := src.(type) {
	case nil:
		k.Valid = false
		return nil
	case []byte:
		k.Key, err = uuid.ParseBytes(v)
	case string:
		k.Key, err = uuid.Parse(v)
	default:
		err = fmt.Errorf("cannot scan a key from a value of type %T", src)
	}
	k.Valid = err == nil
	return err
}

// BoolScan scans the value of a condition. Null is false.
type BoolScan bool

// Scan implements sql.Scanner. It takes a boolean of PostgreSQL or a number of SQLite. Any other value is false. It
// never fails.
func (b *BoolScan) Scan(src any) error {
	switch v := src.(type) {
	case bool:
		*b = BoolScan(v)
	case int64:
		*b = v != 0
	default:
		*b = false
	}
	return nil
}

// CellScan scans a column into a Value of the field's kind, in each form that the two drivers give it. ScanInto makes
// one.
type CellScan struct {
	target *Value
	kind   model.Kind
	rule   string // of a derived field, else ""
}

// ScanInto returns a sql.Scanner that scans a column of the kind into v.
func ScanInto(v *Value, kind model.Kind) *CellScan { return &CellScan{v, kind, ""} }

// Scan implements sql.Scanner. It replaces the target's whole value. It fails when the driver's value does not fit the
// kind, or when the model names an unknown rule of a derived field.
func (c *CellScan) Scan(src any) error {
	*c.target = Value{}
	if src == nil {
		c.target.Null = true
		return nil
	}
	if text, ok := src.([]byte); ok {
		src = string(text)
	}
	if err := c.target.setFromDriver(src, c.kind); err != nil {
		return err
	}
	if c.rule != "" {
		return c.target.applyDerivationRule(c.rule)
	}
	return nil
}

// setFromDriver sets the member of the value that belongs to the kind. The source is not null, and not a byte slice.
func (v *Value) setFromDriver(src any, kind model.Kind) (err error) {
	switch kind {
	case model.Int, model.Decimal, model.Bool:
		switch s := src.(type) {
		case int64:
			v.Int = s
		case bool:
			if s {
				v.Int = 1
			}
		case string:
			v.Int, err = strconv.ParseInt(s, 10, 64)
		default:
			return fmt.Errorf("cannot scan a whole number from a value of type %T", src)
		}
	case model.Float:
		switch s := src.(type) {
		case float64:
			v.Float = s
		case int64:
			v.Float = float64(s)
		case string:
			v.Float, err = strconv.ParseFloat(s, 64)
		default:
			return fmt.Errorf("cannot scan a number from a value of type %T", src)
		}
	case model.Time, model.Date:
		v.Time, err = parseTime(src)
	default:
		text, ok := src.(string)
		if !ok {
			return fmt.Errorf("cannot scan a text from a value of type %T", src)
		}
		v.Text = text
	}
	return err
}

// timeFormats lists the forms in which a time arrives as text when the driver does not know that the value is a time.
var timeFormats = []string{
	"2006-01-02 15:04:05.999999999-07:00",
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02",
	time.RFC3339Nano,
}

// parseTime returns a time from the driver in UTC.
func parseTime(src any) (time.Time, error) {
	switch s := src.(type) {
	case time.Time:
		return s.UTC(), nil
	case string:
		for _, form := range timeFormats {
			if t, err := time.Parse(form, s); err == nil {
				return t.UTC(), nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("cannot scan a time from a value of type %T", src)
}

// applyDerivationRule replaces the stored value by the generalised value of a derived field. It fails for a rule that
// it does not know.
func (v *Value) applyDerivationRule(rule string) error {
	if rule != "age_band" {
		return fmt.Errorf("no code computes the derivation rule %q of a field", rule)
	}
	*v = Value{Text: AgeBand(v.Time, time.Now().UTC())}
	return nil
}

// AgeBand returns the band of a person's age on the day on. It is a stored value of the enum AgeBand. Its bands are
// those of child-protection statistics, from "u6" (under 6 years) to "a60_plus".
func AgeBand(born, on time.Time) string {
	years := on.Year() - born.Year()
	if on.Month() < born.Month() || on.Month() == born.Month() && on.Day() < born.Day() {
		years--
	}
	for _, band := range []struct {
		below int
		name  string
	}{{6, "u6"}, {12, "a6_11"}, {15, "a12_14"}, {18, "a15_17"}, {25, "a18_24"}, {60, "a25_59"}} {
		if years < band.below {
			return band.name
		}
	}
	return "a60_plus"
}

// List returns the texts of a value of kind Strings or Enums. It returns nil when the value is null or no list.
func (v *Value) List() (out []string) {
	if json.Unmarshal([]byte(v.Text), &out) != nil {
		return nil
	}
	return out
}

// EqualsInput reports whether a stored value equals a value of an Input (Input lists the types). A nil input equals
// null only. An input of another type equals nothing. The kind is not used.
func (v *Value) EqualsInput(kind model.Kind, in any) bool {
	if in == nil || v.Null {
		return in == nil && v.Null
	}
	switch want := in.(type) {
	case string:
		return v.Text == want
	case int64:
		return v.Int == want
	case float64:
		return v.Float == want
	case bool:
		return v.Int != 0 == want
	case time.Time:
		return v.Time.Equal(want)
	case []string:
		return slices.Equal(v.List(), want)
	case map[string]string:
		var got map[string]string
		return json.Unmarshal([]byte(v.Text), &got) == nil && maps.Equal(got, want)
	}
	return false
}
