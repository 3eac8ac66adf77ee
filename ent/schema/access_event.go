package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// AccessEvent records one access to identifying values of C3. It names the caller, the time, the purpose and the number
// of rows, but never a value or a variable of the request.
type AccessEvent struct{ ent.Schema }

func (AccessEvent) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (AccessEvent) Fields() []ent.Field {
	return entFields(nil,
		intField("sequence", C1, None, "Place in the record: numbers grow, with gaps where a read was given up.").
			unique().immutable().setByHub(),
		timeField("at", C1, None, "When (UTC).").immutable().setByHub(),
		stringField("actor", C1, None, "Key of the caller.").maxLength(60).immutable().setByHub(),
		stringField("capacity", C1, None, "Roles that the caller held, or the audit grant.").
			maxLength(200).immutable().setByHub(),
		stringField("purpose", C1, None, "What the request said it is for.").
			maxLength(60).optional().immutable().setByHub(),
		stringField("operation_hash", C1, None,
			"Print of the document, as the log of slow operations has it, or the command.").
			maxLength(64).immutable().setByHub(),
		stringField("entity", C1, None, "Type that was read.").maxLength(60).immutable().setByHub(),
		stringField("decision", C1, None, "What happened: values were shown, or rows were sought by them.").
			maxLength(40).immutable().setByHub(),
		stringField("policy_version", C1, None, "Version of the policies.").maxLength(64).immutable().setByHub(),
		stringListField("subjects", C2, Direct,
			"Keyed commitments to the rows: whoever knows a row and the hub's secret finds it, nobody reads it out.").
			immutable().setByHub(),
		intField("rows", C1, None, "How many rows.").immutable().setByHub(),
		intField("clear_cells", C1, None, "How many sensitive cells in clear.").immutable().setByHub(),
	)
}

func (AccessEvent) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc: "One access to values of C3 that identify a person: who, when, for what, how much. Never a value, " +
			"never a variable.",
		Plural: "accessEvents", Prefix: "aev",
		Order: "sequence",
	})
}
