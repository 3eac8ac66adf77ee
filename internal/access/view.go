package access

import (
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// Subject is who is calling, with everything that decides what they may do, read once per request.
type Subject struct {
	User        uuid.UUID // the user's key; uuid.Nil for a system task
	Name        string    // stable name for the log: the user's key, or the system task's name. Never an e-mail address
	Assignments []Assignment
	Purpose     string    // what the request said it is for (Purpose-Of-Use); "" when it did not
	Now         time.Time // the database's clock; assignments outside their dates do not count
}

// Assignment is a role held within a scope for a time. An empty list means: no key of that kind.
type Assignment struct {
	ID            uuid.UUID
	Role          string
	Everywhere    bool // the role's country scope is every country
	Countries     []uuid.UUID
	Offices       []uuid.UUID
	Partners      []uuid.UUID
	Interventions []uuid.UUID
	From, Until   time.Time // a zero time is open
}

// Op is the operator of a Cond.
type Op uint8

const (
	False Op = iota // no row; the zero Cond denies
	True            // every row
	And             // all of Kids
	Or              // any of Kids
	Not             // not Kids[0]
	In              // the column's value is one of Values
	Via             // a row reached by Edge satisfies Kids[0]
)

// Cond is a condition on one row of an entity, in the model's terms. The store turns it into SQL; the tests of this
// package evaluate it on plain values. It is immutable.
type Cond struct {
	Op     Op
	Kids   []Cond
	Column string      // In: a column of the entity ("id", "country_id")
	Values []uuid.UUID // In: never empty
	Edge   string      // Via: API name of an edge of the entity
}

// View is V(u): what one caller may see and do, compiled from the policies and the caller's live assignments.
// It is immutable and holds no reference to either.
type View struct {
	subject  Subject
	entities map[string]*entityView
	key      string
}

type entityView struct {
	actions map[model.Action]Cond
	clear   [4]Cond // by level: where an identifying cell of that level is clear
}
