// Package hubtables describes the tables of the store itself. They hold no entity, and the API does not show them.
// The package stands apart from the store so that internal/codegen can write migrations of them: the generator must
// build while what it generates does not.
package hubtables

import "entgo.io/ent/schema/field"

// Table is one of them. Its first column is the key.
type Table struct {
	Name    string
	Columns []Column
	Indexes []Index
}

// Column is a column of a Table.
type Column struct {
	Name      string
	Type      field.Type
	Size      int64 // of a text, at most
	Nullable  bool
	Increment bool
}

// Index is an index of a Table.
type Index struct {
	Name    string
	Columns []string
}

// All returns the tables.
func All() []Table {
	return []Table{
		{ // the feed of changes
			Name: "row_changes",
			Columns: []Column{
				{Name: "id", Type: field.TypeInt64, Increment: true},
				{Name: "xid", Type: field.TypeInt64},
				{Name: "entity", Type: field.TypeString, Size: 60},
				{Name: "row_key", Type: field.TypeUUID, Nullable: true},
				{Name: "at", Type: field.TypeTime},
			},
			Indexes: []Index{{"row_changes_xid", []string{"xid"}}, {"row_changes_at", []string{"at"}}},
		},
		{ // what a device that follows changes knows already
			Name: "change_marks",
			Columns: []Column{
				{Name: "id", Type: field.TypeUUID},
				{Name: "owner", Type: field.TypeString, Size: 60},
				{Name: "parent_id", Type: field.TypeUUID, Nullable: true},
				{Name: "depth", Type: field.TypeInt},
				{Name: "entries", Type: field.TypeBytes},
				{Name: "kept_until", Type: field.TypeTime},
			},
			Indexes: []Index{
				{"change_marks_owner", []string{"owner", "kept_until"}},
				{"change_marks_kept", []string{"kept_until"}},
			},
		},
		{ // the answers to requests with an Idempotency-Key
			Name: "hub_answers",
			Columns: []Column{
				{Name: "id", Type: field.TypeString, Size: 64},
				{Name: "payload", Type: field.TypeString, Size: 64},
				{Name: "claim", Type: field.TypeString, Size: 64},
				{Name: "claimed_until", Type: field.TypeInt64},
				{Name: "kept_until", Type: field.TypeInt64},
				{Name: "answer", Type: field.TypeString, Size: 1 << 31, Nullable: true},
			},
			Indexes: []Index{{"hub_answers_kept_until", []string{"kept_until"}}},
		},
		{ // The record of access takes its numbers from here: they grow, without a lock. It holds no row. The feed's
			// numbers would tell how much was written in between.
			Name: "record_numbers",
			Columns: []Column{
				{Name: "id", Type: field.TypeInt64, Increment: true},
				{Name: "at", Type: field.TypeTime},
			},
		},
	}
}
