package proof_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// kept is a failure as it is kept in testdata/found: what must be written into the two databases, by kind of database,
// what was asked, and what must be answered.
type kept struct {
	What, Email, Purpose, Languages, Grant string
	Policies                               string
	Worlds                                 [2]map[string][]map[string]any // rows by entity: values by column
	Body, Want                             string
}

const corpus = "testdata/found"

// keep writes the failure into the corpus and returns the file's name. A failure that is being shrunk overwrites itself;
// give the file a name that says what it shows, and take out what depends on the day, before it is committed.
func (f *failure) keep() string {
	if f.one == nil || f.other == nil {
		return "nothing: it has no world"
	}
	k := kept{What: f.what, Email: f.caller.name, Purpose: f.caller.purpose, Languages: f.caller.languages, Grant: f.caller.grant, Policies: f.policies, Body: f.body, Want: f.want}
	for i, w := range []*world{f.one, f.other} {
		k.Worlds[i] = w.plain()
	}
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	out.SetIndent("", "\t")
	if err := out.Encode(k); err != nil {
		return err.Error()
	}
	sum := sha256.Sum256([]byte(f.what))
	path := filepath.Join(corpus, fmt.Sprintf("%s-%d.json", hex.EncodeToString(sum[:4]), os.Getpid()))
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		return err.Error()
	}
	return path
}

// Every failure that was found stays mended: both worlds answer it alike, and as the reference model said.
func TestFound(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(corpus, "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatal("the corpus is not there", err)
	}
	for name, fixture := range map[string]func(testing.TB) *store.DB{"sqlite": empty.SQLite, "postgres": empty.Postgres} {
		t.Run(name, func(t *testing.T) {
			two := hubs(t, fixture)
			for _, path := range paths {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				var k kept
				if err := json.Unmarshal(text, &k); err != nil {
					t.Fatal(path, err)
				}
				if what := k.again(t, two); what != "" {
					t.Errorf("%s: %s", path, what)
				}
			}
		})
	}
}

// plain is a world as JSON holds it.
func (w *world) plain() map[string][]map[string]any {
	out := map[string][]map[string]any{}
	for name, rows := range w.rows {
		for _, r := range rows {
			values := maps.Clone(r.v)
			values["id"] = r.id
			out[name] = append(out[name], values)
		}
	}
	return out
}

// readWorld is plain turned round.
func readWorld(plain map[string][]map[string]any) (*world, error) {
	w := &world{rows: map[string][]*row{}}
	for name, rows := range plain {
		e := inventory.Model.Entity(name)
		if e == nil {
			return nil, fmt.Errorf("there is no entity %s any more", name)
		}
		for _, values := range rows {
			r := &row{e: e, v: map[string]any{}}
			for column, x := range values {
				value, err := typed(kindOf(e, column), x)
				if err != nil {
					return nil, fmt.Errorf("%s.%s: %w", name, column, err)
				}
				if r.v[column] = value; column == "id" {
					r.id = value.(uuid.UUID)
				}
			}
			w.rows[name] = append(w.rows[name], r)
		}
	}
	w.index()
	return w, nil
}

// typed is a value that JSON held, in the kind's own type.
func typed(kind model.Kind, x any) (any, error) {
	switch v := x.(type) {
	case string:
		switch kind {
		case model.UUID:
			return uuid.Parse(v)
		case model.Time, model.Date:
			return time.Parse(time.RFC3339Nano, v)
		}
	case float64:
		if kind != model.Float {
			return int64(v), nil
		}
	case []any:
		list := []string{}
		for _, s := range v {
			list = append(list, fmt.Sprint(s))
		}
		return list, nil
	case map[string]any:
		texts := map[string]string{}
		for tag, s := range v {
			texts[tag] = fmt.Sprint(s)
		}
		return texts, nil
	}
	return x, nil
}

// again asks both hubs what the failure asked.
func (k *kept) again(t *testing.T, two [2]*hub) string {
	c := caller{k.Email, k.Purpose, k.Languages, k.Grant}
	var got [2]exchange
	for i, h := range two {
		w, err := readWorld(k.Worlds[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := w.put(t.Context(), h.db.SQL(), h.db.Kind() == "postgres"); err != nil {
			t.Fatal(err)
		}
		if err := h.open(k.Policies); err != nil {
			t.Fatal(err)
		}
		got[i] = h.ask(t.Context(), c, k.Body)
	}
	data, codes, err := parts(got[0].body)
	if _, ok := fits(data+fmt.Sprint(codes), k.Want); err != nil || !ok || !same(got[0], got[1]) {
		return fmt.Sprintf("%s\n%s\nA %s\nB %s\nmust be %s", k.What, k.Body, got[0].body, got[1].body, k.Want)
	}
	return ""
}
