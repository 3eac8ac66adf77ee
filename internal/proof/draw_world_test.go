package proof_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// worldSizes are how many rows of an entity a world has at least, and how many more at most; 2 and 2 where none is stated.
var worldSizes = map[string][2]int{
	"Country": {2, 2}, "Office": {2, 3}, "User": {3, 3}, "Partner": {2, 3}, "Intervention": {2, 4}, "InterventionCountry": {2, 4},
	"InterventionPartner": {2, 4}, "Activity": {2, 4}, "Participation": {2, 4}, "Child": {2, 5}, "CaseFile": {3, 5}, "CaseService": {2, 3},
	"Consent": {2, 5}, "BestInterests": {1, 3}, "Referral": {2, 3}, "Note": {2, 4}, "RoleAssignment": {3, 4}, "Deployment": {1, 3}, "Result": {1, 3},
	"Indicator": {1, 3}, "IndicatorValue": {1, 4},
}

// worldDrawer draws a world.
type worldDrawer struct {
	source
	world     *world
	now       time.Time
	keyCount  int
	addedRows map[string]int // rows that were made for the other world, by entity
}

// worldDay is the day on which a world is drawn; what depends on the clock lies days away from it.
func worldDay() time.Time { return time.Now().UTC().Truncate(24 * time.Hour) }

// newWorldDrawer draws a small world. The first user, u0@demo, is live and holds roles; so may the others.
func newWorldDrawer(s source) *worldDrawer {
	d := &worldDrawer{source: s, world: &world{rows: map[string][]*row{}}, now: worldDay(), addedRows: map[string]int{}}
	for _, e := range inventory.Model.Entities() {
		size, ok := worldSizes[e.Name]
		if !ok {
			size = [2]int{2, 2}
		}
		for range size[0] + d.drawInt(size[1]+1) {
			d.world.rows[e.Name] = append(d.world.rows[e.Name], &row{e, d.newKey(e), map[string]any{}})
		}
	}
	for _, e := range inventory.Model.Entities() {
		for i, r := range d.world.rows[e.Name] {
			d.fillRow(r, i)
		}
	}
	d.drawPeople()
	d.world.buildIndex()
	return d
}

func (d *worldDrawer) drawInt(most int) int { return d.source.intN(most) }

// newKey is a key whose order says nothing of the order in which rows are made.
func (d *worldDrawer) newKey(*model.Entity) uuid.UUID {
	d.keyCount++
	return uuid.UUID{byte(d.keyCount * 151), byte(d.keyCount), byte(d.keyCount * 37), 6: 0x40, 8: 0x80, 15: byte(d.keyCount)}
}

func (d *worldDrawer) fillRow(r *row, i int) {
	for j := range r.entity.Edges {
		edge := &r.entity.Edges[j]
		if edge.Kind != model.ToOne {
			continue
		}
		if targets := d.world.rows[edge.Target]; edge.Required || d.drawInt(4) > 0 {
			r.values[edge.Column] = pickOne(d.source, targets).id
		}
	}
	for j := range r.entity.Fields {
		f := &r.entity.Fields[j]
		if f.Nullable && d.drawInt(4) == 0 {
			continue
		}
		r.values[f.Column] = d.drawValue(f)
		if unique := slices.ContainsFunc(r.entity.Unique, func(key []string) bool { return len(key) == 1 && key[0] == f.Column }); unique {
			r.values[f.Column] = distinctValue(f, i)
		}
	}
	d.drawBaseColumns(r)
}

