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

	"rightshub/ent/inventory"
	"rightshub/policies"
)

// cursorHole stands in the reference model's answer for a cursor, which only the hub can write.
const cursorHole = `"<cursor>"`

// tally is what the cases came to.
type tally struct {
	worlds, cases, withRows, narrowed, refused int
	mutations, written, incomparable           int // writes, those carried out, and those that the policies judge by hidden rows
	changeQueries, subscriptions               int // what has changed since a token, and what was heard while it changed
	foreignRowQueries                          int // queries to which an all-seeing caller would get a row that is abroad
	hits                                       *coverage
}

// failure is a case in which the hub did not answer as it must.
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
	return fmt.Sprintf("%s\n%s %s %s %s\n%s\nA %d %s\nB %d %s\nmust be %s", f.message, f.caller.purpose, f.caller.languages, f.caller.grant, f.roles, f.body, f.exchangeA.status, f.exchangeA.body, f.exchangeB.status, f.exchangeB.body, f.want)
}

// harness is where cases run: two hubs, and what they came to.
type harness struct {
	hubs        [2]*hub
	skippedBits int // bits that are drawn for nothing
	tally
}

// scene is one world, its twin, and a caller.
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
	hiddenForeignIDs      []string // ids of the rows of other countries that the wall hides, where it alone does
	budgetLeft            int      // rows that the audit grant still pays for
	finished              bool     // no more cases: what the grant paid for a refused one is not known
}

// drawScene draws a world with a caller and puts it, and its twin, into the databases.
func (b *harness) drawScene(ctx context.Context, s source) (*scene, error) {
	text, err := policies.Files.ReadFile("roles.csv")
	if err != nil {
		return nil, err
	}
	d := newWorldDrawer(s)
	w := d.world
	lines := drawDenyLines(s, string(text), w)
	rules := readPolicyLines(lines)
	who := caller{name: "u0@demo", purpose: pickOne(s, candidatePurposes(s, w, rules)), languages: pickOne(s, []string{"", "en", "fr", "es,fr;q=0.5", "sw"})}
	switch s.intN(16) {
	case 14:
		who.name, who.purpose = "", ""
	case 15:
		who.name = personalToken
	}
	var grant uuid.UUID
	look := func(w *world) *view {
		v, _ := newView(w, rules, who.name, who.purpose, grant, time.Now().UTC())
		if v != nil {
			v.acceptLanguages = requestedLanguages(v, who)
		}
		return v
	}
	v := look(w)
	if v == nil { // the token does not work
		who.name = "u0@demo"
		v = look(w)
	}
	if own := slices.DeleteFunc(slices.Clone(w.rows["AuditGrant"]), func(g *row) bool { return g.foreignKey("auditor_id") != v.user.id }); len(own) > 0 && s.intN(3) > 0 {
		g := pickOne(s, own)
		if grant = g.id; look(w) == nil {
			grant = uuid.Nil
		} else {
			who.grant = formatID(g.entity, g.id)
		}
		v = look(w)
	}
	var abroad []string
	sees := look
	if b.isUnguarded() {
		sees = func(w *world) *view { return look(w).underRowSecurity(who.name) }
		abroad, v = v.hiddenForeignIDs(), sees(w)
	}
	other := d.drawTwin(v, sees)
	for i, w := range []*world{w, other} {
		h := b.hubs[i]
		if err := w.replaceDatabase(ctx, h.ownerDB.SQL(), h.db.Kind() == "postgres"); err != nil {
			return nil, fmt.Errorf("writing the world: %w", err)
		}
		if err := h.open(lines); err != nil {
			return nil, err
		}
		_, status := newView(w, rules, personalToken, "", uuid.Nil, time.Now().UTC())
		if got := h.sendRequest(ctx, caller{name: personalToken}, `{"query":"{ viewer { purpose } }"}`); got.status != status {
			return nil, fmt.Errorf("a personal access token: the status is %d, and must be %d", got.status, status)
		}
	}
	sc := &scene{harness: b, ctx: ctx, caller: who, policyText: lines, view: v, twin: sees(other), allSeeing: allSeeingView(w), author: &documentAuthor{source: s, view: v, aims: v.findAims(rules), policyLines: rules}, hiddenForeignIDs: abroad}
	sc.allSeeing.acceptLanguages, sc.allSeeing.user = v.acceptLanguages, v.user
	v.hits, sc.policyLines, sc.twin.knownByToken = b.hits, rules, v.knownByToken
	sc.others = sc.otherCallers(grant)
	if g := v.grant; g != nil {
		sc.budgetLeft = int(g.values["daily_row_budget"].(int64))
		if day, ok := g.values["used_on"].(time.Time); ok && day.Equal(worldDay()) {
			sc.budgetLeft -= int(g.values["rows_used"].(int64))
		}
	}
	b.worlds++
	return sc, nil
}

// otherCaller is somebody else who asks the same hub, or the same person with another purpose or grant.
type otherCaller struct {
	caller
	view *view
}

