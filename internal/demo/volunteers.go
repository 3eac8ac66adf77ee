package demo

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/store"
)

// stands is where a volunteer stands, by where the mandate does: one or the other, in turn.
var stands = map[string][]string{
	"draft": {"applicant", "screened"}, "published": {"approved"}, "matched": {"rostered"}, "preparing": {"rostered"}, "cancelled": {"withdrawn", "barred"},
	"in_country": {"deployed"}, "remote": {"deployed"}, "suspended": {"deployed"}, "completed": {"returned"}, "cut_short": {"returned"},
}

// spans are the first and the last day of a mandate, planned and actual, in months from today; a zero is none yet.
var spans = map[string][4]int{
	"draft": {3, 9}, "published": {3, 9}, "matched": {2, 8}, "preparing": {1, 7}, "cancelled": {1, 7},
	"in_country": {-2, 4, -2}, "remote": {-2, 4, -2}, "suspended": {-3, 3, -3},
	"completed": {-10, -4, -10, -4}, "cut_short": {-8, -2, -8, -5},
}

// abroad are the states of a mandate whose volunteer is in the country, or was: nobody goes there unchecked.
var abroad = []string{"in_country", "remote", "suspended", "completed", "cut_short"}

// volunteers makes the roster, with a mandate for each, in every state.
func (s *seeder) volunteers(ctx context.Context) error {
	states := values("Deployment", "state")
	for i := range 24 {
		first := i == 0 // the volunteer among the people of the demonstration
		state := states[i%len(states)]
		if first {
			state = "in_country"
		}
		in := store.Input{"code": fmt.Sprintf("V-%03d", i+1), "givenName": fmt.Sprintf("Volunteer %d", i+1), "familyName": "Synthetic", "synthetic": true,
			"state": stands[state][i/len(states)%len(stands[state])], "birthDate": s.day(1960, 40), "languages": []string{"fr", "en"}, "homeProvince": "CA-QC"}
		mandate := store.Input{"country": s.ids[[]string{"BF", "CD", "SN", "HN"}[i%4]], "title": said("Child rights adviser", "Conseil en droits de l'enfant"), "state": state, "months": int64(6)}
		for j, name := range []string{"plannedStart", "plannedEnd", "actualStart", "actualEnd"} {
			if months := spans[state][j]; months != 0 {
				mandate[name] = s.today.AddDate(0, months, 0)
			}
		}
		if first {
			in["user"], mandate["office"], mandate["intervention"] = s.ids["volunteer@demo"], s.ids[office], s.ids["BF-SGBV-2021"]
		}
		id, err := s.make(ctx, "Volunteer", in)
		if err != nil {
			return err
		}
		if err := s.checks(ctx, id, i, slices.Contains(abroad, state)); err != nil {
			return err
		}
		mandate["volunteer"] = id
		dep, err := s.make(ctx, "Deployment", mandate)
		if err == nil && first {
			_, err = s.make(ctx, "RoleAssignment", store.Input{"user": s.ids["volunteer@demo"], "role": "volunteer", "state": "active", "deployment": dep})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checks makes the safeguarding checks of a volunteer: all clear for one abroad, else of every result.
func (s *seeder) checks(ctx context.Context, volunteer uuid.UUID, i int, abroad bool) error {
	results := values("SafeguardingCheck", "result")
	for j, kind := range values("SafeguardingCheck", "kind") {
		in := store.Input{"volunteer": volunteer, "kind": kind, "result": results[(i+j)%len(results)]}
		switch {
		case abroad:
			in["result"], in["issuedOn"], in["expiresOn"] = "clear", s.today.AddDate(0, -12, 0), s.today.AddDate(1, 0, 0)
		case !slices.Contains(store.RequiredChecks, kind):
			continue // a visa is asked for last
		case in["result"] == "expired":
			in["issuedOn"], in["expiresOn"] = s.today.AddDate(0, -14, 0), s.today.AddDate(0, -2, 0)
		case in["result"] != "pending":
			in["issuedOn"], in["expiresOn"] = s.today.AddDate(0, -2, 0), s.today.AddDate(1, 0, 0)
		}
		if _, err := s.make(ctx, "SafeguardingCheck", in); err != nil {
			return err
		}
	}
	return nil
}
