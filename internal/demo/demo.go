// Package demo fills an empty database with a demonstration: the real public programme data of data/*.csv, and
// people, volunteers, children, cases and all else that is made up from a fixed seed and marked as synthetic.
//
// There is a row in every state, save of offices, partners, interventions and resources: these are public facts only, and
// none is said to be in a state that it is not in.
package demo

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/exchange"
	"rightshub/internal/fault"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

//go:embed data/*.csv
var data embed.FS

// Size of the demonstration.
const (
	Children = 2_000
	Cases    = 2_600
)

// Person is somebody of the demonstration.
type Person struct {
	Email, Name, Role string
	RoleDescription   [3]string // in the languages of fault.Languages
	locale            string
}

// People are the twelve of the demonstration.
var People = []Person{
	{"coordinator.bf@demo", "Awa Démonstration", "country_coordinator", [3]string{"country coordinator, Burkina Faso", "coordonnatrice de pays, Burkina Faso", "coordinadora de país, Burkina Faso"}, "fr"},
	{"coordinator.cd@demo", "Bruno Démonstration", "country_coordinator", [3]string{"country coordinator, DR Congo", "coordonnateur de pays, RD Congo", "coordinador de país, RD Congo"}, "fr"},
	{"agent.bf@demo", "Chantal Démonstration", "field_agent", [3]string{"field agent, Ouagadougou", "agente de terrain, Ouagadougou", "agente de campo, Uagadugú"}, "fr"},
	{"protection.bf@demo", "Désiré Démonstration", "child_protection_officer", [3]string{"child protection officer, Burkina Faso", "agent de protection de l'enfance, Burkina Faso", "oficial de protección de la infancia, Burkina Faso"}, "fr"},
	{"supervisor.bf@demo", "Estelle Démonstration", "case_supervisor", [3]string{"case supervisor, Ouagadougou", "superviseuse de la gestion de cas, Ouagadougou", "supervisora de gestión de casos, Uagadugú"}, "fr"},
	{"manager@demo", "Farah Demonstration", "programme_manager", [3]string{"programme manager at headquarters", "gestionnaire de programmes au siège", "gestora de programas en la sede"}, "en"},
	{"admin@demo", "Gilles Demonstration", "platform_admin", [3]string{"platform administrator", "administrateur de la plateforme", "administrador de la plataforma"}, "en"},
	{"volunteer@demo", "Hannah Demonstration", "volunteer", [3]string{"volunteer in Burkina Faso", "volontaire au Burkina Faso", "voluntaria en Burkina Faso"}, "en"},
	{"partner@demo", "Issa Démonstration", "partner_focal_point", [3]string{"focal point of a partner", "point focal d'un partenaire", "punto focal de un socio"}, "fr"},
	{"privacy@demo", "Jeanne Demonstration", "data_protection_officer", [3]string{"data protection officer", "déléguée à la protection des données", "delegada de protección de datos"}, "en"},
	{"auditor@demo", "Karim Demonstration", "auditor", [3]string{"auditor with a grant on two interventions", "auditeur avec un mandat sur deux interventions", "auditor con un mandato sobre dos intervenciones"}, "en"},
	{"donor@demo", "Laura Demonstracion", "donor", [3]string{"donor of two interventions", "donatrice de deux interventions", "donante de dos intervenciones"}, "es"},
}

// demoMarker is the setting that says that a database is a demonstration.
const demoMarker = "demonstration"

// seeder makes rows.
type seeder struct {
	session   store.Session
	idsByName map[string]uuid.UUID
	children  []createdChild
	rand      *rand.Rand
	today     time.Time
}

// Seed fills an empty database. A database that holds anything else is refused, one that is a demonstration already is
// left as it is.
func Seed(ctx context.Context, hub *store.Hub, policy *access.Policy) error {
	now, err := hub.DB().Now(ctx)
	if err != nil {
		return err
	}
	session := hub.Session(policy.View(access.SystemSubject("system_seed", now)), nil)
	for _, name := range []string{"Setting", "User", "Country"} {
		e := inventory.Model.Entity(name)
		page, err := session.List(ctx, &query.List{Selection: query.Selection{Entity: e}, Rows: true, Total: true})
		if err != nil {
			return err
		}
		if name == "Setting" && page.Total > 0 && isDemo(ctx, session) {
			return nil
		}
		if page.Total > 0 {
			return fault.New(fault.Invalid, "The database is not empty: --demo fills an empty one, or none is given.")
		}
	}
	s := &seeder{session: session, idsByName: map[string]uuid.UUID{}, rand: rand.New(rand.NewPCG(19891120, 1)), today: now.Truncate(24 * time.Hour)}
	if err := s.inTransaction(ctx, s.importPublicData, s.createPeople, s.createPlaces, s.createVolunteers, s.createActivities, s.createChildren, s.createColleagues, s.createAuditGrants, s.createIndicatorValues, s.createCommitments, s.createFundingLines, s.createEmergencies); err != nil {
		return err
	}
	// What only people write is written by them, as they may.
	for _, by := range []struct {
		email string
		step  func(context.Context) error
	}{{"manager@demo", s.createContacts}, {"privacy@demo", s.createPrivacyRecords}} {
		who, err := hub.Person(ctx, store.Identity{Email: by.email})
		if err != nil {
			return err
		}
		s.session = hub.Session(policy.View(who.Subject), nil)
		if err := s.inTransaction(ctx, by.step); err != nil {
			return err
		}
	}
	s.session = session
	// The mark comes last: without it, a database that is half filled is no demonstration.
	_, err = s.createRow(ctx, "Setting", query.Input{"name": demoMarker, "value": "yes", "meaning": "Everything in this database is made up, save the public facts about the programme: these name their source."})
	return errors.Join(err, hub.DB().Analyze(ctx))
}

