package rules

import (
	"slices"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"

	"rightshub/internal/model"
)

// base has what every entity of this file states without a mistake.
type base struct{ ent.Schema }

// Fields of the entity.
func (base) Fields() []ent.Field {
	return []ent.Field{
		name("name"), name("title"), name("created_by"), key("user"), key("approver"), key("volunteer"),
		state("state", "draft", "sent", "approved", "rejected"),
	}
}

func edges(back string) []ent.Edge {
	return []ent.Edge{
		toOne("user", User.Type, ""), byHub("approver", User.Type), toOne("volunteer", Volunteer.Type, back),
	}
}

var moves = slices.Concat(
	model.Moves(model.Update, "draft", "sent"),
	model.Moves(model.Approve, "sent", "approved", "rejected"),
)

// Machine has wrong moves and states.
type Machine struct{ base }

// Edges of the entity.
func (Machine) Edges() []ent.Edge { return edges("machines") }

// Annotations of the entity.
func (Machine) Annotations() []schema.Annotation {
	return []schema.Annotation{model.EntityNote{
		Plural: "machines", Prefix: "mch", Doc: "Wrong.", Order: "name", Writes: all,
		Machines: []model.Machine{
			{
				Field: "title", // want `Machine: the state machine is over "title", which is no enum field with a default; name one`
			},
			{
				Field: "state",
				Moves: slices.Concat( // want `Machine.state: no move leads to the state "rejected"; add one, or delete the state`
					model.Moves(model.Update, "draft", "approved"),
					model.Moves(model.Update, "draft", "sent"),
					model.Moves(model.Update, "draft", "sent"), // want `Machine.state: the move from draft to sent is stated twice; delete one`
					model.Moves(model.Approve,
						"draft",
						"approved", // want `Machine.state: the move from draft to approved needs the right to update and also the right to approve, which contradicts; delete one`
					),
					model.Moves(model.Approve, "sent", "gone"), // want `Machine.state: a move names "gone", which is no state; write one of draft, sent, approved, rejected`
				),
				Fixed: []string{
					"approved",
					"aproved",  // want `Machine.state: Fixed names "aproved", which is no state; write one of draft, sent, approved, rejected`
					"approved", // want `Machine.state: Fixed names "approved" twice; delete one`
				},
				Free: []string{
					"titel",       // want `Machine.state: Free names "titel", but no update ever changes such a column; correct the name, or delete it`
					"approver_id", // want `Machine.state: Free names "approver_id", but no update ever changes such a column; correct the name, or delete it`
				},
				NotArchivedIn: []string{"lost"}, // want `Machine.state: NotArchivedIn names "lost", which is no state; write one of draft, sent, approved, rejected`
			},
			{
				Field: "state",
				Moves: moves,
				Free:  []string{"title"}, // want `Machine.state: Free names "title", but no state is fixed; name the states in Fixed, or delete Free`
			},
		},
	}}
}

// ReadOnly has rules about what nobody can do.
type ReadOnly struct{ base }

// Edges of the entity.
func (ReadOnly) Edges() []ent.Edge { return edges("readOnlies") }

// Annotations of the entity.
func (ReadOnly) Annotations() []schema.Annotation {
	return []schema.Annotation{model.EntityNote{
		Plural: "readOnlies", Prefix: "rdo", Doc: "Wrong.", Order: "name", Writes: []model.Action{model.Approve},
		Machines: []model.Machine{{
			Field: "state",
			Moves: slices.Concat(
				model.Moves(model.Update, "draft", "sent"), // want `ReadOnly.state: the move from draft to sent needs the right to update, which is not in Writes; add it, or let the move need another`
				model.Moves(model.Approve, "sent", "approved", "rejected"),
			),
			Fixed:         []string{"sent"}, // want `ReadOnly.state: nobody can update rows of ReadOnly anyway; delete Fixed, or add model.Update to Writes`
			NotArchivedIn: []string{"sent"}, // want `ReadOnly.state: nobody can archive rows of ReadOnly anyway; delete NotArchivedIn, or add model.Delete to Writes`
		}},
		Rules: model.Rules{
			NotBy:     model.Exclusion{Edge: "user", Message: "Another person must do this."},    // want `ReadOnly: nobody can update rows of ReadOnly anyway; delete NotBy, or add model.Update to Writes`
			Handovers: []model.Handover{{Edge: "user", Message: "Another person must do this."}}, // want `ReadOnly: nobody could hand over a row of ReadOnly; add model.Delete to Writes, or delete Handovers`
			KeptWhile: []string{ // want `ReadOnly: nobody can archive rows of ReadOnly anyway; delete KeptWhile, or add model.Delete to Writes`
				"others", // want `ReadOnly: KeptWhile names "others", but nobody can archive rows of Other, so a row of ReadOnly with one could never be archived; add model.Delete to Writes of Other, or delete it`
			},
		},
	}}
}

