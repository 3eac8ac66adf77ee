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

// Short names for the classes, so that an entity reads as a table. Every field states its name, level, identifiability
// and meaning, and every edge its name, target and meaning.
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

// Descriptor returns the finished field for ent.
func (b *fieldBuilder) Descriptor() *field.Descriptor {
	b.descriptor.Annotations = append(b.descriptor.Annotations, b.note)
	return b.descriptor
}

func newField(
	f ent.Field, l classification.Level, i classification.Identifiability, kind model.Kind, doc string,
) *fieldBuilder {
	d := f.Descriptor()
	d.Comment = doc
	return &fieldBuilder{descriptor: d, note: model.FieldNote{Level: l, Ident: i, Kind: kind}}
}

// stringField is one line of text of at most 200 characters, unless maxLength sets another limit.
func stringField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return newField(field.String(name), l, i, model.String, doc)
}

// longTextField is free text of up to 20,000 characters.
func longTextField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return newField(field.Text(name), l, i, model.String, doc).maxLength(20000)
}

// localizedField is one text in several languages, stored as a map from BCP 47 tag to text.
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

// boolField is a truth value with the default false.
func boolField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return newField(field.Bool(name).Default(false), l, i, model.Bool, doc)
}

func timeField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return newField(field.Time(name), l, i, model.Time, doc)
}

// dateField is a calendar day.
func dateField(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	columnType := map[string]string{dialect.Postgres: "date", dialect.SQLite: "date"}
	return newField(field.Time(name).SchemaType(columnType), l, i, model.Date, doc)
}

// enumField is one of the values. The name of its GraphQL type joins the names of the entity and the field, for example
// CaseFileStatus. Another name can be set with withEnumName.
func enumField(
	name string, l classification.Level, i classification.Identifiability, doc string, values ...string,
) *fieldBuilder {
	return newField(field.Enum(name).Values(values...), l, i, model.Enum, doc)
}

// enumListField is a list of the values.
func enumListField(
	name string, l classification.Level, i classification.Identifiability, doc string, values ...string,
) *fieldBuilder {
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

// immutable lets only a create set the field.
func (b *fieldBuilder) immutable() *fieldBuilder { b.descriptor.Immutable = true; return b }

// unique makes the value a unique key of the entity's unarchived rows. A key over archived rows would disclose rows
// that nobody sees.
func (b *fieldBuilder) unique() *fieldBuilder { b.note.Unique = true; return b }

// distinctForWriter forbids two rows with the same value among the rows that a writer sees. A unique key would disclose
// to a writer that a hidden row exists.
func (b *fieldBuilder) distinctForWriter() *fieldBuilder { b.note.Distinct = true; return b }

// hiddenFromAPI keeps the field out of the API.
func (b *fieldBuilder) hiddenFromAPI() *fieldBuilder { b.note.Internal = true; return b }

// setByHub keeps the field out of every input, because only the hub sets it.
func (b *fieldBuilder) setByHub() *fieldBuilder { b.note.Managed = true; return b }

// replacedByPseudonym shows the row's pseudonym instead of the value when the row is shown under a pseudonym.
func (b *fieldBuilder) replacedByPseudonym() *fieldBuilder { b.note.Pseudonym = true; return b }

// hiddenUnderPseudonym hides the value when the row is shown under a pseudonym, because the value could join two
// pseudonyms of one row.
func (b *fieldBuilder) hiddenUnderPseudonym() *fieldBuilder {
	b.note.HiddenUnderPseudonym = true
	return b
}

// maxLength sets the greatest length of the text in characters.
func (b *fieldBuilder) maxLength(n int) *fieldBuilder { b.note.MaxLen = n; return b }

// inRange limits the numbers that the field takes, both ends included.
func (b *fieldBuilder) inRange(least, most int64) *fieldBuilder {
	b.note.Range = model.Range{Least: least, Most: most}
	b.descriptor.Comment += fmt.Sprintf(" From %d to %d.", least, most)
	return b
}

// withFormat sets the format that the text must have.
func (b *fieldBuilder) withFormat(f model.Format) *fieldBuilder { b.note.Format = f; return b }

// notBefore names the day, time or year that must not be later than this field's value.
func (b *fieldBuilder) notBefore(name string) *fieldBuilder { b.note.After = name; return b }

// defaultTo sets the default value. Lists take a []string.
func (b *fieldBuilder) defaultTo(v any) *fieldBuilder {
	if list, ok := v.([]string); ok {
		v = func() []string { return list }
	}
	b.descriptor.Default = v
	return b
}

// withEnumName sets the enum's name in the API, so that several fields can share one enum.
func (b *fieldBuilder) withEnumName(enum string) *fieldBuilder { b.note.EnumName = enum; return b }

// withDerived adds a generalised field to the API, which a rule of model.Derived computes from this field.
func (b *fieldBuilder) withDerived(name, rule, doc string) *fieldBuilder {
	b.note.Derived = append(b.note.Derived, model.Derived{Name: name, Rule: rule, Doc: doc})
	return b
}

func isJSON(d *field.Descriptor) bool { return d.Info.Type == field.TypeJSON }

// edgeBuilder is one edge to one row under construction. It becomes a foreign key column, and a list on the target.
type edgeBuilder struct {
	name        string
	targetType  any
	note        model.EdgeNote
	isRequired  bool
	isImmutable bool
}

// toOne is an edge to a single row of the target type, for example Country.Type.
func toOne(name string, typ any, doc string) *edgeBuilder {
	return &edgeBuilder{name: name, targetType: typ, note: model.EdgeNote{Doc: doc, Level: C1, Ident: None}}
}

// required makes the reference required.
func (b *edgeBuilder) required() *edgeBuilder { b.isRequired = true; return b }

// immutable lets only a create set the reference.
func (b *edgeBuilder) immutable() *edgeBuilder { b.isImmutable = true; return b }

// withInverse names the list of this entity's rows on the target.
func (b *edgeBuilder) withInverse(name, doc string) *edgeBuilder {
	b.note.Back, b.note.BackDoc = name, doc
	return b
}

// setByHub keeps the reference out of every input, because only the hub sets it.
func (b *edgeBuilder) setByHub() *edgeBuilder { b.note.Managed = true; return b }

// defaultsToMaker makes the reference lead to the user that creates the row, unless the input names another user.
func (b *edgeBuilder) defaultsToMaker() *edgeBuilder { b.note.Maker = true; return b }

// requiresAction requires the right to the action on the target row for referring to it. Seeing the row is not enough.
func (b *edgeBuilder) requiresAction(a model.Action) *edgeBuilder { b.note.Needs = a; return b }

// classifiedAs gives the reference its own class, when seeing both rows must not suffice for following it.
func (b *edgeBuilder) classifiedAs(l classification.Level, i classification.Identifiability) *edgeBuilder {
	b.note.Level, b.note.Ident = l, i
	return b
}

func (b *edgeBuilder) columnName() string { return snakeCase(b.name) + "_id" }

// entFields returns the fields of an entity for ent, with a foreign key for each edge.
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

// entEdges returns the edges of an entity for ent.
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

// entityAnnotations returns the annotations of an entity for ent.
func entityAnnotations(n model.EntityNote) []schema.Annotation {
	return []schema.Annotation{entsql.Table(snakeCase(n.Plural)), schema.Comment(n.Doc), n}
}

// snakeCase converts lowerCamelCase to snake_case.
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
