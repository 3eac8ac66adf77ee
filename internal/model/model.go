// Package model describes the hub's entities as data: their fields with classes, their edges, scopes and state
// machines. ent/schema states it (through the annotations of this package), the code generator writes it out as
// ent/inventory, and everything generic reads it there: the policies' compiler, the reader, the writer, the
// GraphQL schema, imports and the data inventory. The package holds no data of its own and imports no generated code.
package model

import (
	"slices"

	"rightshub/internal/classification"
)

// Kind is how a field's value is stored, shown and compared.
type Kind string

const (
	String  Kind = "string"  // one line of text
	Int     Kind = "int"     // 32 bits
	Float   Kind = "float"   // double precision
	Bool    Kind = "bool"    //
	Time    Kind = "time"    // an instant, UTC, microseconds
	Date    Kind = "date"    // a calendar day, stored as its midnight UTC
	Enum    Kind = "enum"    // one of Values, lower case in the database, upper case in the API
	Enums   Kind = "enums"   // a list of Values, as a JSON array
	Strings Kind = "strings" // a list of text, as a JSON array
	Texts   Kind = "texts"   // one text in several languages: JSON object from language tag to text
	Decimal Kind = "decimal" // an amount, stored as a whole number of hundredths, shown as "1234.50"
	UUID    Kind = "uuid"    // a reference that has no edge (actors)
)

// Action is what a caller may do to rows of an entity.
type Action string

const (
	Read      Action = "read"
	Create    Action = "create"
	Update    Action = "update"
	Delete    Action = "delete" // archive: a tombstone stays
	Approve   Action = "approve"
	Export    Action = "export"
	Aggregate Action = "aggregate"
)

// Actions lists every action, in the order in which documents print them.
var Actions = []Action{Read, Create, Update, Delete, Approve, Export, Aggregate}

// Field is one stored field of an entity.
type Field struct {
	Name      string // in the API: lowerCamelCase
	Column    string // in the database and in ent: snake_case
	Kind      Kind
	Tag       classification.Tag
	Doc       string
	Nullable  bool     // the column may be null
	EnumName  string   // API name of the enum (Enum, Enums)
	Values    []string // stored values (Enum, Enums)
	Immutable bool     // set on create only
	Internal  bool     // not a field of the API (hashes, secrets)
	Managed   bool     // set by the hub: never in an input (created_at, version, a machine's state)
	Distinct  bool     // no two rows that one writer sees have the same value; a key of the database would tell of hidden rows
	Default   bool     // has a default, so not required on create
	Range     Range    // which numbers
	Format    Format   // of a text
	After     string   // the column of the day, time or year that this one does not lie before
	MaxLen    int      // longest text in characters; 0 means 200 for String
	Pseudonym bool     // a row under a pseudonym shows its pseudonym here
	Traces    bool     // tells rows apart so finely that two pseudonyms of one row could be joined by it: null under a pseudonym
	Derived   []Derived
}

// Range is which numbers a field takes, both ends included; none is any number.
type Range struct{ Least, Most int64 }

// Format is what a text is written as.
type Format string

// The formats.
const (
	Currency Format = "currency" // ISO 4217: three letters
	Language Format = "language" // BCP 47
	Email    Format = "email"    // RFC 5322, the address alone
	Web      Format = "web"      // an address that begins with http or https
)

// Filterable reports whether a where input may name the field. Directly identifying fields above C0 have no filter
// at all; a permitted role finds a child by name through an operation of its own.
func (f *Field) Filterable() bool {
	return !f.Internal && f.Kind != UUID && (f.Tag.Ident != classification.Direct || f.Tag.Level == classification.C0)
}

// Orderable reports whether orderBy may name the field.
func (f *Field) Orderable() bool {
	return f.Filterable() && f.Kind != Enums && f.Kind != Strings
}

// Derived is a generalised field of the API that tells less than the field it is computed from, and is shown
// wherever the row is (birth date -> age band).
type Derived struct {
	Name string // in the API
	Rule string // "age_band", "month", "year", "first_level"
	Doc  string
}

// EdgeKind says where the foreign key of an edge lies.
type EdgeKind string

const (
	ToOne   EdgeKind = "to_one"  // Column is on this entity
	ToMany  EdgeKind = "to_many" // Column is on the target
	Through EdgeKind = "through" // Via is the joining entity; ViaSelf and ViaTarget are its columns
)

// Edge leads from an entity to another.
type Edge struct {
	Name      string // in the API
	Target    string // entity name
	Kind      EdgeKind
	Column    string // ToOne: column here; ToMany: column on the target
	Via       string // Through: joining entity
	ViaSelf   string
	ViaTarget string
	Required  bool               // ToOne: the column is not null (the API's edge is nullable all the same: a hidden target is null)
	Immutable bool               // ToOne: set on create only
	Managed   bool               // ToOne: set by the hub
	Maker     bool               // ToOne: leads to whoever makes the row, unless they name another
	Needs     Action             // ToOne: what one must be allowed to do to a row to refer to it, besides seeing it; "": nothing
	Tag       classification.Tag // of the reference: who may follow it, there and back
	Inverse   string             // name of the edge back, "" if there is none
	Doc       string
}

