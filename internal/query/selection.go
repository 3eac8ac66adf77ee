package query

import (
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// What may be asked of the store, in the model's terms. None of it holds SQL, and none of it knows the caller: the
// caller's view is added where it is compiled, so that nothing that can be asked here can reach beyond the view.

// Selection is what to read of each row of one entity. The key of a row is always read.
type Selection struct {
	Entity      *model.Entity
	Cells       []Cell
	ToOne       []ToOneSelection // rows reached by edges to one, read in the same statement
	Lists       []ListSelection  // lists reached by edges to many, one statement for all rows
	Masked      bool             // also say which fields are masked in each row
	Permissions []model.Action
}

// Cell is one value of a row: a field, or a generalised field derived from it.
type Cell struct {
	Field     *model.Field
	Derived   *model.Derived // nil for the field itself
	Localized bool           // of a multilingual text, what it says in the first of the caller's languages that it has
}

// ToOneSelection reads the row at the end of an edge of kind ToOne.
type ToOneSelection struct {
	Edge      *model.Edge
	Selection Selection
}

// ListSelection reads a page of the rows at the end of an edge of kind ToMany or Through, for each row of its parent.
type ListSelection struct {
	Edge *model.Edge
	List List
}

// List is a page of rows: which, in what order, how many, and what of each. A list without cells, edges, lists
// and cursors that only wants Total sends no statement for rows.
type List struct {
	Selection Selection
	Where     *Predicate // nil: every row of the view
	Order     []Order
	First     *int   // at most MaxPage; nil with Last nil: DefaultPage
	After     string // a cursor of this list, or ""
	Last      *int
	Before    string
	Rows      bool // rows, cursors or page information are wanted
	Cursors   bool // cursors are wanted
	Total     bool // the number of all rows is wanted
}

// Page sizes.
const (
	DefaultPage = 20
	MaxPage     = 100
)

// PredicateOp is the kind of a Pred.
type PredicateOp uint8

const (
	PredicateAnd   PredicateOp = iota // all of Kids; none: true
	PredicateOr                       // any of Kids; none: false
	PredicateNot                      // Kids[0] is false or unknown
	PredicateField                    // Field compared with Values
	PredicateToOne                    // the row at the end of Edge (ToOne) exists and satisfies Kids[0]
	PredicateSome                     // a row at the end of Edge satisfies Kids[0]
	PredicateNone                     // no row at the end of Edge satisfies Kids[0]
	PredicateCount                    // the number of rows at the end of Edge that satisfy Kids[0], compared with Values[0] (int64)
)

// Comparison is how a field is compared. A comparison with a null, masked or stored, is never true, save Null.
type Comparison uint8

const (
	Eq        Comparison = iota // is Values[0]
	Neq                         // has a value and it is not Values[0]
	OneOf                       // is one of Values; none: false
	NotOneOf                    // has a value and it is none of Values
	Lt                          //
	Lte                         //
	Gt                          //
	Gte                         //
	Contains                    // text contains Values[0], upper and lower case alike; Strings and Enums: one of the list is Values[0]
	HasPrefix                   // text begins with Values[0], upper and lower case alike
	IsNull                      // Values[0] is true: has no value; false: has one
)

// Predicate is a condition that a caller asks for. Field nil in a PredField means the row's key.
type Predicate struct {
	Op         PredicateOp
	Operands   []Predicate
	Field      *model.Field
	Comparison Comparison
	Values     []any // string, int64, float64, bool, time.Time (Time, Date), uuid.UUID; Decimal as int64 hundredths; Enum as stored
	Edge       *model.Edge
}

// Order is one key of an order. Path leads over edges to one to the entity of Field; Count, when set, orders by the
// number of rows at the end of that edge. Null counts as greater than any value. The row's key is always the last.
type Order struct {
	Path  []*model.Edge
	Field *model.Field
	Count *model.Edge
	Desc  bool
}

// Page is a part of a list.
type Page struct {
	Rows    []*Row
	Cursors []string // beside Rows, when asked for
	Next    bool     // more rows follow
	Prev    bool     // more rows precede
	Total   int64    // when asked for
}

// Row is one row as the caller may see it.
type Row struct {
	ID        uuid.UUID // as the caller knows the row
	Cells     []Value   // beside Ask.Cells
	ToOne     []*Row    // beside Ask.One; nil when there is none or it is hidden
	Lists     []*Page   // beside Ask.Lists
	Masked    []string
	Permitted []bool // beside Ask.Can

	StoredKey uuid.UUID // the row's own
}

// Value is a cell: null, or a value in the form that its field's kind says.
type Value struct {
	Null  bool
	Text  string    // String, Enum (as stored), Derived; Texts, Enums, Strings: JSON
	Int   int64     // Int, Decimal (hundredths); Bool: 0 or 1
	Float float64   // Float
	Time  time.Time // Time, Date
}

// Input is what a caller writes: API names of fields and edges to their new values. Values are nil, string, int64,
// float64, bool, time.Time, []string (Strings, Enums as stored), map[string]string (Texts), uuid.UUID (edges).
type Input map[string]any
