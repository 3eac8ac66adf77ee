package graph_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/graph/plan"
	"rightshub/internal/apitest"
	"rightshub/internal/demo"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// Two worlds that differ only in what a person may not see answer that person with the same bytes. What a person may
// see is taken from plain lists of every type; everything else, rows and cells, is changed in the second world. Then
// random documents are sent to both. RIGHTSHUB_TWIN_CASES sets how many, for each person and purpose.
func TestTwinWorlds(t *testing.T) {
	cases := large("RIGHTSHUB_TWIN_CASES", 60)
	for i, p := range demo.People {
		purposes := []string{"services"}
		if slices.Contains([]string{"field_agent", "child_protection_officer", "case_supervisor"}, p.Role) {
			purposes = append(purposes, "") // it makes a difference to them
		}
		for j, purpose := range purposes {
			t.Run(p.Email+" "+purpose, func(t *testing.T) {
				one, other := apitest.Demo.SQLite(t), apitest.Demo.SQLite(t)
				a, b := apitest.New(t, one).As(p.Email, purpose), apitest.New(t, other).As(p.Email, purpose)
				w := &twin{T: t, author: &author{Rand: rand.New(rand.NewPCG(uint64(i), uint64(j))), values: map[*model.Field][]string{}, ids: map[*model.Entity][]string{}}}
				tx, err := other.SQL().BeginTx(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range inventory.Model.Entities() {
					if p.Role != "auditor" || e.Scope.Child == "" { // an auditor's ids are pseudonyms
						w.change(e, a, tx)
					}
				}
				if err := tx.Commit(); err != nil {
					t.Fatal(err)
				}
				for _, db := range []*store.DB{one, other} {
					w.sample(db.SQL())
				}
				w.compare(a, b, cases)
			})
		}
	}
}

type querier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}

type twin struct {
	*testing.T
	*author
	hidden, shown int
}

// change alters, in the other world, every row that the person does not see and every masked cell of those that they do.
func (w *twin) change(e *model.Entity, who *apitest.Caller, other *sql.Tx) {
	masked := map[uuid.UUID][]string{}
	for after := ""; ; {
		a := who.Ask(fmt.Sprintf("query($after:String){%s(first:100,after:$after){pageInfo{hasNextPage endCursor} nodes{id masked}}}", e.Plural), map[string]any{"after": null(after)}).Fine()
		for i := range a.Len(e.Plural + ".nodes") {
			_, id, err := plan.ParseID(a.Text(fmt.Sprintf("%s.nodes.%d.id", e.Plural, i)))
			if err != nil {
				w.Fatal(err)
			}
			masked[id] = []string{}
			for j := range a.Len(fmt.Sprintf("%s.nodes.%d.masked", e.Plural, i)) {
				masked[id] = append(masked[id], a.Text(fmt.Sprintf("%s.nodes.%d.masked.%d", e.Plural, i, j)))
			}
		}
		if after = a.Text(e.Plural + ".pageInfo.endCursor"); a.At(e.Plural+".pageInfo.hasNextPage") != true {
			break
		}
	}
	w.shown += len(masked)
	for _, id := range w.column(other, `SELECT id FROM "`+e.Table+`"`) {
		key := uuid.MustParse(id)
		if w.IntN(20) == 0 {
			w.ids[e] = append(w.ids[e], plan.ID(e, key))
		}
		names, visible := masked[key]
		var sets []string
		for i := range e.Fields {
			f := &e.Fields[i]
			decides := e.Machine(f.Column) != nil && deciding[e.Name] || f.Internal || f.Kind == model.UUID || len(f.Derived) > 0 && visible
			if !decides && (!visible || slices.Contains(names, f.Name)) && !(deciding[e.Name] && strings.HasSuffix(f.Column, "_ids") || deciding[e.Name] && (f.Kind == model.Time || f.Kind == model.Date || f.Kind == model.Enums || f.Kind == model.Strings || f.Kind == model.Bool || f.Name == "role" || f.Name == "email")) {
				if v := w.other(f, key); v != "" {
					sets = append(sets, fmt.Sprintf(`"%s" = %s`, f.Column, v))
				}
			}
		}
		if !visible {
			w.hidden++
			if !deciding[e.Name] && w.IntN(2) == 0 {
				sets = append(sets, "archived_at = '2020-01-01 00:00:00+00:00'")
			}
		}
		if len(sets) > 0 {
			if _, err := other.ExecContext(w.Context(), `UPDATE "`+e.Table+`" SET `+strings.Join(sets, ", ")+` WHERE id = '`+id+`'`); err != nil {
				w.Fatal(err)
			}
		}
	}
}

