package query

import (
	"crypto/sha256"
	"fmt"
	"io"

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// pageSize returns the number of rows of the page, and whether the page is read from the end of the list. It fails when
// First and Last are both set, or when the number is not from 0 to MaxPage.
func (l *List) pageSize() (n int, backwards bool, err error) {
	name, size := "first", l.First
	if l.Last != nil {
		if l.First != nil {
			return 0, false, fault.InvalidField("last", "ask for first or for last, not for both.")
		}
		name, size, backwards = "last", l.Last, true
	}
	if size == nil {
		return DefaultPage, l.Before != "" && l.After == "", nil
	}
	if *size < 0 || *size > MaxPage {
		return 0, false, fault.InvalidField(name, "must be from 0 to %d.", MaxPage)
	}
	return *size, backwards, nil
}

// cursorBinding returns a hash of the list and of the caller to which a cursor belongs. Key identifies the caller's
// view. The edge is nil for a list at the root. Lists of other entities, edges, orders or predicates give another hash.
func (l *List) cursorBinding(key string, edge *model.Edge) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q ", key, l.Selection.Entity.Name)
	if edge != nil {
		fmt.Fprintf(h, "%q ", edge.Name)
	}
	for _, o := range l.Order {
		for _, step := range o.Path {
			fmt.Fprintf(h, ".%s", step.Name)
		}
		if o.Field != nil {
			fmt.Fprintf(h, ".%s", o.Field.Name)
		}
		if o.Count != nil {
			fmt.Fprintf(h, "#%s", o.Count.Name)
		}
		fmt.Fprintf(h, " %v,", o.Desc)
	}
	l.Where.writeCanonical(h)
	return h.Sum(nil)
}

// writeCanonical writes the predicate for cursorBinding, so that different predicates give different text.
func (p *Predicate) writeCanonical(w io.Writer) {
	if p == nil {
		return
	}
	fmt.Fprintf(w, "(%d %d", p.Op, p.Comparison)
	if p.Field != nil {
		fmt.Fprintf(w, " %s", p.Field.Name)
	}
	if p.Edge != nil {
		fmt.Fprintf(w, " %s", p.Edge.Name)
	}
	for _, v := range p.Values {
		fmt.Fprintf(w, " %q", fmt.Sprint(v))
	}
	for i := range p.Operands {
		p.Operands[i].writeCanonical(w)
	}
	fmt.Fprint(w, ")")
}
