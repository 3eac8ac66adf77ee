package proof_test

// The reference model: answers. A root field's answer is its JSON, or the code of an error.

import (
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// position is where a cursor stands: which list of which caller, and the values of the order's keys there.
type position struct {
	list string
	at   []any
	root *sel
	of   *sel
}

// refusal is an error's code; it is thrown where the reference model refuses and caught by refusable.
type refusal string

// refusable runs what may be refused: then the answer is null, and there is a code.
func refusable(what func() string) (out string, code refusal) {
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

// answer is the JSON of a root field of a query.
func (v *view) answer(root *sel) string {
	v.root, v.in = root, "select"
	e := entityOf(root.name)
	switch {
	case root.name == "node":
		v.in = "node"
		return v.one(nil, root.arg("id").(string), root.kids)
	case root.name == "nodes":
		v.in = "node"
		list := root.arg("ids").([]any)
		if len(list) > 100 {
			panic(refusal("INVALID"))
		}
		items := make([]string, len(list))
		for _, id := range list { // a malformed one spoils all
			readID(id.(string))
		}
		for i, id := range list {
			items[i] = v.one(nil, id.(string), root.kids)
		}
		return "[" + strings.Join(items, ",") + "]"
	case root.name == "viewer":
		return v.viewer(root.kids)
	case e != nil && root.name == e.Plural:
		return v.list(e, nil, nil, root)
	}
	v.in = "node"
	return v.one(e, root.arg("id").(string), root.kids)
}

func entityOf(name string) *model.Entity {
	all := inventory.Model.Entities()
	if i := slices.IndexFunc(all, func(e *model.Entity) bool { return e.Plural == name || e.Singular() == name }); i >= 0 {
		return all[i]
	}
	return nil
}

// readID reads an id of the API; one that is malformed is refused.
func readID(id string) (*model.Entity, uuid.UUID, string) {
	prefix, rest, _ := strings.Cut(id, "_")
	e := inventory.Model.Prefix(prefix)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	if e == nil || err != nil || len(raw) != 16 {
		panic(refusal("INVALID"))
	}
	return e, uuid.UUID(raw), id
}

// publicID is the id that the caller sees.
func (v *view) publicID(r *row) string {
	if !v.pseudonymous(r.e) {
		return idOf(r.e, r.id)
	}
	block, err := aes.NewCipher(v.secret("id", r.e))
	if err != nil {
		panic(err)
	}
	var out uuid.UUID
	block.Encrypt(out[:], r.id[:])
	return idOf(r.e, out)
}

// alias is the row's name in place of a code, and what orders it last.
func (v *view) alias(r *row) string {
	sum := sha256.Sum256([]byte(hex.EncodeToString(v.secret("code", r.e)) + r.id.String()))
	return "P-" + strings.ToUpper(hex.EncodeToString(sum[:8]))
}

// secret is the key of the grant and the entity for a use.
func (v *view) secret(use string, e *model.Entity) []byte {
	h := hmac.New(sha256.New, secret[:])
	h.Write([]byte("rightshub pseudonym " + use + " " + v.grant.id.String() + " " + e.Name))
	return h.Sum(nil)
}

func idOf(e *model.Entity, id uuid.UUID) string {
	return e.Prefix + "_" + base64.RawURLEncoding.EncodeToString(id[:])
}

// find is the visible row with this id of the API; of the type want, where it is stated.
func (v *view) find(want *model.Entity, id string) *row {
	e, _, _ := readID(id)
	if want != nil && want != e {
		panic(refusal("INVALID"))
	}
	i := slices.IndexFunc(v.w.rows[e.Name], func(r *row) bool { return v.publicID(r) == id })
	if i < 0 {
		return nil
	}
	r := v.w.rows[e.Name][i]
	if v.hitRow(r, v.in); !v.sees(r) {
		return nil
	}
	return r
}

func (v *view) one(want *model.Entity, id string, kids []*sel) string {
	r := v.find(want, id)
	if e, _, _ := readID(id); r == nil && v.any(e, "read") && v.muted == 0 {
		v.count++ // that there is none is an answer too
	}
	v.charge(r)
	return v.object(r, kids)
}

// charge counts the rows that are shown.
func (v *view) charge(rows ...*row) {
	if v.muted == 0 && (len(rows) > 0 && rows[0] != nil) {
		v.count += len(rows)
	}
}

// pairs writes an object in the order of the selection.
func pairs(kids []*sel, value func(*sel) string) string {
	items := make([]string, len(kids))
	for i, k := range kids {
		items[i] = quote(k.key()) + ":" + value(k)
	}
	return "{" + strings.Join(items, ",") + "}"
}

// refers is the entity whose ids a field lists.
func refers(f *model.Field) *model.Entity { return inventory.Model.Refers(f) }

func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(text)
}

func quotes(list []string) string {
	items := make([]string, len(list))
	for i, s := range list {
		items[i] = quote(s)
	}
	return "[" + strings.Join(items, ",") + "]"
}

// object is a row's answer; fields of fragments on other types are left out.
func (v *view) object(r *row, kids []*sel) string {
	if r == nil {
		return "null"
	}
	kids = slices.DeleteFunc(slices.Clone(kids), func(k *sel) bool { return k.on != "" && k.on != r.e.Name })
	return pairs(kids, func(k *sel) string {
		switch k.name {
		case "__typename":
			return quote(r.e.Name)
		case "id":
			return quote(v.publicID(r))
		case "masked":
			return quotes(v.masked(r))
		case "access":
			return pairs(k.kids, func(k *sel) string {
				return strconv.FormatBool(v.can(r, map[string]string{"canUpdate": "update", "canDelete": "delete", "canApprove": "approve"}[k.name]))
			})
		}
		return v.field(r, k)
	})
}

// masked names the fields that are null by rule.
func (v *view) masked(r *row) []string {
	out := []string{}
	for i := range r.e.Fields {
		f := &r.e.Fields[i]
		if !f.Internal && v.isMasked(r, f) {
			out = append(out, f.Name)
		}
		for _, d := range f.Derived {
			if !v.generalised(r, f, d.Name) {
				out = append(out, d.Name)
			}
		}
	}
	for i := range r.e.Edges {
		if edge := &r.e.Edges[i]; edge.Kind == model.ToOne && !v.clear(r, edge.Name, edge.Tag) {
			out = append(out, edge.Name)
		}
	}
	slices.Sort(out)
	return out
}

func (v *view) field(r *row, k *sel) string {
	if edge := r.e.Edge(k.name); edge != nil {
		reached := v.over(r, edge)
		v.hitEdge(r, edge, reached, v.in)
		if edge.Kind != model.ToOne {
			return v.list(inventory.Model.Target(edge), edge, r, k)
		}
		if len(reached) == 0 {
			return "null"
		}
		v.charge(reached[0])
		v.see(r, edge.Tag)
		return v.object(reached[0], k.kids)
	}
	for i := range r.e.Fields {
		f := &r.e.Fields[i]
		if f.Name == k.name || f.Kind == model.Texts && f.Name+"Texts" == k.name {
			v.hit(r, f, v.in)
			value := v.value(r, f)
			if value != nil {
				v.see(r, f.Tag)
			}
			return v.cell(f, value, k)
		}
		for _, d := range f.Derived {
			if d.Name == k.name {
				if !v.generalised(r, f, d.Name) {
					return "null"
				}
				return v.derived(r, f)
			}
		}
	}
	panic("no field " + k.name)
}

// see notes that a value was shown, where it is one that the record of access must have.
func (v *view) see(r *row, tag model.Tag) {
	if tag.Level == 3 && tag.Ident != "none" && v.seen != nil {
		v.seen[r.e.Name] = true
	}
}

// derived is the age band, which is shown with its row: under a pseudonym, by the month of birth.
func (v *view) derived(r *row, f *model.Field) string {
	born, ok := r.v[f.Column].(time.Time)
	if !ok {
		return "null"
	}
	if v.pseudonymous(r.e) {
		born = month(born)
	}
	return quote(strings.ToUpper(ageBand(born, time.Now().UTC())))
}

func ageBand(born, today time.Time) string {
	years := 0
	for !born.AddDate(years+1, 0, 0).After(today) {
		years++
	}
	bounds := []int{6, 12, 15, 18, 25, 60, 1000}
	names := []string{"u6", "a6_11", "a12_14", "a15_17", "a18_24", "a25_59", "a60_plus"}
	return names[slices.IndexFunc(bounds, func(b int) bool { return years < b })]
}

func (v *view) cell(f *model.Field, value any, k *sel) string {
	switch x := value.(type) {
	case int64:
		if f.Kind == model.Decimal {
			return quote(strconv.FormatFloat(float64(x)/100, 'f', 2, 64))
		}
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(x)
	case time.Time:
		if f.Kind == model.Date {
			return quote(x.Format(time.DateOnly))
		}
		return quote(x.Format(time.RFC3339Nano))
	case string:
		if f.Kind == model.Enum {
			x = strings.ToUpper(x)
		}
		return quote(x)
	case []string:
		out := slices.Clone(x)
		for i, s := range out {
			if e := refers(f); e != nil {
				out[i] = idOf(e, uuid.MustParse(s))
			} else if f.Kind == model.Enums {
				out[i] = strings.ToUpper(s)
			}
		}
		return quotes(out)
	case map[string]string:
		return v.texts(x, k)
	}
	return "null"
}

func (v *view) texts(texts map[string]string, k *sel) string {
	if !strings.HasSuffix(k.name, "Texts") {
		if s, ok := v.spoken(texts).(string); ok {
			return quote(s)
		}
		return "null"
	}
	var items []string
	for tag := range texts {
		items = append(items, tag)
	}
	slices.Sort(items)
	for i, tag := range items {
		items[i] = pairs(k.kids, func(k *sel) string {
			return quote(map[string]string{"language": tag, "text": texts[tag], "__typename": "LocalizedText"}[k.name])
		})
	}
	return "[" + strings.Join(items, ",") + "]"
}

func (v *view) viewer(kids []*sel) string {
	return pairs(kids, func(k *sel) string {
		switch k.name {
		case "user":
			if v.user.id == uuid.Nil || !v.sees(v.user) {
				return "null"
			}
			v.charge(v.user)
			return v.object(v.user, k.kids)
		case "purpose":
			if v.purpose == "" {
				return "null"
			}
			return quote(v.purpose)
		case "purposes":
			return quotes(v.stated())
		case "languages":
			return quotes(v.languages())
		}
		out := []string{}
		for _, e := range inventory.Model.Entities() {
			if e.Can(model.Create) && v.any(e, "create") {
				out = append(out, e.Name)
			}
		}
		return quotes(out)
	})
}

// unrecorded says where the record of an answer is not what the answer shows.
func (v *view) unrecorded(record string) string {
	for name := range v.seen {
		if !strings.Contains(record, "["+name+" shown ") {
			return "what is shown of " + name + " is not in the record of access"
		}
	}
	for line := range strings.Lines(record) {
		if name, rest, _ := strings.Cut(line[1:], " "); strings.HasPrefix(rest, "shown ") && !v.seen[name] {
			return "the record of access says that something of " + name + " was shown"
		}
	}
	return ""
}
