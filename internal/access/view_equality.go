package access

import (
	"maps"
	"reflect"
	"slices"
	"time"
)

// SameRights reports whether two views give the same rights. What depends on the day (consents, ages) may still differ
// where the days of their clocks do: see Day.
func (v *View) SameRights(o *View) bool {
	if v == o {
		return true
	}
	return v.key == o.key && v.subject.User == o.subject.User && v.subject.Purpose == o.subject.Purpose &&
		maps.EqualFunc(v.entities, o.entities, func(a, b *entityView) bool {
			return a.pseudonymous == b.pseudonymous && maps.EqualFunc(a.conds, b.conds, func(a, b [4]*Cond) bool { return slices.EqualFunc(a[:], b[:], equalExceptDay) })
		})
}

// equalExceptDay reports whether two conditions are the same but for what day it is.
func equalExceptDay(a, b *Cond) bool {
	today := a.Op == ConsentCovers || a.Op == ReferredToPartner || a.Op == OwnConsentCovers || a.Op == NotEnded
	return a.Op == b.Op && a.Column == b.Column && a.Edge == b.Edge && a.Text == b.Text && (today || a.Day.Equal(b.Day)) && a.Last.Equal(b.Last) &&
		slices.Equal(a.Values, b.Values) && slices.Equal(a.Words, b.Words) && slices.EqualFunc(a.Kids, b.Kids, func(a, b Cond) bool { return equalExceptDay(&a, &b) })
}

// ClockDay is the UTC day of the view's clock.
func (v *View) ClockDay() time.Time { return v.subject.Now.UTC().Truncate(24 * time.Hour) }

// SameHoldings reports whether the same person, read later, holds the same, so that one view serves both: nothing was written,
// and neither a day nor a time that counts lies between.
func (s Subject) SameHoldings(later Subject) bool {
	next, now := s.NextChange(), later.Now
	later.Now = s.Now
	return !now.Before(s.Now) && utcDay(now).Equal(utcDay(s.Now)) && (next.IsZero() || now.Before(next)) && reflect.DeepEqual(s, later)
}

// NextChange is when the clock alone next changes what the subject holds; zero when it never does.
func (s Subject) NextChange() (next time.Time) {
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
