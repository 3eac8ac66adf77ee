package proof_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"rightshub/policies"
)

// cursorHole stands for a cursor in the reference model's answer, because only the hub can write cursors.
const cursorHole = `"<cursor>"`

// tally counts what the cases came to.
type tally struct {
	worlds, cases, withRows, narrowed, refused int
	mutations, written, incomparable           int // writes, those carried out, cases that hidden rows decide
	changeQueries, subscriptions               int // changesSince queries, and subscriptions during a write
	foreignRowQueries                          int // queries that give an all-seeing caller a foreign row
	hits                                       *coverage
}

// failure is a case in which the hub did not answer as it must. A is the world, B its twin.
type failure struct {
	message              string
	caller               caller
	body                 string
	exchangeA, exchangeB exchange
	want                 string
	world, twin          *world
	policies             string
	roles                []string
}

func (f *failure) Error() string {
	return fmt.Sprintf("%s\ncaller %q, purpose %q, languages %q, audit grant %q\nroles %s\nrequest %s\n"+
		"hub A: %d %s\nhub B: %d %s\nwant: %s",
		f.message, f.caller.name, f.caller.purpose, f.caller.languages, f.caller.grant, f.roles, f.body,
		f.exchangeA.status, f.exchangeA.body, f.exchangeB.status, f.exchangeB.body, f.want)
}

// harness runs cases on two hubs and counts what they came to.
type harness struct {
	hubs        [2]*hub
	skippedBits int // bits that each property draws and ignores, so that workers differ
	tally
}

// scene is one world with its twin and one caller.
type scene struct {
	*harness
	ctx                   context.Context
	author                *documentAuthor
	caller                caller
	policyText            string
	view, twin, allSeeing *view
	others                []otherCaller
	policyVersion         int
	policyLines           []policyLine
	hiddenForeignIDs      []string // without the guard: ids of foreign rows that row-level security hides
	budgetLeft            int      // rows that the audit grant still pays for
	finished              bool     // the scene ends here, since what the grant has paid for is not known
}

// drawScene draws a world, its twin and a caller, and writes the two worlds into the databases of the hubs.
func (b *harness) drawScene(ctx context.Context, s source) (*scene, error) {
	text, err := policies.Files.ReadFile("roles.csv")
	if err != nil {
		return nil, err
	}
	d := newWorldDrawer(s)
	w := d.world
	lines := drawDenyLines(s, string(text), w)
	rules := readPolicyLines(lines)
	c := caller{
		name:      "u0@demo",
		purpose:   pickOne(s, candidatePurposes(s, w, rules)),
		languages: pickOne(s, []string{"", "en", "fr", "es,fr;q=0.5", "sw"}),
	}
	switch s.intN(16) {
	case 14:
		c.name, c.purpose = "", ""
	case 15:
		c.name = personalToken
	}
	var grant uuid.UUID
	guardedView := func(w *world) *view {
		v, _ := newView(w, rules, c.name, c.purpose, grant, time.Now().UTC())
		if v != nil {
			v.acceptLanguages = requestedLanguages(v, c)
		}
		return v
	}
	v := guardedView(w)
	if v == nil { // the personal access token does not work
		c.name = "u0@demo"
		v = guardedView(w)
	}
	own := slices.DeleteFunc(slices.Clone(w.rows["AuditGrant"]), func(g *row) bool {
		return g.foreignKey("auditor_id") != v.user.id
	})
	if len(own) > 0 && s.intN(3) > 0 {
		g := pickOne(s, own)
		if grant = g.id; guardedView(w) == nil {
			grant = uuid.Nil
		} else {
			c.grant = formatID(g.entity, g.id)
		}
		v = guardedView(w)
	}
	var hiddenForeignIDs []string
	viewOf := guardedView
	if b.isUnguarded() {
		viewOf = func(w *world) *view { return guardedView(w).underRowSecurity(c.name) }
		hiddenForeignIDs, v = v.hiddenForeignIDs(), viewOf(w)
	}
	twin := d.drawTwin(v, viewOf)
	for i, w := range []*world{w, twin} {
		h := b.hubs[i]
		if err := w.replaceDatabase(ctx, h.ownerDB.SQL(), h.db.Kind() == "postgres"); err != nil {
			return nil, fmt.Errorf("writing the world into the database: %w", err)
		}
		if err := h.open(lines); err != nil {
			return nil, err
		}
		_, status := newView(w, rules, personalToken, "", uuid.Nil, time.Now().UTC())
		got := h.sendRequest(ctx, caller{name: personalToken}, `{"query":"{ viewer { purpose } }"}`)
		if got.status != status {
			return nil, fmt.Errorf("the personal access token gets status %d, and must get %d", got.status, status)
		}
	}
	sc := &scene{
		harness: b, ctx: ctx, caller: c, policyText: lines,
		view: v, twin: viewOf(twin), allSeeing: allSeeingView(w),
		author:           &documentAuthor{source: s, view: v, aims: v.findAims(rules), policyLines: rules},
		hiddenForeignIDs: hiddenForeignIDs,
	}
	sc.allSeeing.acceptLanguages, sc.allSeeing.user = v.acceptLanguages, v.user
	v.hits, sc.policyLines, sc.twin.knownByToken = b.hits, rules, v.knownByToken
	sc.others = sc.otherCallers(grant)
	sc.budgetLeft = v.auditBudgetLeft()
	b.worlds++
	return sc, nil
}

