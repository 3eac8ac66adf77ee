// Package model describes the hub's entities as data. For each entity it states the fields with their classes, the
// edges, the scopes and the state machines. The annotations of this package in ent/schema are the source. The code
// generator writes the model out as ent/inventory. A program loads it once and passes it to all generic code, which is
// the compiler of the policies, the reader, the writer, the resolvers, and imports and exports. The package holds no
// data of its own and imports no generated code.
package model

import (
	"slices"

	"rightshub/internal/classification"
)

// Kind is the type of a field. It determines how a value is stored, shown and compared.
type Kind string

// The kinds of fields.
const (
	String  Kind = "string"  // one line of text
	Int     Kind = "int"     // 32 bits
	Float   Kind = "float"   // double precision
	Bool    Kind = "bool"    //
	Time    Kind = "time"    // an instant in UTC, with microseconds
	Date    Kind = "date"    // a calendar day, stored as its midnight in UTC
	Enum    Kind = "enum"    // one of Values, lower case in the database, upper case in the API
	Enums   Kind = "enums"   // a list of Values, stored as a JSON array
	Strings Kind = "strings" // a list of texts, stored as a JSON array
	Texts   Kind = "texts"   // one text in several languages, stored as a JSON object from language tag to text
	Decimal Kind = "decimal" // an amount, stored as a whole number of hundredths, shown as "1234.50"
	UUID    Kind = "uuid"    // a reference that has no edge, for example to an actor
)

// Action is a kind of operation on rows of an entity. Policy lines allow and deny actions.
type Action string

// The actions.
const (
	Read      Action = "read"
	Create    Action = "create"
	Update    Action = "update"
	Delete    Action = "delete" // archives the row; the row stays as a tombstone
	Approve   Action = "approve"
	Export    Action = "export"
	Aggregate Action = "aggregate"
)

// Actions lists every action, in the order in which documents print them.
var Actions = []Action{Read, Create, Update, Delete, Approve, Export, Aggregate}

// Field is one stored field of an entity.
type Field struct {
	Name      string // name in the API, lowerCamelCase
	Column    string // name in the database and in ent, snake_case
	Kind      Kind
	Tag       classification.Tag
	Doc       string
	Nullable  bool     // the column may be null
	EnumName  string   // API name of the enum (Enum, Enums)
	Values    []string // stored values (Enum, Enums)
	Immutable bool     // only a create sets it
	Internal  bool     // not a field of the API (hashes, secrets)
	Managed   bool     // only the hub sets it, so no input has it (created_at, version, a machine's state)
	// Distinct forbids two rows with the same value among the rows that the writer sees. It is not a unique key of the
	// database, because such a key would reveal hidden rows.
	Distinct  bool
	Default   bool   // has a default, so a create does not require it
	Range     Range  // the numbers that are allowed
	Format    Format // the format that a text must have
	After     string // column of the day, time or year that must not be later than this field's value
	MaxLen    int    // longest text in characters; 0 means 200 for String
	Pseudonym bool   // a row under a pseudonym shows its pseudonym in this field
	// HiddenUnderPseudonym marks a value so specific that it could join two pseudonyms of one row. It is null under a
	// pseudonym.
	HiddenUnderPseudonym bool
	Derived              []Derived
}

// Range limits the numbers that a field takes. Both ends are included. The zero Range allows any number.
type Range struct{ Least, Most int64 }

// Format is the format that a text must have.
type Format string

// The formats.
const (
	Currency Format = "currency" // ISO 4217: three letters
	Language Format = "language" // BCP 47
	Email    Format = "email"    // RFC 5322, the address alone
	Web      Format = "web"      // an address that begins with http or https
)

// Filterable reports whether a where input may name the field. Directly identifying fields above C0 have no filter at
// all, because a role with the right to find a child by name has a separate operation for it.
func (f *Field) Filterable() bool {
	return !f.Internal && f.Kind != UUID && (f.Tag.Ident != classification.Direct || f.Tag.Level == classification.C0)
}

// Orderable reports whether orderBy may name the field.
func (f *Field) Orderable() bool {
	return f.Filterable() && f.Kind != Enums && f.Kind != Strings
}

// Derived is a generalised field of the API. It is computed from a stored field, discloses less than that field, and is
// shown wherever the row is shown. An example is the age band of a birth date.
type Derived struct {
	Name string // name in the API
	Rule string // "age_band", "month", "year", "first_level"
	Doc  string
}

// EdgeKind states where the foreign key of an edge is stored.
type EdgeKind string

