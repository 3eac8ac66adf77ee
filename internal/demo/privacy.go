package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/store"
)

// emergencies makes accesses in an emergency, reviewed and not, one of these overdue, by accounts that sign in no more:
// whoever has one that is overdue opens no other.
func (s *seeder) emergencies(ctx context.Context) error {
	for _, e := range []struct {
		email, country, reviewer, state string
		day                             int
	}{
		{"suspended.bf@demo", "BF", "coordinator.bf@demo", "justified", -40},
		{"suspended.bf@demo", "BF", "coordinator.bf@demo", "unjustified", -30},
		{"suspended.bf@demo", "BF", "", "opened", -9},
		{"suspended.bf@demo", "BF", "", "opened", -1},
		{"offboarded.cd@demo", "CD", "", "opened", -6},
	} {
		at := s.today.AddDate(0, 0, e.day)
		in := store.Input{"user": s.ids[e.email], "country": s.ids[e.country], "child": s.childOf(e.country), "reason": "Synthetic reason.", "state": e.state,
			"validUntil": at.Add(4 * time.Hour), "reviewDue": at.Add(72 * time.Hour)}
		if e.reviewer != "" {
			in["reviewedBy"], in["finding"] = s.ids[e.reviewer], "Synthetic finding."
		}
		if err := s.put(ctx, "EmergencyAccess", in); err != nil {
			return err
		}
	}
	return nil
}

// childOf is a made-up child whose record an office of the country keeps.
func (s *seeder) childOf(country string) uuid.UUID {
	return s.kids[slices.IndexFunc(s.kids, func(k kid) bool { return homes[k.home].country == country })].id
}

// contacts makes people to speak to at partners, who are nobody.
func (s *seeder) contacts(ctx context.Context) error {
	for i, partner := range []string{"MJ-BF", "MSECU-BF", "MJ-CD", "EDEN-SN", "PLAN-HN"} {
		if err := s.put(ctx, "PartnerContact", store.Input{"partner": s.ids[partner], "name": fmt.Sprintf("Contact %d (synthetic)", i+1), "role": "Synthetic role",
			"email": fmt.Sprintf("contact.%d@partner.example", i+1), "phone": fmt.Sprintf("+000 000 1%04d", i+1)}); err != nil {
			return err
		}
	}
	return nil
}

// privacy makes what a data protection officer keeps: requests in every state, rules, and what was destroyed under them.
func (s *seeder) privacy(ctx context.Context) error {
	ways := map[string][]string{"received": nil, "verified": {"verified"}, "granted": {"verified", "granted"}, "rejected": {"rejected"}, "done": {"verified", "granted", "done"}}
	request, kinds := inventory.Model.Entity("SubjectRequest"), values("SubjectRequest", "kind")
	for i, state := range values("SubjectRequest", "state") {
		in := store.Input{"country": s.ids[[]string{"BF", "CD", "SN", "HN", "BF"}[i]], "kind": kinds[i%len(kinds)], "requester": fmt.Sprintf("Requester %d (synthetic)", i+1), "dueOn": s.today.AddDate(0, 0, 10*i-10)}
		if len(ways[state]) > 1 || state == "rejected" {
			in["decision"] = "Synthetic decision."
		}
		id, err := s.make(ctx, "SubjectRequest", in)
		if err != nil {
			return err
		}
		for version, to := range ways[state] {
			if err := s.session.Transition(ctx, request, "state", id, int64(version)+1, to); err != nil {
				return err
			}
		}
	}
	for i, r := range []struct {
		country, entity, trigger, action string
		months                           int64
	}{
		{"", "CaseFile", "closed", "pseudonymise", 120},
		{"BF", "Child", "majority", "archive", 60},
		{"CD", "Volunteer", "last_contact", "erase", 84},
		{"SN", "CaseFile", "closed", "erase", 180},
		{"HN", "Consent", "created", "review", 12},
	} {
		in := store.Input{"entity": r.entity, "trigger": r.trigger, "action": r.action, "months": r.months}
		s.refer(in, "country", r.country)
		rule, err := s.make(ctx, "RetentionRule", in)
		if err != nil {
			return err
		}
		if r.country == "" || r.action == "review" {
			continue // nothing was destroyed
		}
		if err := s.put(ctx, "Disposal", store.Input{"rule": rule, "country": s.ids[r.country], "entity": r.entity, "count": int64(3 + i), "method": values("Disposal", "method")[i%3], "doneOn": s.today.AddDate(0, -i, 0),
			"proof": fmt.Sprintf("synthetic-proof-%d", i)}); err != nil {
			return err
		}
	}
	return nil
}