// inTransaction takes steps as one: all of them or none.
func (s *seeder) inTransaction(ctx context.Context, steps ...func(context.Context) error) error {
	own := s.session
	defer func() { s.session = own }()
	return own.Atomic(ctx, func(ctx context.Context, session store.Session) error {
		s.session = session
		for _, step := range steps {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// importPublicData takes in the files, and keeps the keys of what they hold.
func (s *seeder) importPublicData(ctx context.Context) error {
	for _, kind := range exchange.Kinds() {
		if err := s.importFile(ctx, kind); err != nil {
			return err
		}
	}
	return s.loadIDs(ctx)
}

func isDemo(ctx context.Context, session store.Session) bool {
	e := inventory.Model.Entity("Setting")
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
	report, err := exchange.Import(ctx, s.session, kind, f, exchange.Options{Language: "en"})
	if err == nil && len(report.Refused) > 0 {
		err = fmt.Errorf("demonstration data %s.csv line %d: %s: %s", kind, report.Refused[0].Line, report.Refused[0].Name, report.Refused[0].Reason)
	}
	return err
}

func (s *seeder) createRow(ctx context.Context, entity string, in query.Input) (uuid.UUID, error) {
	return s.session.Create(ctx, inventory.Model.Entity(entity), in)
}

// loadIDs keeps the keys of what the files hold, by their codes.
func (s *seeder) loadIDs(ctx context.Context) error {
	for _, name := range []string{"Country", "Office", "Partner", "Intervention"} {
		e := inventory.Model.Entity(name)
		most := query.MaxPage
		for l := (&query.List{Selection: query.Selection{Entity: e, Cells: []query.Cell{{Field: e.Field(e.Natural)}}}, First: &most, Rows: true, Cursors: true}); ; {
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
			l.After = page.Cursors[len(page.Cursors)-1]
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

const ouagaOffice = "OFF-BF-OUA"

func (s *seeder) createPeople(ctx context.Context) error {
	for _, p := range People {
		in := query.Input{"displayName": p.Name, "email": p.Email, "locale": p.locale, "state": "active", "synthetic": true, "codeOfConductAcceptedAt": s.today}
		role := query.Input{"role": p.Role, "state": "active"}
		switch p.Email {
		case "coordinator.bf@demo":
			in["country"], role["countryIds"] = s.idsByName["BF"], s.idStrings("BF")
		case "coordinator.cd@demo":
			in["country"], role["countryIds"] = s.idsByName["CD"], s.idStrings("CD")
		case "agent.bf@demo", "supervisor.bf@demo", "protection.bf@demo":
			in["country"], in["office"] = s.idsByName["BF"], s.idsByName[ouagaOffice]
			role["countryIds"], role["officeIds"] = s.idStrings("BF"), s.idStrings(ouagaOffice)
		case "partner@demo":
			role["partnerIds"] = s.idStrings("MJ-BF")
		case "donor@demo":
			role["interventionIds"] = s.idStrings("BF-CAP-2015", "BF-SGBV-2021")
		default:
			role["everywhere"] = true
		}
		id, err := s.createRow(ctx, "User", in)
		if err != nil {
			return err
		}
		s.idsByName[p.Email] = id
		switch p.Role {
		case "volunteer": // comes with the deployment
		case "auditor":
			_, err = s.createRow(ctx, "AuditGrant", query.Input{"auditor": id, "engagement": "Demonstration audit", "purpose": "To show what an auditor sees.", "state": "active",
				"interventionIds": s.idStrings("BF-CAP-2015", "BF-SGBV-2021"), "countryIds": s.idStrings("BF"), "validFrom": s.today.AddDate(0, 0, -1), "validUntil": s.today.AddDate(0, 3, 0)})
		default:
			role["user"] = id
			_, err = s.createRow(ctx, "RoleAssignment", role)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) createActivities(ctx context.Context) error {
	states, kinds := enumValues("Activity", "state"), enumValues("Activity", "kind")
	for i := range 60 {
		code, country := "BF-SGBV-2021", "BF"
		if i >= 40 {
			code, country = "CD-SYS-2022", "CD"
		}
		in := query.Input{"intervention": s.idsByName[code], "country": s.idsByName[country], "kind": kinds[i%len(kinds)], "state": states[i%len(states)],
			"title":    syntheticText(fmt.Sprintf("Training session %d", i+1), fmt.Sprintf("Séance de formation %d", i+1)),
			"startsOn": s.today.AddDate(0, 0, i-30), "plannedWomen": int64(10 + i%7), "plannedMen": int64(12 - i%5)}
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
			_, err = s.createRow(ctx, "Participation", query.Input{"activity": id, "profession": enumValues("Participation", "profession")[i%16], "sex": "female", "ageBand": "a25_59", "count": int64(5 + i%9)})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// randomDay is a day in a span of years, from the seed.
func (s *seeder) randomDay(from, years int) time.Time {
	return time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, s.rand.IntN(years*365))
}

// enumValues are the words of an enum.
func enumValues(entity, column string) []string {
	return inventory.Model.Entity(entity).Column(column).Values
}

// syntheticText is a text in two languages that says that it is made up.
func syntheticText(en, fr string) map[string]string {
	return map[string]string{"en": en + " (synthetic)", "fr": fr + " (synthétique)"}
}
