package exchange

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"rightshub/internal/store"
)

// kinds of files: the programme data of a children's-rights organisation as it publishes them. Empty cells mean that
// the source does not say: a new row has the model's own value then, a row that exists keeps what it has.
var kinds = []kind{
	{name: "countries", entity: "Country", columns: countryColumns, keys: []string{"iso2"}, take: takeCountry},
	{name: "offices", entity: "Office", columns: officeColumns, keys: []string{"code"}, take: takeOffice},
	{name: "partners", entity: "Partner", columns: partnerColumns, keys: []string{"code"}, take: takePartner},
	{name: "interventions", entity: "Intervention", columns: interventionColumns, keys: []string{"code"}, take: takeIntervention},
	{name: "results", entity: "IndicatorValue", columns: resultColumns, keys: []string{"indicator", "value"}, take: takeResult,
		where: allOf(is("IndicatorValue", "sex", "unknown"), undivided), within: map[string]*store.Pred{"values": undivided}},
	{name: "resources", entity: "Resource", columns: resourceColumns, keys: []string{"code"}, take: takeResource},
	{name: "volunteer_mandates", entity: "Deployment", columns: mandateColumns, keys: []string{"country_iso2", "mandate_title"}, take: takeMandate},
}

var spoken = []language.Tag{language.English, language.French, language.Spanish}

// regions are the sub-regions of UN M49 by their English names.
var regions = map[string]string{"Northern America": "021", "Sub-Saharan Africa": "202", "Latin America and the Caribbean": "419", "Northern Africa": "015",
	"Western Asia": "145", "Southern Asia": "034", "South-eastern Asia": "035", "Eastern Asia": "030", "Central Asia": "143", "Eastern Europe": "151",
	"Northern Europe": "154", "Southern Europe": "039", "Western Europe": "155", "Australia and New Zealand": "053", "Melanesia": "054", "Micronesia": "057", "Polynesia": "061"}

// names are a region's or a country's names by the Unicode CLDR.
func names(code string) (map[string]string, language.Region, error) {
	region, err := language.ParseRegion(code)
	out := map[string]string{}
	for _, tag := range spoken {
		if name := display.Regions(tag).Name(region); err == nil && name != "" {
			out[tag.String()] = name
		}
	}
	return out, region, err
}

func takeCountry(ctx context.Context, r *run, row record) error {
	code := row.text("iso2")
	name, region, err := names(row["iso2"])
	if err != nil || !region.IsCountry() || region.String() != row["iso2"] {
		code = cell{column: "iso2", err: not("iso2", "is not an ISO 3166-1 alpha-2 code.")}
	}
	within, err := r.region(ctx, row)
	if err != nil {
		return err
	}
	_, err = r.put(ctx, "Country", "iso2", says{"iso2": code, "region": within, "firstYear": row.number("first_year"), "sourceUrl": row.text("source_url"),
		"presence": row.one("programme_role", presences),
	}, store.Input{"name": name, "iso3": region.ISO3(), "m49": int64(region.M49())})
	return err
}

// region finds or makes the region that the row names.
func (r *run) region(ctx context.Context, row record) (cell, error) {
	if row["region"] == "" {
		return cell{column: "region"}, nil
	}
	code, ok := regions[row["region"]]
	name, _, err := names(code)
	if !ok || err != nil {
		return cell{column: "region", err: not("region", "is not a sub-region of UN M49.")}, nil
	}
	name["en"] = row["region"]
	id, err := r.put(ctx, "Region", "code", says{"code": {column: "region", value: code}}, store.Input{"name": name})
	return made("region", id), err
}

func takeOffice(ctx context.Context, r *run, row record) error {
	in := says{"code": row.text("code"), "name": r.texts(row, "name"), "city": row.text("city"), "kind": row.word("kind"),
		"country": r.ref(ctx, "Country", "country_iso2", row["country_iso2"]), "openedOn": row.year("opened_year"), "closedOn": row.year("closed_year"),
		"sourceUrl": row.text("source_url")}
	if in["closedOn"].value != nil {
		in["state"] = cell{column: "closed_year", value: "closed", by: "closedOn"}
	}
	id, err := r.put(ctx, "Office", "code", in, store.Input{"state": "active"})
	if err != nil || id == uuid.Nil || row["closed_year"] != "" {
		return err
	}
	stored, err := r.session.Get(ctx, &store.Ask{Entity: entity("Office"), Cells: []store.Cell{{Field: entity("Office").Field("closedOn")}}}, id)
	if err == nil && stored != nil && !stored.Cells[0].Null {
		r.remark("closed_year", "is empty, and the hub has a year: it stays, and so does the state of the office. Change them in the hub.")
	}
	return err
}

func takePartner(ctx context.Context, r *run, row record) error {
	name := r.texts(row, "name")
	if en, fr, ok := strings.Cut(row["name"], " / "); ok {
		name.value = map[string]string{"en": en, "fr": fr}
	}
	country := r.ref(ctx, "Country", "country_iso2", row["country_iso2"])
	if _, missing := country.err.(wrong); missing {
		r.remark("country_iso2", "there is no %s called %s. The partner is kept without a country.", "Country", row["country_iso2"])
		country.err = nil
	}
	_, err := r.put(ctx, "Partner", "code", says{"code": row.text("code"), "name": name, "acronym": row.text("acronym"), "type": row.word("partner_type"),
		"website": row.text("website"), "country": country, "sourceUrl": row.text("source_url")}, store.Input{"state": "active"})
	return err
}

