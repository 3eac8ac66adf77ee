package exchange

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"rightshub/internal/languages"
	"rightshub/internal/query"
)

// fileKinds are the kinds of files, which hold the programme data that a children's-rights organisation publishes. An
// empty cell means that the source does not give the value. A new row then has the default of the model, and an
// existing row keeps its value.
var fileKinds = []fileKind{
	{
		name:       "countries",
		entity:     "Country",
		identity:   "iso2",
		columns:    countryColumns,
		keyColumns: []string{"iso2"},
		importRow:  importCountry,
	},
	{
		name:       "offices",
		entity:     "Office",
		identity:   "code",
		columns:    officeColumns,
		keyColumns: []string{"code"},
		importRow:  importOffice,
	},
	{
		name:       "partners",
		entity:     "Partner",
		identity:   "code",
		columns:    partnerColumns,
		keyColumns: []string{"code"},
		importRow:  importPartner,
	},
	{
		name:       "interventions",
		entity:     "Intervention",
		identity:   "code",
		columns:    interventionColumns,
		keyColumns: []string{"code"},
		importRow:  importIntervention,
	},
	{
		name:           "results",
		entity:         "IndicatorValue",
		identity:       "intervention, indicator and period",
		columns:        resultColumns,
		keyColumns:     []string{"indicator", "value"},
		decimalColumns: []string{"value", "women_value"},
		importRow:      importResult,
		condition: func(m conditions) *query.Predicate {
			return allOf(m.fieldIs("IndicatorValue", "sex", "unknown"), m.withoutBreakdown())
		},
		listConditions: map[string]func(conditions) *query.Predicate{"values": conditions.withoutBreakdown},
	},
	{
		name:       "resources",
		entity:     "Resource",
		identity:   "code",
		columns:    resourceColumns,
		keyColumns: []string{"code"},
		importRow:  importResource,
	},
	{
		name:       "volunteer_mandates",
		entity:     "Deployment",
		identity:   "intervention, country, title, partner and mandate_number",
		columns:    mandateColumns,
		keyColumns: []string{"country_iso2", "mandate_title"},
		importRow:  importMandate,
	},
}

// regionCodes maps the English names of the sub-regions of UN M49 to their codes.
var regionCodes = map[string]string{
	"Australia and New Zealand":       "053",
	"Central Asia":                    "143",
	"Eastern Asia":                    "030",
	"Eastern Europe":                  "151",
	"Latin America and the Caribbean": "419",
	"Melanesia":                       "054",
	"Micronesia":                      "057",
	"Northern Africa":                 "015",
	"Northern America":                "021",
	"Northern Europe":                 "154",
	"Polynesia":                       "061",
	"South-eastern Asia":              "035",
	"Southern Asia":                   "034",
	"Southern Europe":                 "039",
	"Sub-Saharan Africa":              "202",
	"Western Asia":                    "145",
	"Western Europe":                  "155",
}

// regionNames returns the names of a region or a country by language, from the Unicode CLDR.
func regionNames(code string) (map[string]string, language.Region, error) {
	region, err := language.ParseRegion(code)
	out := map[string]string{}
	for _, code := range languages.All {
		if name := display.Regions(language.Make(code)).Name(region); err == nil && name != "" {
			out[code] = name
		}
	}
	return out, region, err
}

func importCountry(ctx context.Context, r *importRun, row fileRow) error {
	code := row.keyCell("iso2")
	name, region, err := regionNames(row["iso2"])
	if code.err == nil && (err != nil || !region.IsCountry() || region.String() != row["iso2"]) {
		code = cell{column: "iso2", err: invalidCell("iso2", "is not an ISO 3166-1 alpha-2 code.")}
	}
	parent, err := r.findOrCreateRegion(ctx, row)
	if err != nil {
		return err
	}
	in := rowValues{
		"iso2":      code,
		"region":    parent,
		"firstYear": row.numberCell("first_year"),
		"sourceUrl": row.textCell("source_url"),
		"presence":  row.translatedCell("programme_role", presenceWords),
	}
	initial := query.Input{"name": name, "iso3": region.ISO3(), "m49": int64(region.M49())}
	_, err = r.createOrUpdate(ctx, "Country", "iso2", in, initial)
	return err
}

// findOrCreateRegion returns a reference to the region that the row names, and creates the region when it is missing.
func (r *importRun) findOrCreateRegion(ctx context.Context, row fileRow) (cell, error) {
	if row["region"] == "" {
		return cell{column: "region"}, nil
	}
	code, ok := regionCodes[row["region"]]
	name, _, err := regionNames(code)
	if !ok || err != nil {
		return cell{column: "region", err: invalidCell("region", "is not a sub-region of UN M49.")}, nil
	}
	name["en"] = row["region"]
	in := rowValues{"code": {column: "region", value: code}}
	id, err := r.createOrUpdate(ctx, "Region", "code", in, query.Input{"name": name})
	return createdCell("region", id), err
}

