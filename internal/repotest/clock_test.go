package repotest_test

import (
	"go/ast"
	"slices"
	"testing"
)

// databaseClockPackages store times, or decide by them what has ended. They take the time from the database's clock.
var databaseClockPackages = []string{"internal/accounts", "internal/record", "internal/rules", "internal/store"}

// Times that are stored are of the database's clock, which all hubs on a database share.
func TestDatabaseClock(t *testing.T) {
	for _, f := range listHandWrittenGo(t) {
		if f.isTest() || !slices.Contains(databaseClockPackages, f.directory()) {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := call.X.(*ast.Ident)
			if ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, call.Sel.Name) {
				t.Errorf("%s uses time.%s. Take the time from database.DB.CurrentTime.",
					f.fset.Position(n.Pos()), call.Sel.Name)
			}
			return true
		})
	}
}