// Approved has wrong approvals.
type Approved struct{ base }

// Edges of the entity.
func (Approved) Edges() []ent.Edge { return edges("approveds") }

// Annotations of the entity.
func (Approved) Annotations() []schema.Annotation {
	return []schema.Annotation{model.EntityNote{
		Plural: "approveds", Prefix: "apd", Doc: "Wrong.", Order: "name", Writes: all,
		Machines: []model.Machine{
			{
				Field: "state",
				Moves: moves,
				Approvals: []model.Approval{
					{
						To: []string{
							"approved",
							"aproved", // want `Approved.state: To names "aproved", which is no state to which a move leads that needs the right to approve; write one of approved, rejected`
							"sent",    // want `Approved.state: To names "sent", which is no state to which a move leads that needs the right to approve; write one of approved, rejected`
						},
						By: "user", // want `Approved.state: By names "user", which is no edge to one User that only the hub sets; name such an edge`
						Authors: []string{
							"creator",                         // want `Approved.state: Authors names "creator", but Approved has no edge "creator"; write a path of edges to a User`
							"volunteer",                       // want `Approved.state: Authors names "volunteer", which leads to a Volunteer; write a path to a User`
							"volunteer.owner",                 // want `Approved.state: Authors names "volunteer.owner", but Volunteer has no edge "owner"; write a path of edges to a User`
							"volunteer.checks.volunteer.user", // want `Approved.state: Authors names "volunteer.checks.volunteer.user", but "checks" leads from a Volunteer to many rows; write a path over single rows to a User`
							model.Editors,                     // want `Approved.state: Authors names "edited_by", but Approved has no edge "edited_by"; write a path of edges to a User`
							"user",
							"user", // want `Approved.state: Authors names "user" twice; delete one`
						},
					},
					{ // want `Approved.state: the approval names no authors, so everybody may give it; name them in Authors, or delete it`
						To: []string{
							"rejected",
							"approved", // want `Approved.state: this approval and the one on line 126 are both about "approved", which contradicts; delete the state in one`
						},
					},
					{Authors: []string{"user"}}, // want `Approved.state: the approval is about every other state, but no other move needs the right to approve; delete it`
				},
			},
			{
				Field: "state",
				Moves: moves,
				Approvals: []model.Approval{
					{Authors: []string{"user"}},
					{By: "approver", Authors: []string{"user"}}, // want `Approved.state: this approval and the one on line 155 are both about every other state, which contradicts; name the states of one in To, or delete one`
				},
			},
			{
				Field:     "state",
				Moves:     moves,
				Approvals: wrongApprovals, // want `Approved.state: Authors names "nobody", but Approved has no edge "nobody"; write a path of edges to a User`
			},
		},
	}}
}

var wrongApprovals = []model.Approval{{Authors: []string{"nobody"}}}

// Checked has wrong safeguarding checks.
type Checked struct{ base }

// Edges of the entity.
func (Checked) Edges() []ent.Edge { return edges("checkeds") }

// Annotations of the entity.
func (Checked) Annotations() []schema.Annotation {
	return []schema.Annotation{model.EntityNote{
		Plural: "checkeds", Prefix: "ckd", Doc: "Wrong.", Order: "name", Writes: all,
		Machines: []model.Machine{
			{
				Field: "state",
				Moves: moves,
				Safeguarding: model.Safeguarding{
					Before:    []string{"draft"}, // want `Checked.state: Before names "draft", which is no state to which a move leads; write one of sent, approved, rejected`
					Volunteer: "user",            // want `Checked.state: Volunteer names "user", which is no edge to one Volunteer; name such an edge`
					Kinds: []string{
						"police",
						"medical", // want `Checked.state: Kinds names "medical", which is no kind of SafeguardingCheck; write one of police, visa`
						"police",  // want `Checked.state: Kinds names "police" twice; delete one`
					},
				},
			},
			{
				Field: "state",
				Moves: moves,
				Stamps: []model.Stamp{
					{
						To:     []string{"draft"}, // want `Checked.state: To names "draft", which is no state to which a move leads; write one of sent, approved, rejected`
						Column: "title",           // want `Checked.state: Column names "title", which is no time that only the hub sets; name such a field`
					},
				},
				WhileOpen: []string{ // want `Checked.state: the row of Within has no fixed state; state Fixed there, or delete WhileOpen`
					"opened", // want `Checked.state: WhileOpen names "opened", which is no state to which a move leads; write one of sent, approved, rejected`
				},
				Safeguarding: model.Safeguarding{Volunteer: "volunteer"}, // want `Checked.state: Safeguarding needs states in Before and kinds of checks in Kinds; name both, or delete it`
			},
		},
	}}
}

