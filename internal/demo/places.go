package demo

import (
	"context"
	"fmt"

	"rightshub/internal/query"
)

// placeCode is that of a made-up place: ISO 3166 gives no country a code that begins with X.
func placeCode(country string, parts ...int) string {
	code := "X-" + country
	for _, n := range parts {
		code += fmt.Sprintf("-%d", n)
	}
	return code
}

// createPlaces makes, in some countries, the country with two made-up regions of two made-up districts each.
func (s *seeder) createPlaces(ctx context.Context) error {
	put := func(country, within, code string, level int64, en, fr string) error {
		in := query.Input{"country": s.idsByName[country], "code": code, "level": level, "name": syntheticText(en, fr)}
		s.setReference(in, "parent", within)
		id, err := s.createRow(ctx, "Place", in)
		s.idsByName[code] = id
		return err
	}
	for _, country := range []string{"BF", "CD", "SN", "HN"} {
		top := placeCode(country)
		if err := put(country, "", top, 0, "Country "+country, "Pays "+country); err != nil {
			return err
		}
		for r := 1; r <= 2; r++ {
			region := placeCode(country, r)
			if err := put(country, top, region, 1, fmt.Sprintf("Region %d", r), fmt.Sprintf("Région %d", r)); err != nil {
				return err
			}
			for d := 1; d <= 2; d++ {
				if err := put(country, region, placeCode(country, r, d), 2, fmt.Sprintf("District %d.%d", r, d), fmt.Sprintf("District %d.%d", r, d)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
