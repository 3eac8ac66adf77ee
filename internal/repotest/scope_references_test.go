package repotest_test

import (
	"slices"
	"strings"
	"testing"

	"rightshub/internal/model"
)

// openReferences lists the references that bring a row into a scope although their author needs no right to change the
// row, and why.
var openReferences = map[string]string{
	"InterventionPartner.partner": "the whole organisation sees partners, also those of other countries",
}

// A scope that leads back over a reference makes the referring row bring another row into the scope. The author of the
// referring row must have the right to change the other row. Otherwise a person with two roles could see a row by one
// role and bring it into the scope of the other role.
func TestScopeReferencesRequireUpdate(t *testing.T) {
	led := 0
	for _, e := range theModel.Entities() {
		for _, path := range slices.DeleteFunc(e.Scope.Paths(), func(p string) bool { return p == "id" }) {
			at := e
			for step := range strings.SplitSeq(path, ".") {
				edge := at.Edge(step)
				if edge == nil {
					break
				}
				by := &model.Edge{Needs: model.Update}
				name := ""
				switch edge.Kind {
				case model.ToMany:
					by, name = referenceInColumn(edge.Target, edge.Column)
				case model.Through:
					by, name = referenceInColumn(edge.Via, edge.ViaSelf)
				}
				if name != "" {
					led++
				}
				if by.Needs != model.Update && openReferences[name] == "" {
					t.Errorf("%s of %s leads back over %s, which needs no right to change the row: write needs(model.Update)",
						path, e.Name, name)
				}
				at = theModel.Target(edge)
			}
		}
	}
	if led == 0 {
		t.Error("no scope leads back over a reference")
	}
}

// referenceInColumn returns the reference that an entity has in a column, and its name.
func referenceInColumn(entity, column string) (*model.Edge, string) {
	edges := theModel.Entity(entity).Edges
	i := slices.IndexFunc(edges, func(edge model.Edge) bool { return edge.Kind == model.ToOne && edge.Column == column })
	return &edges[i], entity + "." + edges[i].Name
}
