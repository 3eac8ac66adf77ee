package exchange

import (
	"regexp"
	"slices"
	"strings"

	"rightshub/internal/model"
)

// hashtagPattern is a tag of the Humanitarian Exchange Language 1.1 (hxlstandard.org) with its attributes.
var hashtagPattern = regexp.MustCompile(`^#[a-z][a-z0-9_]*(\s*\+\s*[a-z][a-z0-9_]*)*$`)

// isHashtagRow reports whether a row of a file is one of hashtags, which may leave columns without one.
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

// hashtagsByPath of the columns of a type, by type and path, or by path alone. Days and states have theirs by their kind.
var hashtagsByPath = map[string]string{
	"id": "#meta+id", "sourceUrl": "#meta+url+source", "url": "#meta+url", "website": "#meta+url",
	"country.iso2": "#country+code+v_iso2", "region.code": "#region+code+v_m49", "place.code": "#loc+code+v_pcode", "firstLevelPlace.code": "#adm1+code+v_pcode",
	"office.code": "#org+office+code", "partner.code": "#org+impl+code", "intervention.code": "#activity+code", "resource.code": "#meta+code",
	"Country.iso2": "#country+code+v_iso2", "Country.iso3": "#country+code+v_iso3", "Country.m49": "#country+code+v_m49", "Country.name": "#country+name",
	"Region.code": "#region+code+v_m49", "Region.name": "#region+name", "Place.code": "#loc+code+v_pcode", "Place.name": "#loc+name",
	"Office.code": "#org+office+code", "Office.name": "#org+office+name", "Office.city": "#loc+name", "Partner.code": "#org+code", "Partner.name": "#org+name", "Partner.acronym": "#org+acronym", "Partner.type": "#org+type",
	"Intervention.code": "#activity+code", "Intervention.title": "#activity+name", "Intervention.summary": "#description", "Intervention.theme": "#sector", "Intervention.funder": "#org+funder",
	"Activity.title": "#activity+name", "Result.statement": "#output+name", "Indicator.name": "#indicator+name", "Indicator.unit": "#indicator+unit", "IndicatorValue.value": "#indicator+value+num",
	"CaseService.kind": "#service", "FundingLine.currency": "#currency", "FundingLine.amount": "#value",
}

// hashtagOf is the tag of a type's column, "" where none of the core tags says what it holds. The path leads to a field.
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
