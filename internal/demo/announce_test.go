package demo_test

import (
	"testing"

	"rightshub/internal/demo"
	"rightshub/internal/store"
)

// A demonstration that ends leaves another's announcement where it is, and takes its own away.
func TestWithdraw(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, url := range []string{"http://127.0.0.1:1", "http://127.0.0.1:2"} {
		if err := demo.Announce(store.NewSecret(), url); err != nil {
			t.Fatal(err)
		}
	}
	demo.Withdraw("http://127.0.0.1:1")
	if r, err := demo.Find(); err != nil || r.URL != "http://127.0.0.1:2" {
		t.Fatalf("the other's: %v %v", r, err)
	}
	demo.Withdraw("http://127.0.0.1:2")
	if _, err := demo.Find(); err == nil {
		t.Error("its own is still there")
	}
}
