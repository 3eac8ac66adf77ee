package plan

import (
	"encoding/json"
	"testing"

	"rightshub/ent/inventory"
	"rightshub/internal/fault"
	"rightshub/internal/query"
)

// An id that is accepted has exactly one spelling. Every other text is refused as invalid.
var theModel = inventory.Load()

func FuzzID(f *testing.F) {
	for _, seed := range []string{
		"int_pEs9lEY7TD6NtDVI-0jFUQ", "chi_AAAAAAAAAAAAAAAAAAAAAA", "", "_", "int_",
		"zzz_pEs9lEY7TD6NtDVI-0jFUQ", "int_pEs9lEY7TD6NtDVI-0jFUR", "int_pEs9lEY7TD6NtDVI-0jFU\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		e, key, err := ParseID(theModel, id)
		switch {
		case err == nil && ID(e, key) != id:
			t.Errorf("%q is also written %q", id, ID(e, key))
		case err != nil && !fault.Is(err, fault.Invalid):
			t.Error(err)
		}
	})
}

// Accepted arguments of a list stay within their limits. All others are refused as invalid or too complex.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`{"first":1,"where":{"iso2":{"eq":"BF"}}}`,
		`{"where":{"or":[{"not":{"offices":{"some":{"name":{"contains":"x"}}}}},{"id":{"in":[]}}]}}`,
		`{"where":{"offices":{"count":{"gte":1}}},"orderBy":[{"field":"ISO2"}]}`,
		`{"last":-1}`,
		`{"first":1e9}`,
		`{"where":{"createdAt":{"lt":"2020-01-01T00:00:00Z"}}}`,
		`{"where":[]}`,
		`{"where":{"iso2":null}}`,
		`{"where":{"iso2":{"eq":null}}}`,
		`{"orderBy":"ISO2"}`,
		`{"where":{"offices":{"some":null,"none":{}}}}`,
		`{"after":""}`,
	} {
		f.Add([]byte(seed))
	}
	country := theModel.Entity("Country")
	f.Fuzz(func(t *testing.T, text []byte) {
		var args map[string]any
		if json.Unmarshal(text, &args) != nil {
			return
		}
		list := query.List{Selection: query.Selection{Entity: country}}
		if err := readArgs(theModel, &list, args); err != nil {
			if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooComplex) {
				t.Error(err)
			}
			return
		}
		if list.First != nil && (*list.First < 0 || *list.First > query.MaxPage) || len(list.Order) > maxOrderKeys {
			t.Errorf("%s is accepted: %+v", text, list)
		}
	})
}