// drawBaseColumns draws what every row has.
func (d *worldDrawer) drawBaseColumns(r *row) {
	r.values["created_at"], r.values["updated_at"] = d.drawInstant(-400, 300), d.drawInstant(-100, 90)
	r.values["version"] = int64(1 + d.drawInt(3))
	r.values["archived_at"], r.values["external_id"] = nil, nil
	r.values["created_by"], r.values["edited_by"] = nil, nil
	if d.drawInt(2) == 0 {
		r.values["created_by"] = pickOne(d.source, d.world.rows["User"]).id
	}
	var editors []string
	for range d.drawInt(3) {
		editors = append(editors, pickOne(d.source, d.world.rows["User"]).id.String())
	}
	if editors != nil {
		r.values["edited_by"] = editors
	}
	if d.oneIn(7) {
		r.values["archived_at"] = d.drawInstant(-30, 20)
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
var sampleTexts = []string{"Amina", "amina", "École", "école", "100%", "a_b", "O'Neil", "Zoé", "zoo", "Bo"}

// formattedTexts are texts of the formats.
var formattedTexts = map[model.Format][]string{model.Currency: {"EUR", "XOF", "CAD"}, model.Language: {"fr", "wo", "es-CR"}, model.Email: {"a@demo", "École@demo", "b@demo"},
	model.Web: {"https://a.example", "https://A.example", "http://b.example/a_b"}}

// drawValue is any value of the field, of few, so that rows share them.
func (d *worldDrawer) drawValue(f *model.Field) any {
	switch f.Kind {
	case model.String:
		if of := formattedTexts[f.Format]; of != nil {
			return pickOne(d.source, of)
		}
		return truncateText(pickOne(d.source, sampleTexts), maxLength(f))
	case model.Enum:
		return f.Values[d.drawInt(min(len(f.Values), 6))]
	case model.Int:
		return f.Range.Least + int64(d.drawInt(4))
	case model.Decimal:
		if f.Range != (model.Range{}) {
			return int64(d.drawInt(4) * 1050)
		}
		return int64(d.drawInt(4)*1050 - 1050)
	case model.Float:
		return float64(d.drawInt(4)) * 12.5
	case model.Bool:
		return d.drawInt(2) == 0
	case model.Time:
		return d.drawInstant(-300, 600)
	case model.Date:
		return d.drawInstant(-7000, 7300).Truncate(24 * time.Hour)
	case model.Enums:
		return d.drawSubset(f.Values[:min(len(f.Values), 4)])
	case model.Strings:
		if e := inventory.Model.Refers(f); e != nil {
			return d.drawKeys(e)
		}
		return d.drawSubset(sampleTexts[:4])
	case model.Texts:
		out := map[string]string{pickOne(d.source, []string{"en", "fr", "es"}): pickOne(d.source, sampleTexts)}
		if d.drawInt(2) == 0 {
			out[pickOne(d.source, []string{"fr", "es", "sw"})] = pickOne(d.source, sampleTexts)
		}
		return out
	}
	return nil
}

func maxLength(f *model.Field) int {
	if f.MaxLen == 0 {
		return 200
	}
	return f.MaxLen
}

func (d *worldDrawer) drawSubset(of []string) []string {
	out := []string{}
	for _, s := range of {
		if d.drawInt(3) == 0 {
			out = append(out, s)
		}
	}
	return out
}

// drawKeys lists the keys of some rows.
func (d *worldDrawer) drawKeys(e *model.Entity) []string {
	out := []string{}
	for _, r := range d.world.rows[e.Name] {
		if d.drawInt(2) == 0 {
			out = append(out, r.id.String())
		}
	}
	return out
}

// drawInstant lies in so many days from the first day on, counted from today, and never within two days of now.
func (d *worldDrawer) drawInstant(from, days int) time.Time {
	at := from + d.drawInt(days+1)*7%(days+1)
	if at > -2 && at < 2 {
		at = 3
	}
	t := d.now.AddDate(0, 0, at).Add(time.Duration(d.drawInt(3)) * 1500 * time.Millisecond)
	return t
}

func truncateText(s string, most int) string {
	letters := []rune(s)
	return string(letters[:min(len(letters), most)])
}

// defaultValue are the values that a new row has where an input gives none.
func defaultValue(e *model.Entity, f *model.Field) any {
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
