package demo

import (
	"context"

	"rightshub/internal/store"
)

// put makes rows of an entity, and stops at the first that fails.
func (s *seeder) put(ctx context.Context, entity string, rows ...store.Input) error {
	for _, in := range rows {
		if _, err := s.make(ctx, entity, in); err != nil {
			return err
		}
	}
	return nil
}

// colleagues makes accounts in every state but the active one, which the people of the demonstration have, and roles in
// every state but that. None of them signs in, and none is a person.
func (s *seeder) colleagues(ctx context.Context) error {
	for _, c := range []struct{ email, name, state, country, office string }{
		{"invited.bf@demo", "Invited account, Burkina Faso (synthetic)", "invited", "BF", office},
		{"invited.cd@demo", "Invited account, DR Congo (synthetic)", "invited", "CD", "OFF-CD-KIN"},
		{"invited.auditor@demo", "Invited account, audit (synthetic)", "invited", "", ""},
		{"suspended.bf@demo", "Suspended account, Burkina Faso (synthetic)", "suspended", "BF", ""},
		{"offboarded.cd@demo", "Offboarded account, DR Congo (synthetic)", "offboarded", "CD", "OFF-CD-KIN"},
		{"offboarded@demo", "Offboarded account, headquarters (synthetic)", "offboarded", "", ""},
	} {
		in := store.Input{"displayName": c.name, "email": c.email, "state": c.state, "synthetic": true}
		s.refer(in, "country", c.country)
		s.refer(in, "office", c.office)
		if c.state != "invited" {
			in["codeOfConductAcceptedAt"] = s.today.AddDate(-2, 0, 0)
		}
		id, err := s.make(ctx, "User", in)
		if err != nil {
			return err
		}
		s.ids[c.email] = id
	}
	bf, cd, ouagadougou, kinshasa := s.texts("BF"), s.texts("CD"), s.texts(office), s.texts("OFF-CD-KIN")
	admin, reason := s.ids["admin@demo"], "Synthetic reason."
	return s.put(ctx, "RoleAssignment",
		store.Input{"user": s.ids["invited.bf@demo"], "role": "field_agent", "countryIds": bf, "officeIds": ouagadougou, "state": "requested", "grantedBy": admin, "reason": reason},
		store.Input{"user": s.ids["invited.bf@demo"], "role": "case_supervisor", "countryIds": bf, "officeIds": ouagadougou, "state": "requested", "grantedBy": s.ids["coordinator.bf@demo"], "reason": reason},
		store.Input{"user": s.ids["invited.cd@demo"], "role": "field_agent", "countryIds": cd, "officeIds": kinshasa, "state": "approved", "grantedBy": admin, "approvedBy": s.ids["coordinator.cd@demo"], "reason": reason},
		store.Input{"user": s.ids["suspended.bf@demo"], "role": "child_protection_officer", "countryIds": bf, "state": "revoked", "grantedBy": s.ids["coordinator.bf@demo"], "approvedBy": admin,
			"validFrom": s.today.AddDate(-2, 0, 0), "activeFrom": s.today.AddDate(-2, 0, 0), "endedAt": s.today.AddDate(0, 0, -1), "reason": reason},
		store.Input{"user": s.ids["offboarded.cd@demo"], "role": "child_protection_officer", "countryIds": cd, "officeIds": kinshasa, "state": "expired", "grantedBy": s.ids["coordinator.cd@demo"], "approvedBy": admin,
			"validFrom": s.today.AddDate(-2, 0, 0), "validUntil": s.today.AddDate(0, 0, -3), "activeFrom": s.today.AddDate(-2, 0, 0), "endedAt": s.today.AddDate(0, 0, -3), "reason": reason},
	)
}

// grants makes an audit grant in every state but the active one, which the auditor has, for one who is invited only.
func (s *seeder) grants(ctx context.Context) error {
	first, second := s.ids["offboarded@demo"], s.ids["privacy@demo"] // whoever approved it first does not do so twice
	grant := func(state, country, intervention string, from, until int) store.Input {
		return store.Input{"auditor": s.ids["invited.auditor@demo"], "engagement": "Audit of " + intervention + ", " + state + " (synthetic)", "purpose": "Synthetic purpose.", "state": state,
			"countryIds": s.texts(country), "interventionIds": s.texts(intervention), "validFrom": s.today.AddDate(0, from, 0), "validUntil": s.today.AddDate(0, until, 0)}
	}
	rows := []store.Input{
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
	return s.put(ctx, "AuditGrant", rows...)
}
