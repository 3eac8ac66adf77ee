package demo

import (
	"context"
	"fmt"
	"time"

	"rightshub/internal/fault"
	"rightshub/internal/query"
)

// createIndicatorValues creates a synthetic indicator in two interventions, with figures in every state. The figures
// of the public indicators are all approved, and the demonstration adds none to them.
func (s *seeder) createIndicatorValues(ctx context.Context) error {
	for _, f := range []struct{ intervention, country, partner, author, approver string }{
		{"BF-SGBV-2021", "BF", "MJ-BF", "agent.bf@demo", "coordinator.bf@demo"},
		{"CD-CAP-2015", "CD", "MJ-CD", "coordinator.cd@demo", "manager@demo"},
	} {
		result := s.model.Entity("Result")
		page, err := s.session.List(ctx, &query.List{
			Selection: query.Selection{Entity: result},
			Rows:      true,
			Where: &query.Predicate{
				Op:       query.PredicateToOne,
				Edge:     result.Edge("intervention"),
				Operands: []query.Predicate{{Op: query.PredicateField, Values: []any{s.idsByName[f.intervention]}}},
			},
		})
		if err != nil {
			return err
		}
		if len(page.Rows) == 0 {
			return fault.New(fault.Invalid, "The intervention %s has no result.", f.intervention)
		}
		indicator, err := s.createRow(ctx, "Indicator", query.Input{
			"result":    page.Rows[0].ID,
			"code":      "SYN",
			"name":      syntheticText("Professionals trained", "Professionnels formés"),
			"unit":      "people",
			"frequency": "yearly",
		})
		if err != nil {
			return err
		}
		s.idsByName["SYN "+f.country] = indicator
		for i, state := range s.enumValues("IndicatorValue", "state") {
			year := s.today.Year() - 1 - i
			in := query.Input{
				"indicator":   indicator,
				"country":     s.idsByName[f.country],
				"author":      s.idsByName[f.author],
				"state":       state,
				"value":       int64(12_00 + i*500),
				"profession":  "social_worker",
				"sex":         "female",
				"ageBand":     "a25_59",
				"period":      fmt.Sprint(year),
				"periodStart": time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC),
				"periodEnd":   time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC),
			}
			switch state {
			case "approved", "locked":
				in["approvedBy"] = s.idsByName[f.approver]
			case "draft", "returned":
				in["partner"] = s.idsByName[f.partner]
			}
			if _, err := s.createRow(ctx, "IndicatorValue", in); err != nil {
				return err
			}
		}
	}
	return nil
}

// createCommitments creates commitments of States in every state of progress, and evidence of their progress.
func (s *seeder) createCommitments(ctx context.Context) error {
	instruments, kinds := s.enumValues("Commitment", "instrument"), s.enumValues("Commitment", "kind")
	for i, country := range []string{"CD", "SN", "BF", "CD", "BF", "HN", "CR", "BF"} {
		progress := s.enumValues("Commitment", "progress")[i%5]
		id, err := s.createRow(ctx, "Commitment", query.Input{
			"country":    s.idsByName[country],
			"instrument": instruments[i%len(instruments)],
			"kind":       kinds[i%len(kinds)],
			"articles":   []string{"19"},
			"progress":   progress,
			"text":       syntheticText(fmt.Sprintf("Commitment %d", i+1), fmt.Sprintf("Engagement %d", i+1)),
			"madeOn":     s.today.AddDate(-3, 0, 0),
			"dueOn":      s.today.AddDate(1+i, 0, 0),
		})
		if err != nil {
			return err
		}
		if progress != "partial" && progress != "implemented" {
			continue // there is no progress to give evidence of
		}
		evidence := query.Input{
			"commitment":   id,
			"remark":       "Synthetic remark.",
			"indicator":    s.idsByName["SYN "+country],
			"intervention": s.idsByName[map[string]string{"BF": "BF-SGBV-2021", "CD": "CD-CAP-2015"}[country]],
		}
		if err := s.createAll(ctx, "CommitmentEvidence", evidence); err != nil {
			return err
		}
	}
	return nil
}

// createFundingLines creates funding lines of every kind. They name no funder, because no real funder has promised or
// paid these amounts.
func (s *seeder) createFundingLines(ctx context.Context) error {
	for _, intervention := range []string{"BF-SGBV-2021", "CD-SYS-2022", "SN-SGBV-2020"} {
		for i, kind := range s.enumValues("FundingLine", "kind") {
			start := s.today.AddDate(-2+i/2, 0, 0)
			err := s.createAll(ctx, "FundingLine", query.Input{
				"intervention": s.idsByName[intervention],
				"kind":         kind,
				"amount":       int64(100_000_00 - i*10_000_00),
				"currency":     "CAD",
				"startsOn":     start,
				"endsOn":       start.AddDate(1, 0, -1),
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
