package limit

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Costs of conditions, in objects. The database evaluates a condition on related rows again for each row that refers to
// them. Down a tree (countries, offices, interventions) it reads each row once. Up an edge to one row and down again to
// many (a child, its intervention, the children of that intervention) it reads all rows for each row.
const (
	conditionCost             = 10
	listConditionCost         = 20
	repeatedListConditionCost = 300
)

// whereCost returns the cost of a where argument, whose value has the input object type def. Each condition in it costs
// each. The flag climbed says that the conditions are reached over an edge to one row.
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
			case next == nil || !strings.HasSuffix(next.Name, "Where"): // a comparison
				sum = addSaturating(sum, each)
			case name == "and" || name == "or" || name == "not":
				sum = addSaturating(sum, whereCost(schema, next, inner, each, climbed))
			case strings.HasSuffix(next.Name, "ListWhere"):
				factor := listConditionCost
				if climbed {
					factor = repeatedListConditionCost
				}
				sum = addSaturating(sum, whereCost(schema, next, inner, multiplySaturating(each, factor), climbed))
			case strings.HasSuffix(def.Name, "ListWhere"): // some or none
				sum = addSaturating(sum, whereCost(schema, next, inner, each, climbed))
			default:
				sum = addSaturating(sum, whereCost(schema, next, inner, each, true))
			}
		}
	}
	return sum
}
