package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/query"
)

// childHomes are the countries, offices and interventions of the synthetic children. share is the number of children
// of each hundred that live there.
var childHomes = []struct {
	country, office, intervention string
	share                         int
}{
	{"BF", ouagaOffice, "BF-SGBV-2021", 18},
	{"BF", ouagaOffice, "BF-CAP-2015", 12},
	{"BF", "", "", 5},
	{"CD", "OFF-CD-KIN", "CD-SYS-2022", 25},
	{"CR", "OFF-CR", "CR-TRAF-2015", 10},
	{"HN", "OFF-HN", "HN-PRONINEZ-2016", 10},
	{"SN", "OFF-SN-DKR", "SN-SGBV-2020", 10},
	{"NE", "", "NE-FDS-2011", 10},
}

// syllables make up names that belong to nobody.
var syllables = []string{"ba", "lo", "mi", "ru", "se", "ta", "ko", "ni", "du", "fe", "ga", "yo"}

func (s *seeder) randomName() string {
	out := ""
	for range 2 + s.rand.IntN(2) {
		out += syllables[s.rand.IntN(len(syllables))]
	}
	return string(out[0]-'a'+'A') + out[1:]
}

func (s *seeder) pickOne(list []string) string { return list[s.rand.IntN(len(list))] }

// createChildren creates the children and their cases, with consents, referrals, services and notes in every state.
func (s *seeder) createChildren(ctx context.Context) error {
	for i := range Children {
		home, share := 0, i%100
		for share >= childHomes[home].share {
			share -= childHomes[home].share
			home++
		}
		child, err := s.createChild(ctx, i, home)
		if err != nil {
			return err
		}
		s.children = append(s.children, child)
	}
	for i := range Cases {
		if err := s.createCaseFile(ctx, i, s.children[i%Children]); err != nil {
			return err
		}
	}
	return nil
}

// digitsWithPlace are the last digits of the numbers of the children with a known place. A consent covers the
// children with the digit 8, and their supervisor sees their place. Of the others, a reader sees only the first-level
// place.
var digitsWithPlace = []int{1, 3, 5, 8}

// createdChild is a child that createChild has created.
type createdChild struct {
	id      uuid.UUID
	consent uuid.UUID // uuid.Nil without a consent
	home    int       // index in childHomes
}

// createChild creates the child of number i in a home, and a consent for every second child.
func (s *seeder) createChild(ctx context.Context, i, home int) (createdChild, error) {
	h := childHomes[home]
	in := query.Input{
		"country":            s.idsByName[h.country],
		"caseCode":           fmt.Sprintf("%s-%05d", h.country, i+1),
		"givenName":          s.randomName(),
		"familyName":         s.randomName() + " (synthetic)",
		"birthDate":          s.randomDay(s.today.Year()-17, 16),
		"birthDateEstimated": i%3 == 0,
		"sex":                []string{"female", "male"}[i%2],
		"nationality":        h.country,
		"language":           "fr",
		"phone":              fmt.Sprintf("+000 000 %05d", i),
		"address":            "Synthetic street " + fmt.Sprint(i+1),
		"synthetic":          true,
	}
	s.setReference(in, "office", h.office)
	s.setReference(in, "intervention", h.intervention)
	if slices.Contains(digitsWithPlace, i%10) {
		s.setReference(in, "place", placeCode(h.country, 1+i/10%2, 1+i/20%2))
	}
	id, err := s.createRow(ctx, "Child", in)
	child := createdChild{id: id, home: home}
	if err != nil || i%2 == 1 {
		return child, err
	}
	consent := query.Input{
		"child":       id,
		"country":     s.idsByName[h.country],
		"purposes":    []string{"services", "case_sharing", "referral"},
		"state":       "active",
		"obtainedOn":  s.today.AddDate(0, -3, 0),
		"expiresOn":   s.today.AddDate(1, 0, 0),
		"childAssent": true,
	}
	if i%20 == 10 {
		state := []string{"expired", "withdrawn", "refused"}[i/20%3]
		switch consent["state"] = state; state {
		case "expired":
			consent["obtainedOn"], consent["expiresOn"] = s.today.AddDate(0, -15, 0), s.today.AddDate(0, -3, 0)
		case "withdrawn":
			consent["withdrawnAt"] = s.today.AddDate(0, -1, 0)
		case "refused":
			consent["obtainedOn"], consent["expiresOn"], consent["childAssent"] = nil, nil, false
		}
	}
	child.consent, err = s.createRow(ctx, "Consent", consent)
	return child, err
}

