package access

import (
	"github.com/google/uuid"

	"rightshub/internal/model"
)

// ScopeKeys lists keys for row-level security in the database, which is a second check behind the view and must stop a
// mistake in the first. Every row on which the caller may do one of the actions has one of the keys at the end of a
// path of its scope. The keys may cover more rows than the view, but never fewer. When no list of keys covers all the
// rows, all is true.
func (v *View) ScopeKeys(entity string, actions ...model.Action) (keys []uuid.UUID, all bool) {
	for _, a := range actions {
		more, every := v.RowsWhere(entity, a).scopeKeys()
		keys, all = unionKeys(keys, more), all || every
	}
	return keys, all
}

// scopeKeys lists keys that every row of the condition has, or reports that it needs all rows.
func (c Cond) scopeKeys() (keys []uuid.UUID, all bool) {
	switch c.Op {
	case False:
		return nil, false
	case KeyIn, ReferredToPartner:
		return c.Values, false
	case Via:
		return c.Kids[0].scopeKeys()
	case Or:
		for _, k := range c.Kids {
			more, every := k.scopeKeys()
			keys, all = unionKeys(keys, more), all || every
		}
		return keys, all
	case And: // each row satisfies all operands, so the keys of the first operand that has a list suffice
		for _, k := range c.Kids {
			if keys, all := k.scopeKeys(); !all {
				return keys, false
			}
		}
	}
	return nil, true
}
