package proof_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// sizes are how many rows of an entity a world has at least, and how many more at most; 2 and 2 where none is stated.
var sizes = map[string][2]int{
	"Country": {2, 2}, "Office": {2, 3}, "User": {3, 3}, "Partner": {2, 3}, "Intervention": {2, 4}, "InterventionCountry": {2, 4},
	"InterventionPartner": {2, 4}, "Activity": {2, 4}, "Participation": {2, 4}, "Child": {2, 5}, "CaseFile": {3, 5}, "CaseService": {2, 3},
	"Consent": {2, 5}, "BestInterests": {1, 3}, "Referral": {2, 3}, "Note": {2, 4}, "RoleAssignment": {3, 4}, "Deployment": {1, 3}, "Result": {1, 3},
	"Indicator": {1, 3}, "IndicatorValue": {1, 4},
}

// drawer draws a world.
type drawer struct {
	source
	w   *world
	now time.Time
	n   int
	new map[string]int // rows that were made for the other world, by entity
}

// today is the day on which a world is drawn; what depends on the clock lies days away from it.
func today() time.Time { return time.Now().UTC().Truncate(24 * time.Hour) }

// newDrawer draws a small world. The first user, u0@demo, is live and holds roles; so may the others.
func newDrawer(s source) *drawer {
	d := &drawer{source: s, w: &world{rows: map[string][]*row{}}, now: today(), new: map[string]int{}}
	for _, e := range inventory.Model.Entities() {
		size, ok := sizes[e.Name]
		if !ok {
			size = [2]int{2, 2}
		}
		for range size[0] + d.n2(size[1]+1) {
			d.w.rows[e.Name] = append(d.w.rows[e.Name], &row{e, d.id(e), map[string]any{}})
		}
	}
	for _, e := range inventory.Model.Entities() {
		for i, r := range d.w.rows[e.Name] {
			d.fill(r, i)
		}
	}
	d.people()
	d.w.index()
	return d
}

func (d *drawer) n2(most int) int { return d.source.n(most) }

// id is a key whose order says nothing of the order in which rows are made.
func (d *drawer) id(*model.Entity) uuid.UUID {
	d.n++
	return uuid.UUID{byte(d.n * 151), byte(d.n), byte(d.n * 37), 6: 0x40, 8: 0x80, 15: byte(d.n)}
}

func (d *drawer) fill(r *row, i int) {
	for j := range r.e.Edges {
		edge := &r.e.Edges[j]
		if edge.Kind != model.ToOne {
			continue
		}
		if targets := d.w.rows[edge.Target]; edge.Required || d.n2(4) > 0 {
			r.v[edge.Column] = pick(d.source, targets).id
		}
	}
	for j := range r.e.Fields {
		f := &r.e.Fields[j]
		if f.Nullable && d.n2(4) == 0 {
			continue
		}
		r.v[f.Column] = d.value(f)
		if unique := slices.ContainsFunc(r.e.Unique, func(key []string) bool { return len(key) == 1 && key[0] == f.Column }); unique {
			r.v[f.Column] = distinctValue(f, i)
		}
	}
	d.base(r)
}

// base draws what every row has.
func (d *drawer) base(r *row) {
	r.v["created_at"], r.v["updated_at"] = d.instant(-400, 300), d.instant(-100, 90)
	r.v["version"] = int64(1 + d.n2(3))
	r.v["archived_at"], r.v["external_id"] = nil, nil
	r.v["created_by"], r.v["edited_by"] = nil, nil
	if d.n2(2) == 0 {
		r.v["created_by"] = pick(d.source, d.w.rows["User"]).id
	}
	var editors []string
	for range d.n2(3) {
		editors = append(editors, pick(d.source, d.w.rows["User"]).id.String())
	}
	if editors != nil {
		r.v["edited_by"] = editors
	}
	if d.chance(7) {
		r.v["archived_at"] = d.instant(-30, 20)
	}
}

