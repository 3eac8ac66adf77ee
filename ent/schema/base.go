// Package schema is the model: one file per entity, and the shared ideas of base.go and fields.go.
// It states facts; what is made of them (API, masks, filters, scope) is derived elsewhere.
package schema

import (
	"time"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
	"github.com/google/uuid"
)

type schemaAnnotation = schema.Annotation

// Base is what every entity has: a random key, when and by whom it was written, a version for optimistic locking,
// a tombstone instead of deletion, and the name another system gives it.
//
// The key is a random UUID (version 4) on purpose: a time-ordered one would tell callers when, and how often, rows
// are made that they may not see.
type Base struct{ mixin.Schema }

// Fields of the mixin.
func (Base) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", uuid.UUID{}).Default(uuid.New).Immutable(),
		timeField("created_at", C1, None, "When the row was made (UTC).").defaultTo(currentTime).immutable().setByHub().hiddenUnderPseudonym(),
		timeField("updated_at", C1, None, "When the row was last written (UTC).").defaultTo(currentTime).setByHub().hiddenUnderPseudonym(),
		userKeyField("created_by", "User who made the row."),
		stringListField("edited_by", C1, None, "Users who changed what the row says, its maker first; moving it to another state does not count.").optional().setByHub().hiddenFromAPI(),
		intField("version", C1, None, "Grows by one with each write. Send it back on an update: a stale one is refused.").defaultTo(1).setByHub(),
		timeField("archived_at", C1, None, "When the row was archived; an archived row is in no answer.").optional().setByHub().hiddenFromAPI(),
		stringField("external_id", C1, None, "Name of the row in the system it came from, as system:name.").maxLength(600).optional().setByHub().hiddenFromAPI(),
	}
}

func userKeyField(name, doc string) ent.Field {
	f := field.UUID(name, uuid.UUID{}).Optional().Nillable()
	return newField(f, C1, None, "uuid", doc).setByHub().hiddenFromAPI()
}

// currentTime is the present instant as both databases can hold it.
func currentTime() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
