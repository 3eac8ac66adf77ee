package plan

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// Planner answers the root fields of documents about the entities of a model. Every root field has a method.
type Planner struct{ Model *model.Model }

// rootField is the root field being answered, with the caller's session and its arguments.
type rootField struct {
	*selectionReader
	session store.Session
	field   graphql.CollectedField
	args    map[string]any
}

func (p Planner) newRootField(ctx context.Context) (*rootField, error) {
	s, err := store.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	r := &rootField{
		selectionReader: &selectionReader{p.Model, graphql.GetOperationContext(ctx)},
		session:         s,
		field:           graphql.GetFieldContext(ctx).Field,
	}
	r.args = r.field.ArgumentMap(r.op.Variables)
	return r, nil
}

// List answers the connection of all rows of an entity.
func (p Planner) List(ctx context.Context, entity string) (JSON, error) {
	r, err := p.newRootField(ctx)
	if err != nil {
		return nil, err
	}
	list := query.List{Selection: query.Selection{Entity: p.Model.Entity(entity)}}
	conn, err := r.selectList(&list, r.field)
	if err != nil {
		return nil, err
	}
	page, err := r.session.List(ctx, &list)
	if err != nil {
		return nil, err
	}
	w := &jsonWriter{}
	w.writePage(conn, page)
	return w.buf, nil
}

// One answers the row of an entity that has the id in the arguments.
func (p Planner) One(ctx context.Context, entity string) (JSON, error) {
	r, err := p.newRootField(ctx)
	if err != nil {
		return nil, err
	}
	e := p.Model.Entity(entity)
	id, _ := r.args["id"].(string)
	key, err := parseIDOf(p.Model, e, "id", id)
	if err != nil {
		return nil, err
	}
	return r.answerRow(ctx, e, key)
}

// Node answers the row of any entity that has the id in the arguments.
func (p Planner) Node(ctx context.Context) (JSON, error) {
	r, err := p.newRootField(ctx)
	if err != nil {
		return nil, err
	}
	id, _ := r.args["id"].(string)
	e, key, err := ParseID(p.Model, id)
	if err != nil {
		return nil, err
	}
	return r.answerRow(ctx, e, key)
}

func (r *rootField) answerRow(ctx context.Context, e *model.Entity, key uuid.UUID) (JSON, error) {
	selection := query.Selection{Entity: e}
	shape, err := r.selectRow(&selection, r.field.Selections)
	if err != nil {
		return nil, err
	}
	row, err := r.session.Get(ctx, &selection, key)
	if err != nil || row == nil {
		return nil, err
	}
	w := &jsonWriter{}
	w.writeRow(shape, row)
	return w.buf, nil
}

// Nodes answers rows of any entities in the order of their ids. Each entity takes one statement, and one more for each
// list in the selection.
func (p Planner) Nodes(ctx context.Context) (JSON, error) {
	r, err := p.newRootField(ctx)
	if err != nil {
		return nil, err
	}
	ids := listItems(r.args["ids"])
	if len(ids) > query.MaxPage {
		return nil, fault.InvalidField("ids", "has more than %d entries.", query.MaxPage).
			WithLimit("entries", query.MaxPage).With("asked", len(ids))
	}
	type found struct {
		shape *rowShape
		row   *query.Row
	}
	var (
		out       = make([]found, len(ids))
		entities  []*model.Entity
		keys      = map[*model.Entity][]uuid.UUID{}
		positions = map[*model.Entity][]int{} // in ids
	)
	for i, id := range ids {
		s, _ := id.(string)
		e, key, err := ParseID(p.Model, s)
		if err != nil {
			return nil, err
		}
		if keys[e] == nil {
			entities = append(entities, e)
		}
		keys[e], positions[e] = append(keys[e], key), append(positions[e], i)
	}
	for _, e := range entities {
		selection := query.Selection{Entity: e}
		shape, err := r.selectRow(&selection, r.field.Selections)
		if err != nil {
			return nil, err
		}
		rows, err := r.session.GetMany(ctx, &selection, keys[e])
		if err != nil {
			return nil, err
		}
		for i, position := range positions[e] {
			out[position] = found{shape, rows[i]}
		}
	}
	w := &jsonWriter{}
	w.writeRaw("[")
	for i, f := range out {
		if i > 0 {
			w.writeRaw(",")
		}
		if f.row == nil {
			w.writeRaw("null")
			continue
		}
		w.writeRow(f.shape, f.row)
	}
	w.writeRaw("]")
	return w.buf, nil
}

// Viewer answers what the hub knows about the caller and the request.
func (p Planner) Viewer(ctx context.Context) (JSON, error) {
	r, err := p.newRootField(ctx)
	if err != nil {
		return nil, err
	}
	w := &jsonWriter{}
	w.writeRaw("{")
	for i, f := range r.collectFields(r.field.Selections, "Viewer") {
		if i > 0 {
			w.writeRaw(",")
		}
		w.writeRaw(responseKey(f))
		switch f.Name {
		case "user":
			inner := &rootField{selectionReader: r.selectionReader, session: r.session, field: f}
			user, err := inner.answerRow(ctx, p.Model.Entity("User"), r.session.User())
			if err != nil {
				return nil, err
			}
			if user == nil {
				user = JSON("null")
			}
			w.buf = append(w.buf, user...)
		case "purpose":
			if purpose := r.session.Purpose(); purpose != "" {
				w.writeString(purpose)
			} else {
				w.writeRaw("null")
			}
		case "purposes":
			w.writeStrings(r.session.Purposes())
		case "languages":
			w.writeStrings(r.session.Languages())
		case "mayCreate":
			var names []string
			for _, e := range p.Model.Entities() {
				if e.Can(model.Create) && r.session.May(e, model.Create) {
					names = append(names, e.Name)
				}
			}
			w.writeStrings(names)
		default:
			w.writeString("Viewer")
		}
	}
	w.writeRaw("}")
	return w.buf, nil
}
