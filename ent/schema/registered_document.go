package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// RegisteredDocument is a GraphQL document of one of the programs of the organisation, registered before its first use.
type RegisteredDocument struct{ ent.Schema }

func (RegisteredDocument) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (RegisteredDocument) Fields() []ent.Field {
	return entFields(nil,
		stringField("hash", C1, None, "SHA-256 of the text, in hexadecimal: requests name the document by it.").
			maxLength(64).distinctForWriter().immutable().setByHub(),
		stringField("name", C1, None, "Names of its operations.").immutable().setByHub(),
		longTextField("text", C1, None, "The document.").maxLength(100_000).immutable().setByHub(),
	)
}

func (RegisteredDocument) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc: "A GraphQL document that a program of the organisation asks with, known before it asks. An archived " +
			"one is answered no more.",
		Plural: "registeredDocuments", Prefix: "doc", Order: "name", CodeColumn: "hash",
		Writes: []model.Action{model.Delete},
	})
}
