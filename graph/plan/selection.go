// Package plan answers the root fields of the GraphQL schema. It turns a GraphQL selection into a query.Selection or a
// query.List, and turns the rows that the store returns into JSON. The store decides which rows and cells the caller
// may see. This package has no access rules and no SQL.
package plan

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// answerKind tells jsonWriter how to write a selected field.
type answerKind uint8

const (
	answerTypename answerKind = iota
	answerID
	answerMasked
	answerAccess
	answerCell  // a single value
	answerTexts // a text in all its languages
	answerOne   // the row at the end of a to-one edge
	answerList  // a connection
)

// answerField is one field of a row's answer.
type answerField struct {
	key       string // the response name with its quotes and colon
	kind      answerKind
	index     int // in the row's Cells, ToOne or Lists
	value     model.Kind
	target    *model.Entity // the entity of a to-one edge, or of the ids in a list of ids
	name      string        // the type's name for __typename, otherwise the field's name
	subfields []answerField // for answerOne, answerAccess and answerTexts
	list      *listShape
}

// rowShape is the shape of a row's answer.
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

// selectionReader reads the selections of one operation.
type selectionReader struct {
	model *model.Model
	op    *graphql.OperationContext
}

// responseKey returns the response name as the key of a JSON object. GraphQL names need no escape in JSON.
func responseKey(f graphql.CollectedField) string { return `"` + f.Alias + `":` }

func (b *selectionReader) collectFields(sels ast.SelectionSet, types ...string) []graphql.CollectedField {
	return graphql.CollectFields(b.op, sels, types)
}

// selectRow adds the selected fields of a row to the store's selection, and returns the shape of the row's answer.
func (b *selectionReader) selectRow(selection *query.Selection, sels ast.SelectionSet) (*rowShape, error) {
	e := selection.Entity
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
			o.kind, selection.Masked = answerMasked, true
		case "access": // writeAccess reads the permissions in this order
			o.kind, selection.Permissions = answerAccess, []model.Action{model.Update, model.Delete, model.Approve}
			for _, k := range b.collectFields(f.Selections, "Access") {
				o.subfields = append(o.subfields, answerField{key: responseKey(k), name: k.Name})
			}
		default:
			err = b.selectMember(selection, f, &o)
		}
		if err != nil {
			return nil, err
		}
		shape.fields = append(shape.fields, o)
	}
	return shape, nil
}

// selectMember adds a field, a derived field or an edge of the entity to the store's selection, and fills in o.
func (b *selectionReader) selectMember(selection *query.Selection, f graphql.CollectedField, o *answerField) error {
	e := selection.Entity
	if edge := e.Edge(f.Name); edge != nil && edge.Kind == model.ToOne {
		one := query.ToOneSelection{Edge: edge, Selection: query.Selection{Entity: b.model.Target(edge)}}
		shape, err := b.selectRow(&one.Selection, f.Selections)
		if err != nil {
			return err
		}
		o.kind, o.index, o.subfields = answerOne, len(selection.ToOne), shape.fields
		o.target = shape.entity
		selection.ToOne = append(selection.ToOne, one)
		return nil
	} else if edge != nil {
		list := query.List{Selection: query.Selection{Entity: b.model.Target(edge)}}
		conn, err := b.selectList(&list, f)
		if err != nil {
			return err
		}
		o.kind, o.index, o.list = answerList, len(selection.Lists), conn
		selection.Lists = append(selection.Lists, query.ListSelection{Edge: edge, List: list})
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
			o.target = b.model.Refers(field)
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
	if o.index = slices.Index(selection.Cells, cell); o.index < 0 {
		o.index = len(selection.Cells)
		selection.Cells = append(selection.Cells, cell)
	}
	return nil
}

// selectList reads the arguments and the selection of a connection into the list, and returns the answer's shape.
func (b *selectionReader) selectList(list *query.List, f graphql.CollectedField) (*listShape, error) {
	e := list.Selection.Entity
	if err := readArgs(b.model, list, f.ArgumentMap(b.op.Variables)); err != nil {
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
