package proof_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"rightshub/internal/model"
)

// enumValue is an enum value in a document, without quotes.
type enumValue string

// inputObject is a GraphQL input object. Its fields keep their order, so that documents repeat exactly.
type inputObject []inputField

// inputField is one field of an input object.
type inputField struct {
	name  string
	value any
}

// MarshalJSON writes the object as it stands in the variables of a request.
func (o inputObject) MarshalJSON() ([]byte, error) {
	items := make([]string, len(o))
	for i, c := range o {
		text, err := json.Marshal(c.value)
		if err != nil {
			return nil, err
		}
		items[i] = strconv.Quote(c.name) + ":" + string(text)
	}
	return []byte("{" + strings.Join(items, ",") + "}"), nil
}

// argument is an argument of a field with its GraphQL type, which a variable for it needs.
type argument struct {
	name, graphqlType string
	value             any
}

// selection is a field in a selection set. The document author draws it, the printer writes it, and the reference model
// answers it.
type selection struct {
	alias, name string
	onType      string // under node or nodes: the type whose field this is; the printer writes a fragment on it
	args        []argument
	kids        []*selection
}

// responseKey is the name of the field in the answer.
func (s *selection) responseKey() string {
	if s.alias != "" {
		return s.alias
	}
	return s.name
}

// childNamed is the field of this name in the selection set, or nil.
func (s *selection) childNamed(name string) *selection {
	if i := slices.IndexFunc(s.kids, func(k *selection) bool { return k.name == name }); i >= 0 {
		return s.kids[i]
	}
	return nil
}

// argumentValue is the value of an argument, or nil.
func (s *selection) argumentValue(name string) any {
	for _, a := range s.args {
		if a.name == name {
			return a.value
		}
	}
	return nil
}

// argumentText is the GraphQL text of an argument, or "" when it is not given.
func (s *selection) argumentText(name string) string {
	if v := s.argumentValue(name); v != nil {
		return graphqlLiteral(v)
	}
	return ""
}

// withArguments is a copy of the tree in which one selection has other arguments.
func (s *selection) withArguments(changed *selection, args []argument) *selection {
	out := *s
	if s == changed {
		out.args = args
	}
	out.kids = make([]*selection, len(s.kids))
	for i, k := range s.kids {
		out.kids[i] = k.withArguments(changed, args)
	}
	return &out
}

// graphqlLiteral writes a value as GraphQL text.
func graphqlLiteral(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case enumValue:
		return string(v)
	case inputObject:
		items := make([]string, len(v))
		for i, c := range v {
			items[i] = c.name + ":" + graphqlLiteral(c.value)
		}
		return "{" + strings.Join(items, ",") + "}"
	case []any:
		items := make([]string, len(v))
		for i, x := range v {
			items[i] = graphqlLiteral(x)
		}
		return "[" + strings.Join(items, ",") + "]"
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "null"
	}
	return string(text)
}

// printer writes a document. It chooses among forms with the same meaning, with or without fragments, directives and
// variables.
type printer struct {
	source
	variableDefs []string
	variables    map[string]any
	fragments    []string

	directives int
}

// maxDirectivesAndFragments is the limit of the printer for each of them. The hub refuses a document with more than a
// hundred.
const maxDirectivesAndFragments = 90

// printRequest is the JSON body of a request for these root fields.
func (p *printer) printRequest(operation string, roots []*selection) string {
	p.variables = map[string]any{}
	body := p.printSelectionSet("Query", roots, operation == "query")
	text := operation
	if p.oneIn(4) && len(p.fragments) == 0 || len(p.variableDefs) > 0 {
		text += " Asked"
	}
	if len(p.variableDefs) > 0 {
		text += "(" + strings.Join(p.variableDefs, ",") + ")"
	}
	text += body + strings.Join(p.fragments, " ")
	out, err := json.Marshal(map[string]any{"query": text, "variables": p.variables})
	if err != nil {
		return ""
	}
	return string(out)
}

// tokenPattern matches one token of a GraphQL document.
var tokenPattern = regexp.MustCompile(`"(?:\\.|[^"\\])*"|\.\.\.|\w[\w.]*|[!$&()\[\]{}:=@|]`)

// fitsTokenLimit reports whether the document of a body stays below the hub's limit of tokens. One document in a
// hundred thousand does not.
func (p *printer) fitsTokenLimit(body string) bool {
	if len(body) < 10_000 {
		return true
	}
	var in struct{ Query string }
	return json.Unmarshal([]byte(body), &in) == nil && len(tokenPattern.FindAllString(in.Query, -1)) < 4_000
}

// declareVariable declares a variable of the type with this value and returns how the document refers to it.
func (p *printer) declareVariable(typ string, value any) string {
	name := fmt.Sprintf("v%d", len(p.variableDefs))
	p.variableDefs = append(p.variableDefs, "$"+name+":"+typ)
	p.variables[name] = value
	return "$" + name
}