// rememberCursor notes a cursor that the hub gave, for the model by list name and for the document author. The list
// name has one form for a list that can be written in two ways (ASC may be left out).
func (s *scene) rememberCursor(p *cursorPosition, cursor string) {
	s.view.cursors[cursor+p.listName] = p
	a := s.author
	n := len(a.cursorPositions)
	if n > 1 && a.cursorPositions[n-1].selection == p.selection && a.cursorPositions[n-2].selection == p.selection {
		return // two cursors of a list are enough for the author
	}
	a.cursorPositions, a.cursors = append(a.cursorPositions, p), append(a.cursors, cursor)
	if len(a.cursorPositions) > 400 {
		a.cursorPositions, a.cursors = a.cursorPositions[200:], a.cursors[200:]
	}
}

// changePolicyVersion gives both hubs another version of the same policies. Cursors of the earlier version become
// invalid.
func (s *scene) changePolicyVersion() *failure {
	s.policyVersion++
	s.policyText += fmt.Sprintf("\n# version %d", s.policyVersion)
	s.view.policyVersion, s.twin.policyVersion = s.policyVersion, s.policyVersion
	for _, c := range s.others {
		c.view.policyVersion = s.policyVersion
	}
	for _, h := range s.hubs {
		if err := h.open(s.policyText); err != nil {
			return &failure{message: err.Error()}
		}
	}
	return nil
}

// requestedLanguages are the languages of a request, best first. Without any it is the user's own language.
func requestedLanguages(v *view, c caller) (out []string) {
	if c.languages == "" {
		return []string{v.user.values["locale"].(string)}
	}
	for _, l := range strings.Split(c.languages, ",") {
		l, _, _ = strings.Cut(l, ";")
		out = append(out, l)
	}
	return out
}

// auditBudgetLeft is the number of rows that the audit grant under which the caller acts still pays for today. Without
// a grant it is 0.
func (v *view) auditBudgetLeft() int {
	if v.grant == nil {
		return 0
	}
	left := v.grant.values["daily_row_budget"].(int64)
	if day, ok := v.grant.values["used_on"].(time.Time); ok && day.Equal(worldDay()) {
		left -= v.grant.values["rows_used"].(int64)
	}
	return int(left)
}

// hasSmallBudget reports whether the caller's audit grant pays for few rows.
func (s *scene) hasSmallBudget() bool { return s.view.grant != nil && s.budgetLeft < ampleBudget/2 }

