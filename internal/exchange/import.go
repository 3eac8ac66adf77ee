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
	rows, lines, err := readCSV(file, k.header())
	if err != nil {
		return nil, err
	}
	report := &Report{Rows: len(rows)}
	err = s.Atomic(ctx, func(ctx context.Context, s store.Session) error {
		r := &run{session: s, report: report, header: k.header(), language: o.Language, known: map[string]uuid.UUID{}}
		for i, row := range rows {
			r.line = lines[i]
			err := s.Atomic(ctx, func(ctx context.Context, _ store.Session) error { return k.take(ctx, r, row) })
			if err != nil {
				if !r.refuse(err) {
					return err
				}
				clear(r.known) // what the row made is gone
			}
			if o.Step != nil {
				o.Step(i+1, len(rows))
			}
		}
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
	line     int
	known    map[string]uuid.UUID // entity and name to key
}

// wrong is a refusal of the row at hand, for a column of it.
type wrong struct{ fault.Field }

func (w wrong) Error() string { return w.Name + ": " + w.Reason }

// not says why a column of the row at hand is refused.
func not(column, format string, args ...any) error {
	return wrong{fault.NewField(column, format, args...)}
}

// refuse notes why the row was not taken; it is false for what is no fault of the row.
func (r *run) refuse(err error) bool {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range all.Unwrap() {
			if !r.refuse(err) {
				return false
			}
		}
		return true
	}
	var w wrong
	if errors.As(err, &w) {
		r.report.Refused = append(r.report.Refused, Refusal{r.line, w.Field})
		return true
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid && f.Code != fault.Forbidden && f.Code != fault.Conflict {
		return false
	}
	for _, field := range f.Fields {
		r.report.Refused = append(r.report.Refused, Refusal{r.line, field})
	}
	if len(f.Fields) == 0 {
		r.report.Refused = append(r.report.Refused, Refusal{r.line, f.Reason()})
	}
	return true
}

func (r *run) remark(column, format string, args ...any) {
	r.report.Remarks = append(r.report.Remarks, Refusal{r.line, fault.NewField(column, format, args...)})
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
// system) it names. A new row starts with more, which is people's to change afterwards.
func (r *run) put(ctx context.Context, entity, key string, in says, starts store.Input) (uuid.UUID, error) {
	if err := r.wrongs(in); err != nil {
		return uuid.Nil, err
	}
	e := inventory.Model.Entity(entity)
	value, _ := in[key].value.(string)
	if value == "" {
		return uuid.Nil, not(in[key].column, "is required.")
	}
	id, err := r.find(ctx, e, key, value)
	if err != nil {
		return id, err
	}
	if id == uuid.Nil {
		made := store.Input{}
		maps.Copy(made, starts)
		for name, c := range in {
			if c.value != nil {
				made[name] = c.value
			}
		}
		if id, err = r.session.Create(ctx, e, made); err != nil {
			return id, inColumns(err, in)
		}
		r.known[e.Name+" "+key+" "+value] = id
		r.report.Created++
		return id, nil
	}
	changed, columns, version, err := r.differs(ctx, e, id, in)
	if err != nil || len(changed) == 0 {
		return id, err
	}
	if err := r.session.Update(ctx, e, id, version, changed); err != nil {
		return id, inColumns(err, in)
	}
	slices.SortFunc(columns, r.order)
	r.report.Changed = append(r.report.Changed, Change{r.line, value, slices.Compact(columns)})
	return id, nil
}

// wrongs are the cells that cannot be taken, in the order of the file.
func (r *run) wrongs(in says) error {
	var errs []error
	for _, c := range slices.SortedFunc(maps.Values(in), func(a, b cell) int { return r.order(a.column, b.column) }) {
		errs = append(errs, c.err)
	}
	return errors.Join(errs...)
}

// order compares two columns by their places in the file's header.
func (r *run) order(a, b string) int { return slices.Index(r.header, a) - slices.Index(r.header, b) }

// inColumns names the columns of the file in a refusal that names fields of the API.
func inColumns(err error, in says) error {
	f := fault.As(err)
	if len(f.Fields) == 0 {
		return err
	}
	var errs []error
	for _, field := range f.Fields {
		if column := in[field.Name].column; column != "" {
			field.Name = column
		}
		errs = append(errs, wrong{field})
	}
	return errors.Join(errs...)
}

// differs keeps of what the row says what is not stored already, and the columns that say it. What the row does not say
// is none of its business.
func (r *run) differs(ctx context.Context, e *model.Entity, id uuid.UUID, in says) (changed store.Input, columns []string, version int64, err error) {
	ask := store.Ask{Entity: e, Cells: []store.Cell{{Field: e.Field("version")}}}
	var fields []*model.Field
	var edges []*model.Edge
	for name, c := range in {
		if c.value == nil {
			continue
		}
		if f := e.Field(name); f != nil && e.Machine(f.Column) == nil && !f.Immutable && !f.Managed {
			fields = append(fields, f)
			ask.Cells = append(ask.Cells, store.Cell{Field: f})
		} else if edge := e.Edge(name); edge != nil && !edge.Immutable {
			edges = append(edges, edge)
			ask.One = append(ask.One, store.AskOne{Edge: edge, Ask: store.Ask{Entity: inventory.Model.Target(edge)}})
		}
	}
	row, err := r.session.Get(ctx, &ask, id)
	if err != nil || row == nil {
		return nil, nil, 0, err
	}
	changed = store.Input{}
	for i, f := range fields {
		c, stored := in[f.Name], row.Cells[i+1]
		if given, ok := c.value.(map[string]string); ok {
			all, others := merged(stored.Text, given)
			if len(others) > 0 {
				changed[f.Name], columns = all, append(columns, c.of(others)...)
			}
		} else if !c.is(f, stored) {
			changed[f.Name], columns = c.value, append(columns, c.column)
		}
	}
	for i, edge := range edges {
		c := in[edge.Name]
		if got := row.One[i]; got == nil || got.ID != c.value {
			changed[edge.Name], columns = c.value, append(columns, c.column)
		}
	}
	return changed, columns, row.Cells[0].Int, nil
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