// The kinds of edges.
const (
	ToOne   EdgeKind = "to_one"  // Column is on this entity
	ToMany  EdgeKind = "to_many" // Column is on the target
	Through EdgeKind = "through" // Via is the joining entity; ViaSelf and ViaTarget are its columns
)

// Edge is a relation from one entity to another.
type Edge struct {
	Name      string // name in the API
	Target    string // name of the target entity
	Kind      EdgeKind
	Column    string // ToOne: column of this entity; ToMany: column of the target
	Via       string // Through: name of the joining entity
	ViaSelf   string
	ViaTarget string
	Required  bool               // ToOne: the column is not null; the API's edge is nullable, as a target may be hidden
	Immutable bool               // ToOne: only a create sets it
	Managed   bool               // ToOne: only the hub sets it
	Maker     bool               // ToOne: defaults to the user that creates the row
	Needs     Action             // ToOne: action that the caller needs on the target, besides seeing it; "" for none
	Tag       classification.Tag // class of the reference, for following it in either direction
	Inverse   string             // name of the edge in the other direction, "" if there is none
	Doc       string
}

// Scope names, for each scope word of the policies, the paths from a row to the key that is compared with the caller's
// assignment. A path is a list of API names of edges joined by dots. It ends in an edge of kind ToOne, for the key in
// the column of the edge, or in "id", for the key of the row itself. With several paths, any one of them may match.
// Examples are CaseFile{Office: {"office"}}, Child{Assigned: {"caseFiles.owner"}} and Country{Country: {"id"}}.
type Scope struct {
	Country      []string `json:",omitempty"` // paths to a Country
	Office       []string `json:",omitempty"` // paths to an Office
	Partner      []string `json:",omitempty"` // paths to a Partner
	Intervention []string `json:",omitempty"` // paths to an Intervention
	Assigned     []string `json:",omitempty"` // paths to the User that is responsible for the row
	Self         []string `json:",omitempty"` // paths to the User that the row is about
	Grant        []string `json:",omitempty"` // paths to an Intervention that an AuditGrant may list

	// CountryIsSeat means that Country is only the seat of the organisation and not the place of its work. The countries
	// of an AuditGrant do not narrow such rows.
	CountryIsSeat bool `json:",omitempty"`
	// Child is the path to the child that the row is about. Consents and emergencies of that child apply to the row.
	Child string `json:",omitempty"`
	// Period selects the rows that belong to the period of an audit. It is either the column of a day, or an edge. For
	// a column, the day must be in the period; a row without a day counts by the day of its creation. For an edge, a
	// row at the end of the edge must be under audit, even if the grant does not list the type of that row. With "" no
	// period narrows the rows.
	Period string `json:",omitempty"`

	// Until is the column of the last day on which the row is visible to its addressee; "" for no end.
	Until string `json:",omitempty"`
	// Team lists the values of the column visibility that open the row to the users responsible for the case.
	Team []string `json:",omitempty"`
	// Overseen lists the values of the column visibility that open the row to the supervisors of the office.
	Overseen []string `json:",omitempty"`
	// Published lists the values of the column state that publish the row, to every caller with the scope published, or
	// to the addressee.
	Published []string `json:",omitempty"`
}

// Paths lists every path of the scope, each once.
func (s Scope) Paths() []string {
	var out []string
	all := slices.Concat(s.Country, s.Office, s.Partner, s.Intervention, s.Assigned, s.Self, s.Grant, []string{s.Child})
	for _, path := range all {
		if path != "" && !slices.Contains(out, path) {
			out = append(out, path)
		}
	}
	return out
}

// Shared reports whether one row can belong to several countries.
func (e *Entity) Shared() bool {
	return slices.ContainsFunc(e.Scope.Country, func(path string) bool {
		edge := e.Edge(path)
		return edge != nil && edge.Kind == Through
	})
}

// Machine is a state machine over one column of an entity. A new row is in the field's default state.
type Machine struct {
	Field         string // column of the state
	Moves         []Move
	Fixed         []string // states in which no update changes the row, because other people rely on its content
	Free          []string // columns that an update changes even in a fixed state
	NotArchivedIn []string // states in which the row cannot be archived, because other rows or people depend on it

	Approvals    []Approval
	Safeguarding Safeguarding
	Stamps       []Stamp
	WhileOpen    []string // states that a row moves to only while no state of the row in Within is fixed
}

