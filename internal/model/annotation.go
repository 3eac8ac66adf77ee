package model

import (
	"rightshub/internal/classification"
)

// FieldNote is what ent/schema adds to a field: its class, and what the API makes of it.
type FieldNote struct {
	Level    classification.Level
	Ident    classification.Identifiability
	Kind     Kind      `json:",omitempty"` // where ent's own type does not say it: Date, Texts, Enums, Decimal
	Values   []string  `json:",omitempty"` // Enums
	EnumName string    `json:",omitempty"` // API name of the enum, when several fields share it
	Internal bool      `json:",omitempty"`
	Managed  bool      `json:",omitempty"`
	Distinct bool      `json:",omitempty"`
	MaxLen   int       `json:",omitempty"`
	Derived  []Derived `json:",omitempty"`

	Unique    bool `json:",omitempty"`
	Pseudonym bool `json:",omitempty"`
	Traces    bool `json:",omitempty"`

	Range  Range  `json:",omitzero"`
	Format Format `json:",omitempty"`
	After  string `json:",omitempty"` // the column of the time that this one does not lie before
}

// Name is the key of the annotation in ent's graph.
func (FieldNote) Name() string { return "HubField" }

// EdgeNote is what ent/schema adds to an edge. Every edge of the schema leads to one row; the list back, on the
// target, is derived from Back, so that it is written once.
type EdgeNote struct {
	Doc     string
	Back    string `json:",omitempty"` // API name of the list on the target; "" for none
	BackDoc string `json:",omitempty"`
	Managed bool   `json:",omitempty"` // set by the hub: never in an input
	Maker   bool   `json:",omitempty"` // leads to whoever makes the row, unless they name another
	Needs   Action `json:",omitempty"` // what one must be allowed to do to a row to refer to it, besides seeing it

	Level classification.Level // of the reference
	Ident classification.Identifiability
}

// Name is the key of the annotation in ent's graph.
func (EdgeNote) Name() string { return "HubEdge" }

// ThroughNote states a many-to-many list over a joining entity.
type ThroughNote struct {
	Name   string // API name of the list here
	Via    string // joining entity
	Self   string // its edge to this entity
	Target string // its edge to the other entity
	Doc    string
}

// EntityNote is what ent/schema adds to an entity.
type EntityNote struct {
	Plural   string
	Prefix   string
	Doc      string
	Scope    Scope
	Machines []Machine     `json:",omitempty"`
	Writes   []Action      `json:",omitempty"`
	Order    string        `json:",omitempty"`
	Natural  string        `json:",omitempty"`
	Reports  []string      `json:",omitempty"` // columns that those may write too who may update a row but not approve one; none: all
	Within   string        `json:",omitempty"` // edge to the row that this one belongs to, whose country it has
	Through  []ThroughNote `json:",omitempty"`
}

// Name is the key of the annotation in ent's graph.
func (EntityNote) Name() string { return "HubEntity" }

// Moves builds transitions from one state to several with the same needed action.
func Moves(needs Action, from string, to ...string) []Move {
	moves := make([]Move, len(to))
	for i, t := range to {
		moves[i] = Move{From: from, To: t, Needs: needs}
	}
	return moves
}
