package schema

import (
	"fmt"
	"strings"
	"unicode"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// The words of the schema, so that an entity reads as a table: every field states its name, its level, its
// identifiability and its meaning; every edge its name, its target and its meaning.
const (
	C0 = classification.C0
	C1 = classification.C1
	C2 = classification.C2
	C3 = classification.C3

	None   = classification.None
	Quasi  = classification.Quasi
	Direct = classification.Direct
)

// fieldBuilder is one field under construction. It satisfies ent.Field.
type fieldBuilder struct {
	descriptor *field.Descriptor
	note       model.FieldNote
}

// Descriptor gives ent the finished field.
func (b *fieldBuilder) Descriptor() *field.Descriptor {
	b.descriptor.Annotations = append(b.descriptor.Annotations, b.note)
	return b.descriptor
}

func newField(f ent.Field, l classification.Level, i classification.Identifiability, kind model.Kind, doc string) *fieldBuilder {
	d := f.Descriptor()
	d.Comment = doc
	return &fieldBuilder{descriptor: d, note: model.FieldNote{Level: l, Ident: i, Kind: kind}}
}

// stringField is one line of text, at most 200 characters unless max says otherwise.
func stringField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return newField(field.String(name), l, i, model.String, doc)
}

// longTextField is free text of up to 20,000 characters.
func longTextField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return newField(field.Text(name), l, i, model.String, doc).maxLength(20000)
}

// localizedField is one text in several languages: a map from BCP 47 tag to text.
func localizedField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return newField(field.JSON(name, map[string]string{}), l, i, model.Texts, doc).maxLength(5000)
}

func intField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return newField(field.Int(name), l, i, model.Int, doc)
}

func floatField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return newField(field.Float(name), l, i, model.Float, doc)
}

// decimalField is an amount in hundredths of its unit.
func decimalField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return newField(field.Int64(name), l, i, model.Decimal, doc)
}

// boolField is false unless it is set.
func boolField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return newField(field.Bool(name).Default(false), l, i, model.Bool, doc)
}

func timeField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return newField(field.Time(name), l, i, model.Time, doc)
}

// dateField is a calendar day.
func dateField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return newField(field.Time(name).SchemaType(map[string]string{dialect.Postgres: "date", dialect.SQLite: "date"}), l, i, model.Date, doc)
}

// enumField is one of the values. Its GraphQL type is the entity's and the field's name (CaseFileStatus), unless named says otherwise.
func enumField(name string, l classification.Level, i classification.Identifiability, doc string, values ...string) *fieldBuilder {
	return newField(field.Enum(name).Values(values...), l, i, model.Enum, doc)
}

// enumListField is a list of the values.
func enumListField(name string, l classification.Level, i classification.Identifiability, doc string, values ...string) *fieldBuilder {
	b := newField(field.Strings(name), l, i, model.Enums, doc)
	b.note.Values = values
	return b.defaultTo([]string{})
}

// stringListField is a list of texts.
func stringListField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return newField(field.Strings(name), l, i, model.Strings, doc).defaultTo([]string{})
}

// optional lets the field be null.
func (b *fieldBuilder) optional() *fieldBuilder {
	b.descriptor.Optional, b.descriptor.Nillable = true, !isJSON(b.descriptor)
	return b
}

// immutable lets the field be set on create only.
func (b *fieldBuilder) immutable() *fieldBuilder { b.descriptor.Immutable = true; return b }

// unique makes the value a key among the rows of the entity that are not archived: a key over archived ones would tell of
// rows that nobody sees.
func (b *fieldBuilder) unique() *fieldBuilder { b.note.Unique = true; return b }

// distinctForWriter lets no two rows that one writer sees have the same value. A unique key would tell a writer that a row
// exists which they may not see.
func (b *fieldBuilder) distinctForWriter() *fieldBuilder { b.note.Distinct = true; return b }

// hiddenFromAPI keeps the field out of the API.
func (b *fieldBuilder) hiddenFromAPI() *fieldBuilder { b.note.Internal = true; return b }

// setByHub keeps the field out of every input: the hub sets it.
func (b *fieldBuilder) setByHub() *fieldBuilder { b.note.Managed = true; return b }

// replacedByPseudonym shows the row's pseudonym in place of the value, where the row is shown under one.
func (b *fieldBuilder) replacedByPseudonym() *fieldBuilder { b.note.Pseudonym = true; return b }

// hiddenUnderPseudonym hides the value where the row is shown under a pseudonym: two pseudonyms of one row could be joined by it.
func (b *fieldBuilder) hiddenUnderPseudonym() *fieldBuilder { b.note.Traces = true; return b }

