package proof_test

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
)

// mutate asks both hubs for one random change, and undoes it.
func (s *scene) mutate() *failure {
	a := s.author
	root, e := a.change()
	body := (&printer{source: a.source}).request("mutation", []*sel{root})
	s.cases++
	s.mutations++
	s.v.places, s.v.seen = nil, map[string]bool{}
	out, code := refusable(func() string { return s.v.write(root) })
	elsewhere, otherwise := refusable(func() string { return s.twin.write(root) })
	if out != elsewhere || code != otherwise { // the policies read what is hidden: no leak of the hub's making
		s.uneven++
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
	to, _ := root.arg("input").(obj).get("to").(word)
	said := !unsaid(e, verb, string(to))
	var heard func() *failure
	// who reads the record of access hears of what the answer to the write adds to it, sooner or later
	if code == "" && said && !decides(e, verb) && a.n(4) == 0 && !s.v.any(inventory.Model.Entity("AccessEvent"), "read") {
		root, body, on := s.follow(e)
		heard = func() *failure { return s.hear(root, body, on) }
		defer func() {
			for _, l := range on {
				l.stop()
			}
		}()
	}
	f := s.compare(body, want, codes)
	if f != nil && !said && same(f.a, f.b) {
		f = nil
	}
	if f == nil && heard != nil {
		f = heard()
	}
	if f == nil && code == "" && said && a.n(2) == 0 {
		f = s.since()
	}
	touched := []string{e.Name}
	if e.Name == "Deployment" { // its roles end with it
		touched = append(touched, "RoleAssignment")
	}
	for i, w := range []*world{s.v.w, s.twin.w} {
		h := s.hubs[i]
		if err := w.restore(s.ctx, h.db.SQL(), h.db.Kind() == "postgres", touched...); err != nil && f == nil {
			f = &failure{what: "undoing a change: " + err.Error(), body: body}
		}
		if code == "" || !said {
			if err := h.open(s.lines); err != nil && f == nil {
				f = &failure{what: err.Error()}
			}
		}
	}
	return f
}

// since asks what has changed, once the hubs have made the change.
func (s *scene) since() *failure {
	v, twin := s.v, s.twin
	defer func() { s.v, s.twin = v, twin }()
	if s.v, s.twin = s.later(v), s.later(twin); s.v == nil || s.twin == nil {
		return nil
	}
	return s.delta(true)
}

// later is what the caller of a view sees once their change is made; nil where they may not sign in any more.
func (s *scene) later(v *view) *view {
	var grant uuid.UUID
	if v.grant != nil && s.who.grant != "" {
		grant = v.grant.id
	}
	out, _ := newView(v.after, s.rules, s.who.name, s.who.purpose, grant, time.Now().UTC())
	if out != nil {
		out.langs, out.cursors, out.known, out.hits, out.version = v.langs, v.cursors, s.v.known, v.hits, v.version
	}
	return out
}
