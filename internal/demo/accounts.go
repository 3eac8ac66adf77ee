package demo

import (
	"context"

	"rightshub/internal/query"
)

// createAll creates rows of an entity and stops at the first error.
func (s *seeder) createAll(ctx context.Context, entity string, rows ...query.Input) error {
	for _, in := range rows {
		if _, err := s.createRow(ctx, entity, in); err != nil {
			return err
		}
	}
	return nil
}

// createColleagues creates accounts and role assignments in every state but the active one. The accounts of the
// people of the demonstration are the active ones. Nobody signs in as a colleague.
func (s *seeder) createColleagues(ctx context.Context) error {
	for _, c := range []struct{ email, name, state, country, office string }{
		{"invited.bf@demo", "Invited account, Burkina Faso (synthetic)", "invited", "BF", ouagaOffice},
		{"invited.cd@demo", "Invited account, DR Congo (synthetic)", "invited", "CD", "OFF-CD-KIN"},
		{"invited.auditor@demo", "Invited account, audit (synthetic)", "invited", "", ""},
		{"suspended.bf@demo", "Suspended account, Burkina Faso (synthetic)", "suspended", "BF", ""},
		{"offboarded.cd@demo", "Offboarded account, DR Congo (synthetic)", "offboarded", "CD", "OFF-CD-KIN"},
		{"offboarded@demo", "Offboarded account, headquarters (synthetic)", "offboarded", "", ""},
	} {
		in := query.Input{"displayName": c.name, "email": c.email, "state": c.state, "synthetic": true}
		s.setReference(in, "country", c.country)
		s.setReference(in, "office", c.office)
		if c.state != "invited" {
			in["codeOfConductAcceptedAt"] = s.today.AddDate(-2, 0, 0)
		}
		id, err := s.createRow(ctx, "User", in)
		if err != nil {
			return err
		}
		s.idsByName[c.email] = id
	}
	bf, ouagadougou := s.idStrings("BF"), s.idStrings(ouagaOffice)
	cd, kinshasa := s.idStrings("CD"), s.idStrings("OFF-CD-KIN")
	admin, reason := s.idsByName["admin@demo"], "Synthetic reason."
	return s.createAll(
		ctx,
		"RoleAssignment",
		query.Input{
			"user":       s.idsByName["invited.bf@demo"],
			"role":       "field_agent",
			"countryIds": bf,
			"officeIds":  ouagadougou,
			"state":      "requested",
			"grantedBy":  admin,
			"reason":     reason,
		},
		query.Input{
			"user":       s.idsByName["invited.bf@demo"],
			"role":       "case_supervisor",
			"countryIds": bf,
			"officeIds":  ouagadougou,
			"state":      "requested",
			"grantedBy":  s.idsByName["coordinator.bf@demo"],
			"reason":     reason,
		},
		query.Input{
			"user":       s.idsByName["invited.cd@demo"],
			"role":       "field_agent",
			"countryIds": cd,
			"officeIds":  kinshasa,
			"state":      "approved",
			"grantedBy":  admin,
			"approvedBy": s.idsByName["coordinator.cd@demo"],
			"reason":     reason,
		},
		query.Input{
			"user":       s.idsByName["suspended.bf@demo"],
			"role":       "child_protection_officer",
			"countryIds": bf,
			"state":      "revoked",
			"grantedBy":  s.idsByName["coordinator.bf@demo"],
			"approvedBy": admin,
			"validFrom":  s.today.AddDate(-2, 0, 0),
			"activeFrom": s.today.AddDate(-2, 0, 0),
			"endedAt":    s.today.AddDate(0, 0, -1),
			"reason":     reason,
		},
		query.Input{
			"user":       s.idsByName["offboarded.cd@demo"],
			"role":       "child_protection_officer",
			"countryIds": cd,
			"officeIds":  kinshasa,
			"state":      "expired",
			"grantedBy":  s.idsByName["coordinator.cd@demo"],
			"approvedBy": admin,
			"validFrom":  s.today.AddDate(-2, 0, 0),
			"validUntil": s.today.AddDate(0, 0, -3),
			"activeFrom": s.today.AddDate(-2, 0, 0),
			"endedAt":    s.today.AddDate(0, 0, -3),
			"reason":     reason,
		},
	)
}

// createAuditGrants creates a grant for the invited auditor in every state but the active one. The auditor of the
// demonstration has the active one.
func (s *seeder) createAuditGrants(ctx context.Context) error {
	// Two different people must approve a grant.
	first, second := s.idsByName["offboarded@demo"], s.idsByName["privacy@demo"]
	grant := func(state, country, intervention string, from, until int) query.Input {
		return query.Input{
			"auditor":         s.idsByName["invited.auditor@demo"],
			"engagement":      "Audit of " + intervention + ", " + state + " (synthetic)",
			"purpose":         "Synthetic purpose.",
			"state":           state,
			"countryIds":      s.idStrings(country),
			"interventionIds": s.idStrings(intervention),
			"validFrom":       s.today.AddDate(0, from, 0),
			"validUntil":      s.today.AddDate(0, until, 0),
		}
	}
	rows := []query.Input{
		grant("requested", "BF", "BF-SGBV-2021", 0, 6),
		grant("approved", "CD", "CD-SYS-2022", 0, 6),
		grant("suspended", "SN", "SN-SGBV-2020", -2, 4),
		grant("expired", "BF", "BF-CAP-2015", -8, -2),
		grant("revoked", "HN", "HN-PRONINEZ-2016", -2, 4),
		grant("closed", "CR", "CR-TRAF-2015", -10, -4),
	}
	for i, in := range rows {
		if i > 0 {
			in["approvedBy"] = first
		}
		if i > 1 {
			in["secondApprovedBy"] = second
		}
	}
	return s.createAll(ctx, "AuditGrant", rows...)
}
