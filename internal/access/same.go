package access

import (
	"maps"
	"reflect"
	"slices"
	"time"
)

// Same reports whether two views give the same rights. What depends on the day (consents, ages) may still differ
// where the days of their clocks do: see Day.
func (v *View) Same(o *View) bool {
	if v == o {
		return true
	}
	return v.key == o.key && v.subject.User == o.subject.User && v.subject.Purpose == o.subject.Purpose &&
		maps.EqualFunc(v.entities, o.entities, func(a, b *entityView) bool {
			return a.pseudonym == b.pseudonym && maps.EqualFunc(a.conds, b.conds, func(a, b [4]*Cond) bool { return slices.EqualFunc(a[:], b[:], alike) })
		})
}

// alike reports whether two conditions are the same but for what day it is.
func alike(a, b *Cond) bool {
	today := a.Op == Covered || a.Op == Referred || a.Op == Agreed || a.Op == Lasting
	return a.Op == b.Op && a.Column == b.Column && a.Edge == b.Edge && a.Text == b.Text && (today || a.Day.Equal(b.Day)) && a.Last.Equal(b.Last) &&
		slices.Equal(a.Values, b.Values) && slices.Equal(a.Words, b.Words) && slices.EqualFunc(a.Kids, b.Kids, func(a, b Cond) bool { return alike(&a, &b) })
}

// Day is the UTC day of the view's clock.
func (v *View) Day() time.Time { return v.subject.Now.UTC().Truncate(24 * time.Hour) }

// Alike reports whether the same person, read later, holds the same, so that one view serves both: nothing was written,
// and neither a day nor a time that counts lies between.
func (s Subject) Alike(later Subject) bool {
	next, now := s.Next(), later.Now
	later.Now = s.Now
	return !now.Before(s.Now) && day(now).Equal(day(s.Now)) && (next.IsZero() || now.Before(next)) && reflect.DeepEqual(s, later)
}

// Next is when the clock alone next changes what the subject holds; zero when it never does.
func (s Subject) Next() (next time.Time) {
	at := func(times ...time.Time) {
		for _, t := range times {
			if t.After(s.Now) && (next.IsZero() || t.Before(next)) {
				next = t
			}
		}
	}
	for _, a := range s.Assignments {
		at(a.From, a.Until)
	}
	for _, g := range s.Grants {
		at(g.From, g.Until)
	}
	for _, e := range s.Emergency {
		at(e.Until)
	}
	return next
}
