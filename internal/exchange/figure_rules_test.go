package exchange_test

import (
	"fmt"
	"strings"
	"testing"

	"rightshub/internal/exchange"
	"rightshub/internal/store"
)

// TestImpossibleFigures imports figures that cannot be, and figures that are only unusual.
func TestImpossibleFigures(t *testing.T) {
	const (
		below = "is below zero, which no number of people and no percentage is."
		part  = "refused women_value is more than all people, which value counts."
		above = "is above 100 percent. Check it."
	)
	cases := []struct{ unit, value, women, want string }{
		{"people", "10", "10", ""},
		{"people", "0", "", ""},
		{"people", "-10", "", "refused value " + below},
		{"people", "10", "-1", "refused women_value " + below},
		{"people", "-10", "-20", "refused value " + below + ", refused women_value " + below},
		{"people", "10", "20", part},
		{"Personnes formées", "10", "20", part},
		{"niños y niñas", "10", "10.5", part},
		{"enfants", "-1", "", "refused value " + below},
		{"percent", "-3", "", "refused value " + below},
		{"%", "145", "", "remark value " + above},
		{"pourcentage", "100", "100", ""},
		{"percent", "40", "60", ""}, // of the women, and not a part of 40
		{"percent", "40", "101", "remark women_value " + above},
		{"EUR", "-12.5", "", ""},
		{"points", "10", "12", ""}, // a mean
		{"kits per child", "-1", "2", ""},
		{"", "-1", "2", ""},
	}
	onEachDatabase(t, func(t *testing.T, _ store.Session, in importFunc) {
		importDemoFiles(t, in)
		for _, c := range cases {
			row := strings.Join([]string{"BF-CAP-2015", "Figure", c.unit, c.value, c.women, "2020", ""}, ",")
			report, err := in("results", resultHeader+row+"\n", exchange.Options{DryRun: true})
			var got []string
			for _, r := range report.Refused {
				got = append(got, fmt.Sprintf("refused %s %s", r.Name, r.Reason))
			}
			for _, r := range report.Remarks {
				got = append(got, fmt.Sprintf("remark %s %s", r.Name, r.Reason))
			}
			if err != nil || strings.Join(got, ", ") != c.want {
				t.Errorf("%+v: %q %v", c, got, err)
			}
		}
	})
}
