package limit

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// What a condition counts as, in objects. The database tries a condition on the rows at the end of an edge again for
// each row before it. Down a tree (countries, offices, interventions) that is each row once; but up an edge to one and
// down to many again (a child, its intervention, that intervention's children) it is all of them for each of them.
const (
	conditionCost             = 10
	listConditionCost         = 20
	repeatedListConditionCost = 300
)

// whereCost is what a where costs. The value is of the type, which is an input object.
func whereCost(schema *ast.Schema, def *ast.Definition, v any, each int, climbed bool) (sum int) {
	switch v := v.(type) {
	case []any:
		for _, inner := range v {
			sum = addSaturating(sum, whereCost(schema, def, inner, each, climbed))
		}
		return sum
	case map[string]any:
		sum = each
		for name, inner := range v {
			f := def.Fields.ForName(name)
			if f == nil || inner == nil {
				continue
			}
			next := schema.Types[f.Type.Name()]
			switch {
			case next == nil || !strings.HasSuffix(next.Name, "Where"): // comparisons
				sum = addSaturating(sum, each)
			case name == "and" || name == "or" || name == "not":
				sum = addSaturating(sum, whereCost(schema, next, inner, each, climbed))
			case strings.HasSuffix(next.Name, "ListWhere"):
				factor := listConditionCost
				if climbed {
					factor = repeatedListConditionCost
				}
				sum = addSaturating(sum, whereCost(schema, next, inner, multiplySaturating(each, factor), climbed))
			case strings.HasSuffix(def.Name, "ListWhere"): // some, none
				sum = addSaturating(sum, whereCost(schema, next, inner, each, climbed))
			default:
				sum = addSaturating(sum, whereCost(schema, next, inner, each, true))
			}
		}
	}
	return sum
}
