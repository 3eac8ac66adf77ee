package model

import "slices"

// The rules of child protection and of separation of duties that an entity states about its rows, beside its state
// machines. ent/schema states them, the generator checks them, and package rules enforces them. Of these rules, only
// Safeguarding binds the hub itself as well.

// Authors that the hub records on every row. Every other author of an Approval is a path of edges.
const (
	Creator = "created_by" // the user who created the row
	Editors = "edited_by"  // every user who changed the row's content, even when others changed it afterwards
)

// Approval is a rule of a state machine. It requires a second person for the moves that need the right to approve.
//
// A move to another state does not add to Editors. So a first approver may take the next step as well, except where the
// authors of that step name the first approver.
type Approval struct {
	To      []string // states that the rule is about; empty for every state that no other approval of the machine names
	By      string   // edge in which the hub records the approver; "" to record none
	Authors []string // users that must not approve, as Creator, Editors and paths of edges that lead to a user
}

// Approval returns the rule about a move that needs the action and leads to a state. It is nil when the move needs no
// second person.
func (m *Machine) Approval(needs Action, to string) *Approval {
	if needs != Approve {
		return nil
	}
	var others *Approval
	for i := range m.Approvals {
		switch a := &m.Approvals[i]; {
		case slices.Contains(a.To, to):
			return a
		case len(a.To) == 0 && others == nil:
			others = a
		}
	}
	return others
}

// ApprovedStates returns the states that a move with the right to approve leads to, under this rule of the machine. Nil
// stands for the moves that need no second person. The states are in the order of the moves.
func (m *Machine) ApprovedStates(a *Approval) []string {
	var out []string
	for _, move := range m.Moves {
		if move.Needs == Approve && m.Approval(move.Needs, move.To) == a && !slices.Contains(out, move.To) {
			out = append(out, move.To)
		}
	}
	return out
}

// Safeguarding is a rule of a state machine. A row cannot move to one of the states while its volunteer is barred,
// lacks a clear and unexpired safeguarding check of one of the kinds, or has a flagged check of any kind. A check of
// another kind counts only when it is on record. The rule is about the stored rows. A check that the caller may not see
// counts as well.
type Safeguarding struct {
	Before    []string // states that need the checks
	Volunteer string   // edge to the volunteer
	Kinds     []string // kinds of checks that must be on record
}

// Stamp records the moment of a move in a column of the row.
type Stamp struct {
	To     []string // states that the moves lead to
	Column string
}

// Rules are the rules about the rows of an entity that do not depend on a state machine.
type Rules struct {
	NotBy         Exclusion  `json:",omitzero"`
	Handovers     []Handover `json:",omitempty"`
	KeptWhile     []string   `json:",omitempty"` // lists of rows; while the caller sees any, the row cannot be archived
	DecidesRights bool       `json:",omitempty"` // the rights of users are computed from the rows
}

// Exclusion forbids a user to update a row that is about this user.
type Exclusion struct {
	Edge    string // edge to the user; "" excludes nobody
	Message string // answer to the user
}

// Handover lets only a caller with the right to archive a row change one of its edges, because that edge gives other
// people access to the row.
type Handover struct {
	Edge       string
	AllowFirst bool   // where a caller sees none, the right to update is enough to set an office of the caller's own
	Message    string // answer to a caller without the right
}