func importOffice(ctx context.Context, r *importRun, row fileRow) error {
	in := rowValues{
		"code":      row.keyCell("code"),
		"name":      r.textsCell(row, "name"),
		"city":      row.textCell("city"),
		"kind":      row.wordCell("kind"),
		"country":   r.referenceCell(ctx, "Country", "country_iso2", row["country_iso2"], keyHints{}),
		"openedOn":  row.yearCell("opened_year"),
		"closedOn":  row.yearCell("closed_year"),
		"sourceUrl": row.textCell("source_url"),
	}
	if in["closedOn"].value != nil {
		in["state"] = cell{column: "closed_year", value: "closed", impliedBy: "closedOn"}
	}
	id, err := r.createOrUpdate(ctx, "Office", "code", in, query.Input{"state": "active"})
	if err != nil || id == uuid.Nil || row["closed_year"] != "" {
		return err
	}
	office := r.model.Entity("Office")
	selection := query.Selection{Entity: office, Cells: []query.Cell{{Field: office.Field("closedOn")}}}
	stored, err := r.session.Get(ctx, &selection, id)
	if err == nil && stored != nil && !stored.Cells[0].Null {
		r.addRemark("closed_year",
			"is empty, so the hub keeps the year and the state of the office. Change them in the hub.")
	}
	return err
}

func importPartner(ctx context.Context, r *importRun, row fileRow) error {
	name := r.textsCell(row, "name")
	if en, fr, ok := strings.Cut(row["name"], " / "); ok {
		name.value = map[string]string{"en": en, "fr": fr}
	}
	country := r.referenceCell(ctx, "Country", "country_iso2", row["country_iso2"], keyHints{})
	if _, missing := country.err.(cellError); missing {
		r.addRemark("country_iso2",
			"there is no %s called %s. The partner is imported without a country.", "Country", row["country_iso2"])
		country.err = nil
	}
	in := rowValues{
		"code":      row.keyCell("code"),
		"name":      name,
		"acronym":   row.textCell("acronym"),
		"type":      row.wordCell("partner_type"),
		"website":   row.textCell("website"),
		"country":   country,
		"sourceUrl": row.textCell("source_url"),
	}
	_, err := r.createOrUpdate(ctx, "Partner", "code", in, query.Input{"state": "active"})
	return err
}

func importIntervention(ctx context.Context, r *importRun, row fileRow) error {
	status := row.translatedCell("status", statusWords)
	if status.value == initialStatus { // the word is "unknown", which leaves the status alone
		status.value = nil
	}
	in := rowValues{
		"title":       titleCell(row),
		"status":      status,
		"summary":     r.textsCell(row, "summary"),
		"theme":       row.wordCell("thematic_area"),
		"funder":      row.textCell("funder"),
		"startYear":   row.numberCell("start_year"),
		"endYear":     row.numberCell("end_year"),
		"office":      r.referenceCell(ctx, "Office", "lead_office_code", row["lead_office_code"], keyHints{}),
		"crcArticles": row.listCell("crc_articles", crcArticles),
		"sourceUrl":   row.textCell("source_url"),
	}
	if row["crc_basis"] != "" {
		in["crcEditorial"] = cell{column: "crc_basis", value: row["crc_basis"] == "editorial"}
	}
	countries := splitList(row["countries"])
	if len(countries) == 1 {
		in["country"] = r.referenceCell(ctx, "Country", "countries", countries[0], keyHints{})
	}
	in["code"] = r.ownInterventionCell(ctx, row, countries, in)
	id, err := r.createOrUpdate(ctx, "Intervention", "code", in, nil)
	if err != nil {
		return err
	}
	for _, link := range interventionLinks {
		for _, code := range splitList(row[link.column]) {
			if err := r.importLink(ctx, link, id, code); err != nil {
				return err
			}
		}
	}
	return nil
}

// titleCell reads the title of an intervention, which has a column for each language.
func titleCell(row fileRow) cell {
	texts, columns := map[string]string{}, []string{}
	for _, language := range []string{"en", "fr"} {
		if title := row["title_"+language]; title != "" {
			texts[language], columns = title, append(columns, "title_"+language)
		}
	}
	if len(texts) == 0 {
		return cell{column: "title_en"}
	}
	return cell{column: strings.Join(columns, ", "), value: texts}
}

