package proof_test

import (
	"strings"
)

// mutate asks both hubs for one random change, and undoes it.
func (s *scene) mutate() *failure {
	a := s.author
	root, e := a.change()
	body := (&printer{source: a.source}).request("mutation", []*sel{root})
	s.cases++
	s.mutations++
	s.v.places = nil
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
	f := s.compare(body, want, codes)
	if f != nil && unsaid(e, verb, string(to)) && same(f.a, f.b) {
		f = nil
	}
	for i, w := range []*world{s.v.w, s.twin.w} {
		h := s.hubs[i]
		if err := w.restore(s.ctx, h.db.SQL(), h.db.Kind() == "postgres", e.Name); err != nil && f == nil {
			f = &failure{what: "undoing a change: " + err.Error(), body: body}
		}
		if code == "" || unsaid(e, verb, string(to)) {
			if err := h.open(s.lines); err != nil && f == nil {
				f = &failure{what: err.Error()}
			}
		}
	}
	return f
}
