// Package exchange brings files in and out: one file of Go per kind of data. What comes in goes through the same
// validation and the same session as what the API writes, and what goes out is read by the session of whoever it is for;
// the package knows formats, not rights.
package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// Refusal says why a row of a file was not taken.
type Refusal struct {
	Line        int // of the file; the header is line 1
	fault.Field     // a column and the reason; the row as a whole is wrong where it has no name
}

// Report is what an import did, or would do.
type Report struct {
	Rows, Created int
	Changed       []Change
	Refused       []Refusal
	Remarks       []Refusal // taken, but not wholly
}

// Change is a row that was there before and that the file says something else about.
type Change struct {
	Line    int
	Key     string   // code, or the name in the file's own system
	Columns []string // of the file: those that change it
}

// RefusedRows counts the rows that were refused, for one reason or several.
func (r *Report) RefusedRows() int {
	lines := map[int]bool{}
	for _, refusal := range r.Refused {
		lines[refusal.Line] = true
	}
	return len(lines)
}

// Options say how a file is read.
type Options struct {
	Language string              // of texts whose column names none: en, fr or es
	DryRun   bool                // leave nothing behind
	Step     func(done, all int) // called after each row, unless nil
}

// Kinds lists the kinds of files that can be imported, in an order in which references exist.
func Kinds() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.name
	}
	return names
}

// kind is one kind of file.
type kind struct {
	name    string
	entity  string // whose rows a file of the kind is written from
	columns []column
	keys    []string // columns without which a row cannot be read back
	where   *store.Pred
	within  map[string]*store.Pred // conditions on lists that a column leads over, by the name of their edge
	take    func(ctx context.Context, r *run, row record) error
}

func (k *kind) header() []string {
	names := make([]string, len(k.columns))
	for i, c := range k.columns {
		names[i] = c.name
	}
	return names
}

// maxFile bounds a file, in bytes.
const maxFile = 64 << 20

var errUndo = errors.New("undo")

// Import reads a CSV file of a kind into the session: all of its rows, or none when one is refused. A row that is there
// already keeps what the file does not say: empty cells, and other languages of its texts. Importing the same file twice
// changes nothing the second time.
func Import(ctx context.Context, s store.Session, kindName string, file io.Reader, o Options) (*Report, error) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == kindName })
	if i < 0 {
		return nil, fault.New(fault.Invalid, "There is no kind %q to import. Known are: %s.", kindName, strings.Join(Kinds(), ", "))
	}
	k := kinds[i]
	rows, lines, unread, err := readCSV(file, k.header())
	if err != nil {
		return nil, err
	}
	report := &Report{Rows: len(rows) + len(unread), Refused: unread}
	err = s.Atomic(ctx, func(ctx context.Context, s store.Session) error {
		r := &run{session: s, report: report, header: k.header(), language: o.Language, known: map[string]uuid.UUID{}}
		for i, row := range rows {
			if err := r.row(ctx, lines[i], func(ctx context.Context) error { return k.take(ctx, r, row) }); err != nil {
				return err
			}
			if o.Step != nil {
				o.Step(i+1, len(rows))
			}
		}
		slices.SortStableFunc(report.Refused, func(a, b Refusal) int { return a.Line - b.Line })
		if o.DryRun || len(report.Refused) > 0 {
			return errUndo
		}
		return nil
	})
	if errors.Is(err, errUndo) {
		err = nil
	}
	return report, err
}

// run is one import.
type run struct {
	session  store.Session
	report   *Report
	header   []string
	language string
	line     int                  // of the row at hand
	first    int                  // refusals of rows before it
	known    map[string]uuid.UUID // entity and name to key
}

// texts reads a column that does not say its language.
func (r *run) texts(row record, column string) cell {
	if row[column] == "" {
		return cell{column: column}
	}
	return cell{column: column, value: map[string]string{r.language: row[column]}}
}

// find returns the key of the row whose field has the value, uuid.Nil when there is none.
func (r *run) find(ctx context.Context, e *model.Entity, field, value string) (uuid.UUID, error) {
	name := e.Name + " " + field + " " + value
	if id, ok := r.known[name]; ok {
		return id, nil
	}
	one := 1
	page, err := r.session.List(ctx, &store.List{Ask: store.Ask{Entity: e}, First: &one, Rows: true,
		Where: &store.Pred{Op: store.PredField, Field: e.Field(field), Values: []any{value}}})
	if err != nil || len(page.Rows) == 0 {
		return uuid.Nil, err
	}
	r.known[name] = page.Rows[0].ID
	return page.Rows[0].ID, nil
}

// ref finds a row by the name that people give it; an empty name is no reference.
func (r *run) ref(ctx context.Context, entity, column, value string) cell {
	if value == "" {
		return cell{column: column}
	}
	e := inventory.Model.Entity(entity)
	id, err := r.find(ctx, e, e.Natural, value)
	if err == nil && id == uuid.Nil {
		err = not(column, "there is no %s called %s.", entity, value)
	}
	if err != nil {
		return cell{column: column, err: err}
	}
	return cell{column: column, value: id}
}

