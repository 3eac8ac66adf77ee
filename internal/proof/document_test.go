package proof_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// enumValue is a value of an enum in a document.
type enumValue string

// inputObject is an input object, in order.
type inputObject []inputField

type inputField struct {
	name  string
	value any
}

// MarshalJSON writes the object as a variable.
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

// argument is an argument with its GraphQL type.
type argument struct {
	name, graphqlType string
	value             any
}

// selection is a field of a selection: what the generator asks, and what the reference model answers.
type selection struct {
	alias, name string
	onType      string // of a node: the type that the field is asked of
	args        []argument
	kids        []*selection
}

func (s *selection) responseKey() string {
	if s.alias != "" {
		return s.alias
	}
	return s.name
}

// childNamed is a field of the selection set.
func (s *selection) childNamed(name string) *selection {
	if i := slices.IndexFunc(s.kids, func(k *selection) bool { return k.name == name }); i >= 0 {
		return s.kids[i]
	}
	return nil
}

func (s *selection) argumentValue(name string) any {
	for _, a := range s.args {
		if a.name == name {
			return a.value
		}
	}
	return nil
}

// argumentText of an argument, "" where there is none.
func (s *selection) argumentText(name string) string {
	if v := s.argumentValue(name); v != nil {
		return graphqlLiteral(v)
	}
	return ""
}

// withArguments is a copy of a tree in which one selection has other arguments.
func (s *selection) withArguments(of *selection, args []argument) *selection {
	out := *s
	if s == of {
		out.args = args
	}
	out.kids = make([]*selection, len(s.kids))
	for i, k := range s.kids {
		out.kids[i] = k.withArguments(of, args)
	}
	return &out
}

// graphqlLiteral writes a value in a document.
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

// printer writes a document in one of the many ways that mean the same: with fragments, directives and variables.
type printer struct {
	source
	variableDefs []string
	variables    map[string]any
	fragments    []string

	directives int
}

// maxDirectivesAndFragments is how many directives and fragments a document has: the hub refuses one with more than a hundred.
const maxDirectivesAndFragments = 90

// printRequest is the body of a request for the roots.
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

// tokenPattern is one of a document's.
var tokenPattern = regexp.MustCompile(`"(?:\\.|[^"\\])*"|\.\.\.|\w[\w.]*|[!$&()\[\]{}:=@|]`)

// fitsTokenLimit reports whether a body's document has no more tokens than the hub reads: one in a hundred thousand has.
func (p *printer) fitsTokenLimit(body string) bool {
	var in struct{ Query string }
	return len(body) < 10_000 || json.Unmarshal([]byte(body), &in) == nil && len(tokenPattern.FindAllString(in.Query, -1)) < 4_000
}

// declareVariable declares one.
func (p *printer) declareVariable(typ string, value any) string {
	name := fmt.Sprintf("v%d", len(p.variableDefs))
	p.variableDefs = append(p.variableDefs, "$"+name+":"+typ)
	p.variables[name] = value
	return "$" + name
}

// printSelectionSet writes a selection set on a type.
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
			p.fragments = append(p.fragments, "") // its number is taken
			p.fragments[slices.Index(p.fragments, "")] = " fragment " + name + " on " + on + "{" + text + "}"
			text = "..." + name + p.drawDirective(dress)
		}
		b.WriteString(text + " ")
	}
	return b.String() + "}"
}

// drawDirective lets what it is on be in the answer.
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

func (p *printer) printField(on string, k *selection, dress bool) string {
	var b strings.Builder
	if dress && p.directives < maxDirectivesAndFragments && p.oneIn(40) { // one that is not in the answer
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

// fieldType is the type of what a field holds, for fragments on it.
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

// rootFieldType is the type of a root field.
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

// memberType is the type of what an entity's or a payload's field holds.
func memberType(on, name string) string {
	e := inventory.Model.Entity(on)
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

// payloadEntity is the entity that a mutation is about.
func payloadEntity(name string) *model.Entity {
	rest := strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyz")
	var found *model.Entity
	for _, e := range inventory.Model.Entities() {
		if strings.HasPrefix(rest, e.Name) && (found == nil || len(e.Name) > len(found.Name)) {
			found = e
		}
	}
	return found
}