// printSelectionSet writes a selection set on a type. With dress it may use fragments and directives.
func (p *printer) printSelectionSet(typ string, kids []*selection, dress bool) string {
	var b strings.Builder
	b.WriteString("{")
	for len(kids) > 0 {
		on := typ
		if kids[0].onType != "" {
			on = kids[0].onType
		}
		n := 1
		for n < len(kids) && kids[n].onType == kids[0].onType && !p.oneIn(4) {
			n++
		}
		part := make([]string, n)
		for i, k := range kids[:n] {
			part[i] = p.printField(on, k, dress)
		}
		kids = kids[n:]
		text := strings.Join(part, " ")
		switch {
		case on != typ || dress && p.oneIn(12):
			text = "...on " + on + p.drawDirective(dress) + "{" + text + "}"
		case dress && len(p.fragments) < maxDirectivesAndFragments && p.oneIn(16):
			name := fmt.Sprintf("F%d", len(p.fragments))
			p.fragments = append(p.fragments, "") // reserves the number, since fragments inside take later ones
			p.fragments[slices.Index(p.fragments, "")] = " fragment " + name + " on " + on + "{" + text + "}"
			text = "..." + name + p.drawDirective(dress)
		}
		b.WriteString(text + " ")
	}
	return b.String() + "}"
}

// drawDirective draws a directive that leaves its field in the answer, or none.
func (p *printer) drawDirective(dress bool) string {
	if !dress || p.directives >= maxDirectivesAndFragments || !p.oneIn(6) {
		return ""
	}
	p.directives++
	word, yes := "include", true
	if p.oneIn(2) {
		word, yes = "skip", false
	}
	if p.oneIn(2) {
		return fmt.Sprintf(" @%s(if:%s)", word, p.declareVariable("Boolean!", yes))
	}
	return fmt.Sprintf(" @%s(if:%v)", word, yes)
}

// printField writes a field with its alias, arguments, directives and selection set.
func (p *printer) printField(on string, k *selection, dress bool) string {
	var b strings.Builder
	if dress && p.directives < maxDirectivesAndFragments && p.oneIn(40) { // a field that is left out of the answer
		p.directives++
		b.WriteString("__typename @skip(if:true) ")
	}
	if k.alias != "" {
		b.WriteString(k.alias + ":")
	}
	b.WriteString(k.name)
	if len(k.args) > 0 {
		items := make([]string, len(k.args))
		for i, a := range k.args {
			items[i] = a.name + ":" + graphqlLiteral(a.value)
			if p.oneIn(5) || strings.HasSuffix(a.graphqlType, "Input!") && p.oneIn(2) {
				items[i] = a.name + ":" + p.declareVariable(a.graphqlType, a.value)
			}
		}
		b.WriteString("(" + strings.Join(items, ",") + ")")
	}
	b.WriteString(p.drawDirective(dress && k.name != "__typename"))
	if len(k.kids) > 0 {
		b.WriteString(p.printSelectionSet(fieldType(on, k), k.kids, dress))
	}
	return b.String()
}

// fieldType is the type of a field's value, which fragments in its selection set are written on.
func fieldType(on string, k *selection) string {
	switch k.name {
	case "node", "nodes":
		if on == "Query" || on == "RowChange" {
			return "Node"
		}
	case "changesSince":
		return "ChangePage"
	case "changes":
		if on == "ChangePage" {
			return "RowChange"
		}
	}
	switch {
	case on == "Query" || on == "Mutation":
		return rootFieldType(k.name)
	case k.name == "access":
		return "Access"
	case k.name == "pageInfo":
		return "PageInfo"
	case strings.HasSuffix(on, "Connection") && k.name == "edges":
		return strings.TrimSuffix(on, "Connection") + "Edge"
	case strings.HasSuffix(on, "Connection"):
		return strings.TrimSuffix(on, "Connection")
	case strings.HasSuffix(on, "Edge"):
		return strings.TrimSuffix(on, "Edge")
	case on == "Viewer":
		return "User"
	}
	return memberType(on, k.name)
}

// rootFieldType is the type of the value of a root field.
func rootFieldType(name string) string {
	if e := entityByName(name); e != nil && name == e.Plural {
		return e.Name + "Connection"
	} else if e != nil {
		return e.Name
	}
	if name == "viewer" {
		return "Viewer"
	}
	if strings.HasPrefix(name, "archive") {
		return "ArchivePayload"
	}
	return payloadEntity(name).Name + "Payload"
}

// memberType is the type of the value of an entity's or a payload's field.
func memberType(on, name string) string {
	e := theModel.Entity(on)
	if e == nil {
		return strings.TrimSuffix(on, "Payload")
	}
	edge := e.Edge(name)
	switch {
	case edge == nil:
		return "LocalizedText"
	case edge.Kind == model.ToOne:
		return edge.Target
	}
	return edge.Target + "Connection"
}

// payloadEntity is the entity that a mutation writes. The longest matching name counts.
func payloadEntity(name string) *model.Entity {
	rest := strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyz")
	var found *model.Entity
	for _, e := range theModel.Entities() {
		if strings.HasPrefix(rest, e.Name) && (found == nil || len(e.Name) > len(found.Name)) {
			found = e
		}
	}
	return found
}
