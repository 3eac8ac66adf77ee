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

// hole stands in the reference model's answer for a cursor, which only the hub can write.
const hole = `"<cursor>"`

// tally is what the cases came to.
type tally struct {
	worlds, cases, withRows, narrowed, refused int
	mutations, written, uneven                 int // writes, those carried out, and those that the policies judge by hidden rows
	deltas, lives                              int // what has changed since a token, and what was heard while it changed
	tempted                                    int // queries to which an all-seeing caller would get a row that is abroad
	hits                                       *coverage
}

// failure is a case in which the hub did not answer as it must.
type failure struct {
	what       string
	caller     caller
	body       string
	a, b       exchange
	want       string
	one, other *world
	policies   string
	roles      []string
}

func (f *failure) Error() string {
	return fmt.Sprintf("%s\n%s %s %s %s\n%s\nA %d %s\nB %d %s\nmust be %s", f.what, f.caller.purpose, f.caller.languages, f.caller.grant, f.roles, f.body, f.a.status, f.a.body, f.b.status, f.b.body, f.want)
}

// bench is where cases run: two hubs, and what they came to.
type bench struct {
	hubs  [2]*hub
	first int // bits that are drawn for nothing
	tally
}

// scene is one world, its twin, and a caller.
type scene struct {
	*bench
	ctx          context.Context
	author       *author
	who          caller
	lines        string
	v, twin, all *view
	others       []capacity
	versions     int
	rules        []rule
	abroad       []string // ids of the rows of other countries that the wall hides, where it alone does
	left         int      // rows that the audit grant still pays for
	over         bool     // no more cases: what the grant paid for a refused one is not known
}

// scene draws a world with a caller and puts it, and its twin, into the databases.
func (b *bench) scene(ctx context.Context, s source) (*scene, error) {
	text, err := policies.Files.ReadFile("roles.csv")
	if err != nil {
		return nil, err
	}
	d := newDrawer(s)
	w := d.w
	lines := drawLines(s, string(text), w)
	rules := readRules(lines)
	who := caller{name: "u0@demo", purpose: pick(s, purposes(s, w, rules)), languages: pick(s, []string{"", "en", "fr", "es,fr;q=0.5", "sw"})}
	switch s.n(16) {
	case 14:
		who.name, who.purpose = "", ""
	case 15:
		who.name = byToken
	}
	var grant uuid.UUID
	look := func(w *world) *view {
		v, _ := newView(w, rules, who.name, who.purpose, grant, time.Now().UTC())
		if v != nil {
			v.langs = spokenBy(v, who)
		}
		return v
	}
	v := look(w)
	if v == nil { // the token does not work
		who.name = "u0@demo"
		v = look(w)
	}
	if own := slices.DeleteFunc(slices.Clone(w.rows["AuditGrant"]), func(g *row) bool { return g.key("auditor_id") != v.user.id }); len(own) > 0 && s.n(3) > 0 {
		g := pick(s, own)
		if grant = g.id; look(w) == nil {
			grant = uuid.Nil
		} else {
			who.grant = idOf(g.e, g.id)
		}
		v = look(w)
	}
	var abroad []string
	sees := look
	if b.unguarded() {
		sees = func(w *world) *view { return look(w).behind(who.name) }
		abroad, v = v.abroad(), sees(w)
	}
	other := d.twin(v, sees)
	for i, w := range []*world{w, other} {
		h := b.hubs[i]
		if err := w.put(ctx, h.tables.SQL(), h.db.Kind() == "postgres"); err != nil {
			return nil, fmt.Errorf("writing the world: %w", err)
		}
		if err := h.open(lines); err != nil {
			return nil, err
		}
		_, status := newView(w, rules, byToken, "", uuid.Nil, time.Now().UTC())
		if got := h.ask(ctx, caller{name: byToken}, `{"query":"{ viewer { purpose } }"}`); got.status != status {
			return nil, fmt.Errorf("a personal access token: the status is %d, and must be %d", got.status, status)
		}
	}
	sc := &scene{bench: b, ctx: ctx, who: who, lines: lines, v: v, twin: sees(other), all: everything(w), author: &author{source: s, v: v, aims: v.aims(rules), rules: rules}, abroad: abroad}
	sc.all.langs, sc.all.user = v.langs, v.user
	v.hits, sc.rules, sc.twin.known = b.hits, rules, v.known
	sc.others = sc.capacities(grant)
	if g := v.grant; g != nil {
		sc.left = int(g.v["daily_row_budget"].(int64))
		if day, ok := g.v["used_on"].(time.Time); ok && day.Equal(today()) {
			sc.left -= int(g.v["rows_used"].(int64))
		}
	}
	b.worlds++
	return sc, nil
}

