package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/query"
)

// createEmergencies creates emergency accesses with and without a review, and some with an overdue one. They belong to
// accounts that no longer sign in, because a person with an overdue review cannot open another access.
func (s *seeder) createEmergencies(ctx context.Context) error {
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
		in := query.Input{
			"user":       s.idsByName[e.email],
			"country":    s.idsByName[e.country],
			"child":      s.childInCountry(e.country),
			"reason":     "Synthetic reason.",
			"state":      e.state,
			"validUntil": at.Add(4 * time.Hour),
			"reviewDue":  at.Add(72 * time.Hour),
		}
		if e.reviewer != "" {
			in["reviewedBy"], in["finding"] = s.idsByName[e.reviewer], "Synthetic finding."
		}
		if err := s.createAll(ctx, "EmergencyAccess", in); err != nil {
			return err
		}
	}
	return nil
}

// childInCountry returns the first child of a country.
func (s *seeder) childInCountry(country string) uuid.UUID {
	inCountry := func(child createdChild) bool { return childHomes[child.home].country == country }
	return s.children[slices.IndexFunc(s.children, inCountry)].id
}

// createContacts creates contacts at partners.
func (s *seeder) createContacts(ctx context.Context) error {
	for i, partner := range []string{"MJ-BF", "MSECU-BF", "MJ-CD", "EDEN-SN", "PLAN-HN"} {
		err := s.createAll(ctx, "PartnerContact", query.Input{
			"partner": s.idsByName[partner],
			"name":    fmt.Sprintf("Contact %d (synthetic)", i+1),
			"role":    "Synthetic role",
			"email":   fmt.Sprintf("contact.%d@partner.example", i+1),
			"phone":   fmt.Sprintf("+000 000 1%04d", i+1),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// createPrivacyRecords creates the records of the data protection officer, which are subject requests in every state,
// retention rules, and disposals under these rules.
func (s *seeder) createPrivacyRecords(ctx context.Context) error {
	transitions := map[string][]string{
		"received": nil,
		"verified": {"verified"},
		"granted":  {"verified", "granted"},
		"rejected": {"rejected"},
		"done":     {"verified", "granted", "done"},
	}
	request, kinds := s.model.Entity("SubjectRequest"), s.enumValues("SubjectRequest", "kind")
	for i, state := range s.enumValues("SubjectRequest", "state") {
		in := query.Input{
			"country":   s.idsByName[[]string{"BF", "CD", "SN", "HN", "BF"}[i]],
			"kind":      kinds[i%len(kinds)],
			"requester": fmt.Sprintf("Requester %d (synthetic)", i+1),
			"dueOn":     s.today.AddDate(0, 0, 10*i-10),
		}
		if len(transitions[state]) > 1 || state == "rejected" {
			in["decision"] = "Synthetic decision."
		}
		id, err := s.createRow(ctx, "SubjectRequest", in)
		if err != nil {
			return err
		}
		for version, to := range transitions[state] {
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
		in := query.Input{"entity": r.entity, "trigger": r.trigger, "action": r.action, "months": r.months}
		s.setReference(in, "country", r.country)
		rule, err := s.createRow(ctx, "RetentionRule", in)
		if err != nil {
			return err
		}
		if r.country == "" || r.action == "review" {
			continue // these rules have no disposals
		}
		err = s.createAll(ctx, "Disposal", query.Input{
			"rule":    rule,
			"country": s.idsByName[r.country],
			"entity":  r.entity,
			"count":   int64(3 + i),
			"method":  s.enumValues("Disposal", "method")[i%3],
			"doneOn":  s.today.AddDate(0, -i, 0),
			"proof":   fmt.Sprintf("synthetic-proof-%d", i),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
