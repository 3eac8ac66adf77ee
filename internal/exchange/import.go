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
	"rightshub/internal/query"
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
	Progress func(done, all int) // called after each row, unless nil
}

// Kinds lists the kinds of files that can be imported, in an order in which references exist.
func Kinds() []string {
	names := make([]string, len(fileKinds))
	for i, k := range fileKinds {
		names[i] = k.name
	}
	return names
}

// fileKind is one kind of file.
type fileKind struct {
	name           string
	entity         string // whose rows a file of the kind is written from
	columns        []column
	keyColumns     []string // columns without which a row cannot be read back
	condition      *query.Predicate
	listConditions map[string]*query.Predicate // conditions on lists that a column leads over, by the name of their edge
	importRow      func(ctx context.Context, r *importRun, row record) error
}

func (k *fileKind) columnNames() []string {
	names := make([]string, len(k.columns))
	for i, c := range k.columns {
		names[i] = c.name
	}
	return names
}

// maxFileBytes bounds a file, in bytes.
const maxFileBytes = 64 << 20

var errRollback = errors.New("undo")

// Import reads a CSV file of a kind into the session: all of its rows, or none when one is refused. A row that is there
// already keeps what the file does not say: empty cells, and other languages of its texts. Importing the same file twice
// changes nothing the second time.
func Import(ctx context.Context, s store.Session, kindName string, file io.Reader, o Options) (*Report, error) {
	i := slices.IndexFunc(fileKinds, func(k fileKind) bool { return k.name == kindName })
	if i < 0 {
		return nil, fault.New(fault.Invalid, "There is no kind %q to import. Known are: %s.", kindName, strings.Join(Kinds(), ", "))
	}
	k := fileKinds[i]
	rows, lines, unread, err := readCSV(file, k.columnNames())
	if err != nil {
		return nil, err
	}
	report := &Report{Rows: len(rows) + len(unread), Refused: unread}
	err = s.Atomic(ctx, func(ctx context.Context, s store.Session) error {
		r := &importRun{session: s, report: report, header: k.columnNames(), language: o.Language, knownKeys: map[string]uuid.UUID{}}
		for i, row := range rows {
			if err := r.tryRow(ctx, lines[i], func(ctx context.Context) error { return k.importRow(ctx, r, row) }); err != nil {
				return err
			}
			if o.Progress != nil {
				o.Progress(i+1, len(rows))
			}
		}
		slices.SortStableFunc(report.Refused, func(a, b Refusal) int { return a.Line - b.Line })
		if o.DryRun || len(report.Refused) > 0 {
			return errRollback
		}
		return nil
	})
	if errors.Is(err, errRollback) {
		err = nil
	}
	return report, err
}

// importRun is one import.
type importRun struct {
	session      store.Session
	report       *Report
	header       []string
	language     string
	line         int                  // of the row at hand
	firstRefusal int                  // refusals of rows before it
	knownKeys    map[string]uuid.UUID // entity and name to key
}

// textsCell reads a column that does not say its language.
func (r *importRun) textsCell(row record, column string) cell {
	if row[column] == "" {
		return cell{column: column}
	}
	return cell{column: column, value: map[string]string{r.language: row[column]}}
}

// findRow returns the key of the row whose field has the value, uuid.Nil when there is none.
func (r *importRun) findRow(ctx context.Context, e *model.Entity, field, value string) (uuid.UUID, error) {
	name := e.Name + " " + field + " " + value
	if id, ok := r.knownKeys[name]; ok {
		return id, nil
	}
	one := 1
	page, err := r.session.List(ctx, &query.List{Selection: query.Selection{Entity: e}, First: &one, Rows: true,
		Where: &query.Predicate{Op: query.PredicateField, Field: e.Field(field), Values: []any{value}}})
	if err != nil || len(page.Rows) == 0 {
		return uuid.Nil, err
	}
	r.knownKeys[name] = page.Rows[0].ID
	return page.Rows[0].ID, nil
}

// referenceCell finds a row by the name that people give it; an empty name is no reference.
func (r *importRun) referenceCell(ctx context.Context, entity, column, value string) cell {
	if value == "" {
		return cell{column: column}
	}
	e := inventory.Model.Entity(entity)
	id, err := r.findRow(ctx, e, e.Natural, value)
	if err == nil && id == uuid.Nil {
		err = invalidCell(column, "there is no %s called %s.", entity, value)
	}
	if err != nil {
		return cell{column: column, err: err}
	}
	return cell{column: column, value: id}
}