func importResult(ctx context.Context, r *importRun, row fileRow) error {
	value, women := r.figureCells(row)
	intervention := r.interventionCell(ctx, row)
	keys := resultKeys{
		parts:  []string{keyPart(intervention), row["indicator"], plainPeriod(row["period"])},
		legacy: []string{row["intervention_code"], row["indicator"], row["period"]},
	}
	if intervention.err == nil {
		if err := r.matchResult(ctx, row, &keys, intervention); err != nil {
			return err
		}
	}
	result, err := r.createOrUpdate(ctx, "Result", "externalId", rowValues{
		"externalId":   {column: "indicator", value: keys.externalID("result")},
		"intervention": intervention,
		"statement":    r.textsCell(row, "indicator"),
		"sourceUrl":    row.textCell("source_url"),
	}, nil)
	if err != nil {
		return err
	}
	indicator, err := r.createOrUpdate(ctx, "Indicator", "externalId", rowValues{
		"externalId": {column: "indicator", value: keys.externalID("indicator")},
		"result":     createdCell("indicator", result),
		"name":       r.textsCell(row, "indicator"),
		"measure":    measureCell(row),
		"unit":       row.textCell("unit"),
	}, nil)
	if err != nil {
		return err
	}
	kind := figureKindCell(row)
	var period, periodStart, periodEnd cell
	if !keys.samePeriod {
		period, periodStart, periodEnd = periodCells(row)
	}
	for sex, v := range map[string]cell{"unknown": value, "female": women} {
		if v.value == nil && v.err == nil {
			continue
		}
		_, err := r.createOrUpdate(ctx, "IndicatorValue", "externalId", rowValues{
			"externalId":  {column: "indicator", value: keys.externalID("value:" + sex)},
			"indicator":   createdCell("indicator", indicator),
			"value":       v,
			"sex":         {column: v.column, value: sex},
			"kind":        kind,
			"period":      period,
			"periodStart": periodStart,
			"periodEnd":   periodEnd,
			"sourceUrl":   row.textCell("source_url"),
		}, query.Input{"state": "approved"})
		if err != nil {
			return err
		}
	}
	return nil
}

func importResource(ctx context.Context, r *importRun, row fileRow) error {
	title, tags := r.textsCell(row, "title"), row.listCell("languages", languageTags)
	if row["title"] != "" {
		codes, _ := tags.value.([]string)
		title.value = map[string]string{titleLanguage(codes, r.language): row["title"]}
	}
	_, err := r.createOrUpdate(ctx, "Resource", "code", rowValues{
		"code":         row.keyCell("code"),
		"title":        title,
		"kind":         row.wordCell("kind"),
		"year":         row.numberCell("year"),
		"languages":    tags,
		"intervention": r.interventionCell(ctx, row),
		"url":          row.textCell("url"),
		"sourceUrl":    row.textCell("source_url"),
	}, query.Input{"state": "published"})
	return err
}

// titleLanguage returns the language of the title of a resource. It is the first language of the resource, or the
// fallback when the hub does not store texts in that language.
func titleLanguage(codes []string, fallback string) string {
	if len(codes) > 0 && languages.IsKnown(codes[0]) {
		return codes[0]
	}
	return fallback
}

func importMandate(ctx context.Context, r *importRun, row fileRow) error {
	in := rowValues{
		"title":        r.textsCell(row, "mandate_title"),
		"intervention": r.interventionCell(ctx, row),
		"country":      r.referenceCell(ctx, "Country", "country_iso2", row["country_iso2"], keyHints{}),
		"partner":      r.referenceCell(ctx, "Partner", "partner_code", row["partner_code"], keyHints{}),
		"months":       row.numberCell("months"),
		"sourceUrl":    row.textCell("source_url"),
	}
	parts := []string{keyPart(in["intervention"]), keyPart(in["country"]), row["mandate_title"], keyPart(in["partner"])}
	legacy := ""
	if row["mandate_number"] != "" {
		parts = append(parts, row["mandate_number"])
	} else {
		legacy = legacyKey("mandate",
			row["intervention_code"], row["country_iso2"], row["mandate_title"], row["partner_code"])
	}
	key := cell{column: "mandate_title", value: joinKey("mandate", parts...)}
	noted, err := r.refuseCells(in)
	if err == nil && len(noted) == 0 {
		key.row, err = r.findMandate(ctx, row, key.value.(string), legacy, in)
	}
	if err != nil {
		return err
	}
	in["externalId"] = key
	_, err = r.createOrUpdate(ctx, "Deployment", "externalId", in, query.Input{"state": "completed"})
	return err
}