// capacity is somebody else who asks the same hub, or the same person with another purpose or grant.
type capacity struct {
	caller
	v *view
}

// capacities are those of others in the first world; nothing kept for one of them may serve the caller.
func (s *scene) capacities(grant uuid.UUID) (out []capacity) {
	add := func(name, purpose string, grant uuid.UUID) {
		c := capacity{caller: caller{name: name, purpose: purpose, languages: "en"}}
		if c.v, _ = newView(s.v.w, s.rules, name, purpose, grant, time.Now().UTC()); c.v == nil {
			return
		}
		if grant != uuid.Nil {
			c.grant = idOf(inventory.Model.Entity("AuditGrant"), grant)
		}
		c.v.langs, c.v.cursors, c.v.known = []string{"en"}, s.v.cursors, s.v.known
		out = append(out, c)
	}
	add("u1@demo", s.who.purpose, uuid.Nil)
	add("", "", uuid.Nil)
	if add(byToken, s.who.purpose, uuid.Nil); s.who.name == "" {
		add("u0@demo", "services", uuid.Nil)
		return out
	}
	add(s.who.name, map[bool]string{true: "services", false: ""}[s.who.purpose == ""], grant)
	for _, g := range s.v.w.rows["AuditGrant"] {
		if g.id != grant && g.key("auditor_id") == s.v.user.id {
			add(s.who.name, s.who.purpose, g.id)
		}
	}
	if grant != uuid.Nil {
		add(s.who.name, s.who.purpose, uuid.Nil)
	}
	return out
}

// intrude lets somebody else ask the first hub before the caller does.
func (s *scene) intrude() *failure {
	c := pick(s.author.source, s.others)
	if c.v.grant != nil && (c.v.grant.v["daily_row_budget"].(int64) != plenty || c.v.grant == s.v.grant) {
		return nil
	}
	mine, who := s.author.v, s.who
	s.author.v, s.who = c.v, c.caller
	roots := s.author.roots()[:1]
	if k := roots[0]; s.author.chance(2) || k.arg("after") != nil || k.arg("before") != nil { // the caller's own list, for its cursors
		e := s.author.entity()
		roots = []*sel{s.author.connection(e.Plural, e, 0, 1)}
	}
	body := (&printer{source: s.author.source}).request("query", roots)
	c.v.places, c.v.seen = nil, map[string]bool{}
	want, codes := s.expect(c.v, roots)
	s.author.v, s.who = mine, who
	f := &failure{caller: c.caller, body: body, want: want + fmt.Sprint(codes), roles: c.v.describe(), a: s.hubs[0].ask(s.ctx, c.caller, body)}
	data, got, err := parts(f.a.body)
	cursors, ok := fits(data, want)
	if f.a.chancy(body) {
		return nil
	}
	if err != nil || !ok || fmt.Sprint(got) != fmt.Sprint(codes) {
		f.what = "somebody else's answer is not that of the reference model"
		return f
	}
	for i, cursor := range cursors {
		s.keep(c.v.places[i], cursor)
	}
	return nil
}

// keep notes a cursor that the hub gave, and to which list: one list may be written in two ways (ASC may be left out).
func (s *scene) keep(p *position, cursor string) {
	s.v.cursors[cursor+p.list] = p
	if n := len(s.author.pages); n > 1 && s.author.pages[n-1].of == p.of && s.author.pages[n-2].of == p.of {
		return // two of a list are enough to go on from
	}
	if s.author.pages, s.author.names = append(s.author.pages, p), append(s.author.names, cursor); len(s.author.pages) > 400 {
		s.author.pages, s.author.names = s.author.pages[200:], s.author.names[200:]
	}
}

// amend gives both hubs another version of the policies, which says the same: no cursor of before is good any more.
func (s *scene) amend() *failure {
	s.versions++
	s.lines += fmt.Sprintf("\n# version %d", s.versions)
	s.v.version, s.twin.version = s.versions, s.versions
	for _, c := range s.others {
		c.v.version = s.versions
	}
	for _, h := range s.hubs {
		if err := h.open(s.lines); err != nil {
			return &failure{what: err.Error()}
		}
	}
	return nil
}

