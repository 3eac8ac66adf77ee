package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/store"
)

// Where the made-up children live: a country, its office, an intervention, and how many of a hundred.
var homes = []struct {
	country, office, intervention string
	share                         int
}{
	{"BF", office, "BF-SGBV-2021", 18},
	{"BF", office, "BF-CAP-2015", 12},
	{"BF", "", "", 5},
	{"CD", "OFF-CD-KIN", "CD-SYS-2022", 25},
	{"CR", "OFF-CR", "CR-TRAF-2015", 10},
	{"HN", "OFF-HN", "HN-PRONINEZ-2016", 10},
	{"SN", "OFF-SN-DKR", "SN-SGBV-2020", 10},
	{"NE", "", "NE-FDS-2011", 10},
}

// syllables make names that sound like names and are nobody's.
var syllables = []string{"ba", "lo", "mi", "ru", "se", "ta", "ko", "ni", "du", "fe", "ga", "yo"}

func (s *seeder) name() string {
	out := ""
	for range 2 + s.rand.IntN(2) {
		out += syllables[s.rand.IntN(len(syllables))]
	}
	return string(out[0]-'a'+'A') + out[1:]
}

func (s *seeder) pick(list []string) string { return list[s.rand.IntN(len(list))] }

// children makes the children and their cases, with consents, referrals, services and notes, in every state.
func (s *seeder) children(ctx context.Context) error {
	for i := range Children {
		at, share := 0, i%100
		for share >= homes[at].share {
			share -= homes[at].share
			at++
		}
		k, err := s.child(ctx, i, at)
		if err != nil {
			return err
		}
		s.kids = append(s.kids, k)
	}
	for i := range Cases {
		if err := s.caseFile(ctx, i, s.kids[i%Children]); err != nil {
			return err
		}
	}
	return nil
}

// placed are the last digits of the children whose place is known. Where a consent covers them, as it does the eights, their
// supervisor sees the place; who sees the others sees the first level of it.
var placed = []int{1, 3, 5, 8}

// kid is a child that was made.
type kid struct {
	id      uuid.UUID
	consent uuid.UUID
	home    int
}

func (s *seeder) child(ctx context.Context, i, home int) (kid, error) {
	h := homes[home]
	in := store.Input{"country": s.ids[h.country], "caseCode": fmt.Sprintf("%s-%05d", h.country, i+1), "givenName": s.name(), "familyName": s.name() + " (synthetic)",
		"birthDate": s.day(s.today.Year()-17, 16), "birthDateEstimated": i%3 == 0, "sex": []string{"female", "male"}[i%2], "nationality": h.country,
		"language": "fr", "phone": fmt.Sprintf("+000 000 %05d", i), "address": "Synthetic street " + fmt.Sprint(i+1), "synthetic": true}
	s.refer(in, "office", h.office)
	s.refer(in, "intervention", h.intervention)
	if slices.Contains(placed, i%10) {
		s.refer(in, "place", placeCode(h.country, 1+i/10%2, 1+i/20%2))
	}
	id, err := s.make(ctx, "Child", in)
	k := kid{id: id, home: home}
	if err != nil || i%2 == 1 {
		return k, err
	}
	agreed := store.Input{"child": id, "country": s.ids[h.country], "purposes": []string{"services", "case_sharing", "referral"}, "state": "active",
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
	k.consent, err = s.make(ctx, "Consent", agreed)
	return k, err
}

func (s *seeder) refer(in store.Input, edge, code string) {
	if id := s.ids[code]; id != uuid.Nil {
		in[edge] = id
	}
}

func (s *seeder) caseFile(ctx context.Context, i int, k kid) error {
	h := homes[k.home]
	country := s.ids[h.country]
	in := store.Input{"child": k.id, "country": country, "code": fmt.Sprintf("C-%s-%05d", h.country, i+1), "openedOn": s.today.AddDate(0, 0, -s.rand.IntN(900)),
		"source": s.pick(values("CaseFile", "source")), "risk": s.pick(values("CaseFile", "risk")), "status": s.pick(values("CaseFile", "status")), "stage": s.pick(values("CaseFile", "stage")),
		"concerns": []string{s.pick(values("CaseFile", "concerns"))}, "summary": "Synthetic summary: nothing of this happened.", "synthetic": true}
	s.refer(in, "office", h.office)
	s.refer(in, "intervention", h.intervention)
	if in["status"] == "closed" {
		opened := in["openedOn"].(time.Time)
		in["closedOn"] = opened.Add(s.today.Sub(opened) / 2).Truncate(24 * time.Hour)
	}
	if h.office == office {
		s.refer(in, "owner", []string{"agent.bf@demo", "protection.bf@demo", "", "", ""}[i%5])
	}
	id, err := s.make(ctx, "CaseFile", in)
	if err != nil {
		return err
	}
	if i%4 == 0 {
		if _, err := s.make(ctx, "CaseService", store.Input{"caseFile": id, "country": country, "kind": s.pick(values("CaseService", "kind")), "approval": s.pick(values("CaseService", "approval")), "dueOn": s.today.AddDate(0, 1, 0)}); err != nil {
			return err
		}
	}
	if i%9 == 0 {
		if _, err := s.make(ctx, "BestInterests", store.Input{"caseFile": id, "country": country, "kind": "assessment", "state": s.pick(values("BestInterests", "state"))}); err != nil {
			return err
		}
	}
	if h.country != "BF" || i%6 != 0 {
		return nil
	}
	ref := store.Input{"caseFile": id, "country": country, "partner": s.ids["MJ-BF"], "services": []string{"legal aid"}, "fieldsShared": []string{"caseCode", "ageBand"},
		"reason": "Synthetic referral.", "state": s.pick(values("Referral", "state"))}
	if ref["state"] == "expired" {
		ref["expiresOn"] = s.today.AddDate(0, -1, 0)
	}
	if k.consent != uuid.Nil {
		ref["consent"] = k.consent
	}
	if _, err := s.make(ctx, "Referral", ref); err != nil {
		return err
	}
	note := store.Input{"caseFile": id, "country": country, "body": "Synthetic note.", "visibility": s.pick(values("Note", "visibility"))}
	s.refer(note, "author", []string{"agent.bf@demo", "protection.bf@demo"}[i/6%2])
	_, err = s.make(ctx, "Note", note)
	return err
}
