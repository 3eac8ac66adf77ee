package demo

import (
	"context"
	"fmt"

	"rightshub/internal/query"
)

// placeCode returns the code of a synthetic place. It begins with X, which ISO 3166 gives to no country.
func placeCode(country string, parts ...int) string {
	code := "X-" + country
	for _, n := range parts {
		code += fmt.Sprintf("-%d", n)
	}
	return code
}

// createPlaces creates places in four countries. Each has a place for the country, two regions, and two districts a
// region.
func (s *seeder) createPlaces(ctx context.Context) error {
	createPlace := func(country, parent, code string, level int64, en, fr string) error {
		in := query.Input{"country": s.idsByName[country], "code": code, "level": level, "name": syntheticText(en, fr)}
		s.setReference(in, "parent", parent)
		id, err := s.createRow(ctx, "Place", in)
		s.idsByName[code] = id
		return err
	}
	for _, country := range []string{"BF", "CD", "SN", "HN"} {
		top := placeCode(country)
		if err := createPlace(country, "", top, 0, "Country "+country, "Pays "+country); err != nil {
			return err
		}
		for r := 1; r <= 2; r++ {
			region := placeCode(country, r)
			en, fr := fmt.Sprintf("Region %d", r), fmt.Sprintf("Région %d", r)
			if err := createPlace(country, top, region, 1, en, fr); err != nil {
				return err
			}
			for d := 1; d <= 2; d++ {
				name := fmt.Sprintf("District %d.%d", r, d)
				if err := createPlace(country, region, placeCode(country, r, d), 2, name, name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
