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

	"rightshub/internal/database"
	"rightshub/internal/model"
)

// savedFailure is a failure as a file of testdata/found. It holds the rows of the two databases, the request and the
// answer that both hubs must give.
type savedFailure struct {
	What, Email, Purpose, Languages, Grant string
	Policies                               string
	Worlds                                 [2]map[string][]map[string]any // rows by entity: values by column
	Body, Want                             string
}

// corpusFolder holds the found files.
const corpusFolder = "testdata/found"

// saveToCorpus writes the failure into the corpus and returns the file's name. While rapid shrinks a failure, it
// overwrites the file of this process. Before the file is committed, rename it after what it shows and remove what
// depends on the day.
func (f *failure) saveToCorpus() string {
	if f.world == nil || f.twin == nil {
		return "no file, because the failure has no world"
	}
	k := savedFailure{
		What:  f.message,
		Email: f.caller.name, Purpose: f.caller.purpose, Languages: f.caller.languages, Grant: f.caller.grant,
		Policies: f.policies,
		Body:     f.body, Want: f.want,
	}
	for i, w := range []*world{f.world, f.twin} {
		k.Worlds[i] = w.plainRows()
	}
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	out.SetIndent("", "\t")
	if err := out.Encode(k); err != nil {
		return err.Error()
	}
	sum := sha256.Sum256([]byte(f.message))
	path := filepath.Join(corpusFolder, fmt.Sprintf("%s-%d.json", hex.EncodeToString(sum[:4]), os.Getpid()))
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		return err.Error()
	}
	return path
}

// TestFound replays the corpus. Both hubs must answer every failure that was ever found alike, and as the reference
// model said.
func TestFound(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(corpusFolder, "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no found files in %s: %v", corpusFolder, err)
	}
	fixtures := map[string]func(testing.TB) *database.DB{
		"sqlite": emptyFixture.SQLite, "postgres": emptyFixture.Postgres,
	}
	for name, fixture := range fixtures {
		t.Run(name, func(t *testing.T) {
			two := openHubs(t, fixture)
			for _, path := range paths {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				var k savedFailure
				if err := json.Unmarshal(text, &k); err != nil {
					t.Fatal(path, err)
				}
				if what := k.replayFailure(t, two); what != "" {
					t.Errorf("%s: %s", path, what)
				}
			}
		})
	}
}

// plainRows are the rows of a world by entity, as JSON holds them.
func (w *world) plainRows() map[string][]map[string]any {
	out := map[string][]map[string]any{}
	for name, rows := range w.rows {
		for _, r := range rows {
			values := maps.Clone(r.values)
			values["id"] = r.id
			out[name] = append(out[name], values)
		}
	}
	return out
}

// readWorld is the inverse of plainRows.
func readWorld(plain map[string][]map[string]any) (*world, error) {
	w := &world{rows: map[string][]*row{}}
	for name, rows := range plain {
		e := theModel.Entity(name)
		if e == nil {
			return nil, fmt.Errorf("the model has no entity %s any more: take its rows out of the found file", name)
		}
		for _, values := range rows {
			r := &row{entity: e, values: map[string]any{}}
			for column, x := range values {
				value, err := typedValue(columnKind(e, column), x)
				if err != nil {
					return nil, fmt.Errorf("%s.%s: %w", name, column, err)
				}
				if r.values[column] = value; column == "id" {
					r.id = value.(uuid.UUID)
				}
			}
			w.rows[name] = append(w.rows[name], r)
		}
	}
	w.buildIndex()
	return w, nil
}

// typedValue converts a value from JSON to the Go type of its kind.
func typedValue(kind model.Kind, x any) (any, error) {
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

// replayFailure sends the saved request to both hubs. It returns what is wrong with the answers, or "".
func (k *savedFailure) replayFailure(t *testing.T, two [2]*hub) string {
	c := caller{k.Email, k.Purpose, k.Languages, k.Grant}
	var got [2]exchange
	for i, h := range two {
		w, err := readWorld(k.Worlds[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := w.replaceDatabase(t.Context(), h.db.SQL(), h.db.Kind() == "postgres"); err != nil {
			t.Fatal(err)
		}
		if err := h.open(k.Policies); err != nil {
			t.Fatal(err)
		}
		got[i] = h.sendRequest(t.Context(), c, k.Body)
	}
	data, codes, err := parseAnswer(got[0].body)
	_, ok := matchAnswer(data+fmt.Sprint(codes), k.Want)
	if err != nil || !ok || !sameExchange(got[0], got[1]) {
		return fmt.Sprintf("%s\nrequest %s\nhub A: %s\nhub B: %s\nwant: %s",
			k.What, k.Body, got[0].body, got[1].body, k.Want)
	}
	return ""
}
