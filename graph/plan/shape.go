// Package plan answers root fields: it turns a selection into what the store reads (store.List, store.Ask), and the
// rows that come back into JSON. It knows GraphQL and the model; it cannot decide who may see what, and holds no SQL.
package plan

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/ent/inventory"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// outKind is what a selected field shows.
type outKind uint8

const (
	outTypename outKind = iota
	outID
	outMasked
	outAccess
	outCell  // a value
	outTexts // a multilingual text in all its languages
	outOne   // the row of an edge to one
	outList  // a connection
)

// out is one field of an answer.
type out struct {
	key   string // the response name with its quotes and colon
	kind  outKind
	at    int // index in the row's cells, ones or lists
	value model.Kind
	refs  *model.Entity // a list of ids of this entity
	name  string        // of the type, for __typename; of the field, for access
	kids  []out         // of outOne, outAccess, outTexts
	conn  *connection
}

// object is the shape of a row's answer, and the type it is of.
type object struct {
	entity *model.Entity
	fields []out
}

// connection is the shape of a list's answer.
type connection struct {
	fields []connField
	name   string
}

type connField struct {
	key  string
	name string // edges, nodes, pageInfo, totalCount, __typename
	kids []connField
	node *object
}

// builder reads the selection of one root field.
type builder struct{ op *graphql.OperationContext }

// key is the response name, in which JSON has nothing to escape.
func key(f graphql.CollectedField) string { return `"` + f.Alias + `":` }

func (b *builder) collect(sels ast.SelectionSet, types ...string) []graphql.CollectedField {
	return graphql.CollectFields(b.op, sels, types)
}

// object adds to the ask what the selection wants of each row.
func (b *builder) object(ask *store.Ask, sels ast.SelectionSet) (*object, error) {
	e := ask.Entity
	shape := &object{entity: e}
	for _, f := range b.collect(sels, e.Name, "Node") {
		o := out{key: key(f), name: f.Name}
		var err error
		switch f.Name {
		case "__typename":
			o.kind, o.name = outTypename, e.Name
		case "id":
			o.kind = outID
		case "masked":
			o.kind, ask.Masked = outMasked, true
		case "access":
			o.kind, ask.Can = outAccess, []model.Action{model.Update, model.Delete, model.Approve}
			for _, k := range b.collect(f.Selections, "Access") {
				o.kids = append(o.kids, out{key: key(k), name: k.Name})
			}
		default:
			err = b.member(ask, f, &o)
		}
		if err != nil {
			return nil, err
		}
		shape.fields = append(shape.fields, o)
	}
	return shape, nil
}

// member is a field, a derived field or an edge of the entity.
func (b *builder) member(ask *store.Ask, f graphql.CollectedField, o *out) error {
	e := ask.Entity
	if edge := e.Edge(f.Name); edge != nil && edge.Kind == model.ToOne {
		one := store.AskOne{Edge: edge, Ask: store.Ask{Entity: inventory.Model.Target(edge)}}
		shape, err := b.object(&one.Ask, f.Selections)
		if err != nil {
			return err
		}
		o.kind, o.at, o.kids = outOne, len(ask.One), shape.fields
		o.refs = shape.entity
		ask.One = append(ask.One, one)
		return nil
	} else if edge != nil {
		list := store.List{Ask: store.Ask{Entity: inventory.Model.Target(edge)}}
		conn, err := b.list(&list, f)
		if err != nil {
			return err
		}
		o.kind, o.at, o.conn = outList, len(ask.Lists), conn
		ask.Lists = append(ask.Lists, store.AskList{Edge: edge, List: list})
		return nil
	}
	cell := store.Cell{}
	o.kind = outCell
	for i := range e.Fields {
		field := &e.Fields[i]
		switch {
		case field.Name == f.Name:
			cell.Field, o.value = field, field.Kind
			if field.Kind == model.Texts {
				cell.Spoken = true
			}
			o.refs = inventory.Model.Refers(field)
		case field.Kind == model.Texts && field.Name+"Texts" == f.Name:
			cell.Field, o.kind = field, outTexts
			for _, k := range b.collect(f.Selections, "LocalizedText") {
				o.kids = append(o.kids, out{key: key(k), name: k.Name})
			}
		}
		for j := range field.Derived {
			if field.Derived[j].Name == f.Name {
				cell = store.Cell{Field: field, Derived: &field.Derived[j]}
				o.value = model.Enum
			}
		}
	}
	if cell.Field == nil {
		return fault.New(fault.Internal, "There is no field %s on %s.", f.Name, e.Name)
	}
	if o.at = slices.Index(ask.Cells, cell); o.at < 0 {
		o.at = len(ask.Cells)
		ask.Cells = append(ask.Cells, cell)
	}
	return nil
}

// list reads a connection: its arguments into the list, its selection into the list's ask.
func (b *builder) list(list *store.List, f graphql.CollectedField) (*connection, error) {
	e := list.Ask.Entity
	if err := readArgs(list, f.ArgumentMap(b.op.Variables)); err != nil {
		return nil, err
	}
	conn := &connection{name: e.Name + "Connection"}
	for _, c := range b.collect(f.Selections, conn.name) {
		field := connField{key: key(c), name: c.Name}
		var err error
		switch c.Name {
		case "edges":
			list.Rows = true
			for _, k := range b.collect(c.Selections, e.Name+"Edge") {
				kid := connField{key: key(k), name: k.Name}
				switch k.Name {
				case "node":
					if kid.node, err = b.object(&list.Ask, k.Selections); err != nil {
						return nil, err
					}
				case "cursor":
					list.Cursors = true
				}
				field.kids = append(field.kids, kid)
			}
		case "nodes":
			list.Rows = true
			field.node, err = b.object(&list.Ask, c.Selections)
		case "pageInfo":
			list.Rows = true
			for _, k := range b.collect(c.Selections, "PageInfo") {
				field.kids = append(field.kids, connField{key: key(k), name: k.Name})
				list.Cursors = list.Cursors || k.Name == "startCursor" || k.Name == "endCursor"
			}
		case "totalCount":
			list.Total = true
		}
		if err != nil {
			return nil, err
		}
		conn.fields = append(conn.fields, field)
	}
	return conn, nil
}
