package proof_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Cases of changesSince: a token is good for the caller and the types that it was given for, and tells what of the
// caller's view is another since. The order of the changes is the hub's own, and the same in both worlds.

// changePage is what the hub answers.
type changePage struct {
	Changes []struct {
		ID, Type, Kind string
		Node           json.RawMessage
	}
	Token   string
	HasMore bool
}

// delta asks both hubs what has changed for the caller since a token, or since nothing. Once they were written to, the ids
// and times that they gave differ, so that each is held against the reference model only.
func (s *scene) delta(written bool) *failure {
	root := s.author.delta(!written)
	body := (&printer{source: s.author.source}).request("query", []*sel{root})
	s.cases++
	s.deltas++
	page, rows, code := s.v.delta(root)
	elsewhere, _, otherwise := s.twin.delta(root)
	if fmt.Sprint(page, code) != fmt.Sprint(elsewhere, otherwise) { // a change of before makes the worlds tell apart what is hidden
		s.uneven++
		return nil
	}
	f := &failure{caller: s.who, body: body, want: fmt.Sprint(page, code), policies: s.lines, roles: s.v.describe(), one: s.v.w, other: s.twin.w}
	f.a, f.b = s.hubs[0].ask(s.ctx, s.who, body), s.hubs[1].ask(s.ctx, s.who, body)
	got, what := s.changed(f.a.body, root, page, rows, string(code))
	if f.what = what; what == "" && written {
		_, f.what = s.changed(f.b.body, root, page, rows, string(code))
	} else if f.what == "" && !same(f.a, f.b) {
		f.what = "the worlds answer differently"
	}
	if f.what != "" {
		return f
	}
	if code == "" && !written {
		s.remember(root, got, rows)
	}
	return nil
}

// changed holds an answer against what the reference model says has changed, and says what is wrong with it.
func (s *scene) changed(body string, root *sel, want map[string]string, rows map[string]*row, code string) (got changePage, wrong string) {
	data, codes, err := parts(body)
	if err != nil || codes[root.key()] != code {
		return got, fmt.Sprintf("the errors are %v, and must be %s", codes, code)
	}
	in := struct{ D *changePage }{&got}
	if err := json.Unmarshal([]byte(data), &in); err != nil {
		return got, "the answer is no page of changes: " + err.Error()
	}
	if code != "" {
		return got, ""
	}
	first, given := root.arg("first").(int64)
	if !given {
		first = 100
	}
	list := got.Changes
	if len(list) != min(int(first), len(want)) || got.HasMore != (len(want) > int(first)) || readable(got.Token) {
		return got, "the page of changes is not as long as it must be, or its token tells something"
	}
	seen := map[string]bool{}
	for _, ch := range list {
		id := ch.ID
		if want[id] == "" {
			id = made
		}
		if want[id] != ch.Kind+" "+ch.Type || seen[id] {
			return got, "the answer has a change that is none: " + ch.Kind + " " + ch.Type
		}
		seen[id] = true
		s.v.in, s.v.shown, s.v.places = "node", map[*row]map[*sel]bool{}, nil
		if node := root.kids[0].kid("node"); node != nil {
			if _, ok := fits(string(ch.Node), s.v.object(rows[id], node.kids)); !ok {
				return got, "a changed row is not that of the reference model"
			}
		}
	}
	return got, ""
}

// remember notes what the bearer of a token knows.
func (s *scene) remember(root *sel, page changePage, rows map[string]*row) {
	now := maps.Clone(s.v.sinceWhat(root))
	for _, ch := range page.Changes {
		id := ch.ID
		if now[id] = s.v.content(rows[id]); rows[id] == nil {
			delete(now, id)
		}
	}
	s.v.known[page.Token+s.v.knows(root)] = now
	args := slices.DeleteFunc(slices.Clone(root.args), func(g arg) bool { return g.name != "types" })
	a := s.author
	if a.deltas = append(a.deltas, &sel{args: append(args, arg{"token", "String", page.Token})}); len(a.deltas) > 40 {
		a.deltas = a.deltas[20:]
	}
}

// delta is a page of changes that is asked for: with a token of before or without one.
func (a *author) delta(nodes bool) *sel {
	root := &sel{alias: "d", name: "changesSince"}
	if len(a.deltas) > 0 && a.n(4) > 0 {
		of := pick(a.source, a.deltas)
		root.args = slices.DeleteFunc(slices.Clone(of.args), func(g arg) bool { return g.name == "first" })
		token := of.arg("token").(string)
		switch a.n(6) {
		case 4:
			token = spoil(a.source, token)
		case 5:
			token = pick(a.source, a.deltas).arg("token").(string)
		}
		root.args[slices.IndexFunc(root.args, func(g arg) bool { return g.name == "token" })].val = token
	} else if a.n(4) > 0 {
		types := []any{}
		for range a.n(5) {
			types = append(types, word(a.entity().Name))
		}
		root.args = append(root.args, arg{"types", "[RowType!]", types})
	}
	if a.n(3) > 0 {
		root.args = append(root.args, arg{"first", "Int", pick(a.source, []any{int64(1), int64(3), int64(20), int64(60), int64(1000), int64(1000), int64(1000), int64(0), int64(1001)})})
	}
	a.cost, a.room, a.spare = 2000, 300, 60
	fields := []*sel{{name: "id"}, {name: "type"}, {name: "kind"}}
	if nodes && a.n(3) == 0 {
		var ids []any
		for range 3 {
			ids = append(ids, a.someID(a.entity()))
		}
		fields = append(fields, &sel{name: "node", kids: a.nodeKids(ids)})
	}
	root.kids = []*sel{{name: "changes", kids: fields}, {name: "token"}, {name: "hasMore"}}
	return root
}