// Scope names, for each kind of scope of a policy line, the paths from a row to the key that is compared with the
// caller's assignment. A path is edge names (API names) joined by dots, ending in an edge of kind ToOne whose
// column holds the key, or in "id" for the row itself. Several paths mean: any of them.
// Example: CaseFile{Office: {"office"}}, Child{Assigned: {"caseFiles.owner"}}, Country{Country: {"id"}}.
type Scope struct {
	Country      []string `json:",omitempty"` // key: Country
	Office       []string `json:",omitempty"` // key: Office
	Partner      []string `json:",omitempty"` // key: Partner
	Intervention []string `json:",omitempty"` // key: Intervention
	Assigned     []string `json:",omitempty"` // key: User; the caller is responsible for the row
	Self         []string `json:",omitempty"` // key: User; the row is about the caller
	Grant        []string `json:",omitempty"` // key: Intervention of an AuditGrant

	Seat   bool   `json:",omitempty"` // Country is where it has its seat, not where its work is: the countries of an AuditGrant do not narrow it
	Child  string `json:",omitempty"` // path to the child whom the row is about: what consents and emergencies are about
	Period string `json:",omitempty"` // column of the day by which an audit's period takes the row; where it has none, the day on which it was made. Or an edge: it is taken where a row there is, of whatever type, under audit. "": no period narrows it

	Until     string   `json:",omitempty"` // column of the last day on which the row is out for whom it is addressed to; "" for no end
	Team      []string `json:",omitempty"` // values of the column visibility with which the row is there for whoever is responsible for it
	Overseen  []string `json:",omitempty"` // and for the office that it belongs to
	Published []string `json:",omitempty"` // values of the column state with which the row is out: there for everyone who may see what is published, or for whom it is addressed to
}

// Paths lists every path of the scope, each once.
func (s Scope) Paths() []string {
	var out []string
	for _, path := range slices.Concat(s.Country, s.Office, s.Partner, s.Intervention, s.Assigned, s.Self, s.Grant, []string{s.Child}) {
		if path != "" && !slices.Contains(out, path) {
			out = append(out, path)
		}
	}
	return out
}

// Shared reports whether rows may be work in several countries.
func (e *Entity) Shared() bool {
	return slices.ContainsFunc(e.Scope.Country, func(path string) bool {
		edge := e.Edge(path)
		return edge != nil && edge.Kind == Through
	})
}

// Machine is the state machine of an entity.
type Machine struct {
	Field string // column of the state; a new row is in the field's default state
	Moves []Move
	Fixed []string // states in which somebody relies on what the row says: no update changes it
	Free  []string // columns that an update changes even then
	Kept  []string // states in which others count on the row: it is not archived
}

// Way is the shortest way from a state to one that is none of those; nil where there is none.
func (m *Machine) Way(from string, none []string) []string {
	ways := [][]string{{from}}
	for i := 0; i < len(ways); i++ {
		for _, move := range m.Moves {
			way := ways[i]
			if move.From != way[len(way)-1] || slices.ContainsFunc(ways, func(w []string) bool { return w[len(w)-1] == move.To }) {
				continue
			}
			if way = append(slices.Clone(way), move.To); !slices.Contains(none, move.To) {
				return way[1:]
			}
			ways = append(ways, way)
		}
	}
	return nil
}

// Move is one allowed transition and the action that a caller needs for it (Update or Approve).
type Move struct {
	From, To string
	Needs    Action
}

// Entity is one kind of thing that the hub holds.
type Entity struct {
	Name     string // ent and GraphQL type name
	Plural   string // GraphQL list field, lowerCamelCase
	Table    string
	Doc      string
	Prefix   string // two or three lower-case letters that begin its ids in the API; unique
	Fields   []Field
	Edges    []Edge
	Scope    Scope
	Machines []Machine
	Writes   []Action   // actions that have a mutation; none: read only in the API
	Order    string     // default order: column, or column and " desc"
	Unique   [][]string // columns of each unique key
	Within   string     // API name of the edge to the row that this one belongs to, whose country it has; "" if none
	Reports  []string   // columns that those may write too who may update a row but not approve one; none: all
	Natural  string     // column by which people name a row (code, iso2): imports match on it; "" if none
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

// Can reports whether the entity has a mutation for the action.
func (e *Entity) Can(a Action) bool { return slices.Contains(e.Writes, a) }

// Parted reports whether the rows of one parent, in the entity's order, are indexed country by country: an office may hold rows
// of many countries, and most who look at it see those of one.
func (e *Entity) Parted(column string) bool { return column == "office_id" && e.Edge("country") != nil }

// Model is the whole inventory. It is immutable.
type Model struct {
	entities []*Entity
	byName   map[string]*Entity
	byPrefix map[string]*Entity
	byTable  map[string]*Entity
}

// New indexes the entities, which it takes over.
func New(entities []*Entity) *Model {
	m := &Model{entities: entities, byName: map[string]*Entity{}, byPrefix: map[string]*Entity{}, byTable: map[string]*Entity{}}
	for _, e := range entities {
		m.byName[e.Name], m.byPrefix[e.Prefix], m.byTable[e.Table] = e, e, e
	}
	return m
}

// Entities returns all entities in the order of their names. Callers do not change it.
func (m *Model) Entities() []*Entity { return m.entities }

// Entity returns the entity of this name, or nil.
func (m *Model) Entity(name string) *Entity { return m.byName[name] }

// Prefix returns the entity whose ids begin with the prefix, or nil.
func (m *Model) Prefix(prefix string) *Entity { return m.byPrefix[prefix] }

// Table returns the entity stored in the table, or nil.
func (m *Model) Table(table string) *Entity { return m.byTable[table] }

// Target returns the entity an edge leads to.
func (m *Model) Target(e *Edge) *Entity { return m.byName[e.Target] }

// Tag is the pair of classes of a field.
type Tag = classification.Tag
