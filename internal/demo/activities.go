package demo

import (
	"context"
	"fmt"
	"rightshub/internal/query"
)

// createActivities creates activities in every state, and participations for half of them.
func (s *seeder) createActivities(ctx context.Context) error {
	states, kinds := s.enumValues("Activity", "state"), s.enumValues("Activity", "kind")
	for i := range 60 {
		code, country := "BF-SGBV-2021", "BF"
		if i >= 40 {
			code, country = "CD-SYS-2022", "CD"
		}
		in := query.Input{
			"intervention": s.idsByName[code],
			"country":      s.idsByName[country],
			"kind":         kinds[i%len(kinds)],
			"state":        states[i%len(states)],
			"title": syntheticText(
				fmt.Sprintf("Training session %d", i+1), fmt.Sprintf("Séance de formation %d", i+1)),
			"startsOn":     s.today.AddDate(0, 0, i-30),
			"plannedWomen": int64(10 + i%7),
			"plannedMen":   int64(12 - i%5),
		}
		if i%4 == 0 {
			in["place"] = s.idsByName[placeCode(country, 1, 1+i/4%2)]
		}
		if country == "BF" {
			in["office"], in["responsible"] = s.idsByName[ouagaOffice], s.idsByName["agent.bf@demo"]
		}
		if i%3 == 0 {
			in["partner"] = s.idsByName["MJ-BF"]
		}
		id, err := s.createRow(ctx, "Activity", in)
		if err == nil && i%2 == 0 {
			_, err = s.createRow(ctx, "Participation", query.Input{
				"activity":   id,
				"profession": s.enumValues("Participation", "profession")[i%16],
				"sex":        "female",
				"ageBand":    "a25_59",
				"count":      int64(5 + i%9),
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
