package exchange

import (
	"strings"
)

// The columns of each kind of file: what each is called, where it comes from when a file is written, and how.
var (
	countryColumns = []column{
		{"iso2", "iso2", asText, "#country+code+v_iso2"},
		{"region", "region.code", asRegion, "#region+name"},
		{"programme_role", "presence", asWord(presenceWords), "#status"},
		{"first_year", "firstYear", asInt, "#date+start"},
		{"source_url", "sourceUrl", asText, "#meta+url+source"},
	}
	officeColumns = []column{
		{"code", "code", asText, "#org+office+code"},
		{"name", "name", asTexts, "#org+office+name"},
		{"country_iso2", "country.iso2", asText, "#country+code+v_iso2"},
		{"city", "city", asText, "#loc+name"},
		{"kind", "kind", asText, "#org+office+type"},
		{"opened_year", "openedOn", asYear, "#date+start"},
		{"closed_year", "closedOn", asYear, "#date+end"},
		{"source_url", "sourceUrl", asText, "#meta+url+source"},
	}
	partnerColumns = []column{
		{"code", "code", asText, "#org+code"},
		{"name", "name", asEnglishAndFrench, "#org+name"},
		{"acronym", "acronym", asText, "#org+acronym"},
		{"country_iso2", "country.iso2", asText, "#country+code+v_iso2"},
		{"partner_type", "type", asText, "#org+type"},
		{"website", "website", asText, "#meta+url"},
		{"source_url", "sourceUrl", asText, "#meta+url+source"},
	}
	interventionColumns = []column{
		{"code", "code", asText, "#activity+code"},
		{"title_en", "title", asTextsIn("en"), "#activity+name+i_en"},
		{"title_fr", "title", asTextsIn("fr"), "#activity+name+i_fr"},
		{"countries", "countries.iso2 country.iso2", asReachedCountries, "#country+code+v_iso2+list"},
		{"lead_office_code", "office.code", asText, "#org+lead+code"},
		{"start_year", "startYear", asInt, "#date+start"},
		{"end_year", "endYear", asInt, "#date+end"},
		{"status", "status", asWord(statusWords), "#status"},
		{"thematic_area", "theme", asText, "#sector"},
		{"funder", "funder", asText, "#org+funder"},
		{"partner_codes", "partners.code", asEntries, "#org+impl+code+list"},
		{"crc_articles", "crcArticles", asList, ""},
		{"crc_basis", "crcEditorial", asEditorialBasis, ""},
		{"summary", "summary", asTexts, "#description"},
		{"source_url", "sourceUrl", asText, "#meta+url+source"},
	}
	resultColumns = []column{
		{"intervention_code", "indicator.result.intervention.code", asText, "#activity+code"},
		{"indicator", "indicator.name indicator.result.statement kind " + figurePaths, asIndicator, "#indicator+name"},
		{"unit", "indicator.unit indicator.measure", asUnit, "#indicator+unit"},
		{"value", "value", asFigure, "#indicator+value+num"},
		{"women_value", "kind indicator.values.value indicator.values.kind " + figurePaths, asWomenFigure, "#indicator+value+f+num"},
		{"period", "period", asText, "#date+period"},
		{"source_url", "sourceUrl indicator.result.sourceUrl indicator.values.sourceUrl " + figurePaths, asSource, "#meta+url+source"},
	}
	resourceColumns = []column{
		{"code", "code", asText, "#meta+code"},
		{"title", "title languages", asTitle, "#meta+title"},
		{"kind", "kind", asText, "#meta+type"},
		{"year", "year", asInt, "#date+published"},
		{"languages", "languages", asList, "#meta+lang+list"},
		{"intervention_code", "intervention.code", asText, "#activity+code"},
		{"url", "url", asText, "#meta+url"},
		{"source_url", "sourceUrl", asText, "#meta+url+source"},
	}
	mandateColumns = []column{
		{"intervention_code", "intervention.code", asText, "#activity+code"},
		{"country_iso2", "country.iso2", asText, "#country+code+v_iso2"},
		{"mandate_title", "title", asTexts, "#activity+name"},
		{"partner_code", "partner.code", asText, "#org+impl+code"},
		{"months", "months", asInt, ""},
		{"source_url", "sourceUrl", asText, "#meta+url+source"},
	}
)

// initialStatus is the status in which an intervention begins.
const initialStatus = "pipeline"

