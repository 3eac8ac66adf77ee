// Package demo fills an empty database with a demonstration. The programme data come from data/*.csv and are real
// public facts. Everything else, such as people, volunteers, children and cases, is made up from a fixed seed and
// marked as synthetic.
//
// Every entity has rows in every state, except offices, partners, interventions and resources. These are public
// facts, and the demonstration gives no state to a real organisation or project that it does not have.
package demo

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/accounts"
	"rightshub/internal/exchange"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

//go:embed data/*.csv
var data embed.FS

// The size of the demonstration.
const (
	Children = 2_000
	Cases    = 2_600
)

// demoMarker is the name of the setting that marks a database as a demonstration.
const demoMarker = "demonstration"

// seeder creates the rows of a demonstration.
type seeder struct {
	model     *model.Model
	session   store.Session
	idsByName map[string]uuid.UUID // keys of rows, by code, by e-mail address, or by a name of the seed
	children  []createdChild
	rand      *rand.Rand
	today     time.Time
}

// Seed fills an empty database. It leaves a demonstration as it is, and fails for a database that holds anything else.
func Seed(ctx context.Context, m *model.Model, hub *store.Hub, policy *access.Policy) error {
	now, err := hub.DB().Now(ctx)
	if err != nil {
		return err
	}
	session := hub.Session(policy.View(access.SystemSubject("system_seed", now)), nil)
	for _, name := range []string{"Setting", "User", "Country"} {
		e := m.Entity(name)
		page, err := session.List(ctx, &query.List{Selection: query.Selection{Entity: e}, Rows: true, Total: true})
		if err != nil {
			return err
		}
		if name == "Setting" && page.Total > 0 && isDemo(ctx, m, session) {
			return nil
		}
		if page.Total > 0 {
			return fault.New(fault.Invalid,
				"The database is not empty. Start --demo with an empty one, or without --database-url.")
		}
	}
	s := &seeder{
		model:     m,
		session:   session,
		idsByName: map[string]uuid.UUID{},
		rand:      rand.New(rand.NewPCG(19891120, 1)),
		today:     now.Truncate(24 * time.Hour),
	}
	if err := s.inTransaction(ctx,
		s.importPublicData,
		s.createPeople,
		s.createPlaces,
		s.createVolunteers,
		s.createActivities,
		s.createChildren,
		s.createColleagues,
		s.createAuditGrants,
		s.createIndicatorValues,
		s.createCommitments,
		s.createFundingLines,
		s.createEmergencies,
	); err != nil {
		return err
	}
	// Only a person may write these rows, so the people of the demonstration write them with their own rights.
	for _, write := range []struct {
		email string
		step  func(context.Context) error
	}{
		{"manager@demo", s.createContacts},
		{"privacy@demo", s.createPrivacyRecords},
	} {
		person, err := hub.Accounts().FindPerson(ctx, accounts.Identity{Email: write.email})
		if err != nil {
			return err
		}
		s.session = hub.Session(policy.View(person.Subject), nil)
		if err := s.inTransaction(ctx, write.step); err != nil {
			return err
		}
	}
	s.session = session
	// The marker comes last, so that a half-filled database does not count as a demonstration.
	_, err = s.createRow(ctx, "Setting", query.Input{
		"name":  demoMarker,
		"value": "yes",
		"meaning": "Everything in this database is made up, save the public facts about the programme: " +
			"these name their source.",
	})
	return errors.Join(err, hub.DB().Analyze(ctx))
}

// inTransaction runs the steps in one transaction.
func (s *seeder) inTransaction(ctx context.Context, steps ...func(context.Context) error) error {
	outer := s.session
	defer func() { s.session = outer }()
	return outer.Atomic(ctx, func(ctx context.Context, session store.Session) error {
		s.session = session
		for _, step := range steps {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// importPublicData imports the files of data/ and loads the keys of their rows.
func (s *seeder) importPublicData(ctx context.Context) error {
	for _, kind := range exchange.Kinds() {
		if err := s.importFile(ctx, kind); err != nil {
			return err
		}
	}
	return s.loadIDs(ctx)
}

func isDemo(ctx context.Context, m *model.Model, session store.Session) bool {
	e := m.Entity("Setting")
	page, err := session.List(ctx, &query.List{Selection: query.Selection{Entity: e}, Rows: true,
		Where: &query.Predicate{Op: query.PredicateField, Field: e.Field("name"), Values: []any{demoMarker}}})
	return err == nil && len(page.Rows) == 1
}

func (s *seeder) importFile(ctx context.Context, kind string) error {
	f, err := data.Open("data/" + kind + ".csv")
	if err != nil {
		return err
	}
	defer f.Close()
	report, err := exchange.Import(ctx, s.model, s.session, kind, f, exchange.Options{Language: "en"})
	if err == nil && len(report.Refused) > 0 {
		err = fmt.Errorf(
			"demonstration data %s.csv line %d: %s: %s",
			kind,
			report.Refused[0].Line,
			report.Refused[0].Name,
			report.Refused[0].Reason,
		)
	}
	return err
}

func (s *seeder) createRow(ctx context.Context, entity string, in query.Input) (uuid.UUID, error) {
	return s.session.Create(ctx, s.model.Entity(entity), in)
}

// loadIDs loads the keys of the imported rows into idsByName, by natural key.
func (s *seeder) loadIDs(ctx context.Context) error {
	for _, name := range []string{"Country", "Office", "Partner", "Intervention"} {
		e := s.model.Entity(name)
		first := query.MaxPage
		l := &query.List{
			Selection: query.Selection{Entity: e, Cells: []query.Cell{{Field: e.Field(e.CodeColumn)}}},
			First:     &first,
			Rows:      true,
			Cursors:   true,
		}
		for {
			page, err := s.session.List(ctx, l)
			if err != nil {
				return err
			}
			for _, r := range page.Rows {
				s.idsByName[r.Cells[0].Text] = r.ID
			}
			if !page.Next {
				break
			}
			l.After = page.EndCursor()
		}
	}
	return nil
}

func (s *seeder) idStrings(codes ...string) []string {
	out := []string{}
	for _, c := range codes {
		out = append(out, s.idsByName[c].String())
	}
	return out
}

// randomDay draws a day of the given number of years, of which from is the first.
func (s *seeder) randomDay(from, years int) time.Time {
	return time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, s.rand.IntN(years*365))
}

// enumValues returns the values of an enum column.
func (s *seeder) enumValues(entity, column string) []string {
	return s.model.Entity(entity).Column(column).Values
}

// syntheticText returns a translated text that says in English and French that it is made up.
func syntheticText(en, fr string) map[string]string {
	return map[string]string{"en": en + " (synthetic)", "fr": fr + " (synthétique)"}
}
