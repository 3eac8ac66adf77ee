// Package schema states the model. It has one file per entity, and base.go and fields.go hold the shared parts. The
// API, the masks, the filters and the scopes are derived from the model elsewhere.
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

// Base holds the fields of every entity. These are a random key, the times and the authors of writes, a version for
// optimistic locking, a tombstone instead of deletion, and the name of the row in another system.
//
// The key is a random UUID (version 4) on purpose. A key ordered by time would disclose when, and how often, rows are
// created that the caller may not see.
type Base struct{ mixin.Schema }

// Fields of the mixin.
func (Base) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", uuid.UUID{}).Default(uuid.New).Immutable(),
		timeField("created_at", C1, None, "When the row was made (UTC).").
			defaultTo(currentTime).immutable().setByHub().hiddenUnderPseudonym(),
		timeField("updated_at", C1, None, "When the row was last written (UTC).").
			defaultTo(currentTime).setByHub().hiddenUnderPseudonym(),
		userKeyField("created_by", "User who made the row."),
		stringListField("edited_by", C1, None,
			"Users who changed what the row says, its maker first; moving it to another state does not count.").
			optional().setByHub().hiddenFromAPI(),
		intField("version", C1, None,
			"Grows by one with each write. Send it back on an update: a stale one is refused.").
			defaultTo(1).setByHub(),
		timeField("archived_at", C1, None, "When the row was archived; an archived row is in no answer.").
			optional().setByHub().hiddenFromAPI(),
		stringField("external_id", C1, None, "Name of the row in the system it came from, as system:name.").
			maxLength(600).optional().setByHub().hiddenFromAPI(),
	}
}

// userKeyField holds the key of a user without an edge. The hub sets it, and the API does not show it.
func userKeyField(name, doc string) ent.Field {
	f := field.UUID(name, uuid.UUID{}).Optional().Nillable()
	return newField(f, C1, None, "uuid", doc).setByHub().hiddenFromAPI()
}

// currentTime returns the current time with the precision that both databases store.
func currentTime() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