// createOrUpdate makes a row, or changes what the file says otherwise about the one whose key (code, or the name in the file's own
// system) it names, and moves its states to those that the file says otherwise. A new row starts with more, which is
// people's to change afterwards. What is wrong with a cell is noted, and the rest is tried, so that all that is wrong is
// told at once; the key is uuid.Nil then where no row could be made.
func (r *importRun) createOrUpdate(ctx context.Context, entity, key string, in rowValues, starts query.Input) (uuid.UUID, error) {
	noted, err := r.refuseCells(in)
	if err != nil {
		return uuid.Nil, err
	}
	e := inventory.Model.Entity(entity)
	value, _ := in[key].value.(string)
	if value == "" {
		if !noted[in[key].column] {
			r.addRefusal(fault.NewField(in[key].column, "is required."))
		}
		noted[in[key].column], noted[""] = true, true
	}
	id := uuid.Nil
	if value != "" {
		if id, err = r.findRow(ctx, e, key, value); err != nil {
			return id, err
		}
	}
	if id == uuid.Nil {
		made := maps.Clone(starts)
		if made == nil {
			made = query.Input{}
		}
		for name, c := range in {
			if c.value != nil {
				made[name] = c.value
			} else if value == "" {
				noted[c.column] = true // the row may be there, and have what is missing here
			}
		}
		if id, err = r.session.Create(ctx, e, made); err != nil {
			return uuid.Nil, r.refuseFields(err, in, noted)
		}
		r.knownKeys[e.Name+" "+key+" "+value] = id
		r.report.Created++
		return id, nil
	}
	return id, r.updateRow(ctx, e, id, value, in, noted)
}

// updateRow moves and updates a row that is there, as far as the file says something else about it.
func (r *importRun) updateRow(ctx context.Context, e *model.Entity, id uuid.UUID, key string, in rowValues, noted map[string]bool) error {
	d, err := r.diffStored(ctx, e, id, in)
	if err != nil {
		return err
	}
	for _, f := range d.transitions {
		c := in[f.Name]
		d.columns = append(d.columns, c.column)
		err := r.session.Transition(ctx, e, f.Column, id, d.version, c.value.(string))
		if err == nil {
			d.version++
		} else if err := r.refuseTransition(err, c.column); err != nil {
			return err
		}
	}
	if len(d.changes) > 0 {
		if err := r.session.Update(ctx, e, id, d.version, d.changes); err != nil {
			return r.refuseFields(err, in, noted)
		}
	}
	if len(d.columns) > 0 {
		slices.SortFunc(d.columns, r.compareColumns)
		r.report.Changed = append(r.report.Changed, Change{r.line, key, slices.Compact(d.columns)})
	}
	return nil
}

// difference is what the file says otherwise about a row.
type difference struct {
	changes     query.Input
	transitions []*model.Field // states
	columns     []string       // of the file, of what has changed
	version     int64
}

// diffStored keeps of what the row says what is not stored already. What the row does not say is none of its business.
func (r *importRun) diffStored(ctx context.Context, e *model.Entity, id uuid.UUID, in rowValues) (d difference, err error) {
	ask := query.Selection{Entity: e, Cells: []query.Cell{{Field: e.Field("version")}}}
	var fields []*model.Field
	var edges []*model.Edge
	for name, c := range in {
		if c.value == nil {
			continue
		}
		if f := e.Field(name); f != nil && !f.Immutable && !f.Managed {
			fields = append(fields, f)
			ask.Cells = append(ask.Cells, query.Cell{Field: f})
		} else if edge := e.Edge(name); edge != nil && !edge.Immutable {
			edges = append(edges, edge)
			ask.ToOne = append(ask.ToOne, query.ToOneSelection{Edge: edge, Selection: query.Selection{Entity: inventory.Model.Target(edge)}})
		}
	}
	row, err := r.session.Get(ctx, &ask, id)
	if err != nil || row == nil {
		return d, err
	}
	d.changes, d.version = query.Input{}, row.Cells[0].Int
	for i, f := range fields {
		c, stored := in[f.Name], row.Cells[i+1]
		if given, ok := c.value.(map[string]string); ok {
			all, others := mergeTexts(stored.Text, given)
			if len(others) > 0 {
				d.changes[f.Name], d.columns = all, append(d.columns, c.columnsOfLanguages(others)...)
			}
		} else if c.equalsStored(f, stored) {
			continue
		} else if e.Machine(f.Column) != nil {
			d.transitions = append(d.transitions, f)
		} else {
			d.changes[f.Name], d.columns = c.value, append(d.columns, c.column)
		}
	}
	for i, edge := range edges {
		c := in[edge.Name]
		if got := row.ToOne[i]; got == nil || got.ID != c.value {
			d.changes[edge.Name], d.columns = c.value, append(d.columns, c.column)
		}
	}
	d.transitions = slices.DeleteFunc(d.transitions, func(f *model.Field) bool {
		by := in[f.Name].impliedBy
		return by != "" && d.changes[by] == nil
	})
	return d, nil
}

// mergeTexts are the stored texts, a JSON object, with those that are given in place of theirs, and the languages in which
// that makes a difference.
func mergeTexts(stored string, given map[string]string) (all map[string]string, others []string) {
	if json.Unmarshal([]byte(stored), &all) != nil || all == nil {
		all = map[string]string{}
	}
	for language, text := range given {
		if normalizeText(all[language]) != normalizeText(text) {
			all[language], others = text, append(others, language)
		}
	}
	return all, others
}