// setReference sets an edge to the row of a code or address. It does nothing when there is no such row.
func (s *seeder) setReference(in query.Input, edge, code string) {
	if id := s.idsByName[code]; id != uuid.Nil {
		in[edge] = id
	}
}

// createCaseFile creates the case of number i for a child, with a service, a best-interests procedure, a referral and
// a note for some numbers.
func (s *seeder) createCaseFile(ctx context.Context, i int, child createdChild) error {
	h := childHomes[child.home]
	country := s.idsByName[h.country]
	in := query.Input{
		"child":    child.id,
		"country":  country,
		"code":     fmt.Sprintf("C-%s-%05d", h.country, i+1),
		"openedOn": s.today.AddDate(0, 0, -s.rand.IntN(900)),
		"source":   s.pickOne(s.enumValues("CaseFile", "source")),
		"risk":     s.pickOne(s.enumValues("CaseFile", "risk")),
		"status":   s.pickOne(s.enumValues("CaseFile", "status")),
		"stage":    s.pickOne(s.enumValues("CaseFile", "stage")),
		"concerns": []string{
			s.pickOne(s.enumValues("CaseFile", "concerns")),
		},
		"summary":   "Synthetic summary: nothing of this happened.",
		"synthetic": true,
	}
	s.setReference(in, "office", h.office)
	s.setReference(in, "intervention", h.intervention)
	if in["status"] == "closed" {
		opened := in["openedOn"].(time.Time)
		in["closedOn"] = opened.Add(s.today.Sub(opened) / 2).Truncate(24 * time.Hour)
	}
	if h.office == ouagaOffice {
		s.setReference(in, "owner", []string{"agent.bf@demo", "protection.bf@demo", "", "", ""}[i%5])
	}
	id, err := s.createRow(ctx, "CaseFile", in)
	if err != nil {
		return err
	}
	if i%4 == 0 {
		service := query.Input{
			"caseFile": id,
			"country":  country,
			"kind":     s.pickOne(s.enumValues("CaseService", "kind")),
			"approval": s.pickOne(s.enumValues("CaseService", "approval")),
			"dueOn":    s.today.AddDate(0, 1, 0),
		}
		if err := s.createAll(ctx, "CaseService", service); err != nil {
			return err
		}
	}
	if i%9 == 0 {
		assessment := query.Input{
			"caseFile": id,
			"country":  country,
			"kind":     "assessment",
			"state":    s.pickOne(s.enumValues("BestInterests", "state")),
		}
		if err := s.createAll(ctx, "BestInterests", assessment); err != nil {
			return err
		}
	}
	if h.country != "BF" || i%6 != 0 {
		return nil
	}
	referral := query.Input{
		"caseFile":     id,
		"country":      country,
		"partner":      s.idsByName["MJ-BF"],
		"services":     []string{"legal aid"},
		"fieldsShared": []string{"caseCode", "ageBand"},
		"reason":       "Synthetic referral.",
		"state":        s.pickOne(s.enumValues("Referral", "state")),
	}
	if referral["state"] == "expired" {
		referral["expiresOn"] = s.today.AddDate(0, -1, 0)
	}
	if child.consent != uuid.Nil {
		referral["consent"] = child.consent
	}
	if err := s.createAll(ctx, "Referral", referral); err != nil {
		return err
	}
	note := query.Input{
		"caseFile":   id,
		"country":    country,
		"body":       "Synthetic note.",
		"visibility": s.pickOne(s.enumValues("Note", "visibility")),
	}
	s.setReference(note, "author", []string{"agent.bf@demo", "protection.bf@demo"}[i/6%2])
	return s.createAll(ctx, "Note", note)
}
