// Package exchange brings files in and out: one file of Go per kind of data. What comes in goes through the same
// validation and the same session as what the API writes; the package knows formats, not rights.
package exchange

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// Refusal says why a row of a file was not taken.
type Refusal struct {
	Line   int    // of the file; the header is line 1
	Field  string // column of the file; "" when the row as a whole is wrong
	Reason string
}

// Report is what an import did, or would do.
type Report struct {
	Rows, Created, Changed int
	Refused                []Refusal
	Remarks                []Refusal // taken, but not wholly
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
	name   string
	header []string
	take   func(ctx context.Context, r *run, row map[string]string) error
}

// maxFile bounds a file, in bytes.
const maxFile = 64 << 20

var errUndo = errors.New("undo")

// Import reads a CSV file of a kind into the session: all of its rows, or none when one is refused. A dry run does
// the same and leaves nothing behind. Importing the same file twice changes nothing the second time. Step is called
// after each row.
func Import(ctx context.Context, s store.Session, kindName string, file io.Reader, dryRun bool, step func(done, all int)) (*Report, error) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == kindName })
	if i < 0 {
		return nil, fault.New(fault.Invalid, "There is no kind %q to import. Known are: %s.", kindName, strings.Join(Kinds(), ", "))
	}
	k := kinds[i]
	rows, lines, err := readCSV(file, k.header)
	if err != nil {
		return nil, err
	}
	report := &Report{Rows: len(rows)}
	err = s.Atomic(ctx, func(ctx context.Context, s store.Session) error {
		r := &run{session: s, report: report, known: map[string]uuid.UUID{}}
		for i, row := range rows {
			r.line = lines[i]
			err := s.Atomic(ctx, func(ctx context.Context, _ store.Session) error { return k.take(ctx, r, row) })
			if err != nil {
				if !r.refuse(err) {
					return err
				}
				clear(r.known) // what the row made is gone
			}
			if step != nil {
				step(i+1, len(rows))
			}
		}
		if dryRun || len(report.Refused) > 0 {
			return errUndo
		}
		return nil
	})
	if errors.Is(err, errUndo) {
		err = nil
	}
	return report, err
}

// readCSV reads a whole file: UTF-8, commas, and exactly the columns of the header.
func readCSV(file io.Reader, header []string) (rows []map[string]string, lines []int, err error) {
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "The file cannot be read.")
	}
	if len(text) > maxFile {
		return nil, nil, fault.New(fault.TooLarge, "The file is larger than %d bytes: split it.", maxFile)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		return nil, nil, fault.New(fault.Invalid, "The file is not UTF-8: save it as \"CSV UTF-8\".")
	}
	r := csv.NewReader(bytes.NewReader(text))
	first, err := r.Read()
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "The file has no header. Its first line must be: %s", strings.Join(header, ","))
	}
	if !slices.Equal(first, header) {
		if len(first) == 1 && strings.ContainsAny(first[0], ";\t") {
			return nil, nil, fault.New(fault.Invalid, "The columns are not separated by commas: save the file with commas.")
		}
		return nil, nil, fault.New(fault.Invalid, "The header is not that of this kind. The first line must be: %s", strings.Join(header, ","))
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, lines, nil
		}
		if err != nil {
			line := len(rows) + 2
			var p *csv.ParseError
			if errors.As(err, &p) {
				line = p.Line
			}
			return nil, nil, fault.New(fault.Invalid, "Line %d cannot be read: it has another number of columns than the header, or a quote that does not end.", line)
		}
		row := map[string]string{}
		for i, name := range header {
			row[name] = strings.TrimSpace(record[i])
		}
		line, _ := r.FieldPos(0)
		rows, lines = append(rows, row), append(lines, line)
	}
}

// run is one import.
type run struct {
	session store.Session
	report  *Report
	line    int
	known   map[string]uuid.UUID // entity and name to key
}

// wrong is a refusal of the row at hand.
type wrong struct{ field, reason string }

func (w wrong) Error() string { return w.field + ": " + w.reason }

// refuse notes why the row was not taken; it is false for what is no fault of the row.
func (r *run) refuse(err error) bool {
	var w wrong
	if errors.As(err, &w) {
		r.report.Refused = append(r.report.Refused, Refusal{r.line, w.field, w.reason})
		return true
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid && f.Code != fault.Forbidden && f.Code != fault.Conflict {
		return false
	}
	for _, field := range f.Fields {
		r.report.Refused = append(r.report.Refused, Refusal{r.line, field.Name, field.Reason})
	}
	if len(f.Fields) == 0 {
		r.report.Refused = append(r.report.Refused, Refusal{r.line, "", f.Message})
	}
	return true
}

func (r *run) remark(field, format string, args ...any) {
	r.report.Remarks = append(r.report.Remarks, Refusal{r.line, field, fmt.Sprintf(format, args...)})
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
func (r *run) ref(ctx context.Context, entity, field, value string) (any, error) {
	if value == "" {
		return nil, nil
	}
	e := inventory.Model.Entity(entity)
	id, err := r.find(ctx, e, e.Natural, value)
	if err == nil && id == uuid.Nil {
		err = wrong{field, fmt.Sprintf("there is no %s called %s.", entity, value)}
	}
	return id, err
}

// put makes a row, or changes what differs in the one whose field (code, or the name in the file's own system) has
// the value.
func (r *run) put(ctx context.Context, entity, field, value string, in store.Input) (uuid.UUID, error) {
	e := inventory.Model.Entity(entity)
	in[field] = value
	id, err := r.find(ctx, e, field, value)
	if err != nil {
		return id, err
	}
	if id == uuid.Nil {
		for name, v := range in { // what is not said is left to its default
			if v == nil {
				delete(in, name)
			}
		}
		if id, err = r.session.Create(ctx, e, in); err == nil {
			r.known[e.Name+" "+field+" "+value] = id
			r.report.Created++
		}
		return id, err
	}
	changed, version, err := r.differs(ctx, e, id, in)
	if err != nil || len(changed) == 0 {
		return id, err
	}
	r.report.Changed++
	return id, r.session.Update(ctx, e, id, version, changed)
}

// differs keeps of the input what is not stored already.
func (r *run) differs(ctx context.Context, e *model.Entity, id uuid.UUID, in store.Input) (store.Input, int64, error) {
	ask := store.Ask{Entity: e, Cells: []store.Cell{{Field: e.Field("version")}}}
	var fields []*model.Field
	var edges []*model.Edge
	for name := range in {
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
		return nil, 0, err
	}
	out := store.Input{}
	for i, f := range fields {
		if v := in[f.Name]; !row.Cells[i+1].Is(f.Kind, v) && !(v == nil && !f.Nullable) {
			out[f.Name] = v
		}
	}
	for i, edge := range edges {
		want, _ := in[edge.Name].(uuid.UUID)
		if got := row.One[i]; got == nil && want != uuid.Nil || got != nil && got.ID != want {
			out[edge.Name] = in[edge.Name]
		}
	}
	return out, row.Cells[0].Int, nil
}
