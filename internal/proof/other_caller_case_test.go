package proof_test

// This file lets other callers send requests between those of the scene's caller.

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// otherCaller is another caller of the first hub. It may be the same user with another purpose or audit grant.
type otherCaller struct {
	caller
	view *view
}

// otherCallers are callers that send requests between those of the scene's caller. Nothing that the hub caches for one
// of them may serve another.
func (s *scene) otherCallers(grant uuid.UUID) (out []otherCaller) {
	add := func(name, purpose string, grant uuid.UUID) {
		c := otherCaller{caller: caller{name: name, purpose: purpose, languages: "en"}}
		if c.view, _ = newView(s.view.world, s.policyLines, name, purpose, grant, time.Now().UTC()); c.view == nil {
			return
		}
		if grant != uuid.Nil {
			c.grant = formatID(theModel.Entity("AuditGrant"), grant)
		}
		c.view.acceptLanguages = []string{"en"}
		c.view.cursors, c.view.knownByToken = s.view.cursors, s.view.knownByToken
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

// askAsAnother sends a query of another caller to the first hub and checks the answer.
func (s *scene) askAsAnother() *failure {
	c := pickOne(s.author.source, s.others)
	grant := c.view.grant
	if grant != nil && (grant.values["daily_row_budget"].(int64) != ampleBudget || grant == s.view.grant) {
		return nil
	}
	ownView, ownCaller := s.author.view, s.caller
	s.author.view, s.caller = c.view, c.caller
	roots := s.author.drawRoots()[:1]
	k := roots[0]
	if s.author.oneIn(2) || k.argumentValue("after") != nil || k.argumentValue("before") != nil {
		// a list of the other caller's own, to get cursors of that caller
		e := s.author.drawEntity()
		roots = []*selection{s.author.drawConnection(e.Plural, e, 0, 1)}
	}
	body := (&printer{source: s.author.source}).printRequest("query", roots)
	c.view.cursorPositions, c.view.disclosed = nil, map[string]bool{}
	want, codes := s.expectedAnswer(c.view, roots)
	s.author.view, s.caller = ownView, ownCaller
	f := &failure{
		caller: c.caller, body: body, want: want + fmt.Sprint(codes), roles: c.view.describeRoles(),
		exchangeA: s.hubs[0].sendRequest(s.ctx, c.caller, body),
	}
	data, got, err := parseAnswer(f.exchangeA.body)
	cursors, ok := matchAnswer(data, want)
	if f.exchangeA.isNondeterministic(body) {
		return nil
	}
	if err != nil || !ok || fmt.Sprint(got) != fmt.Sprint(codes) {
		f.message = "the answer to another caller is not that of the reference model"
		return f
	}
	for i, cursor := range cursors {
		s.rememberCursor(c.view.cursorPositions[i], cursor)
	}
	return nil
}
