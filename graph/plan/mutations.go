package plan

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// Create answers createX. It creates a row and reads it back with the caller's own rights.
func (p Planner) Create(ctx context.Context, entity string) (JSON, error) {
	return p.executeMutation(ctx, entity, func(ctx context.Context, m *mutation) (uuid.UUID, error) {
		input, err := readInput(p.Model, m.entity, m.input, true)
		if err != nil {
			return uuid.Nil, err
		}
		return m.session.Create(ctx, m.entity, input)
	})
}

// Update answers updateX.
func (p Planner) Update(ctx context.Context, entity string) (JSON, error) {
	return p.executeMutation(ctx, entity, func(ctx context.Context, m *mutation) (uuid.UUID, error) {
		id, version, err := readTarget(p.Model, m.entity, m.input)
		if err != nil {
			return id, err
		}
		input, err := readInput(p.Model, m.entity, m.input, false)
		if err != nil {
			return id, err
		}
		return id, m.session.Update(ctx, m.entity, id, version, input, readNames(m.input["overwriteHidden"])...)
	})
}

// Transition answers transitionXState. The column holds the state.
func (p Planner) Transition(ctx context.Context, entity, column string) (JSON, error) {
	return p.executeMutation(ctx, entity, func(ctx context.Context, m *mutation) (uuid.UUID, error) {
		id, version, err := readTarget(p.Model, m.entity, m.input)
		if err != nil {
			return id, err
		}
		to, _ := m.input["to"].(string)
		return id, m.session.Transition(ctx, m.entity, column, id, version, strings.ToLower(to))
	})
}

// OpenEmergencyAccess answers openEmergencyAccess.
func (p Planner) OpenEmergencyAccess(ctx context.Context) (JSON, error) {
	return p.executeMutation(ctx, "EmergencyAccess", func(ctx context.Context, m *mutation) (uuid.UUID, error) {
		id, _ := m.input["countryId"].(string)
		country, err := parseIDOf(p.Model, p.Model.Entity("Country"), "countryId", id)
		if err != nil {
			return country, err
		}
		code, _ := m.input["caseCode"].(string)
		reason, _ := m.input["reason"].(string)
		hours, _ := wholeNumber(m.input["hours"])
		return m.session.OpenEmergency(ctx, country, code, reason, hours)
	})
}

// nameReferencesAsInputs renames the references in an invalid-input fault to the names that inputs use. The edge
// child becomes childId.
func nameReferencesAsInputs(e *model.Entity, err error) error {
	f := fault.As(err)
	fields, references := slices.Clone(f.Fields), false
	for i := range fields {
		if edge := e.Edge(fields[i].Name); edge != nil && edge.Kind == model.ToOne {
			fields[i].Name, references = edge.InputName(), true
		}
	}
	if f.Code != fault.Invalid || !references {
		return err
	}
	return fault.InvalidFields(fields...)
}

// Archive answers archiveX.
func (p Planner) Archive(ctx context.Context, entity string) (JSON, error) {
	r, err := p.newRootField(ctx)
	if err != nil {
		return nil, err
	}
	e := p.Model.Entity(entity)
	in, _ := r.args["input"].(map[string]any)
	id, version, err := readTarget(p.Model, e, in)
	if err != nil {
		return nil, err
	}
	if err := r.session.Archive(ctx, e, id, version); err != nil {
		return nil, err
	}
	w := &jsonWriter{}
	w.writeRaw("{")
	for i, f := range r.collectFields(r.field.Selections, "ArchivePayload") {
		if i > 0 {
			w.writeRaw(",")
		}
		w.writeRaw(responseKey(f))
		if f.Name == "id" {
			w.writeID(e, id)
		} else {
			w.writeString("ArchivePayload")
		}
	}
	w.writeRaw("}")
	return w.buf, nil
}

// CreateAccessToken answers createAccessToken.
func (p Planner) CreateAccessToken(ctx context.Context) (JSON, error) {
	r, err := p.newRootField(ctx)
	if err != nil {
		return nil, err
	}
	in, _ := r.args["input"].(map[string]any)
	title, _ := in["title"].(string)
	scopes := []string{}
	for _, item := range listItems(in["scopes"]) {
		s, _ := item.(string)
		scopes = append(scopes, strings.ToLower(s))
	}
	expires, err := readScalar(model.Time, in["expiresAt"], "expiresAt")
	if err != nil {
		return nil, err
	}
	id, secret, err := r.session.IssueToken(ctx, title, scopes, expires.(time.Time))
	if err != nil {
		return nil, err
	}
	w := &jsonWriter{}
	w.writeRaw("{")
	for i, f := range r.collectFields(r.field.Selections, "CreateAccessTokenPayload") {
		if i > 0 {
			w.writeRaw(",")
		}
		w.writeRaw(responseKey(f))
		switch f.Name {
		case "accessToken":
			inner := &rootField{selectionReader: r.selectionReader, session: r.session, field: f}
			row, err := inner.answerRow(ctx, p.Model.Entity("AccessToken"), id)
			if err != nil {
				return nil, err
			}
			if row == nil {
				row = JSON("null")
			}
			w.buf = append(w.buf, row...)
		case "secret":
			w.writeString(secret)
		default:
			w.writeString("CreateAccessTokenPayload")
		}
	}
	w.writeRaw("}")
	return w.buf, nil
}

