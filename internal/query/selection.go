package query

import (
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// This file declares what a caller may request, in the terms of the model. These types hold no SQL and know no caller.
// The compiler adds the caller's view, so that no request can read beyond it.

// Selection states what to read of each row of one entity. The key of a row is always read.
type Selection struct {
	Entity      *model.Entity
	Cells       []Cell
	ToOne       []ToOneSelection // rows at the end of edges to one, read in the same statement
	Lists       []ListSelection  // lists at the end of edges to many, each read in one statement for all rows
	Masked      bool             // also report which fields are masked in each row
	Permissions []model.Action   // report for each whether the caller may do it to the row
}

// Cell is one value of a row. It is a field, or a generalised value that derives from the field.
type Cell struct {
	Field   *model.Field
	Derived *model.Derived // nil for the field itself

	// Localized reads a multilingual text in the first of the caller's languages in which it has a value, as a String.
	// Without it the value is the JSON of all languages.
	Localized bool
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

// List states which rows to read, in what order, how many of them, and what of each. No statement reads rows when Rows
// is false.
type List struct {
	Selection Selection
	Where     *Predicate // nil selects every row of the view
	Order     []Order    // empty for the entity's default order
	First     *int       // size of a page that begins after After or at the start, at most MaxPage
	After     string     // a cursor of this list, or ""
	Last      *int       // size of a page that ends before Before or at the end, at most MaxPage; excludes First
	Before    string     // a cursor of this list, or ""
	Rows      bool       // read rows, cursors or page information
	Cursors   bool       // give a cursor for each row
	Total     bool       // count the rows of all pages
}

// The number of rows of a page.
const (
	DefaultPage = 20  // without First and Last
	MaxPage     = 100 // the greatest First or Last
)

// PredicateOp is the operation of a Predicate. Rows at the end of an edge are visible rows only.
type PredicateOp uint8

// The operations of a Predicate.
const (
	PredicateAnd   PredicateOp = iota // all of Operands hold; true without operands
	PredicateOr                       // one of Operands holds; false without operands
	PredicateNot                      // Operands[0] is false or unknown
	PredicateField                    // Field, or the row's key, compared with Values
	PredicateToOne                    // the row at the end of Edge (ToOne) exists and satisfies Operands[0]
	PredicateSome                     // a row at the end of Edge satisfies Operands[0]
	PredicateNone                     // no row at the end of Edge satisfies Operands[0]

	// PredicateCount compares the number of rows at the end of Edge that satisfy Operands[0] with Values[0], an int64.
	PredicateCount
)

// Comparison is the way to compare a field. A null, whether stored or masked, satisfies no comparison except IsNull.
type Comparison uint8

// The comparisons of a Predicate.
const (
	Eq       Comparison = iota // the value equals Values[0]
	Neq                        // there is a value and it differs from Values[0]
	OneOf                      // the value is one of Values; never holds without Values
	NotOneOf                   // there is a value and it is none of Values
	Lt                         // the value is less than Values[0]
	Lte                        // the value is at most Values[0]
	Gt                         // the value is greater than Values[0]
	Gte                        // the value is at least Values[0]

	// Contains holds when a text contains Values[0], without regard to accents and to the case of A to Z. A
	// multilingual text may contain it in any language. A list (Strings, Enums) must have Values[0] as an element.
	Contains

	HasPrefix // like Contains, for the beginning of a text
	IsNull    // there is no value when Values[0] is true, and there is one when it is false
)

// Predicate is a condition on a row that a caller requests. The compiler applies it to what the caller may see.
type Predicate struct {
	Op         PredicateOp
	Operands   []Predicate
	Field      *model.Field // nil in a PredicateField for the row's key
	Comparison Comparison

	// Values holds string, int64, float64, bool, time.Time (Time, Date) or uuid.UUID values. A Decimal is an int64 of
	// hundredths, and an Enum the stored text.
	Values []any

	Edge *model.Edge
}

// Order is one key of an order. It orders by a field, or by the number of visible rows at the end of an edge. Null is
// greater than any value. The compiler adds the row's key as the last key.
type Order struct {
	Path  []*model.Edge // edges to one that lead to the row with Field or Count; empty for the row itself
	Field *model.Field  // ignored when Count is set
	Count *model.Edge   // the edge to count, or nil to order by Field
	Desc  bool
}

// Page is one page of a list.
type Page struct {
	Rows    []*Row
	Cursors []Cursor // one for each of Rows, if List.Cursors is set
	Next    bool     // rows follow after this page
	Prev    bool     // rows precede this page
	Total   int64    // number of rows of all pages, if List.Total is set
}

// StartCursor returns the sealed cursor of the first row, or "" when the page has no cursors.
func (p *Page) StartCursor() string {
	if len(p.Cursors) == 0 {
		return ""
	}
	return p.Cursors[0].String()
}

// EndCursor returns the sealed cursor of the last row, or "" when the page has no cursors.
func (p *Page) EndCursor() string {
	if len(p.Cursors) == 0 {
		return ""
	}
	return p.Cursors[len(p.Cursors)-1].String()
}

// Row is one row as the caller may see it.
type Row struct {
	ID        uuid.UUID // the stored key or the pseudonym of the row, whichever the caller sees
	Cells     []Value   // one for each of Selection.Cells
	ToOne     []*Row    // one for each of Selection.ToOne; nil where no row exists or the caller may not see it
	Lists     []*Page   // one for each of Selection.Lists
	Masked    []string  // sorted API names of the masked fields and edges, if Selection.Masked is set
	Permitted []bool    // one for each of Selection.Permissions

	StoredKey uuid.UUID // the key of the row in the database, which a caller under pseudonyms must not see
}

// Value is a value of a row. It is null, or has its value in the member for the kind of its field.
type Value struct {
	Null  bool
	Text  string    // String, Enum (as stored) and derived values; JSON of Texts, Enums and Strings
	Int   int64     // Int, Decimal (in hundredths) and Bool (0 or 1)
	Float float64   // Float
	Time  time.Time // Time and Date, in UTC
}

// Input is the new values that a caller writes, by the API names of fields and edges. A value is nil, string, int64,
// float64, bool, time.Time, []string (Strings, Enums as stored), map[string]string (Texts) or uuid.UUID (edges).
type Input map[string]any
