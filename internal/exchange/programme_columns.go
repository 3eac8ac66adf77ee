package exchange

import (
	"strings"
)

// The columns of each kind of file, with the name, the paths, the format and the hashtag of each.
var (
	countryColumns = []column{
		{"iso2", "iso2", asKey, "#country+code+v_iso2"},
		{"region", "region.code", asRegion, "#region+name"},
		{"programme_role", "presence", asWord(presenceWords), "#status"},
		{"first_year", "firstYear", asInt, "#date+start"},
		{"source_url", "sourceUrl", asText, "#meta+url+source"},
	}
	officeColumns = []column{
		{"code", "code", asKey, "#org+office+code"},
		{"name", "name", asTexts, "#org+office+name"},
		{"country_iso2", "country.iso2", asKey, "#country+code+v_iso2"},
		{"city", "city", asText, "#loc+name"},
		{"kind", "kind", asText, "#org+office+type"},
		{"opened_year", "openedOn", asYear, "#date+start"},
		{"closed_year", "closedOn", asYear, "#date+end"},
		{"source_url", "sourceUrl", asText, "#meta+url+source"},
	}
	partnerColumns = []column{
		{"code", "code", asKey, "#org+code"},
		{"name", "name", asEnglishAndFrench, "#org+name"},
		{"acronym", "acronym", asText, "#org+acronym"},
		{"country_iso2", "country.iso2", asKey, "#country+code+v_iso2"},
		{"partner_type", "type", asText, "#org+type"},
		{"website", "website", asText, "#meta+url"},
		{"source_url", "sourceUrl", asText, "#meta+url+source"},
	}
	interventionColumns = []column{
		{"code", "code", asKey, "#activity+code"},
		{"title_en", "title", asTextsIn("en"), "#activity+name+i_en"},
		{"title_fr", "title", asTextsIn("fr"), "#activity+name+i_fr"},
		{"countries", "countries.iso2 country.iso2", asReachedCountries, "#country+code+v_iso2+list"},
		{"lead_office_code", "office.code", asKey, "#org+lead+code"},
		{"start_year", "startYear", asInt, "#date+start"},
		{"end_year", "endYear", asInt, "#date+end"},
		{"status", "status", asWord(statusWords), "#status"},
		{"thematic_area", "theme", asText, "#sector"},
		{"funder", "funder", asText, "#org+funder"},
		{"partner_codes", "partners.code", asKeys, "#org+impl+code+list"},
		{"crc_articles", "crcArticles", asListOf(crcArticles), ""},
		{"crc_basis", "crcEditorial", asEditorialBasis, ""},
		{"summary", "summary", asTexts, "#description"},
		{"source_url", "sourceUrl", asText, "#meta+url+source"},
	}
	resultColumns = []column{
		{"intervention_code", "indicator.result.intervention.code", asKey, "#activity+code"},
		{"indicator", "indicator.name indicator.result.statement kind " + figurePaths, asIndicator, "#indicator+name"},
		{"unit", "indicator.unit indicator.measure", asUnit, "#indicator+unit"},
		{"value", "value indicator.unit indicator.measure", asFigure, "#indicator+value+num"},
		{"women_value", womenFigurePaths, asWomenFigure, "#indicator+value+f+num"},
		{"period", "period", asText, "#date+period"},
		{"source_url", sourcePaths, asSource, "#meta+url+source"},
		{"intervention_id", "indicator.result.intervention.id", asText, "#activity+id"},
		{"figure_id", "id", asText, "#meta+id"},
	}
	resourceColumns = []column{
		{"code", "code", asKey, "#meta+code"},
		{"title", "title languages", asTitle, "#meta+title"},
		{"kind", "kind", asText, "#meta+type"},
		{"year", "year", asInt, "#date+published"},
		{"languages", "languages", asListOf(languageTags), "#meta+lang+list"},
		{"intervention_code", "intervention.code", asKey, "#activity+code"},
		{"url", "url", asText, "#meta+url"},
		{"source_url", "sourceUrl", asText, "#meta+url+source"},
		{"intervention_id", "intervention.id", asText, "#activity+id"},
	}
	mandateColumns = []column{
		{"intervention_code", "intervention.code", asKey, "#activity+code"},
		{"country_iso2", "country.iso2", asKey, "#country+code+v_iso2"},
		{"mandate_title", "title", asTexts, "#activity+name"},
		{"partner_code", "partner.code", asKey, "#org+impl+code"},
		{"months", "months", asInt, ""},
		{"source_url", "sourceUrl", asText, "#meta+url+source"},
		{"intervention_id", "intervention.id", asText, "#activity+id"},
		{"mandate_number", "id", asText, "#meta+id"},
	}
)

// initialStatus is the status of a new intervention.
const initialStatus = "pipeline"

