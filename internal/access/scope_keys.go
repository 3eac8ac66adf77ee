package access

import (
	"github.com/google/uuid"

	"rightshub/internal/model"
)

// ScopeKeys lists keys of which every row has one, at the end of a path of its scope, on which the caller may do one of the
// actions; all where no list says it. They may reach more rows than the view, never fewer: they are for a second wall
// behind the view, which a mistake in the first one must not pass.
func (v *View) ScopeKeys(entity string, actions ...model.Action) (keys []uuid.UUID, all bool) {
	for _, a := range actions {
		more, every := v.RowsWhere(entity, a).scopeKeys()
		keys, all = unionKeys(keys, more), all || every
	}
	return keys, all
}

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
	case And: // what satisfies all of them satisfies the first that keys tell
		for _, k := range c.Kids {
			if keys, all := k.scopeKeys(); !all {
				return keys, false
			}
		}
	}
	return nil, true
}