// otherCallers are those of others in the first world; nothing kept for one of them may serve the caller.
func (s *scene) otherCallers(grant uuid.UUID) (out []otherCaller) {
	add := func(name, purpose string, grant uuid.UUID) {
		c := otherCaller{caller: caller{name: name, purpose: purpose, languages: "en"}}
		if c.view, _ = newView(s.view.world, s.policyLines, name, purpose, grant, time.Now().UTC()); c.view == nil {
			return
		}
		if grant != uuid.Nil {
			c.grant = formatID(inventory.Model.Entity("AuditGrant"), grant)
		}
		c.view.acceptLanguages, c.view.cursors, c.view.knownByToken = []string{"en"}, s.view.cursors, s.view.knownByToken
		out = append(out, c)
	}
	add("u1@demo", s.caller.purpose, uuid.Nil)
	add("", "", uuid.Nil)
	if add(personalToken, s.caller.purpose, uuid.Nil); s.caller.name == "" {
		add("u0@demo", "services", uuid.Nil)
		return out
	}
	add(s.caller.name, map[bool]string{true: "services", false: ""}[s.caller.purpose == ""], grant)
	for _, g := range s.view.world.rows["AuditGrant"] {
		if g.id != grant && g.foreignKey("auditor_id") == s.view.user.id {
			add(s.caller.name, s.caller.purpose, g.id)
		}
	}
	if grant != uuid.Nil {
		add(s.caller.name, s.caller.purpose, uuid.Nil)
	}
	return out
}

// askAsAnother lets somebody else ask the first hub before the caller does.
func (s *scene) askAsAnother() *failure {
	c := pickOne(s.author.source, s.others)
	if c.view.grant != nil && (c.view.grant.values["daily_row_budget"].(int64) != ampleBudget || c.view.grant == s.view.grant) {
		return nil
	}
	mine, who := s.author.view, s.caller
	s.author.view, s.caller = c.view, c.caller
	roots := s.author.drawRoots()[:1]
	if k := roots[0]; s.author.oneIn(2) || k.argumentValue("after") != nil || k.argumentValue("before") != nil { // the caller's own list, for its cursors
		e := s.author.drawEntity()
		roots = []*selection{s.author.drawConnection(e.Plural, e, 0, 1)}
	}
	body := (&printer{source: s.author.source}).printRequest("query", roots)
	c.view.cursorPositions, c.view.disclosed = nil, map[string]bool{}
	want, codes := s.expectedAnswer(c.view, roots)
	s.author.view, s.caller = mine, who
	f := &failure{caller: c.caller, body: body, want: want + fmt.Sprint(codes), roles: c.view.describeRoles(), exchangeA: s.hubs[0].sendRequest(s.ctx, c.caller, body)}
	data, got, err := parseAnswer(f.exchangeA.body)
	cursors, ok := matchAnswer(data, want)
	if f.exchangeA.isNondeterministic(body) {
		return nil
	}
	if err != nil || !ok || fmt.Sprint(got) != fmt.Sprint(codes) {
		f.message = "somebody else's answer is not that of the reference model"
		return f
	}
	for i, cursor := range cursors {
		s.rememberCursor(c.view.cursorPositions[i], cursor)
	}
	return nil
}

// rememberCursor notes a cursor that the hub gave, and to which list: one list may be written in two ways (ASC may be left out).
func (s *scene) rememberCursor(p *cursorPosition, cursor string) {
	s.view.cursors[cursor+p.listName] = p
	if n := len(s.author.cursorPositions); n > 1 && s.author.cursorPositions[n-1].selection == p.selection && s.author.cursorPositions[n-2].selection == p.selection {
		return // two of a list are enough to go on from
	}
	if s.author.cursorPositions, s.author.cursors = append(s.author.cursorPositions, p), append(s.author.cursors, cursor); len(s.author.cursorPositions) > 400 {
		s.author.cursorPositions, s.author.cursors = s.author.cursorPositions[200:], s.author.cursors[200:]
	}
}

// changePolicyVersion gives both hubs another version of the policies, which says the same: no cursor of before is good any more.
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

// requestedLanguages are the languages of a request, best first: those it states, else the person's own.
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

// hasSmallBudget reports whether an audit grant pays for few rows.
func (s *scene) hasSmallBudget() bool { return s.view.grant != nil && s.budgetLeft < ampleBudget/2 }

// checkQuery asks both hubs one random query, and holds the answers against each other and against the reference model.
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
	spent := map[string]string{roots[0].responseKey(): "RATE_LIMITED"}
	if bounded && len(codes) > 0 { // whether it is refused before it is paid for, or for that, is not foretold
		s.finished = true
	} else if bounded && s.budgetLeft < 0 && s.view.rowsShown > 0 { // nothing is shown for nothing
		want, codes, s.view.cursorPositions, s.finished = `{"`+roots[0].responseKey()+`":null}`, spent, nil, true
	} else {
		spent = codes
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
	f := s.compareAnswers(body, want, codes, spent)
	if f == nil && len(codes) > 0 {
		s.refused++
	}
	return f
}

// expectedAnswer is the reference model's answer to a query: its data, and the codes of its errors by root field.
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

// compareAnswers sends a request to both hubs. The errors are one of several.
func (s *scene) compareAnswers(body, want string, codes ...map[string]string) *failure {
	f := &failure{caller: s.caller, body: body, want: want + fmt.Sprint(codes[0]), policies: s.policyText, roles: s.view.describeRoles(), world: s.view.world, twin: s.twin.world}
	f.exchangeA, f.exchangeB = s.hubs[0].sendRequest(s.ctx, s.caller, body), s.hubs[1].sendRequest(s.ctx, s.caller, body)
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
	if f.exchangeA.status != 200 || !slices.ContainsFunc(codes, func(c map[string]string) bool { return maps.Equal(got, c) }) {
		f.message = fmt.Sprintf("the errors are %v, and must be %v", got, codes[0])
		return f
	}
	if f.message = s.view.checkAccessRecord(f.exchangeA.record); f.message != "" && len(got) == 0 && !s.isUnguarded() {
		return f
	}
	cursors, ok := matchAnswer(data, want)
	if slices.ContainsFunc(cursors, isReadableCursor) {
		f.message = "a cursor says where it stands"
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

// runCase is one case; what is shrunk has fewer of them.
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
