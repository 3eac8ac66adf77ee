package exchange

// Rules about the figures of a row of results. Only the unit tells whether a figure can be below zero or a part of
// another. People are counted, so the rules about them refuse. A refund, a temperature or a change may be below zero.
// An attendance of 145 percent of what was planned happens, so a percentage above 100 is imported with a remark. The
// women's mean of a score, or their percentage, may exceed that of all, so only people have a part.

// peopleWords are the words of the hub's three languages for the people that a unit counts, in the form of foldText.
var peopleWords = []string{
	"people", "person", "persons", "child", "children", "girl", "girls", "boy", "boys", "women", "woman", "men", "man",
	"adults", "beneficiaries", "participants", "trainees", "learners", "students", "pupils", "teachers", "professionals",
	"volunteers", "officers", "judges", "magistrates",
	"personne", "personnes", "enfant", "enfants", "fille", "filles", "garcon", "garcons", "femme", "femmes", "homme",
	"hommes", "adultes", "beneficiaires", "apprenants", "eleves", "etudiants", "enseignants", "professionnels",
	"volontaires", "policiers", "juges", "magistrats",
	"persona", "personas", "nino", "nina", "ninos", "ninas", "mujer", "mujeres", "hombre", "hombres", "adultos",
	"beneficiarios", "participantes", "alumnos", "estudiantes", "docentes", "profesionales", "voluntarios", "policias",
	"jueces", "magistrados",
}

// countsPeople reports whether a unit counts people, as "people" and "personnes formées" do, and "kits per child" does
// not.
func countsPeople(unit string) bool {
	folded := foldText(unit)
	return hasWord(folded, peopleWords) && !hasWord(folded, []string{"per", "par", "por", "/"}) && !isPercentage(unit)
}

// isPercentage reports whether a unit is a percentage.
func isPercentage(unit string) bool {
	measure, ok := measureForUnit(unit)
	return ok && measure == "percentage"
}

// whole is 100 percent in hundredths.
const whole = 100 * 100

// isBelowZero reports whether a figure in hundredths is negative, and its unit cannot be.
func isBelowZero(unit string, figure int64) bool {
	return figure < 0 && (countsPeople(unit) || isPercentage(unit))
}

// isAboveWhole reports whether women are more people than all of whom they are a part.
func isAboveWhole(unit string, women, all int64) bool { return women > all && countsPeople(unit) }

// figureCells reads the figures of a row of results, and refuses what they cannot be.
func (r *importRun) figureCells(row fileRow) (all, women cell) {
	all, women = row.amountCell("value"), row.amountCell("women_value")
	if all.err == nil && all.value == nil {
		all.err = invalidCell("value", "is required.")
	}
	unit := row["unit"]
	for _, c := range []*cell{&all, &women} {
		n, ok := c.value.(int64)
		switch {
		case ok && isBelowZero(unit, n):
			c.err = invalidCell(c.column, "is below zero, which no number of people and no percentage is.")
		case ok && n > whole && isPercentage(unit):
			r.addRemark(c.column, "is above 100 percent. Check it.")
		}
	}
	n, given := women.value.(int64)
	if total, ok := all.value.(int64); given && ok && all.err == nil && women.err == nil && isAboveWhole(unit, n, total) {
		women.err = invalidCell("women_value", "is more than all people, which value counts.")
	}
	return all, women
}