// readTarget reads the id and the version of the row that an input is about.
func readTarget(m *model.Model, e *model.Entity, in map[string]any) (uuid.UUID, int64, error) {
	id, _ := in["id"].(string)
	key, err := parseIDOf(m, e, "id", id)
	version, ok := wholeNumber(in["version"])
	if err == nil && !ok {
		err = fault.InvalidField("version", "must be the whole number that you read with the row.")
	}
	return key, version, err
}

// mutation is one write in progress.
type mutation struct {
	session store.Session // of the write's transaction
	entity  *model.Entity
	input   map[string]any
}

// executeMutation carries out a write in one transaction, and answers its payload with the row as the caller sees it
// afterwards. The function do returns the id of the row.
func (p Planner) executeMutation(
	ctx context.Context, entity string, do func(context.Context, *mutation) (uuid.UUID, error),
) (JSON, error) {
	r, err := p.newRootField(ctx)
	if err != nil {
		return nil, err
	}
	e := p.Model.Entity(entity)
	payload := r.collectFields(r.field.Selections, e.Name+"Payload")
	selection := query.Selection{Entity: e}
	shapes := make([]*rowShape, len(payload))
	for i, f := range payload { // before the write: a selection that cannot be answered must leave the row unchanged
		if f.Name == e.Singular() {
			if shapes[i], err = r.selectRow(&selection, f.Selections); err != nil {
				return nil, err
			}
		}
	}
	in, _ := r.args["input"].(map[string]any)
	row, err := r.session.ReadBack(ctx, &selection, func(ctx context.Context, s store.Session) (uuid.UUID, error) {
		return do(ctx, &mutation{s, e, in})
	})
	if err != nil {
		return nil, nameReferencesAsInputs(e, err)
	}
	w := &jsonWriter{}
	w.writeRaw("{")
	for i, f := range payload {
		if i > 0 {
			w.writeRaw(",")
		}
		w.writeRaw(responseKey(f))
		switch {
		case shapes[i] == nil:
			w.writeString(e.Name + "Payload")
		case row == nil: // the writer may not see the row
			w.writeRaw("null")
		default:
			w.writeRow(shapes[i], row)
		}
	}
	w.writeRaw("}")
	return w.buf, nil
}

// readNames converts a list of strings.
func readNames(list any) (names []string) {
	for _, item := range listItems(list) {
		name, _ := item.(string)
		names = append(names, name)
	}
	return names
}

// readInput converts the fields of an input to the store's values. Its error names every field that is refused.
func readInput(m *model.Model, e *model.Entity, in map[string]any, creating bool) (query.Input, error) {
	out := query.Input{}
	var refused []fault.Field
	put := func(name, at string, v any, err error) {
		if err != nil {
			refused = append(refused, fault.As(err).Fields...)
			return
		}
		out[name] = v
	}
	for i := range e.Fields {
		f := &e.Fields[i]
		if v, given := in[f.Name]; given && f.Input(e, creating) {
			value, err := readInputValue(m, f, v)
			put(f.Name, f.Name, value, err)
		}
	}
	for i := range e.Edges {
		edge := &e.Edges[i]
		v, given := in[edge.InputName()]
		if !given || !edge.Input(creating) {
			continue
		}
		if v == nil {
			out[edge.Name] = nil
			continue
		}
		s, _ := v.(string)
		id, err := parseIDOf(m, m.Target(edge), edge.InputName(), s)
		put(edge.Name, edge.InputName(), id, err)
	}
	if len(refused) > 0 {
		return nil, fault.InvalidFields(refused...)
	}
	return out, nil
}

func readInputValue(m *model.Model, f *model.Field, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	switch f.Kind {
	case model.Enum:
		s, _ := v.(string)
		return strings.ToLower(s), nil
	case model.Enums, model.Strings:
		list := []string{}
		refs := m.Refers(f)
		for _, item := range listItems(v) {
			s, _ := item.(string)
			if f.Kind == model.Enums {
				s = strings.ToLower(s)
			}
			if refs != nil {
				id, err := parseIDOf(m, refs, f.Name, s)
				if err != nil {
					return nil, err
				}
				s = id.String()
			}
			list = append(list, s)
		}
		return list, nil
	case model.Texts:
		texts := map[string]string{}
		for _, item := range listItems(v) {
			m, _ := item.(map[string]any)
			tag, _ := m["language"].(string)
			text, _ := m["text"].(string)
			if texts[tag] != "" {
				return nil, fault.InvalidField(f.Name, "has two texts in one language. Send one text per language.")
			}
			texts[tag] = text
		}
		return texts, nil
	}
	return readScalar(f.Kind, v, f.Name)
}
