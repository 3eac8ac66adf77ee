package demo

import (
	"context"

	"rightshub/internal/languages"
	"rightshub/internal/query"
)

// Person is a person of the demonstration.
type Person struct {
	Email, Name, Role string
	RoleDescription   languages.Texts
	locale            string
}

// People are the twelve people of the demonstration.
var People = []Person{
	{
		Email: "coordinator.bf@demo", Name: "Awa Démonstration", Role: "country_coordinator", locale: "fr",
		RoleDescription: languages.Texts{
			"country coordinator, Burkina Faso",
			"coordonnatrice de pays, Burkina Faso",
			"coordinadora de país, Burkina Faso",
		},
	},
	{
		Email: "coordinator.cd@demo", Name: "Bruno Démonstration", Role: "country_coordinator", locale: "fr",
		RoleDescription: languages.Texts{
			"country coordinator, DR Congo",
			"coordonnateur de pays, RD Congo",
			"coordinador de país, RD Congo",
		},
	},
	{
		Email: "agent.bf@demo", Name: "Chantal Démonstration", Role: "field_agent", locale: "fr",
		RoleDescription: languages.Texts{
			"field agent, Ouagadougou",
			"agente de terrain, Ouagadougou",
			"agente de campo, Uagadugú",
		},
	},
	{
		Email: "protection.bf@demo", Name: "Désiré Démonstration", Role: "child_protection_officer", locale: "fr",
		RoleDescription: languages.Texts{
			"child protection officer, Burkina Faso",
			"agent de protection de l'enfance, Burkina Faso",
			"oficial de protección de la infancia, Burkina Faso",
		},
	},
	{
		Email: "supervisor.bf@demo", Name: "Estelle Démonstration", Role: "case_supervisor", locale: "fr",
		RoleDescription: languages.Texts{
			"case supervisor, Ouagadougou",
			"superviseuse de la gestion de cas, Ouagadougou",
			"supervisora de gestión de casos, Uagadugú",
		},
	},
	{
		Email: "manager@demo", Name: "Farah Demonstration", Role: "programme_manager", locale: "en",
		RoleDescription: languages.Texts{
			"programme manager at headquarters",
			"gestionnaire de programmes au siège",
			"gestora de programas en la sede",
		},
	},
	{
		Email: "admin@demo", Name: "Gilles Demonstration", Role: "platform_admin", locale: "en",
		RoleDescription: languages.Texts{
			"platform administrator",
			"administrateur de la plateforme",
			"administrador de la plataforma",
		},
	},
	{
		Email: "volunteer@demo", Name: "Hannah Demonstration", Role: "volunteer", locale: "en",
		RoleDescription: languages.Texts{
			"volunteer in Burkina Faso",
			"volontaire au Burkina Faso",
			"voluntaria en Burkina Faso",
		},
	},
	{
		Email: "partner@demo", Name: "Issa Démonstration", Role: "partner_focal_point", locale: "fr",
		RoleDescription: languages.Texts{
			"focal point of a partner",
			"point focal d'un partenaire",
			"punto focal de un socio",
		},
	},
	{
		Email: "privacy@demo", Name: "Jeanne Demonstration", Role: "data_protection_officer", locale: "en",
		RoleDescription: languages.Texts{
			"data protection officer",
			"déléguée à la protection des données",
			"delegada de protección de datos",
		},
	},
	{
		Email: "auditor@demo", Name: "Karim Demonstration", Role: "auditor", locale: "en",
		RoleDescription: languages.Texts{
			"auditor with a grant on two interventions",
			"auditeur avec un mandat sur deux interventions",
			"auditor con un mandato sobre dos intervenciones",
		},
	},
	{
		Email: "donor@demo", Name: "Laura Demonstracion", Role: "donor", locale: "es",
		RoleDescription: languages.Texts{
			"donor of two interventions",
			"donatrice de deux interventions",
			"donante de dos intervenciones",
		},
	},
}

const ouagaOffice = "OFF-BF-OUA"

// createPeople creates the accounts and the roles of People.
func (s *seeder) createPeople(ctx context.Context) error {
	for _, p := range People {
		in := query.Input{
			"displayName":             p.Name,
			"email":                   p.Email,
			"locale":                  p.locale,
			"state":                   "active",
			"synthetic":               true,
			"codeOfConductAcceptedAt": s.today,
		}
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
		case "volunteer": // createVolunteers creates the role with the deployment
		case "auditor":
			_, err = s.createRow(ctx, "AuditGrant", query.Input{
				"auditor":         id,
				"engagement":      "Demonstration audit",
				"purpose":         "To show what an auditor sees.",
				"state":           "active",
				"interventionIds": s.idStrings("BF-CAP-2015", "BF-SGBV-2021"),
				"countryIds":      s.idStrings("BF"),
				"validFrom":       s.today.AddDate(0, 0, -1),
				"validUntil":      s.today.AddDate(0, 3, 0),
			})
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