// checkQuery sends a random query to both hubs and compares the answers with each other and with the reference model.
func (s *scene) checkQuery() *failure {
	a := s.author
	roots := a.drawRoots()
	bounded := s.hasSmallBudget()
	if bounded {
		roots = roots[:1]
	}
	s.view.rowsShown, s.view.shownLists = 0, map[*row]map[*selection]bool{}
	p := &printer{source: a.source}
	body := p.printRequest("query", roots)
	if !p.fitsTokenLimit(body) {
		return nil
	}
	s.cases++
	s.view.cursorPositions, s.view.disclosed = nil, map[string]bool{}
	want, codes := s.expectedAnswer(s.view, roots)
	s.budgetLeft -= s.view.rowsShown
	outOfBudget := map[string]string{roots[0].responseKey(): "RATE_LIMITED"}
	allowed := []map[string]string{codes}
	if bounded && len(codes) > 0 {
		// the model does not say whether the hub refuses such a query for its own error or for the budget
		allowed = append(allowed, outOfBudget)
		s.finished = true
	} else if bounded && s.budgetLeft < 0 && s.view.rowsShown > 0 { // beyond the budget nothing is shown
		want, codes = `{"`+roots[0].responseKey()+`":null}`, outOfBudget
		allowed = []map[string]string{codes}
		s.view.cursorPositions, s.finished = nil, true
	}
	seen, _ := s.expectedAnswer(s.allSeeing, roots)
	if seen != want {
		s.narrowed++
	}
	if slices.ContainsFunc(s.hiddenForeignIDs, func(id string) bool { return strings.Contains(seen, id) }) {
		s.foreignRowQueries++
	}
	if strings.Contains(want, `"id":"`) {
		s.withRows++
	}
	f := s.compareAnswers(body, want, allowed...)
	if f == nil && len(codes) > 0 {
		s.refused++
	}
	return f
}

// expectedAnswer is the reference model's answer to a query, as its data and the error codes by root field.
func (s *scene) expectedAnswer(v *view, roots []*selection) (data string, codes map[string]string) {
	codes = map[string]string{}
	data = writeObject(roots, func(r *selection) string {
		n := len(v.cursorPositions)
		out, code := catchRefusal(func() string { return v.answerQuery(r) })
		if code != "" {
			codes[r.responseKey()] = string(code)
			v.cursorPositions = v.cursorPositions[:n]
		}
		return out
	})
	return data, codes
}

// newFailure is a failure of a request of the scene's caller, without a message yet.
func (s *scene) newFailure(body, want string) *failure {
	return &failure{
		caller: s.caller, body: body, want: want, policies: s.policyText, roles: s.view.describeRoles(),
		world: s.view.world, twin: s.twin.world,
	}
}

// sendToBoth sends the failure's request to both hubs and notes the answers.
func (s *scene) sendToBoth(f *failure) {
	f.exchangeA = s.hubs[0].sendRequest(s.ctx, f.caller, f.body)
	f.exchangeB = s.hubs[1].sendRequest(s.ctx, f.caller, f.body)
}

// compareAnswers sends a request to both hubs and compares the answers. The error codes must be one of those given.
func (s *scene) compareAnswers(body, want string, codes ...map[string]string) *failure {
	f := s.newFailure(body, want+fmt.Sprint(codes[0]))
	s.sendToBoth(f)
	if f.exchangeA.isNondeterministic(body) {
		return nil
	}
	if !sameExchange(f.exchangeA, f.exchangeB) {
		f.message = "the worlds answer differently"
		return f
	}
	data, got, err := parseAnswer(f.exchangeA.body)
	if err != nil {
		f.message = err.Error()
		return f
	}
	isExpected := func(c map[string]string) bool { return maps.Equal(got, c) }
	if f.exchangeA.status != 200 || !slices.ContainsFunc(codes, isExpected) {
		f.message = fmt.Sprintf("the errors are %v, and must be %v", got, codes[0])
		return f
	}
	f.message = s.view.checkAccessRecord(f.exchangeA.record)
	if f.message != "" && len(got) == 0 && !s.isUnguarded() {
		return f
	}
	cursors, ok := matchAnswer(data, want)
	if slices.ContainsFunc(cursors, isReadableCursor) {
		f.message = "a cursor shows its position in clear"
		return f
	}
	if !ok {
		f.message = "the answer is not that of the reference model"
		return f
	}
	for i, c := range cursors {
		s.rememberCursor(s.view.cursorPositions[i], c)
	}
	return nil
}

// runCase runs one random case. It draws so that a shrunk failure has as few cases as possible.
func (s *scene) runCase(t *rapid.T) *failure {
	s.author.source = source{t}
	switch {
	case s.author.intN(16) == 0:
		return nil
	case s.author.oneIn(6) && !s.hasSmallBudget():
		return s.checkMutation()
	case s.author.oneIn(20) && !s.hasSmallBudget():
		return s.checkChangesSince(false)
	case s.author.oneIn(10):
		if f := s.askAsAnother(); f != nil {
			return f
		}
	case s.author.oneIn(60):
		return s.changePolicyVersion()
	}
	return s.checkQuery()
}
