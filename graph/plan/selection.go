// Package plan answers root fields: it turns a selection into what the store reads (query.List, store.Ask), and the
// rows that come back into JSON. It knows GraphQL and the model; it cannot decide who may see what, and holds no SQL.
package plan

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/ent/inventory"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// answerKind is what a selected field shows.
type answerKind uint8

const (
	answerTypename answerKind = iota
	answerID
	answerMasked
	answerAccess
	answerCell  // a value
	answerTexts // a multilingual text in all its languages
	answerOne   // the row of an edge to one
	answerList  // a connection
)

// answerField is one field of an answer.
type answerField struct {
	key       string // the response name with its quotes and colon
	kind      answerKind
	index     int // index in the row's cells, ones or lists
	value     model.Kind
	target    *model.Entity // a list of ids of this entity
	name      string        // of the type, for __typename; of the field, for access
	subfields []answerField // of outOne, outAccess, outTexts
	list      *listShape
}

// rowShape is the shape of a row's answer, and the type it is of.
type rowShape struct {
	entity *model.Entity
	fields []answerField
}

// listShape is the shape of a list's answer.
type listShape struct {
	fields []listField
	name   string
}

type listField struct {
	key       string
	name      string // edges, nodes, pageInfo, totalCount, __typename
	subfields []listField
	node      *rowShape
}

// selectionReader reads the selection of one root field.
type selectionReader struct{ op *graphql.OperationContext }

// responseKey is the response name, in which JSON has nothing to escape.
func responseKey(f graphql.CollectedField) string { return `"` + f.Alias + `":` }

func (b *selectionReader) collectFields(sels ast.SelectionSet, types ...string) []graphql.CollectedField {
	return graphql.CollectFields(b.op, sels, types)
}

// selectRow adds to the ask what the selection wants of each row.
func (b *selectionReader) selectRow(ask *query.Selection, sels ast.SelectionSet) (*rowShape, error) {
	e := ask.Entity
	shape := &rowShape{entity: e}
	for _, f := range b.collectFields(sels, e.Name, "Node") {
		o := answerField{key: responseKey(f), name: f.Name}
		var err error
		switch f.Name {
		case "__typename":
			o.kind, o.name = answerTypename, e.Name
		case "id":
			o.kind = answerID
		case "masked":
			o.kind, ask.Masked = answerMasked, true
		case "access":
			o.kind, ask.Permissions = answerAccess, []model.Action{model.Update, model.Delete, model.Approve}
			for _, k := range b.collectFields(f.Selections, "Access") {
				o.subfields = append(o.subfields, answerField{key: responseKey(k), name: k.Name})
			}
		default:
			err = b.selectMember(ask, f, &o)
		}
		if err != nil {
			return nil, err
		}
		shape.fields = append(shape.fields, o)
	}
	return shape, nil
}

// selectMember is a field, a derived field or an edge of the entity.
func (b *selectionReader) selectMember(ask *query.Selection, f graphql.CollectedField, o *answerField) error {
	e := ask.Entity
	if edge := e.Edge(f.Name); edge != nil && edge.Kind == model.ToOne {
		one := query.ToOneSelection{Edge: edge, Selection: query.Selection{Entity: inventory.Model.Target(edge)}}
		shape, err := b.selectRow(&one.Selection, f.Selections)
		if err != nil {
			return err
		}
		o.kind, o.index, o.subfields = answerOne, len(ask.ToOne), shape.fields
		o.target = shape.entity
		ask.ToOne = append(ask.ToOne, one)
		return nil
	} else if edge != nil {
		list := query.List{Selection: query.Selection{Entity: inventory.Model.Target(edge)}}
		conn, err := b.selectList(&list, f)
		if err != nil {
			return err
		}
		o.kind, o.index, o.list = answerList, len(ask.Lists), conn
		ask.Lists = append(ask.Lists, query.ListSelection{Edge: edge, List: list})
		return nil
	}
	cell := query.Cell{}
	o.kind = answerCell
	for i := range e.Fields {
		field := &e.Fields[i]
		switch {
		case field.Name == f.Name:
			cell.Field, o.value = field, field.Kind
			if field.Kind == model.Texts {
				cell.Localized = true
			}
			o.target = inventory.Model.Refers(field)
		case field.Kind == model.Texts && field.Name+"Texts" == f.Name:
			cell.Field, o.kind = field, answerTexts
			for _, k := range b.collectFields(f.Selections, "LocalizedText") {
				o.subfields = append(o.subfields, answerField{key: responseKey(k), name: k.Name})
			}
		}
		for j := range field.Derived {
			if field.Derived[j].Name == f.Name {
				cell = query.Cell{Field: field, Derived: &field.Derived[j]}
				o.value = model.Enum
			}
		}
	}
	if cell.Field == nil {
		return fault.New(fault.Internal, "There is no field %s on %s.", f.Name, e.Name)
	}
	if o.index = slices.Index(ask.Cells, cell); o.index < 0 {
		o.index = len(ask.Cells)
		ask.Cells = append(ask.Cells, cell)
	}
	return nil
}

// selectList reads a connection: its arguments into the list, its selection into the list's ask.
func (b *selectionReader) selectList(list *query.List, f graphql.CollectedField) (*listShape, error) {
	e := list.Selection.Entity
	if err := readArgs(list, f.ArgumentMap(b.op.Variables)); err != nil {
		return nil, err
	}
	conn := &listShape{name: e.Name + "Connection"}
	for _, c := range b.collectFields(f.Selections, conn.name) {
		field := listField{key: responseKey(c), name: c.Name}
		var err error
		switch c.Name {
		case "edges":
			list.Rows = true
			for _, k := range b.collectFields(c.Selections, e.Name+"Edge") {
				kid := listField{key: responseKey(k), name: k.Name}
				switch k.Name {
				case "node":
					if kid.node, err = b.selectRow(&list.Selection, k.Selections); err != nil {
						return nil, err
					}
				case "cursor":
					list.Cursors = true
				}
				field.subfields = append(field.subfields, kid)
			}
		case "nodes":
			list.Rows = true
			field.node, err = b.selectRow(&list.Selection, c.Selections)
		case "pageInfo":
			list.Rows = true
			for _, k := range b.collectFields(c.Selections, "PageInfo") {
				field.subfields = append(field.subfields, listField{key: responseKey(k), name: k.Name})
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
