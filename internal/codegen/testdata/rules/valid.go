// Package rules is a model for tests of the generator. The entities of valid.go are correct. The entities of wrong.go
// have wrong rules. The comment after "want" on a line is the message that the generator must give about the line.
package rules

import (
	"slices"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// classify gives a field the class C1 none.
func classify(kind model.Kind) model.FieldNote {
	return model.FieldNote{Level: classification.C1, Ident: classification.None, Kind: kind}
}

func name(column string) ent.Field {
	return field.String(column).Comment("A name.").Annotations(classify(model.String))
}

func state(column string, states ...string) ent.Field {
	return field.Enum(column).Values(states...).Default(states[0]).Comment("A state.").Annotations(classify(model.Enum))
}

// moment is a time that only the hub sets.
func moment(column string) ent.Field {
	n := classify(model.Time)
	n.Managed = true
	return field.Time(column).Optional().Comment("A time.").Annotations(n)
}

// toOne is an edge to one row, and back to a list.
func toOne(edgeName string, target any, back string) ent.Edge {
	return edge.To(edgeName, target).Unique().Field(edgeName + "_id").Annotations(note(back, false))
}

// byHub is an edge to one row that only the hub sets.
func byHub(edgeName string, target any) ent.Edge {
	return edge.To(edgeName, target).Unique().Field(edgeName + "_id").Annotations(note("", true))
}

func note(back string, managed bool) model.EdgeNote {
	return model.EdgeNote{Doc: "An edge.", Back: back, BackDoc: "A list.", Managed: managed,
		Level: classification.C1, Ident: classification.None}
}

func key(edgeName string) ent.Field { return field.Int(edgeName + "_id").Optional() }

var all = []model.Action{model.Create, model.Update, model.Delete, model.Approve}

// User is a person.
type User struct{ ent.Schema }

// Fields of the entity.
func (User) Fields() []ent.Field { return []ent.Field{name("name")} }

// Annotations of the entity.
func (User) Annotations() []schema.Annotation {
	return []schema.Annotation{model.EntityNote{Plural: "users", Prefix: "usr", Doc: "A person.", Order: "name"}}
}

// Volunteer has rules that are correct.
type Volunteer struct{ ent.Schema }

// Fields of the entity.
func (Volunteer) Fields() []ent.Field {
	return []ent.Field{
		name("name"), name("created_by"), key("user"), key("approver"), moment("decided_at"),
		state("state", "draft", "sent", "approved", "barred"),
	}
}

// Edges of the entity.
func (Volunteer) Edges() []ent.Edge {
	return []ent.Edge{toOne("user", User.Type, "volunteers"), byHub("approver", User.Type)}
}

// Annotations of the entity.
func (Volunteer) Annotations() []schema.Annotation {
	return []schema.Annotation{model.EntityNote{
		Plural: "volunteers", Prefix: "vol", Doc: "A volunteer.", Order: "name", Writes: all,
		Scope: model.Scope{Self: []string{"user"}},
		Machines: []model.Machine{{
			Field: "state",
			Moves: slices.Concat(
				model.Moves(model.Update, "draft", "sent"),
				model.Moves(model.Approve, "sent", "approved", "barred"),
			),
			Fixed:         []string{"approved"},
			Free:          []string{"name", "user_id"},
			NotArchivedIn: []string{"barred"},
			Stamps:        []model.Stamp{{To: []string{"approved", "barred"}, Column: "decided_at"}},
			Approvals: []model.Approval{
				{To: []string{"approved"}, By: "approver", Authors: []string{model.Creator, "user"}},
				{Authors: []string{"user"}},
			},
		}},
		Reports: []string{"name"},
		Rules: model.Rules{
			NotBy:     model.Exclusion{Edge: "user", Message: "Another person must do this."},
			Handovers: []model.Handover{{Edge: "user", Message: "Another person must do this."}},
			KeptWhile: []string{"checks"},
		},
	}}
}

// SafeguardingCheck is a check.
type SafeguardingCheck struct{ ent.Schema }

// Fields of the entity.
func (SafeguardingCheck) Fields() []ent.Field {
	return []ent.Field{state("kind", "police", "visa"), key("volunteer")}
}

// Edges of the entity.
func (SafeguardingCheck) Edges() []ent.Edge {
	return []ent.Edge{toOne("volunteer", Volunteer.Type, "checks")}
}

// Annotations of the entity.
func (SafeguardingCheck) Annotations() []schema.Annotation {
	return []schema.Annotation{model.EntityNote{
		Plural: "safeguardingChecks", Prefix: "chk", Doc: "A check.", Order: "kind", Writes: all,
		Scope: model.Scope{Self: []string{"volunteer.user"}},
	}}
}