// put makes a row, or changes what the file says otherwise about the one whose key (code, or the name in the file's own
// system) it names, and moves its states to those that the file says otherwise. A new row starts with more, which is
// people's to change afterwards. What is wrong with a cell is noted, and the rest is tried, so that all that is wrong is
// told at once; the key is uuid.Nil then where no row could be made.
func (r *run) put(ctx context.Context, entity, key string, in says, starts store.Input) (uuid.UUID, error) {
	noted, err := r.wrongs(in)
	if err != nil {
		return uuid.Nil, err
	}
	e := inventory.Model.Entity(entity)
	value, _ := in[key].value.(string)
	if value == "" {
		if !noted[in[key].column] {
			r.note(fault.NewField(in[key].column, "is required."))
		}
		noted[in[key].column], noted[""] = true, true
	}
	id := uuid.Nil
	if value != "" {
		if id, err = r.find(ctx, e, key, value); err != nil {
			return id, err
		}
	}
	if id == uuid.Nil {
		made := maps.Clone(starts)
		if made == nil {
			made = store.Input{}
		}
		for name, c := range in {
			if c.value != nil {
				made[name] = c.value
			} else if value == "" {
				noted[c.column] = true // the row may be there, and have what is missing here
			}
		}
		if id, err = r.session.Create(ctx, e, made); err != nil {
			return uuid.Nil, r.told(err, in, noted)
		}
		r.known[e.Name+" "+key+" "+value] = id
		r.report.Created++
		return id, nil
	}
	return id, r.change(ctx, e, id, value, in, noted)
}

// change moves and updates a row that is there, as far as the file says something else about it.
func (r *run) change(ctx context.Context, e *model.Entity, id uuid.UUID, key string, in says, noted map[string]bool) error {
	d, err := r.differs(ctx, e, id, in)
	if err != nil {
		return err
	}
	for _, f := range d.moves {
		c := in[f.Name]
		d.columns = append(d.columns, c.column)
		err := r.session.Transition(ctx, e, f.Column, id, d.version, c.value.(string))
		if err == nil {
			d.version++
		} else if err := r.unmoved(err, c.column); err != nil {
			return err
		}
	}
	if len(d.changed) > 0 {
		if err := r.session.Update(ctx, e, id, d.version, d.changed); err != nil {
			return r.told(err, in, noted)
		}
	}
	if len(d.columns) > 0 {
		slices.SortFunc(d.columns, r.order)
		r.report.Changed = append(r.report.Changed, Change{r.line, key, slices.Compact(d.columns)})
	}
	return nil
}

// difference is what the file says otherwise about a row.
type difference struct {
	changed store.Input
	moves   []*model.Field // states
	columns []string       // of the file, of what has changed
	version int64
}

// differs keeps of what the row says what is not stored already. What the row does not say is none of its business.
func (r *run) differs(ctx context.Context, e *model.Entity, id uuid.UUID, in says) (d difference, err error) {
	ask := store.Ask{Entity: e, Cells: []store.Cell{{Field: e.Field("version")}}}
	var fields []*model.Field
	var edges []*model.Edge
	for name, c := range in {
		if c.value == nil {
			continue
		}
		if f := e.Field(name); f != nil && !f.Immutable && !f.Managed {
			fields = append(fields, f)
			ask.Cells = append(ask.Cells, store.Cell{Field: f})
		} else if edge := e.Edge(name); edge != nil && !edge.Immutable {
			edges = append(edges, edge)
			ask.One = append(ask.One, store.AskOne{Edge: edge, Ask: store.Ask{Entity: inventory.Model.Target(edge)}})
		}
	}
	row, err := r.session.Get(ctx, &ask, id)
	if err != nil || row == nil {
		return d, err
	}
	d.changed, d.version = store.Input{}, row.Cells[0].Int
	for i, f := range fields {
		c, stored := in[f.Name], row.Cells[i+1]
		if given, ok := c.value.(map[string]string); ok {
			all, others := merged(stored.Text, given)
			if len(others) > 0 {
				d.changed[f.Name], d.columns = all, append(d.columns, c.of(others)...)
			}
		} else if c.is(f, stored) {
			continue
		} else if e.Machine(f.Column) != nil {
			d.moves = append(d.moves, f)
		} else {
			d.changed[f.Name], d.columns = c.value, append(d.columns, c.column)
		}
	}
	for i, edge := range edges {
		c := in[edge.Name]
		if got := row.One[i]; got == nil || got.ID != c.value {
			d.changed[edge.Name], d.columns = c.value, append(d.columns, c.column)
		}
	}
	d.moves = slices.DeleteFunc(d.moves, func(f *model.Field) bool {
		by := in[f.Name].by
		return by != "" && d.changed[by] == nil
	})
	return d, nil
}

// merged are the stored texts, a JSON object, with those that are given in place of theirs, and the languages in which
// that makes a difference.
func merged(stored string, given map[string]string) (all map[string]string, others []string) {
	if json.Unmarshal([]byte(stored), &all) != nil || all == nil {
		all = map[string]string{}
	}
	for language, text := range given {
		if sayable(all[language]) != sayable(text) {
			all[language], others = text, append(others, language)
		}
	}
	return all, others
}