// deciding are the entities from which the person's rights are read: their hidden rows change in what they say only.
var deciding = map[string]bool{"Consent": true, "Referral": true, "CaseFile": true, "Child": true, "EmergencyAccess": true, "User": true, "RoleAssignment": true, "AuditGrant": true, "AccessToken": true, "Deployment": true}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// other is another value for a field, as SQL.
func (w *twin) other(f *model.Field, id uuid.UUID) string {
	switch f.Kind {
	case model.String:
		if f.MaxLen == 2 {
			return "'ZZ'"
		}
		return fmt.Sprintf("'%c%s'", 'A'+rune(w.IntN(26)), id)
	case model.Texts:
		return fmt.Sprintf(`'{"en":"%c other","fr":"autre"}'`, 'A'+rune(w.IntN(26)))
	case model.Enum:
		return "'" + pick(w.author, f.Values) + "'"
	case model.Enums:
		return `'["` + pick(w.author, f.Values) + `"]'`
	case model.Int, model.Decimal, model.Float:
		if f.Name == "version" {
			return "7"
		}
		return fmt.Sprint(w.IntN(3000))
	case model.Bool:
		return fmt.Sprint(w.IntN(2))
	case model.Time, model.Date:
		return fmt.Sprintf("'20%02d-01-01 00:00:00+00:00'", 10+w.IntN(15))
	}
	return ""
}

func (w *twin) column(db querier, query string) (out []string) {
	w.Helper()
	rows, err := db.QueryContext(w.Context(), query)
	if err != nil {
		w.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var v sql.NullString
		if err := rows.Scan(&v); err != nil {
			w.Fatal(err)
		}
		out = append(out, v.String)
	}
	return out
}

// sample takes values of every field that has a filter, hidden ones too, as GraphQL literals.
func (w *twin) sample(db querier) {
	for _, e := range inventory.Model.Entities() {
		for i := range e.Fields {
			f := &e.Fields[i]
			if !f.Filterable() {
				continue
			}
			for _, v := range w.column(db, fmt.Sprintf(`SELECT CAST("%s" AS text) FROM "%s" WHERE "%s" IS NOT NULL ORDER BY random() LIMIT 12`, f.Column, e.Table, f.Column)) {
				if literal := literal(f, v); literal != "" {
					w.values[f] = append(w.values[f], literal)
				}
			}
		}
	}
}

func literal(f *model.Field, v string) string {
	quote := func(s string) string {
		text, err := json.Marshal(s)
		if err != nil {
			return ""
		}
		return string(text)
	}
	switch f.Kind {
	case model.Int, model.Float:
		return v
	case model.Decimal:
		return `"` + v + `"`
	case model.Bool:
		return map[string]string{"0": "false", "1": "true"}[v]
	case model.Enum:
		return strings.ToUpper(v)
	case model.Date:
		return `"` + v[:10] + `"`
	case model.Time:
		return `"` + v[:10] + `T00:00:00Z"`
	case model.Texts:
		var m map[string]string
		if json.Unmarshal([]byte(v), &m) == nil {
			for _, s := range m {
				return quote(string([]rune(s)[:min(4, len([]rune(s)))]))
			}
		}
		return ""
	case model.Strings, model.Enums:
		var list []string
		if json.Unmarshal([]byte(v), &list) != nil || len(list) == 0 || inventory.Model.Refers(f) != nil {
			return ""
		}
		if f.Kind == model.Enums {
			return strings.ToUpper(list[0])
		}
		return quote(list[0])
	}
	return quote(v)
}

func (w *twin) compare(a, b *apitest.Caller, cases int) {
	rows, refused := 0, 0
	for range cases {
		doc := w.document()
		one, other := a.Ask(doc, nil), b.Ask(doc, nil)
		if one.Body != other.Body || one.Status != other.Status {
			w.Fatalf("the worlds answer differently:\n%s\n%.1500s\n%.1500s", doc, one.Body, other.Body)
		}
		if strings.Contains(one.Body, `"node":{`) {
			rows++
		}
		if len(one.Errors) > 0 {
			if refused++; one.Code() != "TOO_COMPLEX" {
				w.Errorf("%s\n%s", doc, one.Body)
			}
		}
	}
	w.Logf("%d cases, %d with rows, %d refused; %d rows shown, %d hidden rows changed", cases, rows, refused, w.shown, w.hidden)
}