// distinctValue is a value that no other row of the entity has.
func distinctValue(f *model.Field, i int) any {
	switch {
	case f.Kind == model.Int:
		return int64(1<<30 + i) // beyond what the hub gives
	case f.Name == "email":
		return fmt.Sprintf("u%d@demo", i)
	case f.MaxLen == 2:
		return string([]byte{'Z' - byte(i), 'A' + byte(i)})
	}
	return fmt.Sprintf("%c-%d", 'Z'-rune(i*7%26), i)
}

// texts of the worlds: letters of two cases and with accents, and what SQL and LIKE would take for more.
var words = []string{"Amina", "amina", "École", "école", "100%", "a_b", "O'Neil", "Zoé", "zoo", "Bo"}

// formatted are texts of the formats.
var formatted = map[model.Format][]string{model.Currency: {"EUR", "XOF", "CAD"}, model.Language: {"fr", "wo", "es-CR"}, model.Email: {"a@demo", "École@demo", "b@demo"},
	model.Web: {"https://a.example", "https://A.example", "http://b.example/a_b"}}

// value is any value of the field, of few, so that rows share them.
func (d *drawer) value(f *model.Field) any {
	switch f.Kind {
	case model.String:
		if of := formatted[f.Format]; of != nil {
			return pick(d.source, of)
		}
		return short(pick(d.source, words), limit(f))
	case model.Enum:
		return f.Values[d.n2(min(len(f.Values), 6))]
	case model.Int:
		return f.Range.Least + int64(d.n2(4))
	case model.Decimal:
		if f.Range != (model.Range{}) {
			return int64(d.n2(4) * 1050)
		}
		return int64(d.n2(4)*1050 - 1050)
	case model.Float:
		return float64(d.n2(4)) * 12.5
	case model.Bool:
		return d.n2(2) == 0
	case model.Time:
		return d.instant(-300, 600)
	case model.Date:
		return d.instant(-7000, 7300).Truncate(24 * time.Hour)
	case model.Enums:
		return d.some(f.Values[:min(len(f.Values), 4)])
	case model.Strings:
		if e := inventory.Model.Refers(f); e != nil {
			return d.keys(e)
		}
		return d.some(words[:4])
	case model.Texts:
		out := map[string]string{pick(d.source, []string{"en", "fr", "es"}): pick(d.source, words)}
		if d.n2(2) == 0 {
			out[pick(d.source, []string{"fr", "es", "sw"})] = pick(d.source, words)
		}
		return out
	}
	return nil
}

func limit(f *model.Field) int {
	if f.MaxLen == 0 {
		return 200
	}
	return f.MaxLen
}

func (d *drawer) some(of []string) []string {
	out := []string{}
	for _, s := range of {
		if d.n2(3) == 0 {
			out = append(out, s)
		}
	}
	return out
}

// keys lists the keys of some rows.
func (d *drawer) keys(e *model.Entity) []string {
	out := []string{}
	for _, r := range d.w.rows[e.Name] {
		if d.n2(2) == 0 {
			out = append(out, r.id.String())
		}
	}
	return out
}

// instant lies in so many days from the first day on, counted from today, and never within two days of now.
func (d *drawer) instant(from, days int) time.Time {
	at := from + d.n2(days+1)*7%(days+1)
	if at > -2 && at < 2 {
		at = 3
	}
	t := d.now.AddDate(0, 0, at).Add(time.Duration(d.n2(3)) * 1500 * time.Millisecond)
	return t
}

func short(s string, most int) string {
	letters := []rune(s)
	return string(letters[:min(len(letters), most)])
}

// defaults are the values that a new row has where an input gives none.
func defaults(e *model.Entity, f *model.Field) any {
	switch f.Kind {
	case model.Strings, model.Enums:
		return []string{}
	case model.Bool:
		return false
	}
	if e.Machine(f.Column) != nil { // a new row is in the first state: a new consent counts
		return f.Values[0]
	}
	return nil
}
