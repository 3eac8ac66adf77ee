package proof_test

// This file of the reference model computes answers to queries. The answer of a root field is its JSON or an error
// code.

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// cursorPosition is the position in a list that a cursor stands for.
type cursorPosition struct {
	listName  string // caller, policy version and list, since a cursor is valid for these only
	keyValues []any  // values of the order's keys
	root      *selection
	selection *selection // the list, which is root or lies below it
}

// refusal is an error code. The reference model panics with it where the hub must refuse; catchRefusal recovers it.
type refusal string

// catchRefusal runs a computation. After a refusal it returns the answer null and the code.
func catchRefusal(what func() string) (out string, code refusal) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case refusal:
			out, code = "null", p
		default:
			panic(p)
		}
	}()
	return what(), ""
}

// answerQuery is the JSON of a root field of a query.
func (v *view) answerQuery(root *selection) string {
	v.root, v.position = root, "select"
	e := entityByName(root.name)
	switch {
	case root.name == "node":
		v.position = "node"
		return v.answerNode(nil, root.argumentValue("id").(string), root.kids)
	case root.name == "nodes":
		v.position = "node"
		list := root.argumentValue("ids").([]any)
		if len(list) > 100 {
			panic(refusal("INVALID"))
		}
		items := make([]string, len(list))
		for _, id := range list { // one malformed id refuses the whole field
			parseID(id.(string))
		}
		for i, id := range list {
			items[i] = v.answerNode(nil, id.(string), root.kids)
		}
		return "[" + strings.Join(items, ",") + "]"
	case root.name == "viewer":
		return v.answerViewer(root.kids)
	case e != nil && root.name == e.Plural:
		return v.answerList(e, nil, nil, root)
	}
	v.position = "node"
	return v.answerNode(e, root.argumentValue("id").(string), root.kids)
}

// entityByName is the entity of a root field that names one row or a list of rows, or nil.
func entityByName(name string) *model.Entity {
	all := theModel.Entities()
	i := slices.IndexFunc(all, func(e *model.Entity) bool { return e.Plural == name || e.Singular() == name })
	if i < 0 {
		return nil
	}
	return all[i]
}

// findRow is the visible row with this id of the API, or nil. With an entity given, it refuses an id of another one.
func (v *view) findRow(want *model.Entity, id string) *row {
	e, _, _ := parseID(id)
	if want != nil && want != e {
		panic(refusal("INVALID"))
	}
	i := slices.IndexFunc(v.world.rows[e.Name], func(r *row) bool { return v.publicID(r) == id })
	if i < 0 {
		return nil
	}
	r := v.world.rows[e.Name][i]
	if v.coverHiddenRow(r, v.position); !v.seesRow(r) {
		return nil
	}
	return r
}

// answerNode is the JSON of a row that is looked up by its id.
func (v *view) answerNode(want *model.Entity, id string, kids []*selection) string {
	r := v.findRow(want, id)
	if e, _, _ := parseID(id); r == nil && v.allowsAny(e, "read") && v.muteDepth == 0 {
		v.rowsShown++ // to learn that there is no such row costs as much as a row
	}
	v.chargeRows(r)
	return v.answerObject(r, kids)
}

// chargeRows counts rows that are shown against the audit grant.
func (v *view) chargeRows(rows ...*row) {
	if v.muteDepth == 0 && (len(rows) > 0 && rows[0] != nil) {
		v.rowsShown += len(rows)
	}
}

// writeObject writes a JSON object with its fields in the order of the selection.
func writeObject(kids []*selection, value func(*selection) string) string {
	items := make([]string, len(kids))
	for i, k := range kids {
		items[i] = quoteJSON(k.responseKey()) + ":" + value(k)
	}
	return "{" + strings.Join(items, ",") + "}"
}

// referredEntity is the entity whose ids a list field holds, or nil.
func referredEntity(f *model.Field) *model.Entity { return theModel.Refers(f) }

