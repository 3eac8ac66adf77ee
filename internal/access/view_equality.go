package access

import (
	"maps"
	"reflect"
	"slices"
	"time"
)

// SameRights reports whether two views give the same rights. Values that depend on the day, such as consents and ages,
// may still differ when the views have different days. Compare ClockDay for these.
func (v *View) SameRights(o *View) bool {
	if v == o {
		return true
	}
	sameConds := func(a, b [4]*Cond) bool { return slices.EqualFunc(a[:], b[:], equalExceptDay) }
	sameEntity := func(a, b *entityView) bool {
		return a.pseudonymous == b.pseudonymous && maps.EqualFunc(a.conds, b.conds, sameConds) &&
			a.sharesFields == b.sharesFields && equalExceptDay(&a.wholeRow, &b.wholeRow)
	}
	return v.key == o.key && v.subject.User == o.subject.User && v.subject.Purpose == o.subject.Purpose &&
		maps.EqualFunc(v.entities, o.entities, sameEntity)
}

// equalExceptDay reports whether two conditions are equal when the current day is ignored. The days of the period of an
// audit are compared.
func equalExceptDay(a, b *Cond) bool {
	today := a.Op == ConsentCovers || a.Op == ReferredToPartner || a.Op == OwnConsentCovers || a.Op == NotEnded
	return a.Op == b.Op && a.Column == b.Column && a.Edge == b.Edge && a.Text == b.Text &&
		(today || a.Day.Equal(b.Day)) && a.Last.Equal(b.Last) &&
		slices.Equal(a.Values, b.Values) && slices.Equal(a.Words, b.Words) &&
		slices.EqualFunc(a.Kids, b.Kids, func(a, b Cond) bool { return equalExceptDay(&a, &b) })
}

// ClockDay returns the UTC day of the view's clock.
func (v *View) ClockDay() time.Time { return utcDay(v.subject.Now) }

// SameHoldings reports whether the same user, read again later, has the same roles, grants and emergencies on the same
// day, so that the view of s still serves it. No assignment, grant or emergency may begin or end between the two
// readings.
func (s Subject) SameHoldings(later Subject) bool {
	next, now := s.NextChange(), later.Now
	later.Now = s.Now
	return !now.Before(s.Now) && utcDay(now).Equal(utcDay(s.Now)) && (next.IsZero() || now.Before(next)) &&
		reflect.DeepEqual(s, later)
}

// NextChange returns the next time at which an assignment, a grant or an emergency begins or ends. It returns the zero
// time when there is none.
func (s Subject) NextChange() (next time.Time) {
	consider := func(times ...time.Time) {
		for _, t := range times {
			if t.After(s.Now) && (next.IsZero() || t.Before(next)) {
				next = t
			}
		}
	}
	for _, a := range s.Assignments {
		consider(a.From, a.Until)
	}
	for _, g := range s.Grants {
		consider(g.From, g.Until)
	}
	for _, e := range s.Emergency {
		consider(e.Until)
	}
	return next
}
