package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// AccessEvent is one access to values of C3 that identify: who, when, for what, how much. Never a value, never a variable.
type AccessEvent struct{ ent.Schema }

// Mixin of the entity.
func (AccessEvent) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (AccessEvent) Fields() []ent.Field {
	return fields(nil,
		integer("sequence", C1, None, "Place in the record: numbers grow, with gaps where a read was given up.").unique().fixed().managed(),
		instant("at", C1, None, "When (UTC).").fixed().managed(),
		str("actor", C1, None, "Key of the caller.").max(60).fixed().managed(),
		str("capacity", C1, None, "Roles that the caller held, or the audit grant.").max(200).fixed().managed(),
		str("purpose", C1, None, "What the request said it is for.").max(60).optional().fixed().managed(),
		str("operation_hash", C1, None, "Print of the document, as the log of slow operations has it, or the command.").max(64).fixed().managed(),
		str("entity", C1, None, "Type that was read.").max(60).fixed().managed(),
		str("decision", C1, None, "What happened: values were shown, or rows were sought by them.").max(40).fixed().managed(),
		str("policy_version", C1, None, "Version of the policies.").max(64).fixed().managed(),
		words("subjects", C2, Direct, "Keyed commitments to the rows: whoever knows a row and the hub's secret finds it, nobody reads it out.").fixed().managed(),
		integer("rows", C1, None, "How many rows.").fixed().managed(),
		integer("clear_cells", C1, None, "How many sensitive cells in clear.").fixed().managed(),
	)
}

// Annotations of the entity.
func (AccessEvent) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "One access to values of C3 that identify a person: who, when, for what, how much. Never a value, never a variable.",
		Plural: "accessEvents", Prefix: "aev",
		Order: "sequence",
	})
}
