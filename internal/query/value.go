package query

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"rightshub/internal/model"
)

// applyDerivationRule replaces the stored value by the generalised value of a derived field. It fails for a rule that
// it does not know.
func (v *Value) applyDerivationRule(rule string) error {
	if rule != "age_band" {
		return fmt.Errorf("no code computes the derivation rule %q of a field", rule)
	}
	*v = Value{Text: AgeBand(v.Time, time.Now().UTC())}
	return nil
}

// AgeBand returns the band of a person's age on the day on. It is a stored value of the enum AgeBand. Its bands are
// those of child-protection statistics, from "u6" (under 6 years) to "a60_plus".
func AgeBand(born, on time.Time) string {
	years := on.Year() - born.Year()
	if on.Month() < born.Month() || on.Month() == born.Month() && on.Day() < born.Day() {
		years--
	}
	for _, band := range []struct {
		below int
		name  string
	}{{6, "u6"}, {12, "a6_11"}, {15, "a12_14"}, {18, "a15_17"}, {25, "a18_24"}, {60, "a25_59"}} {
		if years < band.below {
			return band.name
		}
	}
	return "a60_plus"
}

// List returns the texts of a value of kind Strings or Enums. It returns nil when the value is null or no list.
func (v *Value) List() (out []string) {
	if json.Unmarshal([]byte(v.Text), &out) != nil {
		return nil
	}
	return out
}

// EqualsInput reports whether a stored value equals a value of an Input (Input lists the types). A nil input equals
// null only. An input of another type equals nothing. The kind is not used.
func (v *Value) EqualsInput(kind model.Kind, in any) bool {
	if in == nil || v.Null {
		return in == nil && v.Null
	}
	switch want := in.(type) {
	case string:
		return v.Text == want
	case int64:
		return v.Int == want
	case float64:
		return v.Float == want
	case bool:
		return v.Int != 0 == want
	case time.Time:
		return v.Time.Equal(want)
	case []string:
		return slices.Equal(v.List(), want)
	case map[string]string:
		var got map[string]string
		return json.Unmarshal([]byte(v.Text), &got) == nil && maps.Equal(got, want)
	}
	return false
}
