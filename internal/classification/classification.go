// Package classification holds the two tags of every field of the model. They say how sensitive a value is, and how far
// it identifies a person. Masks, filters, orderings, export gates and the data inventory are derived from these tags.
// Decisions about callers are made in package access.
package classification

import "fmt"

// Level is the sensitivity of a value, which decides which callers may read it in clear. The levels follow the four of
// the OCHA Data Responsibility Guidelines (2021), which are public, internal, confidential and strictly confidential.
type Level uint8

const (
	C0 Level = iota // public: may be published
	C1              // internal: staff of the organisation
	C2              // restricted: personal or operational data of adults
	C3              // highly sensitive: anything from a child's record
)

// String returns "C0" to "C3".
func (l Level) String() string { return fmt.Sprintf("C%d", uint8(l)) }

// ParseLevel reads "C0" to "C3".
func ParseLevel(s string) (Level, error) {
	if len(s) == 2 && s[0] == 'C' && s[1] >= '0' && s[1] <= '3' {
		return Level(s[1] - '0'), nil
	}
	return 0, fmt.Errorf("unknown level %q: write C0, C1, C2 or C3", s)
}

// Identifiability says how far a value identifies a person, and so what a caller without clear access gets instead.
type Identifiability string

const (
	// None marks values that are shown whenever their row is.
	None Identifiability = "none"
	// Quasi marks values that become null. A generalised field beside one may still be shown, as an age band beside a
	// birth date.
	Quasi Identifiability = "quasi"
	// Direct marks values that become null, as names, addresses, numbers, and all free text.
	Direct Identifiability = "direct"
)

// Tag is the classification of one field.
type Tag struct {
	Level Level
	Ident Identifiability
}

// Valid reports whether both tags are set to known values.
func (t Tag) Valid() bool {
	return t.Level <= C3 && (t.Ident == None || t.Ident == Quasi || t.Ident == Direct)
}

// IsSensitive reports whether values of the class are data about a child that identify a person, directly or together
// with other values. This is the one rule of what the hub treats with most care. Each disclosure of such a value is
// recorded, and no stored response may hold one. Values of C3 that identify nobody, such as the state of a case, are
// shown with their row.
func (t Tag) IsSensitive() bool { return t.Level == C3 && t.Ident != None }

// String returns, for example, "C3 direct".
func (t Tag) String() string { return t.Level.String() + " " + string(t.Ident) }
