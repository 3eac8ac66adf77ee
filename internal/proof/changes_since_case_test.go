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

// checkChangesSince asks both hubs what has changed for the caller since a token, or since nothing. Once they were written to, the ids
// and times that they gave differ, so that each is held against the reference model only.
func (s *scene) checkChangesSince(written bool) *failure {
	root := s.author.drawChangesSince(!written)
	body := (&printer{source: s.author.source}).printRequest("query", []*selection{root})
	s.cases++
	s.changeQueries++
	page, rows, code := s.view.answerChangesSince(root)
	elsewhere, _, otherwise := s.twin.answerChangesSince(root)
	if fmt.Sprint(page, code) != fmt.Sprint(elsewhere, otherwise) { // a change of before makes the worlds tell apart what is hidden
		s.incomparable++
		return nil
	}
	f := &failure{caller: s.caller, body: body, want: fmt.Sprint(page, code), policies: s.policyText, roles: s.view.describeRoles(), world: s.view.world, twin: s.twin.world}
	f.exchangeA, f.exchangeB = s.hubs[0].sendRequest(s.ctx, s.caller, body), s.hubs[1].sendRequest(s.ctx, s.caller, body)
	got, what := s.checkChangePage(f.exchangeA.body, root, page, rows, string(code))
	if f.message = what; what == "" && written {
		_, f.message = s.checkChangePage(f.exchangeB.body, root, page, rows, string(code))
	} else if f.message == "" && !sameExchange(f.exchangeA, f.exchangeB) {
		f.message = "the worlds answer differently"
	}
	if f.message != "" {
		return f
	}
	if code == "" && !written {
		s.rememberToken(root, got, rows)
	}
	return nil
}

// checkChangePage holds an answer against what the reference model says has changed, and says what is wrong with it.
func (s *scene) checkChangePage(body string, root *selection, want map[string]string, rows map[string]*row, code string) (got changePage, wrong string) {
	data, codes, err := parseAnswer(body)
	if err != nil || codes[root.responseKey()] != code {
		return got, fmt.Sprintf("the errors are %v, and must be %s", codes, code)
	}
	in := struct{ D *changePage }{&got}
	if err := json.Unmarshal([]byte(data), &in); err != nil {
		return got, "the answer is no page of changes: " + err.Error()
	}
	if code != "" {
		return got, ""
	}
	first, given := root.argumentValue("first").(int64)
	if !given {
		first = 100
	}
	list := got.Changes
	if len(list) != min(int(first), len(want)) || got.HasMore != (len(want) > int(first)) || isReadableCursor(got.Token) {
		return got, "the page of changes is not as long as it must be, or its token tells something"
	}
	seen := map[string]bool{}
	for _, ch := range list {
		id := ch.ID
		if want[id] == "" {
			id = newRowID
		}
		if want[id] != ch.Kind+" "+ch.Type || seen[id] {
			return got, "the answer has a change that is none: " + ch.Kind + " " + ch.Type
		}
		seen[id] = true
		s.view.position, s.view.shownLists, s.view.cursorPositions = "node", map[*row]map[*selection]bool{}, nil
		if node := root.kids[0].childNamed("node"); node != nil {
			if _, ok := matchAnswer(string(ch.Node), s.view.answerObject(rows[id], node.kids)); !ok {
				return got, "a changed row is not that of the reference model"
			}
		}
	}
	return got, ""
}

// rememberToken notes what the bearer of a token knows.
func (s *scene) rememberToken(root *selection, page changePage, rows map[string]*row) {
	now := maps.Clone(s.view.knownAtToken(root))
	for _, ch := range page.Changes {
		id := ch.ID
		if now[id] = s.view.rowContent(rows[id]); rows[id] == nil {
			delete(now, id)
		}
	}
	s.view.knownByToken[page.Token+s.view.tokenOwner(root)] = now
	args := slices.DeleteFunc(slices.Clone(root.args), func(g argument) bool { return g.name != "types" })
	a := s.author
	if a.changeQueries = append(a.changeQueries, &selection{args: append(args, argument{"token", "String", page.Token})}); len(a.changeQueries) > 40 {
		a.changeQueries = a.changeQueries[20:]
	}
}

// drawChangesSince is a page of changes that is asked for: with a token of before or without one.
func (a *documentAuthor) drawChangesSince(nodes bool) *selection {
	root := &selection{alias: "d", name: "changesSince"}
	if len(a.changeQueries) > 0 && a.intN(4) > 0 {
		of := pickOne(a.source, a.changeQueries)
		root.args = slices.DeleteFunc(slices.Clone(of.args), func(g argument) bool { return g.name == "first" })
		token := of.argumentValue("token").(string)
		switch a.intN(6) {
		case 4:
			token = corruptCursor(a.source, token)
		case 5:
			token = pickOne(a.source, a.changeQueries).argumentValue("token").(string)
		}
		root.args[slices.IndexFunc(root.args, func(g argument) bool { return g.name == "token" })].value = token
	} else if a.intN(4) > 0 {
		types := []any{}
		for range a.intN(5) {
			types = append(types, enumValue(a.drawEntity().Name))
		}
		root.args = append(root.args, argument{"types", "[RowType!]", types})
	}
	if a.intN(3) > 0 {
		root.args = append(root.args, argument{"first", "Int", pickOne(a.source, []any{int64(1), int64(3), int64(20), int64(60), int64(1000), int64(1000), int64(1000), int64(0), int64(1001)})})
	}
	a.rowBudget, a.fieldBudget, a.aliasBudget = 2000, 300, 60
	fields := []*selection{{name: "id"}, {name: "type"}, {name: "kind"}}
	if nodes && a.intN(3) == 0 {
		var ids []any
		for range 3 {
			ids = append(ids, a.drawID(a.drawEntity()))
		}
		fields = append(fields, &selection{name: "node", kids: a.drawNodeFields(ids)})
	}
	root.kids = []*selection{{name: "changes", kids: fields}, {name: "token"}, {name: "hasMore"}}
	return root
}