// spokenBy are the languages of a request, best first: those it states, else the person's own.
func spokenBy(v *view, c caller) (out []string) {
	if c.languages == "" {
		return []string{v.user.v["locale"].(string)}
	}
	for _, l := range strings.Split(c.languages, ",") {
		l, _, _ = strings.Cut(l, ";")
		out = append(out, l)
	}
	return out
}

// bounded reports whether an audit grant pays for few rows.
func (s *scene) bounded() bool { return s.v.grant != nil && s.left < plenty/2 }

// query asks both hubs one random query, and holds the answers against each other and against the reference model.
func (s *scene) query() *failure {
	a := s.author
	roots := a.roots()
	bounded := s.bounded()
	if bounded {
		roots = roots[:1]
	}
	s.v.count, s.v.shown = 0, map[*row]map[*sel]bool{}
	p := &printer{source: a.source}
	body := p.request("query", roots)
	if !p.taken(body) {
		return nil
	}
	s.cases++
	s.v.places, s.v.seen = nil, map[string]bool{}
	want, codes := s.expect(s.v, roots)
	s.left -= s.v.count
	spent := map[string]string{roots[0].key(): "RATE_LIMITED"}
	if bounded && len(codes) > 0 { // whether it is refused before it is paid for, or for that, is not foretold
		s.over = true
	} else if bounded && s.left < 0 && s.v.count > 0 { // nothing is shown for nothing
		want, codes, s.v.places, s.over = `{"`+roots[0].key()+`":null}`, spent, nil, true
	} else {
		spent = codes
	}
	seen, _ := s.expect(s.all, roots)
	if seen != want {
		s.narrowed++
	}
	if slices.ContainsFunc(s.abroad, func(id string) bool { return strings.Contains(seen, id) }) {
		s.tempted++
	}
	if strings.Contains(want, `"id":"`) {
		s.withRows++
	}
	f := s.compare(body, want, codes, spent)
	if f == nil && len(codes) > 0 {
		s.refused++
	}
	return f
}

// expect is the reference model's answer to a query: its data, and the codes of its errors by root field.
func (s *scene) expect(v *view, roots []*sel) (data string, codes map[string]string) {
	codes = map[string]string{}
	data = pairs(roots, func(r *sel) string {
		n := len(v.places)
		out, code := refusable(func() string { return v.answer(r) })
		if code != "" {
			codes[r.key()] = string(code)
			v.places = v.places[:n]
		}
		return out
	})
	return data, codes
}

// compare sends a request to both hubs. The errors are one of several.
func (s *scene) compare(body, want string, codes ...map[string]string) *failure {
	f := &failure{caller: s.who, body: body, want: want + fmt.Sprint(codes[0]), policies: s.lines, roles: s.v.describe(), one: s.v.w, other: s.twin.w}
	f.a, f.b = s.hubs[0].ask(s.ctx, s.who, body), s.hubs[1].ask(s.ctx, s.who, body)
	if f.a.chancy(body) {
		return nil
	}
	if !same(f.a, f.b) {
		f.what = "the worlds answer differently"
		return f
	}
	data, got, err := parts(f.a.body)
	if err != nil {
		f.what = err.Error()
		return f
	}
	if f.a.status != 200 || !slices.ContainsFunc(codes, func(c map[string]string) bool { return maps.Equal(got, c) }) {
		f.what = fmt.Sprintf("the errors are %v, and must be %v", got, codes[0])
		return f
	}
	if f.what = s.v.unrecorded(f.a.record); f.what != "" && len(got) == 0 && !s.unguarded() {
		return f
	}
	cursors, ok := fits(data, want)
	if slices.ContainsFunc(cursors, readable) {
		f.what = "a cursor says where it stands"
		return f
	}
	if !ok {
		f.what = "the answer is not that of the reference model"
		return f
	}
	for i, c := range cursors {
		s.keep(s.v.places[i], c)
	}
	return nil
}

// step is one case; what is shrunk has fewer of them.
func (s *scene) step(t *rapid.T) *failure {
	s.author.source = source{t}
	switch {
	case s.author.n(16) == 0:
		return nil
	case s.author.chance(6) && !s.bounded():
		return s.mutate()
	case s.author.chance(20) && !s.bounded():
		return s.delta(false)
	case s.author.chance(10):
		if f := s.intrude(); f != nil {
			return f
		}
	case s.author.chance(60):
		return s.amend()
	}
	return s.query()
}
