package model

import "rightshub/internal/classification"

// FieldNote is the annotation of a field in ent/schema. It states the field's class and how the API shows the field.
// The fields of the note have the meaning of the fields of Field with the same names.
type FieldNote struct {
	Level    classification.Level
	Ident    classification.Identifiability
	Kind     Kind      `json:",omitempty"` // for the kinds that ent's types do not have: Date, Texts, Enums, Decimal
	Values   []string  `json:",omitempty"` // Enums
	EnumName string    `json:",omitempty"` // API name of the enum; set when several fields share one enum
	Internal bool      `json:",omitempty"`
	Managed  bool      `json:",omitempty"`
	Distinct bool      `json:",omitempty"`
	MaxLen   int       `json:",omitempty"`
	Derived  []Derived `json:",omitempty"`

	Unique               bool `json:",omitempty"`
	Pseudonym            bool `json:",omitempty"`
	HiddenUnderPseudonym bool `json:",omitempty"`

	Range  Range  `json:",omitzero"`
	Format Format `json:",omitempty"`
	After  string `json:",omitempty"` // column of the day, time or year that must not be later than this field's value
}

// Name is the key of the annotation in ent's graph.
func (FieldNote) Name() string { return "HubField" }

// EdgeNote is the annotation of an edge in ent/schema. Every edge of the schema leads to one row. The list in the other
// direction, on the target entity, is derived from Back, so that each relation is written once.
type EdgeNote struct {
	Doc     string
	Back    string `json:",omitempty"` // API name of the list on the target entity; "" when the target has no list
	BackDoc string `json:",omitempty"` // description of that list
	Managed bool   `json:",omitempty"` // only the hub sets the edge; it is in no input
	Maker   bool   `json:",omitempty"` // defaults to the user that creates the row
	Needs   Action `json:",omitempty"` // action that the caller needs on the target row, besides seeing it

	Level classification.Level // sensitivity of the reference
	Ident classification.Identifiability
}

// Name is the key of the annotation in ent's graph.
func (EdgeNote) Name() string { return "HubEdge" }

// ThroughNote is the annotation of a many-to-many list that a joining entity connects.
type ThroughNote struct {
	Name   string // API name of the list on this entity
	Via    string // name of the joining entity
	Self   string // edge from the joining entity to this entity
	Target string // edge from the joining entity to the other entity
	Doc    string
}

// EntityNote is the annotation of an entity in ent/schema. Its fields have the meaning of the fields of Entity with the
// same names.
type EntityNote struct {
	Plural     string
	Prefix     string
	Doc        string
	Scope      Scope
	Machines   []Machine     `json:",omitempty"`
	Writes     []Action      `json:",omitempty"`
	Order      string        `json:",omitempty"`
	CodeColumn string        `json:",omitempty"`
	Reports    []string      `json:",omitempty"`
	Within     string        `json:",omitempty"`
	Through    []ThroughNote `json:",omitempty"`
	Rules
}

// Name is the key of the annotation in ent's graph.
func (EntityNote) Name() string { return "HubEntity" }

// Moves builds the transitions from one state to several others that all need the same action.
func Moves(needs Action, from string, to ...string) []Move {
	moves := make([]Move, len(to))
	for i, t := range to {
		moves[i] = Move{From: from, To: t, Needs: needs}
	}
	return moves
}
