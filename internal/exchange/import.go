// Package exchange imports and exports files. An import writes through the same session and the same validation as
// the API. An export reads with the session of the person that receives the file. The package knows formats and
// decides no rights.
package exchange

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// Refusal says why a row of a file was refused.
type Refusal struct {
	Line        int // line of the file; the header is line 1
	fault.Field     // a column and the reason; the name is "" when the reason is about the whole row
}

// Report says what an import did, or would do without DryRun.
type Report struct {
	Rows, Created int // Created counts rows of the model, of which a row of the file may create several
	Changed       []Change
	Refused       []Refusal
	Remarks       []Refusal // cells that were ignored in rows that were imported
}

// Change is an existing row that the file changes.
type Change struct {
	Line    int
	Key     string   // code or external id of the row
	Columns []string // columns of the file that differ from the stored row
}

// RefusedRows counts the refused rows. A row may have several refusals.
func (r *Report) RefusedRows() int {
	lines := map[int]bool{}
	for _, refusal := range r.Refused {
		lines[refusal.Line] = true
	}
	return len(lines)
}

// Options say how a file is read.
type Options struct {
	Language string              // of texts in columns that name no language: en, fr or es
	DryRun   bool                // undo everything at the end
	Progress func(done, all int) // called after every few rows, unless nil
}

// Kinds lists the kinds of files that can be imported. A kind follows the kinds that its rows refer to.
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
	entity         string // an export writes one row of the file for each row of this entity
	identity       string // columns that no two rows of a file have in common
	columns        []column
	keyColumns     []string                                     // columns without which an import cannot read a row back
	decimalColumns []string                                     // columns with numbers that may have decimals
	condition      func(conditions) *query.Predicate            // on the exported rows; nil for all
	listConditions map[string]func(conditions) *query.Predicate // on lists that a path crosses, by the name of the edge
	importRow      func(ctx context.Context, r *importRun, row fileRow) error
}

func (k *fileKind) columnNames() []string {
	names := make([]string, len(k.columns))
	for i, c := range k.columns {
		names[i] = c.name
	}
	return names
}

// maxFileBytes is the largest file that can be imported, in bytes.
const maxFileBytes = 64 << 20

// errRollback makes Atomic undo an import without being an error of Import.
var errRollback = errors.New("roll back the import")

// Import writes the rows of a CSV file of a kind with the session. It writes all rows, or none when one is refused.
// An existing row keeps its value where a cell is empty, and keeps its texts in other languages. Importing the same
// file twice changes nothing the second time. The error is about the file as a whole; Report.Refused says what is
// wrong with its rows.
func Import(
	ctx context.Context, m *model.Model, s store.Session, kindName string, file io.Reader, o Options,
) (*Report, error) {
	i := slices.IndexFunc(fileKinds, func(k fileKind) bool { return k.name == kindName })
	if i < 0 {
		return nil, fault.New(fault.Invalid,
			"There is no kind of file %q to import. The kinds are %s.", kindName, strings.Join(Kinds(), ", "))
	}
	k := fileKinds[i]
	read, err := readCSV(file, k.columnNames())
	if err != nil {
		return nil, err
	}
	if read.separator != ',' { // a comma between cells is none within a number
		for _, row := range read.rows {
			k.readDecimalCommas(row)
		}
	}
	rows, lines := read.rows, read.lines
	report := &Report{Rows: len(rows) + len(read.refused), Refused: read.refused, Remarks: read.remarks}
	err = s.Bulk(ctx, func(ctx context.Context, s store.BulkSession) error {
		r := &importRun{
			conditions: conditions{m},
			kind:       &k,
			session:    s,
			report:     report,
			header:     k.columnNames(),
			language:   o.Language,
			knownKeys:  map[string][]uuid.UUID{},
			keyLines:   map[string]int{},
			rowLines:   map[uuid.UUID]int{},

			createdRows: map[uuid.UUID]bool{},
		}
		for part := range slices.Chunk(rows, rowsTogether) { // before the tables grow
			if err := r.readNamedRows(ctx, part); err != nil {
				return err
			}
		}
		for first := 0; first < len(rows); first += rowsTogether {
			end := min(first+rowsTogether, len(rows))
			if err := r.importTogether(ctx, rows[first:end], lines[first:end]); err != nil {
				return err
			}
			if o.Progress != nil {
				o.Progress(end, len(rows))
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

// importRun is the state of one import.
type importRun struct {
	conditions
	kind         *fileKind
	session      store.BulkSession
	report       *Report
	header       []string
	language     string
	line         int                    // line of the current row
	firstRefusal int                    // number of refusals before the current row
	knownKeys    map[string][]uuid.UUID // keys of the rows with a value, by knownKey
	keyLines     map[string]int         // first line with a key, by knownKey
	rowLines     map[uuid.UUID]int      // first line that writes a row of the kind's entity
	createdRows  map[uuid.UUID]bool     // rows that this import has created
}

// textsCell reads a translated text from a column that names no language. The text is in the language of the import.
func (r *importRun) textsCell(row fileRow, column string) cell {
	if row[column] == "" {
		return cell{column: column}
	}
	return cell{column: column, value: map[string]string{r.language: row[column]}}
}

// createOrUpdate creates a row, or updates the existing row that has the same value in the key field, which is a code
// or an external id. An update writes only what differs, and moves a state by its transitions. initial holds further
// values for a new row; an update does not touch them. Invalid cells become refusals and the other cells are still
// tried, so that one import reports everything that is wrong. The returned key is uuid.Nil when no row exists or
// could be created.
func (r *importRun) createOrUpdate(
	ctx context.Context, entity, key string, in rowValues, initial query.Input,
) (uuid.UUID, error) {
	noted, err := r.refuseCells(in)
	if err != nil {
		return uuid.Nil, err
	}
	e := r.model.Entity(entity)
	value, _ := in[key].value.(string)
	if value == "" {
		if !noted[in[key].column] {
			r.addRefusal(fault.NewField(in[key].column, "is required."))
		}
		noted[in[key].column], noted[""] = true, true
	}
	id := in[key].row
	if value != "" && id == uuid.Nil {
		ids, err := r.findRows(ctx, e, key, value)
		if err != nil {
			return uuid.Nil, err
		}
		id = append(ids, uuid.Nil)[0]
	}
	if id == uuid.Nil {
		if value != "" && !r.claimKey(e, in[key].column, key, value) {
			return uuid.Nil, errAlreadyRefused
		}
		input := maps.Clone(initial)
		if input == nil {
			input = query.Input{}
		}
		for name, c := range in {
			if c.value != nil {
				input[name] = c.value
			} else if value == "" {
				noted[c.column] = true // without a key it is unknown whether a stored row has this value
			}
		}
		if id, err = r.session.Create(ctx, e, input); err != nil {
			return uuid.Nil, r.refuseFields(err, in, noted)
		}
		r.knownKeys[knownKey(e, key, value)] = []uuid.UUID{id}
		r.claimRow(e, in[key].column, id)
		r.createdRows[id] = true
		r.report.Created++
		return id, nil
	}
	if !r.claimRow(e, in[key].column, id) {
		return uuid.Nil, errAlreadyRefused
	}
	return id, r.updateRow(ctx, e, id, value, in, noted)
}
