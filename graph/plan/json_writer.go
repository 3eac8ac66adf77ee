package plan

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/model"
	"rightshub/internal/query"
)

// JSON is the finished answer of a root field.
type JSON []byte

// MarshalGQL writes the answer unchanged.
func (j JSON) MarshalGQL(w io.Writer) { w.Write(j) }

// UnmarshalGQL implements graphql.Unmarshaler. No input has this type, so it does nothing.
func (j *JSON) UnmarshalGQL(any) error { return nil }

// jsonWriter builds an answer. It follows the shapes, so fields stand in the order of the selection.
type jsonWriter struct{ buf []byte }

func (w *jsonWriter) writeRaw(s string) { w.buf = append(w.buf, s...) }

// maxReserved is the most bytes that reserveRows makes room for.
const maxReserved = 64 << 10

// reserveRows makes room for more rows of the length of the one that begins at start, so that a page is rarely copied.
func (w *jsonWriter) reserveRows(start, rows int) {
	w.buf = slices.Grow(w.buf, min((len(w.buf)-start+1)*rows, maxReserved))
}

func (w *jsonWriter) writeRow(shape *rowShape, r *query.Row) {
	w.writeFields(shape.entity, shape.fields, r)
}

func (w *jsonWriter) writeFields(e *model.Entity, fields []answerField, r *query.Row) {
	if r == nil {
		w.writeRaw("null")
		return
	}
	w.writeRaw("{")
	for i := range fields {
		o := &fields[i]
		if i > 0 {
			w.writeRaw(",")
		}
		w.writeRaw(o.key)
		switch o.kind {
		case answerTypename:
			w.writeString(o.name)
		case answerID:
			w.writeID(e, r.ID)
		case answerMasked:
			w.writeStrings(r.Masked)
		case answerAccess:
			w.writeAccess(o.subfields, r.Permitted)
		case answerCell:
			w.writeCell(o, &r.Cells[o.index])
		case answerTexts:
			w.writeTexts(o.subfields, &r.Cells[o.index])
		case answerOne:
			w.writeFields(o.target, o.subfields, r.ToOne[o.index])
		case answerList:
			w.writePage(o.list, r.Lists[o.index])
		}
	}
	w.writeRaw("}")
}

func (w *jsonWriter) writeID(e *model.Entity, key uuid.UUID) {
	w.writeRaw(`"`)
	w.buf = e.AppendID(w.buf, key)
	w.writeRaw(`"`)
}

func (w *jsonWriter) writeAccess(kids []answerField, can []bool) {
	w.writeRaw("{")
	for i, k := range kids {
		if i > 0 {
			w.writeRaw(",")
		}
		w.writeRaw(k.key)
		switch k.name {
		case "canUpdate":
			w.buf = strconv.AppendBool(w.buf, can[0])
		case "canDelete":
			w.buf = strconv.AppendBool(w.buf, can[1])
		case "canApprove":
			w.buf = strconv.AppendBool(w.buf, can[2])
		default:
			w.writeString("Access")
		}
	}
	w.writeRaw("}")
}

func (w *jsonWriter) writePage(c *listShape, p *query.Page) {
	w.writeRaw("{")
	for i := range c.fields {
		f := &c.fields[i]
		if i > 0 {
			w.writeRaw(",")
		}
		w.writeRaw(f.key)
		switch f.name {
		case "__typename":
			w.writeString(c.name)
		case "totalCount":
			w.buf = strconv.AppendInt(w.buf, p.Total, 10)
		case "pageInfo":
			w.writePageInfo(f.subfields, p)
		case "nodes":
			w.writeRaw("[")
			for j, r := range p.Rows {
				if j > 0 {
					w.writeRaw(",")
				}
				start := len(w.buf)
				if w.writeRow(f.node, r); j == 0 {
					w.reserveRows(start, len(p.Rows)-1)
				}
			}
			w.writeRaw("]")
		case "edges":
			w.writeEdges(c, f.subfields, p)
		}
	}
	w.writeRaw("}")
}

func (w *jsonWriter) writeEdges(c *listShape, kids []listField, p *query.Page) {
	w.writeRaw("[")
	for j, r := range p.Rows {
		if j > 0 {
			w.writeRaw(",")
		}
		w.writeRaw("{")
		for i := range kids {
			k := &kids[i]
			if i > 0 {
				w.writeRaw(",")
			}
			w.writeRaw(k.key)
			switch k.name {
			case "node":
				w.writeRow(k.node, r)
			case "cursor":
				w.writeString(p.Cursors[j].String())
			default:
				w.writeString(strings.TrimSuffix(c.name, "Connection") + "Edge")
			}
		}
		w.writeRaw("}")
	}
	w.writeRaw("]")
}

func (w *jsonWriter) writePageInfo(kids []listField, p *query.Page) {
	w.writeRaw("{")
	for i, k := range kids {
		if i > 0 {
			w.writeRaw(",")
		}
		w.writeRaw(k.key)
		switch k.name {
		case "hasNextPage":
			w.buf = strconv.AppendBool(w.buf, p.Next)
		case "hasPreviousPage":
			w.buf = strconv.AppendBool(w.buf, p.Prev)
		case "startCursor":
			w.writeCursor(p.StartCursor())
		case "endCursor":
			w.writeCursor(p.EndCursor())
		default:
			w.writeString("PageInfo")
		}
	}
	w.writeRaw("}")
}

// writeCursor writes the cursor of a page without rows, which is empty, as null.
func (w *jsonWriter) writeCursor(cursor string) {
	if cursor == "" {
		w.writeRaw("null")
		return
	}
	w.writeString(cursor)
}
