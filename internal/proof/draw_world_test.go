package proof_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// worldSizes are, by entity, the least number of rows of a world and how many rows may come on top. Entities without an
// entry have {2, 2}.
var worldSizes = map[string][2]int{
	"Country": {2, 2}, "Office": {2, 3}, "User": {3, 3}, "Partner": {2, 3}, "Intervention": {2, 4},
	"InterventionCountry": {2, 4}, "InterventionPartner": {2, 4}, "Activity": {2, 4}, "Participation": {2, 4},
	"Child": {2, 5}, "CaseFile": {3, 5}, "CaseService": {2, 3}, "Consent": {2, 5}, "BestInterests": {1, 3},
	"Referral": {2, 3}, "Note": {2, 4}, "RoleAssignment": {3, 4}, "Deployment": {1, 3}, "Result": {1, 3},
	"Indicator": {1, 3}, "IndicatorValue": {1, 4},
}

// worldDrawer draws the rows of a world and of its twin.
type worldDrawer struct {
	source
	world     *world
	now       time.Time
	keyCount  int
	addedRows map[string]int // number of rows drawn for the twin only, by entity
}

// worldDay is today at midnight. Times that matter to a rule lie days away from it, so that no case depends on the
// hour.
func worldDay() time.Time { return time.Now().UTC().Truncate(24 * time.Hour) }

// newWorldDrawer draws a small world. The first user, u0@demo, is active and holds roles. The other users may hold
// roles too.
func newWorldDrawer(s source) *worldDrawer {
	d := &worldDrawer{
		source:    s,
		world:     &world{rows: map[string][]*row{}},
		now:       worldDay(),
		addedRows: map[string]int{},
	}
	for _, e := range theModel.Entities() {
		size, ok := worldSizes[e.Name]
		if !ok {
			size = [2]int{2, 2}
		}
		for range size[0] + d.drawInt(size[1]+1) {
			d.world.rows[e.Name] = append(d.world.rows[e.Name], &row{e, d.newKey(e), map[string]any{}})
		}
	}
	for _, e := range theModel.Entities() {
		for i, r := range d.world.rows[e.Name] {
			d.fillRow(r, i)
		}
	}
	d.drawPeople()
	d.world.buildIndex()
	return d
}

func (d *worldDrawer) drawInt(most int) int { return d.source.intN(most) }

// newKey makes a key. The order of keys tells nothing about the order in which the rows were made.
func (d *worldDrawer) newKey(*model.Entity) uuid.UUID {
	d.keyCount++
	n := d.keyCount
	return uuid.UUID{byte(n * 151), byte(n), byte(n * 37), 6: 0x40, 8: 0x80, 15: byte(n)}
}

// fillRow draws the columns of the row number i of its entity.
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
		if unique := slices.ContainsFunc(r.entity.Unique, func(key []string) bool {
			return len(key) == 1 && key[0] == f.Column
		}); unique {
			r.values[f.Column] = distinctValue(f, i)
		}
	}
	d.drawBaseColumns(r)
}

// drawBaseColumns draws the columns that every entity has.
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

// distinctValue is a value that differs from that of every other row number i of the entity.
func distinctValue(f *model.Field, i int) any {
	switch {
	case f.Kind == model.Int:
		return int64(1<<30 + i) // above the numbers that the hub itself assigns
	case f.Name == "email":
		return fmt.Sprintf("u%d@demo", i)
	case f.MaxLen == 2:
		return string([]byte{'Z' - byte(i), 'A' + byte(i)})
	}
	return fmt.Sprintf("%c-%d", 'Z'-rune(i*7%26), i)
}

// sampleTexts are the texts of the worlds. They differ in case and accents, and some hold characters that SQL or LIKE
// treats in a special way.
var sampleTexts = []string{"Amina", "amina", "École", "école", "100%", "a_b", "O'Neil", "Zoé", "zoo", "Bo"}

// formattedTexts are the texts of fields that have a format.
var formattedTexts = map[model.Format][]string{
	model.Currency: {"EUR", "XOF", "CAD"},
	model.Language: {"fr", "wo", "es-CR"},
	model.Email:    {"a@demo", "École@demo", "b@demo"},
	model.Web:      {"https://a.example", "https://A.example", "http://b.example/a_b"},
}

// drawValue draws a value of the field. There are few values per field, so that rows share them.
func (d *worldDrawer) drawValue(f *model.Field) any {
	switch f.Kind {
	case model.String:
		if texts := formattedTexts[f.Format]; texts != nil {
			return pickOne(d.source, texts)
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
		if e := theModel.Refers(f); e != nil {
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

// maxLength is the greatest length of a text of the field, in letters. Fields without a limit of their own have 200.
func maxLength(f *model.Field) int {
	if f.MaxLen == 0 {
		return 200
	}
	return f.MaxLen
}

// drawSubset draws some of the items, in their order.
func (d *worldDrawer) drawSubset(items []string) []string {
	out := []string{}
	for _, s := range items {
		if d.drawInt(3) == 0 {
			out = append(out, s)
		}
	}
	return out
}

// drawKeys draws the keys of some rows of the entity.
func (d *worldDrawer) drawKeys(e *model.Entity) []string {
	out := []string{}
	for _, r := range d.world.rows[e.Name] {
		if d.drawInt(2) == 0 {
			out = append(out, r.id.String())
		}
	}
	return out
}

// drawInstant draws a time between the days from and from+days, counted from today, and never within two days of now.
func (d *worldDrawer) drawInstant(from, days int) time.Time {
	at := from + d.drawInt(days+1)*7%(days+1)
	if at > -2 && at < 2 {
		at = 3
	}
	return d.now.AddDate(0, 0, at).Add(time.Duration(d.drawInt(3)) * 1500 * time.Millisecond)
}

// truncateText is the text cut to at most so many letters.
func truncateText(s string, most int) string {
	letters := []rune(s)
	return string(letters[:min(len(letters), most)])
}

// defaultValue is the value of a field in a new row when the input gives none.
func defaultValue(e *model.Entity, f *model.Field) any {
	switch f.Kind {
	case model.Strings, model.Enums:
		return []string{}
	case model.Bool:
		return false
	}
	if e.Machine(f.Column) != nil { // a new row starts in the first state, so a new consent is active
		return f.Values[0]
	}
	return nil
}
