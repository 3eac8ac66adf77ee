package plan

import (
	"encoding/json"
	"io"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"rightshub/internal/model"
	"rightshub/internal/store"
)

// JSON is the finished answer of a root field.
type JSON []byte

// MarshalGQL writes the answer as it is.
func (j JSON) MarshalGQL(w io.Writer) { w.Write(j) }

// UnmarshalGQL implements graphql.Unmarshaler; no input has this type.
func (j *JSON) UnmarshalGQL(any) error { return nil }

// writer builds an answer. It follows the shapes, so that fields come in the order in which they were asked for.
type writer struct{ b []byte }

func (w *writer) raw(s string) { w.b = append(w.b, s...) }

func (w *writer) row(shape *object, r *store.Row) { w.fields(shape.entity, shape.fields, r) }

func (w *writer) fields(e *model.Entity, fields []out, r *store.Row) {
	if r == nil {
		w.raw("null")
		return
	}
	w.raw("{")
	for i := range fields {
		o := &fields[i]
		if i > 0 {
			w.raw(",")
		}
		w.raw(o.key)
		switch o.kind {
		case outTypename:
			w.text(o.name)
		case outID:
			w.id(e, r.ID)
		case outMasked:
			w.list(r.Masked)
		case outAccess:
			w.access(o.kids, r.Can)
		case outCell:
			w.cell(o, &r.Cells[o.at])
		case outTexts:
			w.texts(o.kids, &r.Cells[o.at])
		case outOne:
			w.fields(o.refs, o.kids, r.One[o.at])
		case outList:
			w.page(o.conn, r.Lists[o.at])
		}
	}
	w.raw("}")
}

func (w *writer) id(e *model.Entity, key uuid.UUID) {
	w.raw(`"`)
	w.raw(ID(e, key))
	w.raw(`"`)
}

func (w *writer) access(kids []out, can []bool) {
	w.raw("{")
	for i, k := range kids {
		if i > 0 {
			w.raw(",")
		}
		w.raw(k.key)
		switch k.name {
		case "canUpdate":
			w.b = strconv.AppendBool(w.b, can[0])
		case "canDelete":
			w.b = strconv.AppendBool(w.b, can[1])
		case "canApprove":
			w.b = strconv.AppendBool(w.b, can[2])
		default:
			w.text("Access")
		}
	}
	w.raw("}")
}

func (w *writer) page(c *connection, p *store.Page) {
	w.raw("{")
	for i := range c.fields {
		f := &c.fields[i]
		if i > 0 {
			w.raw(",")
		}
		w.raw(f.key)
		switch f.name {
		case "__typename":
			w.text(c.name)
		case "totalCount":
			w.b = strconv.AppendInt(w.b, p.Total, 10)
		case "pageInfo":
			w.pageInfo(f.kids, p)
		case "nodes":
			w.raw("[")
			for j, r := range p.Rows {
				if j > 0 {
					w.raw(",")
				}
				w.row(f.node, r)
			}
			w.raw("]")
		case "edges":
			w.edges(c, f.kids, p)
		}
	}
	w.raw("}")
}

func (w *writer) edges(c *connection, kids []connField, p *store.Page) {
	w.raw("[")
	for j, r := range p.Rows {
		if j > 0 {
			w.raw(",")
		}
		w.raw("{")
		for i := range kids {
			k := &kids[i]
			if i > 0 {
				w.raw(",")
			}
			w.raw(k.key)
			switch k.name {
			case "node":
				w.row(k.node, r)
			case "cursor":
				w.text(p.Cursors[j])
			default:
				w.text(strings.TrimSuffix(c.name, "Connection") + "Edge")
			}
		}
		w.raw("}")
	}
	w.raw("]")
}

func (w *writer) pageInfo(kids []connField, p *store.Page) {
	w.raw("{")
	for i, k := range kids {
		if i > 0 {
			w.raw(",")
		}
		w.raw(k.key)
		switch k.name {
		case "hasNextPage":
			w.b = strconv.AppendBool(w.b, p.Next)
		case "hasPreviousPage":
			w.b = strconv.AppendBool(w.b, p.Prev)
		case "startCursor", "endCursor":
			at := 0
			if k.name == "endCursor" {
				at = len(p.Cursors) - 1
			}
			if len(p.Cursors) == 0 {
				w.raw("null")
			} else {
				w.text(p.Cursors[at])
			}
		default:
			w.text("PageInfo")
		}
	}
	w.raw("}")
}

func (w *writer) cell(o *out, v *store.Value) {
	if v.Null {
		w.raw("null")
		return
	}
	switch o.value {
	case model.Int:
		w.b = strconv.AppendInt(w.b, v.Int, 10)
	case model.Float:
		w.b = strconv.AppendFloat(w.b, v.Float, 'g', -1, 64)
	case model.Bool:
		w.b = strconv.AppendBool(w.b, v.Int != 0)
	case model.Decimal:
		w.text(formatDecimal(v.Int))
	case model.Time:
		w.raw(`"`)
		w.b = v.Time.AppendFormat(w.b, time.RFC3339Nano)
		w.raw(`"`)
	case model.Date:
		w.raw(`"`)
		w.b = v.Time.AppendFormat(w.b, time.DateOnly)
		w.raw(`"`)
	case model.Enum:
		w.text(strings.ToUpper(v.Text))
	case model.Enums:
		w.list(upperAll(v.List()))
	case model.Strings:
		list := v.List()
		if o.refs != nil {
			for i, s := range list {
				key, err := uuid.Parse(s)
				if err == nil {
					list[i] = ID(o.refs, key)
				}
			}
		}
		w.list(list)
	default:
		w.text(v.Text)
	}
}

func upperAll(list []string) []string {
	for i, s := range list {
		list[i] = strings.ToUpper(s)
	}
	return list
}

// formatDecimal writes hundredths as "1234.50".
func formatDecimal(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	cents := strconv.FormatInt(n%100+100, 10)[1:]
	return sign + strconv.FormatInt(n/100, 10) + "." + cents
}

func languages(v *store.Value) map[string]string {
	var m map[string]string
	if json.Unmarshal([]byte(v.Text), &m) != nil {
		return nil
	}
	return m
}

func (w *writer) texts(kids []out, v *store.Value) {
	if v.Null {
		w.raw("null")
		return
	}
	m := languages(v)
	tags := make([]string, 0, len(m))
	for tag := range m {
		tags = append(tags, tag)
	}
	sort.Strings(tags)
	w.raw("[")
	for i, tag := range tags {
		if i > 0 {
			w.raw(",")
		}
		w.raw("{")
		for j, k := range kids {
			if j > 0 {
				w.raw(",")
			}
			w.raw(k.key)
			w.text(map[string]string{"language": tag, "text": m[tag], "__typename": "LocalizedText"}[k.name])
		}
		w.raw("}")
	}
	w.raw("]")
}

func (w *writer) list(items []string) {
	w.raw("[")
	for i, s := range items {
		if i > 0 {
			w.raw(",")
		}
		w.text(s)
	}
	w.raw("]")
}

// text writes a JSON string. What needs no escape, which is nearly everything, is copied.
func (w *writer) text(s string) {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c == 0x7f || c >= utf8.RuneSelf && !utf8.ValidString(s) {
			quoted, err := json.Marshal(s)
			if err != nil {
				quoted = []byte(`""`)
			}
			w.b = append(w.b, quoted...)
			return
		}
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, s...)
	w.b = append(w.b, '"')
}
