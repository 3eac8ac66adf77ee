package exchange

import (
	"regexp"
	"slices"
	"strings"

	"rightshub/internal/model"
)

// hashtagPattern matches a tag of the Humanitarian Exchange Language 1.1 (hxlstandard.org) with its attributes.
var hashtagPattern = regexp.MustCompile(`^#[a-z][a-z0-9_]*(\s*\+\s*[a-z][a-z0-9_]*)*$`)

// isHashtagRow reports whether every cell of a row is a hashtag or empty, and at least one is a hashtag.
func isHashtagRow(cells []string) bool {
	tagged := false
	for _, c := range cells {
		c = strings.TrimSpace(c)
		if c != "" && !hashtagPattern.MatchString(c) {
			return false
		}
		tagged = tagged || c != ""
	}
	return tagged
}

// hashtagsByPath maps a path, or an entity and a path, to the HXL tag of its column.
// It needs no dates and states, because hashtagOf derives their tags from the model.
var hashtagsByPath = map[string]string{
	"id":        "#meta+id",
	"sourceUrl": "#meta+url+source",
	"url":       "#meta+url",
	"website":   "#meta+url",

	"country.iso2":         "#country+code+v_iso2",
	"firstLevelPlace.code": "#adm1+code+v_pcode",
	"intervention.code":    "#activity+code",
	"office.code":          "#org+office+code",
	"partner.code":         "#org+impl+code",
	"place.code":           "#loc+code+v_pcode",
	"region.code":          "#region+code+v_m49",
	"resource.code":        "#meta+code",

	"Activity.title":       "#activity+name",
	"CaseService.kind":     "#service",
	"Country.iso2":         "#country+code+v_iso2",
	"Country.iso3":         "#country+code+v_iso3",
	"Country.m49":          "#country+code+v_m49",
	"Country.name":         "#country+name",
	"FundingLine.amount":   "#value",
	"FundingLine.currency": "#currency",
	"Indicator.name":       "#indicator+name",
	"Indicator.unit":       "#indicator+unit",
	"IndicatorValue.value": "#indicator+value+num",
	"Intervention.code":    "#activity+code",
	"Intervention.funder":  "#org+funder",
	"Intervention.summary": "#description",
	"Intervention.theme":   "#sector",
	"Intervention.title":   "#activity+name",
	"Office.city":          "#loc+name",
	"Office.code":          "#org+office+code",
	"Office.name":          "#org+office+name",
	"Partner.acronym":      "#org+acronym",
	"Partner.code":         "#org+code",
	"Partner.name":         "#org+name",
	"Partner.type":         "#org+type",
	"Place.code":           "#loc+code+v_pcode",
	"Place.name":           "#loc+name",
	"Region.code":          "#region+code+v_m49",
	"Region.name":          "#region+name",
	"Result.statement":     "#output+name",
}

// hashtagOf returns the HXL tag of a column of an entity, or "" when no core tag of HXL describes it.
// The path leads from the entity to a field.
func hashtagOf(e *model.Entity, path string) string {
	for _, name := range []string{e.Name + "." + path, path} {
		if tag := hashtagsByPath[name]; tag != "" {
			return tag
		}
	}
	f := e.Field(path)
	switch {
	case f == nil:
		return ""
	case f.Kind == model.Date || f.Kind == model.Time:
		return "#date+" + f.Column
	case slices.ContainsFunc(e.Machines, func(m model.Machine) bool { return m.Field == f.Column }):
		return "#status"
	}
	return ""
}
