package limit

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// scalarReaders read the values of the scalars of GraphQL from JSON. Each returns the value in one Go type, and
// false for a value that is not of the type. A number is json.Number in a variable, and int64 or float64 in a default
// of a document.
var scalarReaders = map[string]func(value any) (any, bool){
	"Int":     func(value any) (any, bool) { return readInt(value) },
	"Float":   func(value any) (any, bool) { return readFloat(value) },
	"String":  func(value any) (any, bool) { text, ok := value.(string); return text, ok },
	"Boolean": func(value any) (any, bool) { truth, ok := value.(bool); return truth, ok },
	"ID":      func(value any) (any, bool) { return readID(value) },
}

// readScalar reads a value of a scalar. The scalars of the hub, such as Date, check their values when they are used.
func readScalar(def *ast.Definition, value any) (any, bool) {
	if read := scalarReaders[def.Name]; read != nil {
		return read(value)
	}
	return value, true
}

// readInt reads an Int, which has 32 bits. Section 3.5.1 of the specification takes 2.0 for 2, as programs write it
// that know no other numbers than floats.
func readInt(value any) (int64, bool) {
	n, ok := readFloat(value)
	if !ok || n != math.Trunc(n) || n < math.MinInt32 || n > math.MaxInt32 {
		return 0, false
	}
	return int64(n), true
}

// readFloat reads a Float. It takes no number that a float64 cannot hold.
func readFloat(value any) (float64, bool) {
	switch n := value.(type) {
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	case float64:
		return n, true
	case int64:
		return float64(n), true
	}
	return 0, false
}

// readID reads an ID as text. A whole number is an ID too.
func readID(value any) (string, bool) {
	switch id := value.(type) {
	case string:
		return id, true
	case json.Number:
		_, err := strconv.ParseInt(id.String(), 10, 64)
		return id.String(), err == nil
	case int64:
		return strconv.FormatInt(id, 10), true
	}
	return "", false
}
