package plan

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// root is the field being answered, with what it needs.
type root struct {
	*builder
	session store.Session
	field   graphql.CollectedField
	args    map[string]any
}

func begin(ctx context.Context) (*root, error) {
	s, err := store.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	r := &root{builder: &builder{graphql.GetOperationContext(ctx)}, session: s, field: graphql.GetFieldContext(ctx).Field}
	r.args = r.field.ArgumentMap(r.op.Variables)
	return r, nil
}

// List answers a list of an entity.
func List(ctx context.Context, entity string) (JSON, error) {
	r, err := begin(ctx)
	if err != nil {
		return nil, err
	}
	list := store.List{Ask: store.Ask{Entity: inventory.Model.Entity(entity)}}
	conn, err := r.list(&list, r.field)
	if err != nil {
		return nil, err
	}
	page, err := r.session.List(ctx, &list)
	if err != nil {
		return nil, err
	}
	w := &writer{}
	w.page(conn, page)
	return w.b, nil
}

// One answers a row of an entity by its id.
func One(ctx context.Context, entity string) (JSON, error) {
	r, err := begin(ctx)
	if err != nil {
		return nil, err
	}
	e := inventory.Model.Entity(entity)
	id, _ := r.args["id"].(string)
	key, err := parseOf(e, "id", id)
	if err != nil {
		return nil, err
	}
	return r.row(ctx, e, key)
}

// Node answers a row of any entity by its id.
func Node(ctx context.Context) (JSON, error) {
	r, err := begin(ctx)
	if err != nil {
		return nil, err
	}
	id, _ := r.args["id"].(string)
	e, key, err := ParseID(id)
	if err != nil {
		return nil, err
	}
	return r.row(ctx, e, key)
}

func (r *root) row(ctx context.Context, e *model.Entity, key uuid.UUID) (JSON, error) {
	ask := store.Ask{Entity: e}
	shape, err := r.object(&ask, r.field.Selections)
	if err != nil {
		return nil, err
	}
	row, err := r.session.Get(ctx, &ask, key)
	if err != nil || row == nil {
		return nil, err
	}
	w := &writer{}
	w.row(shape, row)
	return w.b, nil
}

// Nodes answers rows of any entities beside their ids: one statement per entity, and those of its lists.
func Nodes(ctx context.Context) (JSON, error) {
	r, err := begin(ctx)
	if err != nil {
		return nil, err
	}
	ids := items(r.args["ids"])
	if len(ids) > store.MaxPage {
		return nil, fault.InvalidField("ids", "has more than %d entries.", store.MaxPage).With("rule", "entries").With("limit", store.MaxPage).With("asked", len(ids))
	}
	type found struct {
		shape *object
		row   *store.Row
	}
	var (
		out      = make([]found, len(ids))
		entities []*model.Entity
		keys     = map[*model.Entity][]uuid.UUID{}
		places   = map[*model.Entity][]int{}
	)
	for i, id := range ids {
		s, _ := id.(string)
		e, key, err := ParseID(s)
		if err != nil {
			return nil, err
		}
		if keys[e] == nil {
			entities = append(entities, e)
		}
		keys[e], places[e] = append(keys[e], key), append(places[e], i)
	}
	for _, e := range entities {
		ask := store.Ask{Entity: e}
		shape, err := r.object(&ask, r.field.Selections)
		if err != nil {
			return nil, err
		}
		rows, err := r.session.GetMany(ctx, &ask, keys[e])
		if err != nil {
			return nil, err
		}
		for i, at := range places[e] {
			out[at] = found{shape, rows[i]}
		}
	}
	w := &writer{}
	w.raw("[")
	for i, f := range out {
		if i > 0 {
			w.raw(",")
		}
		if f.row == nil {
			w.raw("null")
			continue
		}
		w.row(f.shape, f.row)
	}
	w.raw("]")
	return w.b, nil
}

// Viewer answers who is asking.
func Viewer(ctx context.Context) (JSON, error) {
	r, err := begin(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{}
	w.raw("{")
	for i, f := range r.collect(r.field.Selections, "Viewer") {
		if i > 0 {
			w.raw(",")
		}
		w.raw(key(f))
		switch f.Name {
		case "user":
			inner := &root{builder: r.builder, session: r.session, field: f}
			user, err := inner.row(ctx, inventory.Model.Entity("User"), r.session.User())
			if err != nil {
				return nil, err
			}
			if user == nil {
				user = JSON("null")
			}
			w.b = append(w.b, user...)
		case "purpose":
			if p := r.session.Purpose(); p != "" {
				w.text(p)
			} else {
				w.raw("null")
			}
		case "purposes":
			w.list(r.session.Purposes())
		case "languages":
			w.list(r.session.Languages())
		case "mayCreate":
			var names []string
			for _, e := range inventory.Model.Entities() {
				if e.Can(model.Create) && r.session.May(e, model.Create) {
					names = append(names, e.Name)
				}
			}
			w.list(names)
		default:
			w.text("Viewer")
		}
	}
	w.raw("}")
	return w.b, nil
}
