package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/query"
)

// Where the made-up children live: a country, its office, an intervention, and how many of a hundred.
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

// syllables make names that sound like names and are nobody's.
var syllables = []string{"ba", "lo", "mi", "ru", "se", "ta", "ko", "ni", "du", "fe", "ga", "yo"}

func (s *seeder) randomName() string {
	out := ""
	for range 2 + s.rand.IntN(2) {
		out += syllables[s.rand.IntN(len(syllables))]
	}
	return string(out[0]-'a'+'A') + out[1:]
}

func (s *seeder) pickOne(list []string) string { return list[s.rand.IntN(len(list))] }

// createChildren makes the children and their cases, with consents, referrals, services and notes, in every state.
func (s *seeder) createChildren(ctx context.Context) error {
	for i := range Children {
		at, share := 0, i%100
		for share >= childHomes[at].share {
			share -= childHomes[at].share
			at++
		}
		k, err := s.createChild(ctx, i, at)
		if err != nil {
			return err
		}
		s.children = append(s.children, k)
	}
	for i := range Cases {
		if err := s.createCaseFile(ctx, i, s.children[i%Children]); err != nil {
			return err
		}
	}
	return nil
}

// digitsWithPlace are the last digits of the children whose place is known. Where a consent covers them, as it does the eights, their
// supervisor sees the place; who sees the others sees the first level of it.
var digitsWithPlace = []int{1, 3, 5, 8}

// createdChild is a child that was made.
type createdChild struct {
	id      uuid.UUID
	consent uuid.UUID
	home    int
}

func (s *seeder) createChild(ctx context.Context, i, home int) (createdChild, error) {
	h := childHomes[home]
	in := query.Input{"country": s.idsByName[h.country], "caseCode": fmt.Sprintf("%s-%05d", h.country, i+1), "givenName": s.randomName(), "familyName": s.randomName() + " (synthetic)",
		"birthDate": s.randomDay(s.today.Year()-17, 16), "birthDateEstimated": i%3 == 0, "sex": []string{"female", "male"}[i%2], "nationality": h.country,
		"language": "fr", "phone": fmt.Sprintf("+000 000 %05d", i), "address": "Synthetic street " + fmt.Sprint(i+1), "synthetic": true}
	s.setReference(in, "office", h.office)
	s.setReference(in, "intervention", h.intervention)
	if slices.Contains(digitsWithPlace, i%10) {
		s.setReference(in, "place", placeCode(h.country, 1+i/10%2, 1+i/20%2))
	}
	id, err := s.createRow(ctx, "Child", in)
	k := createdChild{id: id, home: home}
	if err != nil || i%2 == 1 {
		return k, err
	}
	agreed := query.Input{"child": id, "country": s.idsByName[h.country], "purposes": []string{"services", "case_sharing", "referral"}, "state": "active",
		"obtainedOn": s.today.AddDate(0, -3, 0), "expiresOn": s.today.AddDate(1, 0, 0), "childAssent": true}
	if i%20 == 10 {
		state := []string{"expired", "withdrawn", "refused"}[i/20%3]
		switch agreed["state"] = state; state {
		case "expired":
			agreed["obtainedOn"], agreed["expiresOn"] = s.today.AddDate(0, -15, 0), s.today.AddDate(0, -3, 0)
		case "withdrawn":
			agreed["withdrawnAt"] = s.today.AddDate(0, -1, 0)
		case "refused":
			agreed["obtainedOn"], agreed["expiresOn"], agreed["childAssent"] = nil, nil, false
		}
	}
	k.consent, err = s.createRow(ctx, "Consent", agreed)
	return k, err
}

func (s *seeder) setReference(in query.Input, edge, code string) {
	if id := s.idsByName[code]; id != uuid.Nil {
		in[edge] = id
	}
}

func (s *seeder) createCaseFile(ctx context.Context, i int, k createdChild) error {
	h := childHomes[k.home]
	country := s.idsByName[h.country]
	in := query.Input{"child": k.id, "country": country, "code": fmt.Sprintf("C-%s-%05d", h.country, i+1), "openedOn": s.today.AddDate(0, 0, -s.rand.IntN(900)),
		"source": s.pickOne(enumValues("CaseFile", "source")), "risk": s.pickOne(enumValues("CaseFile", "risk")), "status": s.pickOne(enumValues("CaseFile", "status")), "stage": s.pickOne(enumValues("CaseFile", "stage")),
		"concerns": []string{s.pickOne(enumValues("CaseFile", "concerns"))}, "summary": "Synthetic summary: nothing of this happened.", "synthetic": true}
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
		if _, err := s.createRow(ctx, "CaseService", query.Input{"caseFile": id, "country": country, "kind": s.pickOne(enumValues("CaseService", "kind")), "approval": s.pickOne(enumValues("CaseService", "approval")), "dueOn": s.today.AddDate(0, 1, 0)}); err != nil {
			return err
		}
	}
	if i%9 == 0 {
		if _, err := s.createRow(ctx, "BestInterests", query.Input{"caseFile": id, "country": country, "kind": "assessment", "state": s.pickOne(enumValues("BestInterests", "state"))}); err != nil {
			return err
		}
	}
	if h.country != "BF" || i%6 != 0 {
		return nil
	}
	ref := query.Input{"caseFile": id, "country": country, "partner": s.idsByName["MJ-BF"], "services": []string{"legal aid"}, "fieldsShared": []string{"caseCode", "ageBand"},
		"reason": "Synthetic referral.", "state": s.pickOne(enumValues("Referral", "state"))}
	if ref["state"] == "expired" {
		ref["expiresOn"] = s.today.AddDate(0, -1, 0)
	}
	if k.consent != uuid.Nil {
		ref["consent"] = k.consent
	}
	if _, err := s.createRow(ctx, "Referral", ref); err != nil {
		return err
	}
	note := query.Input{"caseFile": id, "country": country, "body": "Synthetic note.", "visibility": s.pickOne(enumValues("Note", "visibility"))}
	s.setReference(note, "author", []string{"agent.bf@demo", "protection.bf@demo"}[i/6%2])
	_, err = s.createRow(ctx, "Note", note)
	return err
}
