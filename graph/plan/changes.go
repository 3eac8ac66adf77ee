package plan

import (
	"context"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// defaultChanges is how many changes a page has unless the caller says.
const defaultChanges = 100

// types reads which types of rows are meant; none: all.
func (r *root) types() (out []*model.Entity) {
	for _, item := range items(r.args["types"]) {
		name, _ := item.(string)
		out = append(out, inventory.Model.Entity(name))
	}
	return out
}

// ChangesSince answers changesSince.
func ChangesSince(ctx context.Context) (JSON, error) {
	r, err := begin(ctx)
	if err != nil {
		return nil, err
	}
	first := defaultChanges
	if v, given := r.args["first"]; given && v != nil {
		n, ok := whole(v)
		if !ok || n < 1 || n > store.MaxChanges {
			return nil, fault.InvalidField("first", "must be from 1 to %d.", store.MaxChanges).With("rule", "page").With("limit", store.MaxChanges).With("asked", n)
		}
		first = int(n)
	}
	token, _ := r.args["token"].(string)
	shape := r.changePage(first)
	page, err := r.session.Changes(ctx, r.types(), token, first)
	if err != nil {
		return nil, err
	}
	if err := shape.read(ctx, r.session, page.List); err != nil {
		return nil, err
	}
	w := &writer{}
	w.raw("{")
	for i, f := range r.collect(r.field.Selections, "ChangePage") {
		if i > 0 {
			w.raw(",")
		}
		w.raw(key(f))
		switch f.Name {
		case "changes":
			shape.write(w, page.List, shape.fields[i])
		case "token":
			w.text(page.Token)
		case "hasMore":
			w.b = strconv.AppendBool(w.b, page.More)
		default:
			w.text("ChangePage")
		}
	}
	w.raw("}")
	return w.b, nil
}

// changePage is the shape of changesSince's answer. A node is of one of many types, so that each selection of it has
// a shape for each type; they are made when a row of the type is there.
type changePage struct {
	root   *root
	first  int
	fields [][]changeField // beside the selected fields of the page; nil for all but changes
}

// changeField is a selected field of a change.
type changeField struct {
	graphql.CollectedField
	nodes map[*model.Entity]*nodesOf // of node, else nil
}

type nodesOf struct {
	shape *object
	rows  map[*store.Change]*store.Row
}

func (r *root) changePage(first int) *changePage {
	p := &changePage{root: r, first: first}
	for _, f := range r.collect(r.field.Selections, "ChangePage") {
		var fields []changeField
		if f.Name == "changes" {
			for _, k := range r.collect(f.Selections, "RowChange") {
				field := changeField{CollectedField: k}
				if k.Name == "node" {
					field.nodes = map[*model.Entity]*nodesOf{}
				}
				fields = append(fields, field)
			}
		}
		p.fields = append(p.fields, fields)
	}
	return p
}

// read reads the nodes that are asked for: one statement per type, and those of its lists.
func (p *changePage) read(ctx context.Context, session store.Session, list []*store.Change) error {
	by := map[*model.Entity][]*store.Change{}
	var types []*model.Entity
	for _, ch := range list {
		if ch.Kind == store.Removed {
			continue
		}
		if by[ch.Entity] == nil {
			types = append(types, ch.Entity)
		}
		by[ch.Entity] = append(by[ch.Entity], ch)
	}
	for _, fields := range p.fields {
		for _, f := range fields {
			if f.nodes == nil {
				continue
			}
			for _, e := range types {
				var err error
				if f.nodes[e], err = p.nodes(ctx, session, f, by[e]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (p *changePage) nodes(ctx context.Context, session store.Session, f changeField, list []*store.Change) (*nodesOf, error) {
	ask := store.Ask{Entity: list[0].Entity}
	shape, err := p.root.object(&ask, f.Selections)
	if err != nil {
		return nil, err
	}
	out := &nodesOf{shape, map[*store.Change]*store.Row{}}
	for len(list) > 0 {
		n := min(len(list), store.MaxPage)
		ids := make([]uuid.UUID, n)
		for i, ch := range list[:n] {
			ids[i] = ch.ID
		}
		rows, err := session.GetMany(ctx, &ask, ids)
		if err != nil {
			return nil, err
		}
		for i, row := range rows {
			out.rows[list[i]] = row
		}
		list = list[n:]
	}
	return out, nil
}

func (p *changePage) write(w *writer, list []*store.Change, fields []changeField) {
	w.raw("[")
	for i, ch := range list {
		if i > 0 {
			w.raw(",")
		}
		w.raw("{")
		for j, f := range fields {
			if j > 0 {
				w.raw(",")
			}
			w.raw(key(f.CollectedField))
			switch {
			case f.nodes == nil:
				w.change(f.Name, ch, "RowChange")
			case f.nodes[ch.Entity] == nil || f.nodes[ch.Entity].rows[ch] == nil:
				w.raw("null")
			default:
				w.row(f.nodes[ch.Entity].shape, f.nodes[ch.Entity].rows[ch])
			}
		}
		w.raw("}")
	}
	w.raw("]")
}

// change writes a field of a change that is no node.
func (w *writer) change(name string, ch *store.Change, typename string) {
	switch name {
	case "id":
		w.id(ch.Entity, ch.ID)
	case "type":
		w.text(ch.Entity.Name)
	case "kind":
		w.text(string(ch.Kind))
	case "token":
		w.text(ch.Token)
	default:
		w.text(typename)
	}
}

// Subscribe begins what a subscription asks for, a field named changed. Enter signs its caller in
// again; since is where it goes on from when it does not say so itself.
func Subscribe(ctx context.Context, op *graphql.OperationContext, enter store.Enter, since string) (*store.Watch, error) {
	session, err := enter(ctx)
	if err != nil {
		return nil, err
	}
	fields := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})
	if len(fields) != 1 || fields[0].Name != "changed" {
		return nil, fault.New(fault.Invalid, "A subscription asks for changed, once.")
	}
	r := &root{field: fields[0], args: fields[0].ArgumentMap(op.Variables)}
	if own, _ := r.args["since"].(string); own != "" {
		since = own
	}
	return session.Watch(ctx, enter, r.types(), since)
}

type changeKey struct{}

// WithChange returns a context in which a subscription answers one change.
func WithChange(ctx context.Context, ch *store.Change) context.Context {
	return context.WithValue(ctx, changeKey{}, ch)
}

// Changed answers the change of the context, and no other.
func Changed(ctx context.Context) (<-chan JSON, error) {
	ch, ok := ctx.Value(changeKey{}).(*store.Change)
	if !ok {
		return nil, fault.New(fault.Internal, "There is no change to show.")
	}
	b := &builder{graphql.GetOperationContext(ctx)}
	w := &writer{}
	w.raw("{")
	for i, f := range b.collect(graphql.GetFieldContext(ctx).Field.Selections, "Change") {
		if i > 0 {
			w.raw(",")
		}
		w.raw(key(f))
		w.change(f.Name, ch, "Change")
	}
	w.raw("}")
	out := make(chan JSON, 1)
	out <- w.b
	close(out)
	return out, nil
}
