package proof_test

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// checkMutation runs a random mutation on both hubs, compares the answers, and undoes it in both databases.
func (s *scene) checkMutation() *failure {
	a := s.author
	root, e := a.drawMutation()
	body := (&printer{source: a.source}).printRequest("mutation", []*selection{root})
	s.cases++
	s.mutations++
	s.view.cursorPositions, s.view.disclosed = nil, map[string]bool{}
	out, code := catchRefusal(func() string { return s.view.answerMutation(root) })
	twinOut, twinCode := catchRefusal(func() string { return s.twin.answerMutation(root) })
	// The policies may read what is hidden from the caller. If the answers differ for this reason, the hub does not
	// leak.
	if out != twinOut || code != twinCode {
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
	predicted := !isUnpredicted(e, verb, string(to))
	var checkEvents func() *failure
	// A caller that reads the record of access also gets what the answer to the write adds to it, sooner or later.
	readsRecord := s.view.allowsAny(theModel.Entity("AccessEvent"), "read")
	if code == "" && predicted && !changesRights(e, verb) && a.intN(4) == 0 && !readsRecord {
		root, body, on := s.subscribeBoth(e)
		checkEvents = func() *failure { return s.checkSubscriptions(root, body, on) }
		defer func() {
			for _, l := range on {
				l.stop()
			}
		}()
	}
	f := s.compareAnswers(body, want, codes)
	if f != nil && !predicted && sameExchange(f.exchangeA, f.exchangeB) {
		f = nil
	}
	if f == nil && checkEvents != nil {
		f = checkEvents()
	}
	if f == nil && code == "" && predicted && a.intN(2) == 0 {
		f = s.checkChangesAfterWrite()
	}
	touched := []string{e.Name}
	if e.Name == "Deployment" { // a deployment ends role assignments
		touched = append(touched, "RoleAssignment")
	}
	for i, w := range []*world{s.view.world, s.twin.world} {
		h := s.hubs[i]
		if err := w.restoreEntities(s.ctx, h.db.SQL(), h.db.Kind() == "postgres", touched...); err != nil && f == nil {
			f = &failure{message: "undoing the mutation: " + err.Error(), body: body}
		}
		if code == "" || !predicted {
			if err := h.open(s.policyText); err != nil && f == nil {
				f = &failure{message: err.Error()}
			}
		}
	}
	return f
}

// checkChangesAfterWrite asks both hubs what has changed, after both have made a change.
func (s *scene) checkChangesAfterWrite() *failure {
	v, twin := s.view, s.twin
	defer func() { s.view, s.twin = v, twin }()
	if s.view, s.twin = s.viewAfterWrite(v), s.viewAfterWrite(twin); s.view == nil || s.twin == nil {
		return nil
	}
	return s.checkChangesSince(true)
}

// viewAfterWrite is what the caller of a view sees after the write. It is nil when the caller may not sign in any more,
// and when the write took the caller's roles, so that the caller now acts under an audit grant that pays for few rows.
func (s *scene) viewAfterWrite(v *view) *view {
	var grant uuid.UUID
	if v.grant != nil && s.caller.grant != "" {
		grant = v.grant.id
	}
	out, _ := newView(v.worldAfter, s.policyLines, s.caller.name, s.caller.purpose, grant, time.Now().UTC())
	if out != nil && out.grant != nil && out.auditBudgetLeft() < ampleBudget/2 {
		return nil
	}
	if out != nil {
		out.acceptLanguages, out.cursors, out.knownByToken = v.acceptLanguages, v.cursors, s.view.knownByToken
		out.hits, out.policyVersion = v.hits, v.policyVersion
	}
	return out
}