// Way returns the states on the shortest path of moves from a state to one outside the list none. The path leaves out
// the first state. It is nil when there is no such path.
func (m *Machine) Way(from string, none []string) []string {
	paths := [][]string{{from}}
	for i := 0; i < len(paths); i++ {
		for _, move := range m.Moves {
			path := paths[i]
			visited := slices.ContainsFunc(paths, func(p []string) bool { return p[len(p)-1] == move.To })
			if move.From != path[len(path)-1] || visited {
				continue
			}
			if path = append(slices.Clone(path), move.To); !slices.Contains(none, move.To) {
				return path[1:]
			}
			paths = append(paths, path)
		}
	}
	return nil
}

// Move is one allowed transition of a state machine.
type Move struct {
	From, To string
	Needs    Action // action that the caller needs, Update or Approve
}

// Entity is one type of row that the hub stores.
type Entity struct {
	Name       string // ent and GraphQL type name
	Plural     string // GraphQL list field, lowerCamelCase
	Table      string
	Doc        string
	Prefix     string // three lower-case letters at the beginning of its ids in the API; unique
	Fields     []Field
	Edges      []Edge
	Scope      Scope
	Machines   []Machine
	Writes     []Action   // actions that have a mutation; empty when the API only reads the entity
	Order      string     // default order, a column or a column and " desc"
	Unique     [][]string // columns of each unique key
	Within     string     // API name of the edge to the parent row, which has the same country; "" if there is no parent
	Reports    []string   // columns that a caller may write with the right to update but not to approve; empty for all
	CodeColumn string     // column of the code that people use for a row (code, iso2); imports match on it; "" if none
	Rules
}

// Field returns the field with this API name, or nil.
func (e *Entity) Field(name string) *Field {
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			return &e.Fields[i]
		}
	}
	return nil
}

// Column returns the field stored in this column, or nil.
func (e *Entity) Column(column string) *Field {
	for i := range e.Fields {
		if e.Fields[i].Column == column {
			return &e.Fields[i]
		}
	}
	return nil
}

// Edge returns the edge with this API name, or nil.
func (e *Entity) Edge(name string) *Edge {
	for i := range e.Edges {
		if e.Edges[i].Name == name {
			return &e.Edges[i]
		}
	}
	return nil
}

// Machine returns the state machine over this column, or nil.
func (e *Entity) Machine(column string) *Machine {
	for i := range e.Machines {
		if e.Machines[i].Field == column {
			return &e.Machines[i]
		}
	}
	return nil
}

// HasSensitiveData reports whether a row can show sensitive data, in a field of the API or by an edge to one row. An
// edge to many rows stores nothing in the row. Tag.IsSensitive says what sensitive data is.
func (e *Entity) HasSensitiveData() bool {
	return slices.ContainsFunc(e.Fields, func(f Field) bool { return !f.Internal && f.Tag.IsSensitive() }) ||
		slices.ContainsFunc(e.Edges, func(d Edge) bool { return d.Kind == ToOne && d.Tag.IsSensitive() })
}

// Can reports whether the entity has a mutation for the action.
func (e *Entity) Can(a Action) bool { return slices.Contains(e.Writes, a) }

// IndexedByCountry reports whether the index over the rows of one parent begins with the country. An office may have
// rows of many countries, and most callers see the rows of one country only.
func (e *Entity) IndexedByCountry(column string) bool {
	return column == "office_id" && e.Edge("country") != nil
}

// Model is the whole inventory. It is immutable.
type Model struct {
	entities []*Entity
	byName   map[string]*Entity
	byPrefix map[string]*Entity
	byTable  map[string]*Entity
}

// New builds a model from the entities. The caller must not change them afterwards.
func New(entities []*Entity) *Model {
	m := &Model{
		entities: entities,
		byName:   map[string]*Entity{},
		byPrefix: map[string]*Entity{},
		byTable:  map[string]*Entity{},
	}
	for _, e := range entities {
		m.byName[e.Name], m.byPrefix[e.Prefix], m.byTable[e.Table] = e, e, e
	}
	return m
}

// Entities returns all entities in the order of their names. The caller must not change the list.
func (m *Model) Entities() []*Entity { return m.entities }

// Entity returns the entity of this name, or nil.
func (m *Model) Entity(name string) *Entity { return m.byName[name] }

// Prefix returns the entity with this prefix of ids, or nil.
func (m *Model) Prefix(prefix string) *Entity { return m.byPrefix[prefix] }

// Table returns the entity stored in the table, or nil.
func (m *Model) Table(table string) *Entity { return m.byTable[table] }

// Target returns the entity that an edge leads to.
func (m *Model) Target(e *Edge) *Entity { return m.byName[e.Target] }

// Tag is the class of a field, which is a level and an identifiability.
type Tag = classification.Tag