func takeIntervention(ctx context.Context, r *run, row record) error {
	status := row.one("status", statuses)
	if status.value == begins { // the file says that it does not know
		status.value = nil
	}
	in := says{"status": status, "code": row.text("code"), "title": titles(row), "summary": r.texts(row, "summary"), "theme": row.word("thematic_area"), "funder": row.text("funder"),
		"startYear": row.number("start_year"), "endYear": row.number("end_year"), "office": r.ref(ctx, "Office", "lead_office_code", row["lead_office_code"]),
		"crcArticles": row.list("crc_articles"), "sourceUrl": row.text("source_url")}
	if row["crc_basis"] != "" {
		in["crcEditorial"] = cell{column: "crc_basis", value: row["crc_basis"] == "editorial"}
	}
	countries := list(row["countries"])
	if len(countries) == 1 {
		in["country"] = r.ref(ctx, "Country", "countries", countries[0])
	}
	id, err := r.put(ctx, "Intervention", "code", in, nil)
	if err != nil {
		return err
	}
	for _, link := range []struct{ entity, target, edge, name, column string }{
		{"InterventionCountry", "Country", "country", "intervention_country", "countries"},
		{"InterventionPartner", "Partner", "partner", "intervention_partner", "partner_codes"},
	} {
		for _, code := range list(row[link.column]) {
			name, to := link.name+":"+row["code"]+":"+code, r.ref(ctx, link.target, link.column, code)
			if noted, err := r.wrongs(says{link.edge: to}); err != nil {
				return err
			} else if len(noted) > 0 || id == uuid.Nil {
				continue
			}
			if _, err := r.adopt(ctx, store.Ask{Entity: entity(link.entity)}, name, allOf(at(link.entity, "intervention", id), at(link.entity, link.edge, to.value)), nil); err != nil {
				return err
			}
			_, err := r.put(ctx, link.entity, "externalId", says{"externalId": {column: link.column, value: name},
				"intervention": {column: "code", value: id}, link.edge: to}, nil)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// titles are those of an intervention, which has a column for each language.
func titles(row record) cell {
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

func takeResult(ctx context.Context, r *run, row record) error {
	name := row["intervention_code"] + ":" + row["indicator"] + ":" + row["period"]
	value, women := row.hundredths("value"), row.hundredths("women_value")
	if value.err == nil && value.value == nil {
		value.err = not("value", "is required.")
	}
	intervention := r.ref(ctx, "Intervention", "intervention_code", row["intervention_code"])
	if intervention.err == nil {
		if err := r.adoptResult(ctx, row, name, intervention); err != nil {
			return err
		}
	}
	result, err := r.put(ctx, "Result", "externalId", says{"externalId": {column: "indicator", value: "result:" + name}, "intervention": intervention,
		"statement": r.texts(row, "indicator"), "sourceUrl": row.text("source_url")}, nil)
	if err != nil {
		return err
	}
	measure := cell{column: "unit"}
	if row["unit"] != "" {
		measure.value = measureOf(row["unit"])
	}
	indicator, err := r.put(ctx, "Indicator", "externalId", says{"externalId": {column: "indicator", value: "indicator:" + name}, "result": made("indicator", result),
		"name": r.texts(row, "indicator"), "measure": measure, "unit": row.text("unit")}, nil)
	if err != nil {
		return err
	}
	for sex, v := range map[string]cell{"unknown": value, "female": women} {
		if v.value == nil && v.err == nil {
			continue
		}
		_, err := r.put(ctx, "IndicatorValue", "externalId", says{"externalId": {column: "indicator", value: "value:" + sex + ":" + name}, "indicator": made("indicator", indicator),
			"value": v, "sex": {column: v.column, value: sex}, "kind": {column: "indicator", value: kindOf(row["indicator"])}, "period": row.text("period"), "sourceUrl": row.text("source_url"),
		}, store.Input{"state": "approved"})
		if err != nil {
			return err
		}
	}
	return nil
}

func takeResource(ctx context.Context, r *run, row record) error {
	title := r.texts(row, "title")
	if row["title"] != "" {
		title.value = map[string]string{titled(list(row["languages"]), r.language): row["title"]}
	}
	_, err := r.put(ctx, "Resource", "code", says{"code": row.text("code"), "title": title, "kind": row.word("kind"), "year": row.number("year"), "languages": row.list("languages"),
		"intervention": r.ref(ctx, "Intervention", "intervention_code", row["intervention_code"]), "url": row.text("url"), "sourceUrl": row.text("source_url"),
	}, store.Input{"state": "published"})
	return err
}

// titled is the language of a resource's title: the first that the resource is in, where the hub speaks it.
func titled(languages []string, otherwise string) string {
	if len(languages) > 0 && slices.Contains(store.Languages, languages[0]) {
		return languages[0]
	}
	return otherwise
}

func takeMandate(ctx context.Context, r *run, row record) error {
	name := strings.Join([]string{"mandate", row["intervention_code"], row["country_iso2"], row["mandate_title"], row["partner_code"]}, ":")
	in := says{"externalId": {column: "mandate_title", value: name}, "title": r.texts(row, "mandate_title"),
		"intervention": r.ref(ctx, "Intervention", "intervention_code", row["intervention_code"]), "country": r.ref(ctx, "Country", "country_iso2", row["country_iso2"]),
		"partner": r.ref(ctx, "Partner", "partner_code", row["partner_code"]), "months": row.number("months"), "sourceUrl": row.text("source_url"),
	}
	noted, err := r.wrongs(in)
	if err == nil && len(noted) == 0 {
		err = r.adoptMandate(ctx, row, name, in)
	}
	if err != nil {
		return err
	}
	_, err = r.put(ctx, "Deployment", "externalId", in, store.Input{"state": "completed"})
	return err
}