// Kept has wrong rules that do not depend on a state.
type Kept struct{ base }

// Fields of the entity.
func (Kept) Fields() []ent.Field {
	return append(base{}.Fields(),
		field.String("last").Comment("A field.").Annotations(after("first")), // want `Kept.last: notBefore names "first", which is no other field of the kind string; name one`
	)
}

func after(column string) model.FieldNote {
	n := classify(model.String)
	n.After = column
	return n
}

// Edges of the entity.
func (Kept) Edges() []ent.Edge { return edges("kepts") }

// Annotations of the entity.
func (Kept) Annotations() []schema.Annotation {
	return []schema.Annotation{model.EntityNote{
		Plural: "kepts", Prefix: "kpt", Doc: "Wrong.", Order: "name",
		Writes: []model.Action{model.Create, model.Update, model.Delete},
		Within: "castle", // want `Kept: Within names "castle", which is no edge to one row; name such an edge`
		Scope: model.Scope{
			Country:   []string{"user"},                // want `Kept: Country names "user", which leads to a User; write a path to a Country`
			Self:      []string{"volunteer.user.boss"}, // want `Kept: Self names "volunteer.user.boss", but User has no edge "boss"; write a path of edges to a User`
			Assigned:  []string{"user"},
			Child:     "id",              // want `Kept: Child names "id", which leads to a Kept; write a path to a Child`
			Period:    "name",            // want `Kept: Period names "name", which is neither a day nor an edge to rows with a period; name a field of a day, created_at, or such an edge`
			Published: []string{"shown"}, // want `Kept: Published names "shown", which is no value of the field state; correct it`
		},
		Reports: []string{ // want `Kept: nobody could write the other columns; add model.Approve to Writes, or delete Reports`
			"user_id",
			"approver_id", // want `Kept: Reports names "approver_id", but no update changes such a column; correct the name, or delete it`
		},
		Rules: model.Rules{
			NotBy: model.Exclusion{
				Edge:    "user",         // want `Kept: NotBy forbids "user" to update the row, and Scope.Assigned makes this person responsible for it, which contradicts; delete one`
				Message: "not possible", // want `Kept: Message is "not possible"; write a sentence with a full stop for whom the rule stops`
			},
			Handovers: []model.Handover{
				{Edge: "office", Message: "No."},   // want `Kept: Handovers names "office", but no update changes such an edge; correct the name, or delete it`
				{Edge: "approver", Message: "No."}, // want `Kept: Handovers names "approver", but no update changes such an edge; correct the name, or delete it`
				{Edge: "volunteer", Message: "No."},
				{Edge: "volunteer", Message: "No."}, // want `Kept: Handovers names "volunteer" twice, which contradicts; delete one`
				{Edge: "user", Message: "No."},      // want `Kept: Handovers reserves "user" for a caller with the right to archive the row, and Reports opens it to every caller with the right to update, which contradicts; delete one`
			},
			KeptWhile: []string{
				"castles", // want `Kept: KeptWhile names "castles", which is no list of rows that refer to Kept; name such a list`
				"user",    // want `Kept: KeptWhile names "user", which is no list of rows that refer to Kept; name such a list`
				"others",  // want `Kept: KeptWhile names "others", but nobody can archive rows of Other, so a row of Kept with one could never be archived; add model.Delete to Writes of Other, or delete it`
				"others",  // want `Kept: KeptWhile names "others" twice; delete one`
			},
		},
	}}
}

// Other refers to the entities with rules about lists.
type Other struct{ ent.Schema }

// Fields of the entity.
func (Other) Fields() []ent.Field { return []ent.Field{name("name"), key("kept"), key("read_only")} }

// Edges of the entity.
func (Other) Edges() []ent.Edge {
	return []ent.Edge{toOne("kept", Kept.Type, "others"), toOne("read_only", ReadOnly.Type, "others")}
}

// Annotations of the entity.
func (Other) Annotations() []schema.Annotation {
	return []schema.Annotation{model.EntityNote{
		Plural: "others", Prefix: "oth", Doc: "Wrong.", Order: "name",
		Writes: []model.Action{model.Update},
		Rules: model.Rules{
			NotBy: model.Exclusion{
				Edge:    "kept", // want `Other: NotBy names "kept", which is no edge to one User; name such an edge`
				Message: "Another person must do this.",
			},
		},
	}}
}
