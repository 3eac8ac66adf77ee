package demo

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/query"
)

// volunteerStates maps the state of a mandate to the states that its volunteers have in turn.
var volunteerStates = map[string][]string{
	"draft":      {"applicant", "screened"},
	"published":  {"approved"},
	"matched":    {"rostered"},
	"preparing":  {"rostered"},
	"in_country": {"deployed"},
	"remote":     {"deployed"},
	"suspended":  {"deployed"},
	"completed":  {"returned"},
	"cut_short":  {"returned"},
	"cancelled":  {"withdrawn", "barred"},
}

// mandateMonths holds the planned start and end and the actual start and end of a mandate, by its state, in months from
// today. Zero means that the date is not set.
var mandateMonths = map[string][4]int{
	"draft":      {3, 9},
	"published":  {3, 9},
	"matched":    {2, 8},
	"preparing":  {1, 7},
	"in_country": {-2, 4, -2},
	"remote":     {-2, 4, -2},
	"suspended":  {-3, 3, -3},
	"completed":  {-10, -4, -10, -4},
	"cut_short":  {-8, -2, -8, -5},
	"cancelled":  {1, 7},
}

// abroadStates are the states of a mandate with a volunteer that is or was in the country, which needs clear checks.
var abroadStates = []string{"in_country", "remote", "suspended", "completed", "cut_short"}

// createVolunteers creates volunteers with a mandate each, in every state.
func (s *seeder) createVolunteers(ctx context.Context) error {
	states := s.enumValues("Deployment", "state")
	for i := range 24 {
		first := i == 0 // the volunteer among the people of the demonstration
		state := states[i%len(states)]
		if first {
			state = "in_country"
		}
		in := query.Input{
			"code":         fmt.Sprintf("V-%03d", i+1),
			"givenName":    fmt.Sprintf("Volunteer %d", i+1),
			"familyName":   "Synthetic",
			"synthetic":    true,
			"state":        volunteerStates[state][i/len(states)%len(volunteerStates[state])],
			"birthDate":    s.randomDay(1960, 40),
			"languages":    []string{"fr", "en"},
			"homeProvince": "CA-QC",
		}
		mandate := query.Input{
			"country": s.idsByName[[]string{"BF", "CD", "SN", "HN"}[i%4]],
			"title":   syntheticText("Child rights adviser", "Conseil en droits de l'enfant"),
			"state":   state,
			"months":  int64(6),
		}
		for j, name := range []string{"plannedStart", "plannedEnd", "actualStart", "actualEnd"} {
			if months := mandateMonths[state][j]; months != 0 {
				mandate[name] = s.today.AddDate(0, months, 0)
			}
		}
		if first {
			in["user"] = s.idsByName["volunteer@demo"]
			mandate["office"], mandate["intervention"] = s.idsByName[ouagaOffice], s.idsByName["BF-SGBV-2021"]
		}
		id, err := s.createRow(ctx, "Volunteer", in)
		if err != nil {
			return err
		}
		if err := s.createSafeguardingChecks(ctx, id, i, slices.Contains(abroadStates, state)); err != nil {
			return err
		}
		mandate["volunteer"] = id
		dep, err := s.createRow(ctx, "Deployment", mandate)
		if err == nil && first {
			_, err = s.createRow(ctx, "RoleAssignment", query.Input{
				"user":       s.idsByName["volunteer@demo"],
				"role":       "volunteer",
				"state":      "active",
				"deployment": dep,
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// createSafeguardingChecks creates the safeguarding checks of a volunteer. For a volunteer abroad they are all clear,
// and for the others they have every result in turn.
func (s *seeder) createSafeguardingChecks(ctx context.Context, volunteer uuid.UUID, i int, abroad bool) error {
	results := s.enumValues("SafeguardingCheck", "result")
	required := s.model.Entity("Deployment").Machine("state").Safeguarding.Kinds
	for j, kind := range s.enumValues("SafeguardingCheck", "kind") {
		in := query.Input{"volunteer": volunteer, "kind": kind, "result": results[(i+j)%len(results)]}
		switch {
		case abroad:
			in["result"] = "clear"
			in["issuedOn"], in["expiresOn"] = s.today.AddDate(0, -12, 0), s.today.AddDate(1, 0, 0)
		case !slices.Contains(required, kind):
			continue // only volunteers abroad have the other checks, such as a visa
		case in["result"] == "expired":
			in["issuedOn"], in["expiresOn"] = s.today.AddDate(0, -14, 0), s.today.AddDate(0, -2, 0)
		case in["result"] != "pending":
			in["issuedOn"], in["expiresOn"] = s.today.AddDate(0, -2, 0), s.today.AddDate(1, 0, 0)
		}
		if _, err := s.createRow(ctx, "SafeguardingCheck", in); err != nil {
			return err
		}
	}
	return nil
}
