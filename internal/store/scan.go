package store

import (
	"database/sql"
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

// reader knows the columns of one Ask in a statement, and makes rows of them. It is used for one statement.
type reader struct {
	ask *Ask
	id  keyScan

	pseudonym *pseudonym // nil: rows are shown as they are

	cells  []Value
	flags  []boolScan // beside masks: whether the caller sees these fields in clear
	masks  []mask
	can    []boolScan
	one    []*reader
	always []string // fields masked in each row
}

// mask is a group of fields that are clear under one condition.
type mask struct{ fields []string }

// columns writes what an Ask selects of the alias into cols, and the rows reached by edges to one into joins.
func (c *compiler) columns(ask *Ask, alias string, cols, joins *part, dest *[]any) *reader {
	r := &reader{ask: ask, pseudonym: c.pseudonym(ask.Entity), cells: make([]Value, len(ask.Cells)), can: make([]boolScan, len(ask.Can))}
	put := func(p *part, into any) {
		if cols.text.Len() > 0 {
			cols.add(", ")
		}
		cols.sub(p)
		*dest = append(*dest, into)
	}
	put((&part{}).add(col(alias, "id")), &r.id)
	for i, cell := range ask.Cells {
		if cell.Derived != nil { // computed from the stored value, which goes no further
			put(c.generalised(ask.Entity, alias, cell.Field, cell.Derived), &cellScan{&r.cells[i], cell.Field.Kind, cell.Derived.Rule})
			continue
		}
		p, _ := c.cell(ask.Entity, alias, cell.Field)
		if cell.Spoken {
			put(c.spoken(p), &cellScan{&r.cells[i], model.String, ""})
			continue
		}
		put(p, &cellScan{&r.cells[i], cell.Field.Kind, ""})
	}
	if ask.Masked {
		for _, g := range c.masks(ask.Entity) {
			if g.cond.Op == access.False {
				r.always = append(r.always, g.fields...)
				continue
			}
			r.masks = append(r.masks, mask{g.fields})
		}
		r.flags = make([]boolScan, len(r.masks))
		i := 0
		for _, g := range c.masks(ask.Entity) {
			if g.cond.Op != access.False {
				put(c.cond(ask.Entity, alias, g.cond), &r.flags[i])
				i++
			}
		}
	}
	for i, a := range ask.Can {
		put(c.can(ask.Entity, alias, a), &r.can[i])
	}
	for _, one := range ask.One {
		target, t := c.model.Target(one.Edge), c.alias()
		joins.add(" LEFT JOIN ", table(target, t), " ON ", col(t, "id"), " = ", col(alias, one.Edge.Column)).sub(c.followed(ask.Entity, alias, one.Edge)).add(" AND ").sub(c.visible(target, t))
		r.one = append(r.one, c.columns(&one.Ask, t, cols, joins, dest))
	}
	return r
}

type maskGroup struct {
	cond   access.Cond
	fields []string
}

// masks groups the fields, and edges to one, of an entity that are not clear in every visible row.
func (c *compiler) masks(e *model.Entity) (out []maskGroup) {
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
			cond, always := c.clear(e, f)
			mask(f.Name, cond, always)
			for j := range f.Derived {
				cond, always := c.generalises(e, f, &f.Derived[j])
				mask(f.Derived[j].Name, cond, always)
			}
		}
	}
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == model.ToOne {
			cond, always := c.follows(e, edge)
			mask(edge.Name, cond, always)
		}
	}
	return out
}

// row takes the values of the row that was scanned last; nil where there is none.
func (r *reader) row() *Row {
	if !r.id.ok {
		return nil
	}
	row := &Row{ID: r.pseudonym.public(r.id.key), key: r.id.key}
	if len(r.cells) > 0 {
		row.Cells = slices.Clone(r.cells)
	}
	if r.ask.Masked {
		row.Masked = slices.Clone(r.always)
		for i, f := range r.flags {
			if !f {
				row.Masked = append(row.Masked, r.masks[i].fields...)
			}
		}
		slices.Sort(row.Masked)
	}
	for _, c := range r.can {
		row.Can = append(row.Can, bool(c))
	}
	if len(r.one) > 0 {
		row.One = make([]*Row, len(r.one))
		for i, o := range r.one {
			row.One[i] = o.row()
		}
	}
	if n := len(r.ask.Lists); n > 0 {
		row.Lists = make([]*Page, n)
	}
	return row
}

// keyScan reads a key that may be missing.
type keyScan struct {
	key uuid.UUID
	ok  bool
}

// Scan implements sql.Scanner.
func (k *keyScan) Scan(src any) (err error) {
	switch v := src.(type) {
	case nil:
		k.ok = false
		return nil
	case []byte:
		k.key, err = uuid.ParseBytes(v)
	case string:
		k.key, err = uuid.Parse(v)
	default:
		err = fmt.Errorf("a key of type %T", src)
	}
	k.ok = err == nil
	return err
}

// boolScan reads a condition; null is false.
type boolScan bool

// Scan implements sql.Scanner.
func (b *boolScan) Scan(src any) error {
	switch v := src.(type) {
	case bool:
		*b = boolScan(v)
	case int64:
		*b = v != 0
	default:
		*b = false
	}
	return nil
}

// cellScan reads a value as its kind says, whatever form the driver gives it.
type cellScan struct {
	into *Value
	kind model.Kind
	rule string
}

// Scan implements sql.Scanner.
func (c *cellScan) Scan(src any) error {
	*c.into = Value{}
	if src == nil {
		c.into.Null = true
		return nil
	}
	if text, ok := src.([]byte); ok {
		src = string(text)
	}
	if err := c.into.set(src, c.kind); err != nil {
		return err
	}
	if c.rule != "" {
		return c.into.generalise(c.rule)
	}
	return nil
}

func (v *Value) set(src any, kind model.Kind) (err error) {
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
			return fmt.Errorf("a whole number of type %T", src)
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
			return fmt.Errorf("a number of type %T", src)
		}
	case model.Time, model.Date:
		v.Time, err = instant(src)
	default:
		text, ok := src.(string)
		if !ok {
			return fmt.Errorf("a text of type %T", src)
		}
		v.Text = text
	}
	return err
}

// forms are how the two databases write times where they do not say that a value is one.
var forms = []string{"2006-01-02 15:04:05.999999999-07:00", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02", time.RFC3339Nano}

func instant(src any) (time.Time, error) {
	switch s := src.(type) {
	case time.Time:
		return s.UTC(), nil
	case string:
		for _, form := range forms {
			if t, err := time.Parse(form, s); err == nil {
				return t.UTC(), nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("a time of type %T", src)
}

// generalise replaces a value by what a derived field tells of it.
func (v *Value) generalise(rule string) error {
	if rule != "age_band" {
		return fmt.Errorf("unknown rule %q", rule)
	}
	*v = Value{Text: AgeBand(v.Time, time.Now().UTC())}
	return nil
}

// AgeBand is the band of an age on a day, as child-protection statistics group them: a value of the enum AgeBand.
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

var _ = []sql.Scanner{(*keyScan)(nil), (*boolScan)(nil), (*cellScan)(nil)}

// List of texts of a JSON value (Strings, Enums).
func (v *Value) List() (out []string) {
	if json.Unmarshal([]byte(v.Text), &out) != nil {
		return nil
	}
	return out
}

// Is reports whether the stored value is that of an Input.
func (v *Value) Is(kind model.Kind, in any) bool {
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
