package query

import "strings"

// Fragment is a piece of SQL text and its arguments. A question mark in the text stands for one argument, in the order
// of Args. The zero Fragment is empty and ready to use. Its methods append to it and return it, so that calls chain.
type Fragment struct {
	text strings.Builder
	Args []any // string, int64, float64, bool, time.Time, or a driver.Valuer
}

// Add appends the words as SQL text, with no separator between them. The words are the program's own text, or names
// from the model. A value of a caller never becomes a word. It is appended with Arg. No word contains a question mark.
func (p *Fragment) Add(words ...string) *Fragment {
	if p.text.Cap() == 0 {
		p.text.Grow(128) // most fragments fit into 128 bytes and need no second allocation
	}
	for _, w := range words {
		p.text.WriteString(w)
	}
	return p
}

// Arg appends one question mark for each value, separated by commas, and the values to Args.
func (p *Fragment) Arg(values ...any) *Fragment {
	for i, v := range values {
		if i > 0 {
			p.text.WriteByte(',')
		}
		p.text.WriteByte('?')
		p.Args = append(p.Args, v)
	}
	return p
}

// Sub appends the text and the arguments of another fragment.
func (p *Fragment) Sub(o *Fragment) *Fragment {
	p.text.WriteString(o.text.String())
	p.Args = append(p.Args, o.Args...)
	return p
}

// String returns the text, with a question mark for each argument.
func (p *Fragment) String() string { return p.text.String() }
