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

// word is a value of an enum in a document.
type word string

// obj is an input object, in order.
type obj []kv

type kv struct {
	k string
	v any
}

// MarshalJSON writes the object as a variable.
func (o obj) MarshalJSON() ([]byte, error) {
	items := make([]string, len(o))
	for i, c := range o {
		text, err := json.Marshal(c.v)
		if err != nil {
			return nil, err
		}
		items[i] = strconv.Quote(c.k) + ":" + string(text)
	}
	return []byte("{" + strings.Join(items, ",") + "}"), nil
}

// arg is an argument with its GraphQL type.
type arg struct {
	name, typ string
	val       any
}

// sel is a field of a selection: what the generator asks, and what the reference model answers.
type sel struct {
	alias, name string
	on          string // of a node: the type that the field is asked of
	args        []arg
	kids        []*sel
}

func (s *sel) key() string {
	if s.alias != "" {
		return s.alias
	}
	return s.name
}

// kid is a field of the selection set.
func (s *sel) kid(name string) *sel {
	if i := slices.IndexFunc(s.kids, func(k *sel) bool { return k.name == name }); i >= 0 {
		return s.kids[i]
	}
	return nil
}

func (s *sel) arg(name string) any {
	for _, a := range s.args {
		if a.name == name {
			return a.val
		}
	}
	return nil
}

// text of an argument, "" where there is none.
func (s *sel) text(name string) string {
	if v := s.arg(name); v != nil {
		return inline(v)
	}
	return ""
}

// with is a copy of a tree in which one selection has other arguments.
func (s *sel) with(of *sel, args []arg) *sel {
	out := *s
	if s == of {
		out.args = args
	}
	out.kids = make([]*sel, len(s.kids))
	for i, k := range s.kids {
		out.kids[i] = k.with(of, args)
	}
	return &out
}

// inline writes a value in a document.
func inline(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case word:
		return string(v)
	case obj:
		items := make([]string, len(v))
		for i, c := range v {
			items[i] = c.k + ":" + inline(c.v)
		}
		return "{" + strings.Join(items, ",") + "}"
	case []any:
		items := make([]string, len(v))
		for i, x := range v {
			items[i] = inline(x)
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
	defs      []string
	vars      map[string]any
	fragments []string

	directives int
}

// most is how many directives and fragments a document has: the hub refuses one with more than a hundred.
const most = 90

// request is the body of a request for the roots.
func (p *printer) request(operation string, roots []*sel) string {
	p.vars = map[string]any{}
	body := p.set("Query", roots, operation == "query")
	text := operation
	if p.chance(4) && len(p.fragments) == 0 || len(p.defs) > 0 {
		text += " Asked"
	}
	if len(p.defs) > 0 {
		text += "(" + strings.Join(p.defs, ",") + ")"
	}
	text += body + strings.Join(p.fragments, " ")
	out, err := json.Marshal(map[string]any{"query": text, "variables": p.vars})
	if err != nil {
		return ""
	}
	return string(out)
}

// lexeme is one of a document's.
var lexeme = regexp.MustCompile(`"(?:\\.|[^"\\])*"|\.\.\.|\w[\w.]*|[!$&()\[\]{}:=@|]`)

// taken reports whether a body's document has no more tokens than the hub reads: one in a hundred thousand has.
func (p *printer) taken(body string) bool {
	var in struct{ Query string }
	return len(body) < 10_000 || json.Unmarshal([]byte(body), &in) == nil && len(lexeme.FindAllString(in.Query, -1)) < 4_000
}

// variable declares one.
func (p *printer) variable(typ string, value any) string {
	name := fmt.Sprintf("v%d", len(p.defs))
	p.defs = append(p.defs, "$"+name+":"+typ)
	p.vars[name] = value
	return "$" + name
}

// set writes a selection set on a type.
func (p *printer) set(typ string, kids []*sel, dress bool) string {
	var b strings.Builder
	b.WriteString("{")
	for len(kids) > 0 {
		on := typ
		if kids[0].on != "" {
			on = kids[0].on
		}
		n := 1
		for n < len(kids) && kids[n].on == kids[0].on && !p.chance(4) {
			n++
		}
		part := make([]string, n)
		for i, k := range kids[:n] {
			part[i] = p.field(on, k, dress)
		}
		kids = kids[n:]
		text := strings.Join(part, " ")
		switch {
		case on != typ || dress && p.chance(12):
			text = "...on " + on + p.directive(dress) + "{" + text + "}"
		case dress && len(p.fragments) < most && p.chance(16):
			name := fmt.Sprintf("F%d", len(p.fragments))
			p.fragments = append(p.fragments, "") // its number is taken
			p.fragments[slices.Index(p.fragments, "")] = " fragment " + name + " on " + on + "{" + text + "}"
			text = "..." + name + p.directive(dress)
		}
		b.WriteString(text + " ")
	}
	return b.String() + "}"
}

// directive lets what it is on be in the answer.
func (p *printer) directive(dress bool) string {
	if !dress || p.directives >= most || !p.chance(6) {
		return ""
	}
	p.directives++
	word, yes := "include", true
	if p.chance(2) {
		word, yes = "skip", false
	}
	if p.chance(2) {
		return fmt.Sprintf(" @%s(if:%s)", word, p.variable("Boolean!", yes))
	}
	return fmt.Sprintf(" @%s(if:%v)", word, yes)
}

func (p *printer) field(on string, k *sel, dress bool) string {
	var b strings.Builder
	if dress && p.directives < most && p.chance(40) { // one that is not in the answer
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
			items[i] = a.name + ":" + inline(a.val)
			if p.chance(5) || strings.HasSuffix(a.typ, "Input!") && p.chance(2) {
				items[i] = a.name + ":" + p.variable(a.typ, a.val)
			}
		}
		b.WriteString("(" + strings.Join(items, ",") + ")")
	}
	b.WriteString(p.directive(dress && k.name != "__typename"))
	if len(k.kids) > 0 {
		b.WriteString(p.set(typeOf(on, k), k.kids, dress))
	}
	return b.String()
}

// typeOf is the type of what a field holds, for fragments on it.
func typeOf(on string, k *sel) string {
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
		return rootType(k.name)
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

// rootType is the type of a root field.
func rootType(name string) string {
	if e := entityOf(name); e != nil && name == e.Plural {
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
