package exchange

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"rightshub/internal/store"
)

// kinds of files: the programme data of a children's-rights organisation as it publishes them. Empty cells mean that
// the source does not say.
var kinds = []kind{
	{"countries", words("iso2,region,programme_role,first_year,source_url"), takeCountry},
	{"offices", words("code,name,country_iso2,city,kind,opened_year,closed_year,source_url"), takeOffice},
	{"partners", words("code,name,acronym,country_iso2,partner_type,website,source_url"), takePartner},
	{"interventions", words("code,title_en,title_fr,countries,lead_office_code,start_year,end_year,status,thematic_area,funder,partner_codes,crc_articles,crc_basis,summary,source_url"), takeIntervention},
	{"results", words("intervention_code,indicator,unit,value,women_value,period,source_url"), takeResult},
	{"resources", words("code,title,kind,year,languages,intervention_code,url,source_url"), takeResource},
	{"volunteer_mandates", words("intervention_code,country_iso2,mandate_title,partner_code,months,source_url"), takeMandate},
}

func words(s string) []string { return strings.Split(s, ",") }

// list reads the entries of a cell.
func list(cell string) []string {
	out := []string{}
	for _, s := range strings.Split(cell, ";") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// text reads a cell; an empty one has no value.
func text(cell string) any {
	if cell == "" {
		return nil
	}
	return cell
}

func number(row map[string]string, field string) (any, error) {
	if row[field] == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(row[field], 10, 32)
	if err != nil {
		return nil, wrong{field, "is not a whole number."}
	}
	return n, nil
}

// year reads a year as its first day.
func year(row map[string]string, field string) (any, error) {
	n, err := number(row, field)
	if n == nil || err != nil {
		return nil, err
	}
	return time.Date(int(n.(int64)), 1, 1, 0, 0, 0, 0, time.UTC), nil
}

// hundredths reads an amount.
func hundredths(row map[string]string, field string) (any, error) {
	if row[field] == "" {
		return nil, nil
	}
	f, err := strconv.ParseFloat(row[field], 64)
	if err != nil || f != f || f > 1e12 || f < -1e12 {
		return nil, wrong{field, "is not a number."}
	}
	if f < 0 {
		return int64(f*100 - 0.5), nil
	}
	return int64(f*100 + 0.5), nil
}

// one translates a word of the file into the model's own, and refuses an unknown one.
func one(row map[string]string, field string, known map[string]string) (any, error) {
	if v, ok := known[row[field]]; ok {
		return v, nil
	}
	return nil, wrong{field, "is not one of the known words."}
}

// first returns the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
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

func takeCountry(ctx context.Context, r *run, row map[string]string) error {
	name, region, err := names(row["iso2"])
	if err != nil || !region.IsCountry() || region.String() != row["iso2"] {
		return wrong{"iso2", "is not an ISO 3166-1 alpha-2 code."}
	}
	in := store.Input{"name": name, "iso3": region.ISO3(), "m49": int64(region.M49()), "sourceUrl": text(row["source_url"])}
	if row["region"] != "" {
		code, ok := regions[row["region"]]
		if !ok {
			return wrong{"region", "is not a sub-region of UN M49."}
		}
		regionName, _, err := names(code)
		if err != nil {
			return wrong{"region", "is not a sub-region of UN M49."}
		}
		regionName["en"] = row["region"]
		if in["region"], err = r.put(ctx, "Region", "code", code, store.Input{"name": regionName}); err != nil {
			return err
		}
	}
	var errs [2]error
	in["presence"], errs[0] = one(row, "programme_role", map[string]string{"headquarters": "office", "office": "office", "intervention": "programme", "volunteer_deployment": "programme", "": "none"})
	in["firstYear"], errs[1] = number(row, "first_year")
	if err := first(errs[:]...); err != nil {
		return err
	}
	_, err = r.put(ctx, "Country", "iso2", row["iso2"], in)
	return err
}

func takeOffice(ctx context.Context, r *run, row map[string]string) error {
	in := store.Input{"name": map[string]string{"en": row["name"]}, "city": text(row["city"]), "state": "active", "kind": row["kind"], "sourceUrl": text(row["source_url"])}
	if row["closed_year"] != "" {
		in["state"] = "closed"
	}
	var errs [3]error
	in["country"], errs[0] = r.ref(ctx, "Country", "country_iso2", row["country_iso2"])
	in["openedOn"], errs[1] = year(row, "opened_year")
	in["closedOn"], errs[2] = year(row, "closed_year")
	if err := first(errs[:]...); err != nil {
		return err
	}
	_, err := r.put(ctx, "Office", "code", row["code"], in)
	return err
}

func takePartner(ctx context.Context, r *run, row map[string]string) error {
	in := store.Input{"name": bilingual(row["name"]), "acronym": text(row["acronym"]), "type": row["partner_type"], "website": text(row["website"]),
		"state": "active", "sourceUrl": text(row["source_url"])}
	country, err := r.ref(ctx, "Country", "country_iso2", row["country_iso2"])
	if w, missing := err.(wrong); missing {
		r.remark("country_iso2", "%s The partner is kept without a country.", w.reason)
	} else if err != nil {
		return err
	} else {
		in["country"] = country
	}
	_, err = r.put(ctx, "Partner", "code", row["code"], in)
	return err
}

// bilingual reads "English / French"; other names are kept as they are.
func bilingual(name string) map[string]string {
	if en, fr, ok := strings.Cut(name, " / "); ok {
		return map[string]string{"en": en, "fr": fr}
	}
	return map[string]string{"en": name}
}

func takeIntervention(ctx context.Context, r *run, row map[string]string) error {
	title := map[string]string{}
	for lang, column := range map[string]string{"en": "title_en", "fr": "title_fr"} {
		if row[column] != "" {
			title[lang] = row[column]
		}
	}
	in := store.Input{"title": title, "theme": row["thematic_area"], "funder": text(row["funder"]), "crcArticles": list(row["crc_articles"]),
		"crcEditorial": row["crc_basis"] == "editorial", "sourceUrl": text(row["source_url"])}
	if row["summary"] != "" {
		in["summary"] = map[string]string{"en": row["summary"]}
	}
	var errs [4]error
	in["status"], errs[0] = one(row, "status", map[string]string{"completed": "closed", "active": "implementation", "unknown": "finalisation"})
	in["startYear"], errs[1] = number(row, "start_year")
	in["endYear"], errs[2] = number(row, "end_year")
	in["office"], errs[3] = r.ref(ctx, "Office", "lead_office_code", row["lead_office_code"])
	countries := list(row["countries"])
	if len(countries) == 1 {
		var err error
		in["country"], err = r.ref(ctx, "Country", "countries", countries[0])
		errs[0] = first(errs[0], err)
	}
	if err := first(errs[:]...); err != nil {
		return err
	}
	id, err := r.put(ctx, "Intervention", "code", row["code"], in)
	if err != nil {
		return err
	}
	for _, iso := range countries {
		country, err := r.ref(ctx, "Country", "countries", iso)
		if err == nil {
			_, err = r.put(ctx, "InterventionCountry", "externalId", "intervention_country:"+row["code"]+":"+iso, store.Input{"intervention": id, "country": country})
		}
		if err != nil {
			return err
		}
	}
	for _, code := range list(row["partner_codes"]) {
		partner, err := r.ref(ctx, "Partner", "partner_codes", code)
		if err == nil {
			_, err = r.put(ctx, "InterventionPartner", "externalId", "intervention_partner:"+row["code"]+":"+code, store.Input{"intervention": id, "partner": partner})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func takeResult(ctx context.Context, r *run, row map[string]string) error {
	name := row["intervention_code"] + ":" + row["indicator"] + ":" + row["period"]
	statement := map[string]string{"en": row["indicator"]}
	intervention, err := r.ref(ctx, "Intervention", "intervention_code", row["intervention_code"])
	if err != nil {
		return err
	}
	value, err := hundredths(row, "value")
	if err == nil && value == nil {
		err = wrong{"value", "is required."}
	}
	women, err2 := hundredths(row, "women_value")
	if err := first(err, err2); err != nil {
		return err
	}
	result, err := r.put(ctx, "Result", "externalId", "result:"+name, store.Input{"intervention": intervention, "statement": statement, "sourceUrl": text(row["source_url"])})
	if err != nil {
		return err
	}
	measure := "unit"
	if strings.Contains(row["unit"], "percent") {
		measure = "percentage"
	}
	indicator, err := r.put(ctx, "Indicator", "externalId", "indicator:"+name, store.Input{"result": result, "name": statement, "measure": measure, "unit": text(row["unit"])})
	if err != nil {
		return err
	}
	kind := "actual"
	if strings.Contains(row["indicator"], "(target)") {
		kind = "target"
	}
	for sex, v := range map[string]any{"unknown": value, "female": women} {
		if v == nil {
			continue
		}
		in := store.Input{"indicator": indicator, "value": v, "sex": sex, "kind": kind, "period": text(row["period"]), "state": "approved", "sourceUrl": text(row["source_url"])}
		if _, err := r.put(ctx, "IndicatorValue", "externalId", fmt.Sprintf("value:%s:%s", sex, name), in); err != nil {
			return err
		}
	}
	return nil
}

func takeResource(ctx context.Context, r *run, row map[string]string) error {
	lang := "en"
	languages := list(row["languages"])
	if len(languages) > 0 && languages[0] != "en" {
		lang = languages[0]
	}
	if lang != "fr" && lang != "es" {
		lang = "en"
	}
	in := store.Input{"title": map[string]string{lang: row["title"]}, "kind": row["kind"], "languages": languages, "url": text(row["url"]),
		"state": "published", "sourceUrl": text(row["source_url"])}
	var errs [2]error
	in["year"], errs[0] = number(row, "year")
	in["intervention"], errs[1] = r.ref(ctx, "Intervention", "intervention_code", row["intervention_code"])
	if err := first(errs[:]...); err != nil {
		return err
	}
	_, err := r.put(ctx, "Resource", "code", row["code"], in)
	return err
}

func takeMandate(ctx context.Context, r *run, row map[string]string) error {
	in := store.Input{"title": map[string]string{"en": row["mandate_title"]}, "state": "completed", "sourceUrl": text(row["source_url"])}
	var errs [4]error
	in["intervention"], errs[0] = r.ref(ctx, "Intervention", "intervention_code", row["intervention_code"])
	in["country"], errs[1] = r.ref(ctx, "Country", "country_iso2", row["country_iso2"])
	in["partner"], errs[2] = r.ref(ctx, "Partner", "partner_code", row["partner_code"])
	in["months"], errs[3] = number(row, "months")
	if err := first(errs[:]...); err != nil {
		return err
	}
	name := strings.Join([]string{"mandate", row["intervention_code"], row["country_iso2"], row["mandate_title"], row["partner_code"]}, ":")
	_, err := r.put(ctx, "Deployment", "externalId", name, in)
	return err
}