// Words of the files and of the model. Where several words mean one of the model's, the first is written. No status of the
// model means "unknown": who reads it leaves the status alone, and a new row has the one in which every row begins.
var (
	presenceWords = []wordPair{{"office", "office"}, {"headquarters", "office"}, {"intervention", "programme"}, {"volunteer_deployment", "programme"}}
	statusWords   = []wordPair{{"completed", "closed"}, {"active", "implementation"}, {"unknown", initialStatus}}
)

func asWord(known []wordPair) cellFormat {
	return func(_ string, from []pathValues) string {
		for _, p := range known {
			if p.model == firstValue(from[0]).Text {
				return p.file
			}
		}
		return ""
	}
}

// asRegion writes a region by its English name.
func asRegion(_ string, from []pathValues) string {
	for name, code := range regionCodes {
		if code == firstValue(from[0]).Text {
			return name
		}
	}
	return ""
}

// asEnglishAndFrench writes a name in English and French where it is in both: "en / fr".
func asEnglishAndFrench(language string, from []pathValues) string {
	name := decodeTexts(firstValue(from[0]))
	cell := name[language]
	if name["en"] != "" && name["fr"] != "" {
		cell = name["en"] + " / " + name["fr"]
	}
	if en, fr, both := strings.Cut(cell, " / "); both && (en != name["en"] || fr != name["fr"]) {
		return "" // the bar is part of a name
	}
	return cell
}

// asReachedCountries writes the countries that an intervention reaches. The only one would be read as the one that leads.
func asReachedCountries(_ string, from []pathValues) string {
	codes := textsOfValues(from[0])
	if len(codes) == 1 && codes[0] != firstValue(from[1]).Text {
		return ""
	}
	return joinList(codes)
}

// asEditorialBasis says that articles are an editor's choice.
func asEditorialBasis(_ string, from []pathValues) string {
	if firstValue(from[0]).Int != 0 {
		return "editorial"
	}
	return ""
}

// asTitle writes a title in the language in which it is read.
func asTitle(language string, from []pathValues) string {
	languages := firstValue(from[1])
	return decodeTexts(firstValue(from[0]))[titleLanguage(languages.List(), language)]
}

// measureForUnit is the kind of measure that a unit means, and kindOf the kind of figure that an indicator's words mean.
func measureForUnit(unit string) string {
	if strings.Contains(unit, "percent") {
		return "percentage"
	}
	return "unit"
}

func figureKind(indicator string) string {
	if strings.Contains(indicator, "(target)") {
		return "target"
	}
	return "actual"
}

// figurePaths lead to the period of a figure, and to the periods and sexes of all of its indicator.
const figurePaths = "period indicator.values.period indicator.values.sex"

// figuresOfPeriod finds the figures of the same period and of the sex, by their places among all of the indicator. The last three
// paths are those of figures.
func figuresOfPeriod(sex string, from []pathValues) (at []int) {
	from = from[len(from)-3:]
	for i := range from[1] {
		if from[1][i].Text == firstValue(from[0]).Text && from[2][i].Text == sex {
			at = append(at, i)
		}
	}
	return at
}

// asIndicator writes what is counted, where the result says the same and no other figure stands for the same period.
func asIndicator(language string, from []pathValues) string {
	name := decodeTexts(firstValue(from[0]))[language]
	if name != decodeTexts(firstValue(from[1]))[language] || firstValue(from[2]).Text != figureKind(name) || len(figuresOfPeriod("unknown", from)) > 1 {
		return ""
	}
	return name
}

func asUnit(_ string, from []pathValues) string {
	unit := firstValue(from[0]).Text
	if firstValue(from[1]).Text != measureForUnit(unit) {
		return ""
	}
	return unit
}

// asFigure writes an amount, up to the greatest that is read.
func asFigure(_ string, from []pathValues) string {
	v := firstValue(from[0])
	if v.Null || v.Int > maxAmount*100 || v.Int < -maxAmount*100 {
		return ""
	}
	return formatAmount(v.Int)
}

// asWomenFigure writes the figure of women and girls of the same period.
func asWomenFigure(language string, from []pathValues) string {
	women := figuresOfPeriod("female", from)
	if len(women) != 1 || firstValue(from[0]).Text != from[2][women[0]].Text {
		return ""
	}
	return asFigure(language, []pathValues{{from[1][women[0]]}})
}

// asSource writes a source where all that came with it have the same.
func asSource(_ string, from []pathValues) string {
	source := firstValue(from[0]).Text
	if source != firstValue(from[1]).Text {
		return ""
	}
	for _, i := range figuresOfPeriod("female", from) {
		if source != from[2][i].Text {
			return ""
		}
	}
	return source
}
