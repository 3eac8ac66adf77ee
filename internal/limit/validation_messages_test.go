package limit

import (
	"testing"

	"github.com/vektah/gqlparser/v2/validator/rules"
)

// TestRulesAreClassified checks that it is known of each rule whether its messages contain values of the document. A
// rule that is new in the library must be read before its messages are shown.
func TestRulesAreClassified(t *testing.T) {
	names := map[string]bool{rules.ValuesOfCorrectTypeRuleWithoutSuggestions.Name: true}
	for name := range rulesWithoutValues {
		names[name] = true
	}
	for name := range validationRules().GetInner() {
		if !names[name] {
			t.Errorf("the rule %s is not in rulesWithoutValues", name)
		}
		delete(names, name)
	}
	for name := range names {
		t.Errorf("the rule %s does not exist", name)
	}
}
