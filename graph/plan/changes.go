package plan

import (
	"context"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"rightshub/internal/changefeed"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// defaultChangePageSize is the number of changes in a page when the request has no argument first.
const defaultChangePageSize = 100

// requestedTypes reads the argument types. An empty result means all types.
func (r *rootField) requestedTypes() (out []*model.Entity) {
	for _, item := range listItems(r.args["types"]) {
		name, _ := item.(string)
		out = append(out, r.model.Entity(name))
	}
	return out
}

// ChangesSince answers changesSince.
func (p Planner) ChangesSince(ctx context.Context) (JSON, error) {
	r, err := p.newRootField(ctx)
	if err != nil {
		return nil, err
	}
	first := defaultChangePageSize
	if v, given := r.args["first"]; given && v != nil {
		n, ok := wholeNumber(v)
		if !ok || n < 1 || n > changefeed.MaxChanges {
			return nil, fault.InvalidField("first", "must be from 1 to %d.", changefeed.MaxChanges).
				WithLimit("page", changefeed.MaxChanges).With("asked", n)
		}
		first = int(n)
	}
	token, _ := r.args["token"].(string)
	shape := r.newChangePage()
	page, err := r.session.Changes(ctx, r.requestedTypes(), token, first)
	if err != nil {
		return nil, err
	}
	if err := shape.readNodes(ctx, r.session, page.List); err != nil {
		return nil, err
	}
	w := &jsonWriter{}
	w.writeRaw("{")
	for i, f := range r.collectFields(r.field.Selections, "ChangePage") {
		if i > 0 {
			w.writeRaw(",")
		}
		w.writeRaw(responseKey(f))
		switch f.Name {
		case "changes":
			shape.writeChanges(w, page.List, shape.fields[i])
		case "token":
			w.writeString(page.Token)
		case "hasMore":
			w.buf = strconv.AppendBool(w.buf, page.More)
		default:
			w.writeString("ChangePage")
		}
	}
	w.writeRaw("}")
	return w.buf, nil
}

// changePage is the shape of the answer of changesSince. A node can have any of many types, so each selection of node
// has one shape per type. A shape is built only when the page has a row of its type.
type changePage struct {
	root   *rootField
	fields [][]changeField // parallel to the selected fields of the page, nil for all but changes
}

// changeField is a selected field of a change.
type changeField struct {
	graphql.CollectedField
	nodes map[*model.Entity]*typeNodes // nil unless the field is node
}

// typeNodes are the rows of one type that a page of changes shows.
type typeNodes struct {
	shape *rowShape
	rows  map[*changefeed.Change]*query.Row
}

func (r *rootField) newChangePage() *changePage {
	p := &changePage{root: r}
	for _, f := range r.collectFields(r.field.Selections, "ChangePage") {
		var fields []changeField
		if f.Name == "changes" {
			for _, k := range r.collectFields(f.Selections, "RowChange") {
				field := changeField{CollectedField: k}
				if k.Name == "node" {
					field.nodes = map[*model.Entity]*typeNodes{}
				}
				fields = append(fields, field)
			}
		}
		p.fields = append(p.fields, fields)
	}
	return p
}

// readNodes reads the selected nodes. Each type takes one statement, and one more for each list in the selection.
func (p *changePage) readNodes(ctx context.Context, session store.Session, list []*changefeed.Change) error {
	byType := map[*model.Entity][]*changefeed.Change{}
	var types []*model.Entity
	for _, ch := range list {
		if ch.Kind == changefeed.Removed {
			continue
		}
		if byType[ch.Entity] == nil {
			types = append(types, ch.Entity)
		}
		byType[ch.Entity] = append(byType[ch.Entity], ch)
	}
	for _, fields := range p.fields {
		for _, f := range fields {
			if f.nodes == nil {
				continue
			}
			for _, e := range types {
				var err error
				if f.nodes[e], err = p.readNodesOfType(ctx, session, f, byType[e]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (p *changePage) readNodesOfType(
	ctx context.Context, session store.Session, f changeField, list []*changefeed.Change,
) (*typeNodes, error) {
	selection := query.Selection{Entity: list[0].Entity}
	shape, err := p.root.selectRow(&selection, f.Selections)
	if err != nil {
		return nil, err
	}
	out := &typeNodes{shape, map[*changefeed.Change]*query.Row{}}
	for len(list) > 0 {
		n := min(len(list), query.MaxPage)
		ids := make([]uuid.UUID, n)
		for i, ch := range list[:n] {
			ids[i] = ch.ID
		}
		rows, err := session.GetMany(ctx, &selection, ids)
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

func (p *changePage) writeChanges(w *jsonWriter, list []*changefeed.Change, fields []changeField) {
	w.writeRaw("[")
	for i, ch := range list {
		if i > 0 {
			w.writeRaw(",")
		}
		w.writeRaw("{")
		for j, f := range fields {
			if j > 0 {
				w.writeRaw(",")
			}
			w.writeRaw(responseKey(f.CollectedField))
			switch {
			case f.nodes == nil:
				w.writeChangeField(f.Name, ch, "RowChange")
			case f.nodes[ch.Entity] == nil || f.nodes[ch.Entity].rows[ch] == nil:
				w.writeRaw("null")
			default:
				w.writeRow(f.nodes[ch.Entity].shape, f.nodes[ch.Entity].rows[ch])
			}
		}
		w.writeRaw("}")
	}
	w.writeRaw("]")
}

// writeChangeField writes a field of a change other than node. typename is the GraphQL type of the change.
func (w *jsonWriter) writeChangeField(name string, ch *changefeed.Change, typename string) {
	switch name {
	case "id":
		w.writeID(ch.Entity, ch.ID)
	case "type":
		w.writeString(ch.Entity.Name)
	case "kind":
		w.writeString(string(ch.Kind))
	case "token":
		w.writeString(ch.Token)
	default:
		w.writeString(typename)
	}
}

// Subscribe starts the watch of a subscription. The subscription must select the field changed and no other.
// The watch calls enter to authenticate the caller again. The token since is where the watch resumes when the
// subscription has no argument since of its own.
func Subscribe(
	ctx context.Context, m *model.Model, op *graphql.OperationContext, enter store.AuthenticateFunc, since string,
) (*changefeed.Watch, error) {
	session, err := enter(ctx)
	if err != nil {
		return nil, err
	}
	fields := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})
	if len(fields) != 1 || fields[0].Name != "changed" {
		return nil, fault.New(fault.Invalid, "A subscription must select the field changed, once and alone.")
	}
	r := &rootField{
		selectionReader: &selectionReader{m, op},
		field:           fields[0],
		args:            fields[0].ArgumentMap(op.Variables),
	}
	if token, _ := r.args["since"].(string); token != "" {
		since = token
	}
	return session.Watch(ctx, enter, r.requestedTypes(), since)
}

type changeKey struct{}

// WithChange returns a context that carries the change which Changed answers.
func WithChange(ctx context.Context, ch *changefeed.Change) context.Context {
	return context.WithValue(ctx, changeKey{}, ch)
}

// Changed answers the change that WithChange put into the context. The channel holds this one answer and is closed.
func Changed(ctx context.Context) (<-chan JSON, error) {
	ch, ok := ctx.Value(changeKey{}).(*changefeed.Change)
	if !ok {
		return nil, fault.New(fault.Internal, "There is no change to show.")
	}
	b := &selectionReader{op: graphql.GetOperationContext(ctx)}
	w := &jsonWriter{}
	w.writeRaw("{")
	for i, f := range b.collectFields(graphql.GetFieldContext(ctx).Field.Selections, "Change") {
		if i > 0 {
			w.writeRaw(",")
		}
		w.writeRaw(responseKey(f))
		w.writeChangeField(f.Name, ch, "Change")
	}
	w.writeRaw("}")
	out := make(chan JSON, 1)
	out <- w.buf
	close(out)
	return out, nil
}