// Words of the files with the enum values of the model. When several words mean the same value, an export writes the
// first. No status of the model means "unknown". An import that reads this word leaves the status alone, so that a
// new intervention has the initial status, and an export writes it for the initial status.
var (
	presenceWords = []wordPair{
		{"office", "office"},
		{"headquarters", "office"},
		{"intervention", "programme"},
		{"volunteer_deployment", "programme"},
	}
	statusWords = []wordPair{{"completed", "closed"}, {"active", "implementation"}, {"unknown", initialStatus}}
)

// asWord writes the word of the files for an enum value, and leaves the cell empty when there is none.
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

// asEnglishAndFrench writes a name that has both languages as "en / fr". Otherwise it writes the language of the file.
func asEnglishAndFrench(language string, from []pathValues) string {
	name := decodeTexts(firstValue(from[0]))
	cell := name[language]
	if name["en"] != "" && name["fr"] != "" {
		cell = name["en"] + " / " + name["fr"]
	}
	if en, fr, both := strings.Cut(cell, " / "); both && (en != name["en"] || fr != name["fr"]) {
		return "" // a name contains the separator itself, so that an import would split it wrongly
	}
	return cell
}

// asReachedCountries writes the countries that an intervention reaches. An import takes a single code for the lead
// country too, so the cell stays empty when a single country is not the lead.
func asReachedCountries(_ string, from []pathValues) string {
	codes := textsOfValues(from[0])
	if len(codes) == 1 && codes[0] != firstValue(from[1]).Text {
		return ""
	}
	return joinList(codes)
}

// asEditorialBasis writes "editorial" when the articles are the choice of an editor.
func asEditorialBasis(_ string, from []pathValues) string {
	if firstValue(from[0]).Int != 0 {
		return "editorial"
	}
	return ""
}

// asTitle writes the title of a resource in the language in which importResource reads it.
func asTitle(language string, from []pathValues) string {
	codes := splitList(asListOf(languageTags)(language, from[1:]))
	return decodeTexts(firstValue(from[0]))[titleLanguage(codes, language)]
}

// figurePaths lead to the period of a figure, and to the periods and the sexes of all figures of its indicator.
const figurePaths = "period indicator.values.period indicator.values.sex"

// Paths of columns that look at the other figures of the indicator. figurePaths come last, where figuresOfPeriod
// finds them.
const (
	womenFigurePaths = "kind value indicator.unit indicator.measure indicator.values.value indicator.values.kind " +
		figurePaths
	sourcePaths = "sourceUrl indicator.result.sourceUrl indicator.values.sourceUrl " + figurePaths
)

// figuresOfPeriod returns the indexes of the figures of the indicator that have this sex and the period of the row.
// The last three of the path values are those of figurePaths.
func figuresOfPeriod(sex string, from []pathValues) (indexes []int) {
	from = from[len(from)-3:]
	for i := range from[1] {
		if from[1][i].Text == firstValue(from[0]).Text && from[2][i].Text == sex {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

// asIndicator writes the name of the indicator. The cell stays empty when the statement of the result differs, when
// the name does not imply the kind of the figure, or when another figure has the same period, since an import could
// not read those back.
func asIndicator(language string, from []pathValues) string {
	name := decodeTexts(firstValue(from[0]))[language]
	statement := decodeTexts(firstValue(from[1]))[language]
	kind, ok := figureKind(name)
	if name != statement || !ok || firstValue(from[2]).Text != kind || len(figuresOfPeriod("unknown", from)) > 1 {
		return ""
	}
	return name
}

// asUnit writes the unit of an indicator when it implies the measure.
func asUnit(_ string, from []pathValues) string {
	unit := firstValue(from[0]).Text
	if measure, ok := measureForUnit(unit); !ok || firstValue(from[1]).Text != measure {
		return ""
	}
	return unit
}

// asFigure writes an amount. It leaves the cell empty for an amount that an import refuses, beyond maxAmount or below
// zero. The unit and the measure of the indicator follow the amount.
func asFigure(_ string, from []pathValues) string {
	v, unit := firstValue(from[0]), asUnit("", from[1:])
	if v.Null || v.Int > maxAmount*100 || v.Int < -maxAmount*100 || isBelowZero(unit, v.Int) {
		return ""
	}
	return formatAmount(v.Int)
}

// asWomenFigure writes the figure of women and girls for the same period and of the same kind, if there is exactly one.
func asWomenFigure(language string, from []pathValues) string {
	women := figuresOfPeriod("female", from)
	if len(women) != 1 || firstValue(from[0]).Text != from[5][women[0]].Text {
		return ""
	}
	figure := from[4][women[0]]
	if isAboveWhole(asUnit(language, from[2:]), figure.Int, firstValue(from[1]).Int) {
		return "" // an import would refuse it
	}
	return asFigure(language, []pathValues{{figure}, from[2], from[3]})
}

// asSource writes the source of a figure, if the result and the figure of women have the same source.
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
