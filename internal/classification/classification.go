// Package classification holds the two tags that every field of the model carries: how sensitive a value is,
// and how far it identifies a person. Masks, filters, orderings, export gates and the data inventory are all
// derived from these tags. The package decides nothing about callers; that is package access.
package classification

import "fmt"

// Level says who may read a value in clear. It follows the four levels of the OCHA Data Responsibility
// Guidelines (2021): public, internal, confidential, strictly confidential.
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

// Identifiability says what a caller without clear access gets in place of the value.
type Identifiability string

const (
	None   Identifiability = "none"   // the value stays, or disappears with its row
	Quasi  Identifiability = "quasi"  // null; a generalised field beside it may say less (birth date -> age band)
	Direct Identifiability = "direct" // null; names, addresses, numbers, and all free text
)

// Tag is the pair of tags of one field.
type Tag struct {
	Level Level
	Ident Identifiability
}

// Valid reports whether both tags are set to known values.
func (t Tag) Valid() bool {
	return t.Level <= C3 && (t.Ident == None || t.Ident == Quasi || t.Ident == Direct)
}

// String returns, for example, "C3 direct".
func (t Tag) String() string { return t.Level.String() + " " + string(t.Ident) }