// quoteJSON writes a text as JSON.
func quoteJSON(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(text)
}

// quoteJSONList writes a list of texts as JSON.
func quoteJSONList(list []string) string {
	items := make([]string, len(list))
	for i, s := range list {
		items[i] = quoteJSON(s)
	}
	return "[" + strings.Join(items, ",") + "]"
}

// answerObject is the JSON of a row. Fields of fragments on other types are left out.
func (v *view) answerObject(r *row, kids []*selection) string {
	if r == nil {
		return "null"
	}
	kids = slices.DeleteFunc(slices.Clone(kids), func(k *selection) bool {
		return k.onType != "" && k.onType != r.entity.Name
	})
	actions := map[string]string{"canUpdate": "update", "canDelete": "delete", "canApprove": "approve"}
	return writeObject(kids, func(k *selection) string {
		switch k.name {
		case "__typename":
			return quoteJSON(r.entity.Name)
		case "id":
			return quoteJSON(v.publicID(r))
		case "masked":
			return quoteJSONList(v.maskedFields(r))
		case "access":
			return writeObject(k.kids, func(k *selection) string {
				return strconv.FormatBool(v.canAct(r, actions[k.name]))
			})
		}
		return v.answerField(r, k)
	})
}

// maskedFields names the fields of a row that are null because of the policies, sorted.
func (v *view) maskedFields(r *row) []string {
	out := []string{}
	for i := range r.entity.Fields {
		f := &r.entity.Fields[i]
		if !f.Internal && v.isMasked(r, f) {
			out = append(out, f.Name)
		}
		for _, d := range f.Derived {
			if !v.showsGeneralised(r, f, d.Name) {
				out = append(out, d.Name)
			}
		}
	}
	for i := range r.entity.Edges {
		if edge := &r.entity.Edges[i]; edge.Kind == model.ToOne && !v.isClear(r, edge.Name, edge.Tag) {
			out = append(out, edge.Name)
		}
	}
	slices.Sort(out)
	return out
}

// answerField is the JSON of a field or edge of a visible row.
func (v *view) answerField(r *row, k *selection) string {
	if edge := r.entity.Edge(k.name); edge != nil {
		reached := v.visibleTargets(r, edge)
		v.coverEdge(r, edge, reached, v.position)
		if edge.Kind != model.ToOne {
			return v.answerList(theModel.Target(edge), edge, r, k)
		}
		if len(reached) == 0 {
			return "null"
		}
		v.chargeRows(reached[0])
		v.noteDisclosure(r, edge.Tag)
		return v.answerObject(reached[0], k.kids)
	}
	for i := range r.entity.Fields {
		f := &r.entity.Fields[i]
		if f.Name == k.name || f.Kind == model.Texts && f.Name+"Texts" == k.name {
			v.coverField(r, f, v.position)
			value := v.visibleValue(r, f)
			if value != nil {
				v.noteDisclosure(r, f.Tag)
			}
			return v.formatCell(f, value, k)
		}
		for _, d := range f.Derived {
			if d.Name == k.name {
				if !v.showsGeneralised(r, f, d.Name) {
					return "null"
				}
				return v.derivedAgeBand(r, f)
			}
		}
	}
	panic("no field " + k.name)
}

// noteDisclosure notes that a value was shown, if the record of access must have it.
func (v *view) noteDisclosure(r *row, tag model.Tag) {
	if tag.Level == 3 && tag.Ident != "none" && v.disclosed != nil {
		v.disclosed[r.entity.Name] = true
	}
}

// derivedAgeBand is the age band of a visible row. Under a pseudonym it counts from the first day of the month of
// birth.
func (v *view) derivedAgeBand(r *row, f *model.Field) string {
	born, ok := r.values[f.Column].(time.Time)
	if !ok {
		return "null"
	}
	if v.usesPseudonyms(r.entity) {
		born = monthStart(born)
	}
	return quoteJSON(strings.ToUpper(ageBand(born, time.Now().UTC())))
}

