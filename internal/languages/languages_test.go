package languages_test

import (
	"testing"

	"rightshub/internal/languages"
)

// TestDefaultIsFirst checks that texts without a translation can be stored without their place in the list.
func TestDefaultIsFirst(t *testing.T) {
	if languages.All[0] != languages.Default {
		t.Errorf("the first language is %q and not %q", languages.All[0], languages.Default)
	}
}
