package proof_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// This file runs cases of changesSince. A token is valid for the caller and the types that it was given for, and lists
// what has changed in the caller's view since then. The hub chooses the order of the changes, which must be the same in
// both worlds.

// changePage is the hub's answer to changesSince.
type changePage struct {
	Changes []struct {
		ID, Type, Kind string
		Node           json.RawMessage
	}
	Token   string
	HasMore bool
}

// checkChangesSince asks both hubs what has changed for the caller since a token or since the beginning. After a write,
// the new ids and times differ between the hubs, so then each answer is compared with the reference model only.
func (s *scene) checkChangesSince(written bool) *failure {
	root := s.author.drawChangesSince(!written)
	body := (&printer{source: s.author.source}).printRequest("query", []*selection{root})
	s.cases++
	s.changeQueries++
	page, rows, code := s.view.answerChangesSince(root)
	twinPage, _, twinCode := s.twin.answerChangesSince(root)
	// an earlier write may make the two worlds differ in what the caller sees
	if fmt.Sprint(page, code) != fmt.Sprint(twinPage, twinCode) {
		s.incomparable++
		return nil
	}
	f := s.newFailure(body, fmt.Sprint(page, code))
	s.sendToBoth(f)
	got, wrong := s.checkChangePage(f.exchangeA.body, root, page, rows, string(code))
	if f.message = wrong; wrong == "" && written {
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

// checkChangePage compares an answer with the changes that the reference model expects. It returns what is wrong, or
// "".
func (s *scene) checkChangePage(
	body string, root *selection, want map[string]string, rows map[string]*row, code string,
) (got changePage, wrong string) {
	data, codes, err := parseAnswer(body)
	if err != nil || codes[root.responseKey()] != code {
		return got, fmt.Sprintf("the errors are %v, and must be %s", codes, code)
	}
	in := struct{ D *changePage }{&got}
	if err := json.Unmarshal([]byte(data), &in); err != nil {
		return got, "the answer is not a page of changes: " + err.Error()
	}
	if code != "" {
		return got, ""
	}
	first, given := root.argumentValue("first").(int64)
	if !given {
		first = 100
	}
	list := got.Changes
	if len(list) != min(int(first), len(want)) || got.HasMore != (len(want) > int(first)) {
		return got, fmt.Sprintf("the page has %d changes (hasMore %v), of %d that the reference model expects",
			len(list), got.HasMore, len(want))
	}
	if isReadableCursor(got.Token) {
		return got, "the token shows its content in clear"
	}
	seen := map[string]bool{}
	for _, ch := range list {
		id := ch.ID
		if want[id] == "" {
			id = newRowID
		}
		if want[id] != ch.Kind+" "+ch.Type || seen[id] {
			return got, "the answer lists a change that did not happen: " + ch.Kind + " " + ch.Type
		}
		seen[id] = true
		s.view.position, s.view.cursorPositions = "node", nil
		s.view.shownLists = map[*row]map[*selection]bool{}
		if node := root.kids[0].childNamed("node"); node != nil {
			if _, ok := matchAnswer(string(ch.Node), s.view.answerObject(rows[id], node.kids)); !ok {
				return got, "a changed row is not that of the reference model"
			}
		}
	}
	return got, ""
}

// rememberToken notes what the bearer of a new token knows.
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
	a.changeQueries = append(a.changeQueries, &selection{args: append(args, argument{"token", "String", page.Token})})
	if len(a.changeQueries) > 40 {
		a.changeQueries = a.changeQueries[20:]
	}
}

// drawChangesSince draws a changesSince query with an earlier token or without one. With nodes it may select the
// changed rows.
func (a *documentAuthor) drawChangesSince(nodes bool) *selection {
	root := &selection{alias: "d", name: "changesSince"}
	if len(a.changeQueries) > 0 && a.intN(4) > 0 {
		earlier := pickOne(a.source, a.changeQueries)
		root.args = slices.DeleteFunc(slices.Clone(earlier.args), func(g argument) bool { return g.name == "first" })
		token := earlier.argumentValue("token").(string)
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
		root.args = append(root.args, argument{"first", "Int", pickOne(a.source, []any{
			int64(1), int64(3), int64(20), int64(60), int64(1000), int64(1000), int64(1000), int64(0), int64(1001),
		})})
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
