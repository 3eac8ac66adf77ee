package exchange

import (
	"encoding/csv"
	"regexp"
	"slices"
	"strings"

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// hashtagPattern matches a tag of the Humanitarian Exchange Language 1.1 (hxlstandard.org) with its attributes. Tags
// may be written in capitals.
var hashtagPattern = regexp.MustCompile(`^(?i)#[a-z][a-z0-9_]*(\s*\+\s*[a-z][a-z0-9_]*)*$`)

// countHashtags counts the cells of a row that are not empty, those that begin like a hashtag, and those that are one.
// odd is the first cell that begins like a hashtag and is none.
func countHashtags(cells []string) (filled, begun, tags int, odd string) {
	for _, c := range cells {
		c = strings.TrimSpace(c)
		switch {
		case c == "":
			continue
		case hashtagPattern.MatchString(c):
			begun, tags = begun+1, tags+1
		case c[0] == '#':
			begun++
			if odd == "" {
				odd = c
			}
		}
		filled++
	}
	return filled, begun, tags, odd
}

// isHashtagRow reports whether more than half of the filled cells of a row are hashtags.
func isHashtagRow(cells []string) bool {
	filled, _, tags, _ := countHashtags(cells)
	return 2*tags > filled
}

// skipHashtags reports whether the first row under the header is no data, but hashtags. It adds a remark about an odd
// one. A row that looks like hashtags and has too few of them is refused in one line.
func (f *csvFile) skipHashtags(r *csv.Reader, cells []string) bool {
	filled, begun, tags, odd := countHashtags(cells)
	if 2*begun <= filled {
		return false
	}
	line, _ := r.FieldPos(0)
	refusal := Refusal{line, fault.NewField("", "looks like HXL hashtags, but %s is none.", odd)}
	switch {
	case 2*tags <= filled:
		f.refused = append(f.refused, refusal)
	case odd != "":
		f.remarks = append(f.remarks, refusal)
	}
	return true
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
