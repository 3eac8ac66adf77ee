package limit

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// nameSuggestions finds the messages of the validator that name something unknown. Each entry suggests names of the
// schema for the groups of its pattern. Introspection shows all of these names to every signed-in caller, whatever the
// role.
var nameSuggestions = []struct {
	pattern *regexp.Regexp
	suggest func(schema *ast.Schema, groups []string) string
}{
	{
		regexp.MustCompile(`^Cannot query field "(\w+)" on type "(\w+)"`),
		func(schema *ast.Schema, groups []string) string {
			if types := typesWithField(schema, schema.Types[groups[2]], groups[1]); len(types) > 0 {
				return " Did you mean to use an inline fragment on " + core.QuotedOrList(types...) + "?"
			}
			return suggest("Did you mean", groups[1], fieldNames(schema.Types[groups[2]]))
		},
	},
	{
		regexp.MustCompile(`^Unknown argument "(\w+)" on field "(\w+)\.(\w+)"`),
		func(schema *ast.Schema, groups []string) string {
			field := schema.Types[groups[2]].Fields.ForName(groups[3])
			if field == nil { // __typename is a field of every type and in the fields of none
				return ""
			}
			return suggest("Did you mean", groups[1], argumentNames(field.Arguments))
		},
	},
	{
		regexp.MustCompile(`^Unknown argument "(\w+)" on directive "@(\w+)"`),
		func(schema *ast.Schema, groups []string) string {
			return suggest("Did you mean", groups[1], argumentNames(schema.Directives[groups[2]].Arguments))
		},
	},
	{
		regexp.MustCompile(`^Unknown directive "(@\w+)"`),
		func(schema *ast.Schema, groups []string) string {
			names := slices.Sorted(maps.Keys(schema.Directives))
			for i := range names {
				names[i] = "@" + names[i]
			}
			return suggest("Did you mean", groups[1], names)
		},
	},
	{
		regexp.MustCompile(`^Unknown type "(\w+)"`),
		func(schema *ast.Schema, groups []string) string {
			return suggest("Did you mean", groups[1], slices.Sorted(maps.Keys(schema.Types)))
		},
	},
	{
		regexp.MustCompile(`^Field "(\w+)" is not defined by type "(\w+)"`),
		func(schema *ast.Schema, groups []string) string {
			return suggest("Did you mean", groups[1], fieldNames(schema.Types[groups[2]]))
		},
	},
	{
		regexp.MustCompile(`^Value "(\w+)" does not exist in "([\w\[\]!]+)" enum`),
		func(schema *ast.Schema, groups []string) string {
			return suggestEnumValues(schema, groups[1], groups[2])
		},
	},
	{
		regexp.MustCompile(`^Enum "([\w\[\]!]+)" cannot represent non-enum value: "(\w+)"`),
		func(schema *ast.Schema, groups []string) string {
			return suggestEnumValues(schema, groups[2], groups[1])
		},
	},
	{
		regexp.MustCompile(`^Field "(\w+)" of type "[\w\[\]!]+" must have a selection of subfields`),
		func(_ *ast.Schema, groups []string) string {
			return fmt.Sprintf(` Did you mean "%s { ... }"?`, groups[1])
		},
	},
}

// suggestNames returns a question that suggests names for a message of the validator, with a space before it. It
// returns "" when nothing is similar.
func suggestNames(schema *ast.Schema, message string) string {
	for _, s := range nameSuggestions {
		if groups := s.pattern.FindStringSubmatch(message); groups != nil {
			return s.suggest(schema, groups)
		}
	}
	return ""
}

// suggest returns a question with the candidates that are similar to the name, with a space before it, or "".
func suggest(question, name string, candidates []string) string {
	if len(name) > maxNameLength {
		return ""
	}
	similar := core.SuggestionList(name, candidates)
	if len(similar) == 0 {
		return ""
	}
	return " " + question + " " + core.QuotedOrList(similar...) + "?"
}

// suggestEnumValues suggests values of the enum in a type.
func suggestEnumValues(schema *ast.Schema, name, enum string) string {
	var candidates []string
	for _, value := range schema.Types[strings.Trim(enum, "[]!")].EnumValues {
		candidates = append(candidates, value.Name)
	}
	return suggest("Did you mean the enum value", name, candidates)
}

// typesWithField returns the interfaces and objects with the field among the possible types of an abstract type,
// sorted.
func typesWithField(schema *ast.Schema, abstract *ast.Definition, field string) (names []string) {
	if !abstract.IsAbstractType() {
		return nil
	}
	for _, possible := range schema.GetPossibleTypes(abstract) {
		if possible.Fields.ForName(field) != nil {
			names = append(names, possible.Name)
		}
	}
	slices.Sort(names)
	return names
}

// fieldNames returns the names of the fields of a type.
func fieldNames(def *ast.Definition) (names []string) {
	for _, field := range def.Fields {
		names = append(names, field.Name)
	}
	return names
}

// argumentNames returns the names of arguments.
func argumentNames(list ast.ArgumentDefinitionList) (names []string) {
	for _, arg := range list {
		names = append(names, arg.Name)
	}
	return names
}
