package access

import (
	"reflect"
	"time"
)

// Same reports whether two views give the same rights. What depends on the day (consents, ages) may still differ
// where the days of their clocks do: see Day.
func (v *View) Same(o *View) bool {
	if v == o {
		return true
	}
	a, b := *v, *o
	a.subject.Now, b.subject.Now = time.Time{}, time.Time{}
	return reflect.DeepEqual(a, b)
}

// Day is the UTC day of the view's clock.
func (v *View) Day() time.Time { return v.subject.Now.UTC().Truncate(24 * time.Hour) }