// ageBand is the age band of a birth date on a day.
func ageBand(born, today time.Time) string {
	years := 0
	for !born.AddDate(years+1, 0, 0).After(today) {
		years++
	}
	bounds := []int{6, 12, 15, 18, 25, 60, 1000}
	names := []string{"u6", "a6_11", "a12_14", "a15_17", "a18_24", "a25_59", "a60_plus"}
	return names[slices.IndexFunc(bounds, func(b int) bool { return years < b })]
}

// formatCell is the JSON of a field's value as the caller sees it.
func (v *view) formatCell(f *model.Field, value any, k *selection) string {
	switch x := value.(type) {
	case int64:
		if f.Kind == model.Decimal {
			return quoteJSON(strconv.FormatFloat(float64(x)/100, 'f', 2, 64))
		}
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(x)
	case time.Time:
		if f.Kind == model.Date {
			return quoteJSON(x.Format(time.DateOnly))
		}
		return quoteJSON(x.Format(time.RFC3339Nano))
	case string:
		if f.Kind == model.Enum {
			x = strings.ToUpper(x)
		}
		return quoteJSON(x)
	case []string:
		out := slices.Clone(x)
		for i, s := range out {
			if e := referredEntity(f); e != nil {
				out[i] = formatID(e, uuid.MustParse(s))
			} else if f.Kind == model.Enums {
				out[i] = strings.ToUpper(s)
			}
		}
		return quoteJSONList(out)
	case map[string]string:
		return v.answerTexts(x, k)
	}
	return "null"
}

// answerTexts is the JSON of a text in several languages. It is one text, or all of them for a field that ends in
// "Texts".
func (v *view) answerTexts(texts map[string]string, k *selection) string {
	if !strings.HasSuffix(k.name, "Texts") {
		if s, ok := v.preferredText(texts).(string); ok {
			return quoteJSON(s)
		}
		return "null"
	}
	var items []string
	for tag := range texts {
		items = append(items, tag)
	}
	slices.Sort(items)
	for i, tag := range items {
		items[i] = writeObject(k.kids, func(k *selection) string {
			text := map[string]string{"language": tag, "text": texts[tag], "__typename": "LocalizedText"}[k.name]
			return quoteJSON(text)
		})
	}
	return "[" + strings.Join(items, ",") + "]"
}

// answerViewer is the JSON of the viewer field.
func (v *view) answerViewer(kids []*selection) string {
	return writeObject(kids, func(k *selection) string {
		switch k.name {
		case "user":
			if v.user.id == uuid.Nil || !v.seesRow(v.user) {
				return "null"
			}
			v.chargeRows(v.user)
			return v.answerObject(v.user, k.kids)
		case "purpose":
			if v.purpose == "" {
				return "null"
			}
			return quoteJSON(v.purpose)
		case "purposes":
			return quoteJSONList(v.statablePurposes())
		case "languages":
			return quoteJSONList(v.languageOrder())
		}
		out := []string{}
		for _, e := range theModel.Entities() {
			if e.Can(model.Create) && v.allowsAny(e, "create") {
				out = append(out, e.Name)
			}
		}
		return quoteJSONList(out)
	})
}

// checkAccessRecord compares the record of access of an answer with what the answer shows. It returns what is wrong, or
// "".
func (v *view) checkAccessRecord(record string) string {
	for name := range v.disclosed {
		if !strings.Contains(record, "["+name+" shown ") {
			return "the answer shows an identifying value of " + name + ", and the record of access does not say so"
		}
	}
	for line := range strings.Lines(record) {
		if name, rest, _ := strings.Cut(line[1:], " "); strings.HasPrefix(rest, "shown ") && !v.disclosed[name] {
			return "the record of access says that a value of " + name + " was shown, and the answer shows none"
		}
	}
	return ""
}