// maxLength sets the longest text in characters.
func (b *fieldBuilder) maxLength(n int) *fieldBuilder { b.note.MaxLen = n; return b }

// inRange sets which numbers the field takes.
func (b *fieldBuilder) inRange(least, most int64) *fieldBuilder {
	b.note.Range = model.Range{Least: least, Most: most}
	b.descriptor.Comment += fmt.Sprintf(" From %d to %d.", least, most)
	return b
}

// withFormat sets what the text is written as.
func (b *fieldBuilder) withFormat(f model.Format) *fieldBuilder { b.note.Format = f; return b }

// notBefore names the day, time or year that this one does not lie before.
func (b *fieldBuilder) notBefore(name string) *fieldBuilder { b.note.After = name; return b }

// defaultTo sets the default value. Lists take a []string.
func (b *fieldBuilder) defaultTo(v any) *fieldBuilder {
	if list, ok := v.([]string); ok {
		v = func() []string { return list }
	}
	b.descriptor.Default = v
	return b
}

// withEnumName sets the enum's name in the API, for values that several fields share.
func (b *fieldBuilder) withEnumName(enum string) *fieldBuilder { b.note.EnumName = enum; return b }

// withDerived adds a field to the API that tells less than this one, by a rule of model.Derived.
func (b *fieldBuilder) withDerived(name, rule, doc string) *fieldBuilder {
	b.note.Derived = append(b.note.Derived, model.Derived{Name: name, Rule: rule, Doc: doc})
	return b
}

func isJSON(d *field.Descriptor) bool { return d.Info.Type == field.TypeJSON }

// edgeBuilder is one edge to one row: a foreign key column, and the list back on the target.
type edgeBuilder struct {
	name        string
	targetType  any
	note        model.EdgeNote
	isRequired  bool
	isImmutable bool
}

// toOne leads to a single row of the target type (for example Country.Type).
func toOne(name string, typ any, doc string) *edgeBuilder {
	return &edgeBuilder{name: name, targetType: typ, note: model.EdgeNote{Doc: doc, Level: C1, Ident: None}}
}

// required makes the reference required.
func (b *edgeBuilder) required() *edgeBuilder { b.isRequired = true; return b }

// immutable lets the reference be set on create only.
func (b *edgeBuilder) immutable() *edgeBuilder { b.isImmutable = true; return b }

// withInverse names the list on the target that leads here.
func (b *edgeBuilder) withInverse(name, doc string) *edgeBuilder {
	b.note.Back, b.note.BackDoc = name, doc
	return b
}

// setByHub keeps the reference out of every input: the hub sets it.
func (b *edgeBuilder) setByHub() *edgeBuilder { b.note.Managed = true; return b }

// defaultsToMaker makes the reference lead to whoever makes the row, unless they name another.
func (b *edgeBuilder) defaultsToMaker() *edgeBuilder { b.note.Maker = true; return b }

// requiresAction lets only those refer to a row who may do the action to it: to see it is not enough.
func (b *edgeBuilder) requiresAction(a model.Action) *edgeBuilder { b.note.Needs = a; return b }

// classifiedAs says who may follow the reference, where not everyone who sees both rows may.
func (b *edgeBuilder) classifiedAs(l classification.Level, i classification.Identifiability) *edgeBuilder {
	b.note.Level, b.note.Ident = l, i
	return b
}

func (b *edgeBuilder) columnName() string { return snakeCase(b.name) + "_id" }

// entFields and edges split what an entity states into what ent asks for.
func entFields(edges []*edgeBuilder, own ...*fieldBuilder) []ent.Field {
	var out []ent.Field
	for _, e := range edges {
		f := field.UUID(e.columnName(), uuid.UUID{})
		if !e.isRequired {
			f = f.Optional().Nillable()
		}
		if e.isImmutable {
			f = f.Immutable()
		}
		out = append(out, f)
	}
	for _, f := range own {
		out = append(out, f)
	}
	return out
}

func entEdges(list []*edgeBuilder) []ent.Edge {
	out := make([]ent.Edge, len(list))
	for i, e := range list {
		b := edge.To(snakeCase(e.name), e.targetType).Field(e.columnName()).Unique().Annotations(e.note)
		if e.isRequired {
			b = b.Required()
		}
		if e.isImmutable {
			b = b.Immutable()
		}
		out[i] = b
	}
	return out
}

// entityAnnotations says what the entity is.
func entityAnnotations(n model.EntityNote) []schema.Annotation {
	return []schema.Annotation{entsql.Table(snakeCase(n.Plural)), schema.Comment(n.Doc), n}
}

// snakeCase turns lowerCamelCase into snake_case.
func snakeCase(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
