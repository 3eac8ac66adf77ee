// Package hubtables describes the tables that the hub needs for its own work. They hold no entity, and the API does not
// show them. Packages changefeed and store use them. The package imports neither, because internal/codegen writes the
// migrations of these tables. The generator must build even when the code that it generates does not.
package hubtables

import "entgo.io/ent/schema/field"

// Table is a table of the hub. Its first column is the key.
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

// All returns all tables of the hub.
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
		{ // The checkpoints of the rows that a caller knows, for tokens of changes. The depth is 0 for the rows
			// themselves. For a list of such marks it is 1, or 2 when it was made before the last page.
			Name: "change_marks",
			Columns: []Column{
				{Name: "id", Type: field.TypeUUID},
				{Name: "owner", Type: field.TypeString, Size: 60},
				{Name: "depth", Type: field.TypeInt},
				{Name: "entries", Type: field.TypeBytes},
				{Name: "made_at", Type: field.TypeTime, Nullable: true},
				{Name: "kept_until", Type: field.TypeTime},
			},
			Indexes: []Index{
				{"change_marks_owner_depth", []string{"owner", "depth", "made_at"}},
				{"change_marks_kept", []string{"kept_until"}},
			},
		},
		{ // up to where in the feed the rows of a token of changes are compared with the caller's view
			Name: "change_positions",
			Columns: []Column{
				{Name: "id", Type: field.TypeUUID},
				{Name: "owner", Type: field.TypeString, Size: 60},
				{Name: "feed_position", Type: field.TypeString, Size: 1 << 31},
				{Name: "compared", Type: field.TypeBytes},
				{Name: "begun_at", Type: field.TypeTime},
				{Name: "read_at", Type: field.TypeTime},
			},
			Indexes: []Index{
				{"change_positions_owner", []string{"owner", "read_at"}},
				{"change_positions_read_at", []string{"read_at"}},
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
		{ // a check value of the hub's secret, from which nobody learns the secret
			Name: "hub_secrets",
			Columns: []Column{
				{Name: "id", Type: field.TypeString, Size: 20},
				{Name: "check_value", Type: field.TypeString, Size: 64},
			},
		},
		{ // The record of access takes its numbers from here. They grow without a lock, and the table is always empty.
			// The numbers of the feed would disclose how much was written between two events.
			Name: "record_numbers",
			Columns: []Column{
				{Name: "id", Type: field.TypeInt64, Increment: true},
				{Name: "at", Type: field.TypeTime},
			},
		},
	}
}
