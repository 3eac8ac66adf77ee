package proof_test

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
)

// checkMutation asks both hubs for one random change, and undoes it.
func (s *scene) checkMutation() *failure {
	a := s.author
	root, e := a.drawMutation()
	body := (&printer{source: a.source}).printRequest("mutation", []*selection{root})
	s.cases++
	s.mutations++
	s.view.cursorPositions, s.view.disclosed = nil, map[string]bool{}
	out, code := catchRefusal(func() string { return s.view.answerMutation(root) })
	elsewhere, otherwise := catchRefusal(func() string { return s.twin.answerMutation(root) })
	if out != elsewhere || code != otherwise { // the policies read what is hidden: no leak of the hub's making
		s.incomparable++
		return nil
	}
	codes := map[string]string{}
	if code != "" {
		codes["m"] = string(code)
	} else {
		s.written++
	}
	want := `{"m":` + out + `}`
	verb := root.name[:strings.Index(root.name, e.Name)]
	to, _ := root.argumentValue("input").(inputObject).get("to").(enumValue)
	said := !isUnpredicted(e, verb, string(to))
	var heard func() *failure
	// who reads the record of access hears of what the answer to the write adds to it, sooner or later
	if code == "" && said && !changesRights(e, verb) && a.intN(4) == 0 && !s.view.allowsAny(inventory.Model.Entity("AccessEvent"), "read") {
		root, body, on := s.subscribeBoth(e)
		heard = func() *failure { return s.checkSubscriptions(root, body, on) }
		defer func() {
			for _, l := range on {
				l.stop()
			}
		}()
	}
	f := s.compareAnswers(body, want, codes)
	if f != nil && !said && sameExchange(f.exchangeA, f.exchangeB) {
		f = nil
	}
	if f == nil && heard != nil {
		f = heard()
	}
	if f == nil && code == "" && said && a.intN(2) == 0 {
		f = s.checkChangesAfterWrite()
	}
	touched := []string{e.Name}
	if e.Name == "Deployment" { // its roles end with it
		touched = append(touched, "RoleAssignment")
	}
	for i, w := range []*world{s.view.world, s.twin.world} {
		h := s.hubs[i]
		if err := w.restoreEntities(s.ctx, h.db.SQL(), h.db.Kind() == "postgres", touched...); err != nil && f == nil {
			f = &failure{message: "undoing a change: " + err.Error(), body: body}
		}
		if code == "" || !said {
			if err := h.open(s.policyText); err != nil && f == nil {
				f = &failure{message: err.Error()}
			}
		}
	}
	return f
}

// checkChangesAfterWrite asks what has changed, once the hubs have made the change.
func (s *scene) checkChangesAfterWrite() *failure {
	v, twin := s.view, s.twin
	defer func() { s.view, s.twin = v, twin }()
	if s.view, s.twin = s.viewAfterWrite(v), s.viewAfterWrite(twin); s.view == nil || s.twin == nil {
		return nil
	}
	return s.checkChangesSince(true)
}

// viewAfterWrite is what the caller of a view sees once their change is made; nil where they may not sign in any more.
func (s *scene) viewAfterWrite(v *view) *view {
	var grant uuid.UUID
	if v.grant != nil && s.caller.grant != "" {
		grant = v.grant.id
	}
	out, _ := newView(v.worldAfter, s.policyLines, s.caller.name, s.caller.purpose, grant, time.Now().UTC())
	if out != nil {
		out.acceptLanguages, out.cursors, out.knownByToken, out.hits, out.policyVersion = v.acceptLanguages, v.cursors, s.view.knownByToken, v.hits, v.policyVersion
	}
	return out
}
