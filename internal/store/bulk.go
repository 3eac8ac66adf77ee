package store

import (
	"context"
	"database/sql"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/rules"
)

// This file writes very many rows in one transaction.

// ErrNotTogether says that new rows must be written one by one.
var ErrNotTogether = rules.ErrNotTogether

// BulkSession is a session for a write of very many rows.
type BulkSession interface {
	Session
	// Together runs do like Atomic. New rows that do creates are written together when it ends, so that do cannot read
	// them. When one of them is refused, Together undoes everything and returns ErrNotTogether, and the caller
	// writes the rows one by one with Atomic. Only tasks of the hub write rows together.
	Together(ctx context.Context, do func(context.Context) error) error
}

// bulkWrite is the state of a write of very many rows.
type bulkWrite struct {
	collecting bool
	entities   []*model.Entity // of the collected rows, in the order of their first rows
	collected  map[*model.Entity][]*rowWrite
	inserts    *insertCollector // set while the collected rows are given to ent

	distinct map[distinctField][]uuid.UUID // rows with new values, for the check at the end
}

// distinctField is a field with distinct values.
type distinctField struct{ entity, column string }

// Bulk implements Session.
func (s *session) Bulk(ctx context.Context, do func(context.Context, BulkSession) error) error {
	return s.Atomic(ctx, func(ctx context.Context, inner Session) error {
		tx := inner.(*session)
		tx.bulk = &bulkWrite{distinct: map[distinctField][]uuid.UUID{}}
		defer func() { tx.bulk = nil }()
		if err := tx.planForGrowingTables(ctx); err != nil {
			return err
		}
		if err := do(ctx, tx); err != nil {
			return err
		}
		return tx.checkDistinctAtEnd(ctx)
	})
}

// planForGrowingTables makes PostgreSQL look up the rows by their indexes for the rest of the transaction. Its
// statistics know nothing of the rows that the transaction writes, so that it would scan whole tables for each lookup,
// and the import of a file would take the square of the number of rows.
func (s *session) planForGrowingTables(ctx context.Context) error {
	if !s.hub.db.IsPostgres() {
		return nil
	}
	_, err := s.db.ExecContext(ctx,
		"SELECT set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true)")
	return database.Classify(err)
}

// checkDistinctAtEnd checks the fields with distinct values once for all rows. It must come last, because other writers
// of these fields wait from here to the end of the transaction. SQLite has one writer at a time, so that the check of
// each row is enough.
func (s *session) checkDistinctAtEnd(ctx context.Context) error {
	if !s.hub.db.IsPostgres() {
		return nil
	}
	byName := func(a, b distinctField) int { return strings.Compare(a.entity+"."+a.column, b.entity+"."+b.column) }
	for _, f := range slices.SortedFunc(maps.Keys(s.bulk.distinct), byName) { // one order, so that two writes cannot block
		e := s.hub.model.Entity(f.entity)
		err := rules.CheckDistinctAtEnd(ctx, ruleTransaction{s}, e, f.column, s.bulk.distinct[f])
		if err != nil {
			return err
		}
	}
	return nil
}

// noteDistinctValues remembers the fields with distinct values that the write changes, for checkDistinctAtEnd.
func (w *rowWrite) noteDistinctValues() {
	for _, ch := range w.Columns {
		if f := (distinctField{w.Entity.Name, ch.Column}); ch.Distinct && w.bulk != nil {
			w.bulk.distinct[f] = append(w.bulk.distinct[f], w.ID)
		}
	}
}

// Together implements BulkSession.
func (s *session) Together(ctx context.Context, do func(context.Context) error) error {
	if !s.isSystem() {
		return rules.ErrNotTogether
	}
	return s.Atomic(ctx, func(ctx context.Context, _ Session) error {
		s.bulk.collecting, s.bulk.entities, s.bulk.collected = true, nil, map[*model.Entity][]*rowWrite{}
		defer func() { s.bulk.collecting = false }()
		if err := do(ctx); err != nil {
			return err
		}
		s.bulk.collecting = false
		for _, e := range s.bulk.entities {
			if err := s.saveTogether(ctx, s.bulk.collected[e]); err != nil {
				return err
			}
		}
		return nil
	})
}

// collectRow keeps a new row until Together writes it.
func (s *session) collectRow(w *rowWrite) {
	if s.bulk.collected[w.Entity] == nil {
		s.bulk.entities = append(s.bulk.entities, w.Entity)
	}
	s.bulk.collected[w.Entity] = append(s.bulk.collected[w.Entity], w)
}

// saveTogether checks and writes new rows of one entity. Rows with values in the same columns share their statements.
func (s *session) saveTogether(ctx context.Context, rows []*rowWrite) error {
	all := make([]*rules.Write, len(rows))
	for i, w := range rows {
		all[i] = w.Write
	}
	if err := rules.CheckCreateTogether(ctx, all); err != nil {
		return asNotTogether(err)
	}
	s.bulk.inserts = &insertCollector{}
	for _, w := range rows {
		if err := w.saveRow(ctx); err != nil {
			s.bulk.inserts = nil
			return asNotTogether(err)
		}
	}
	inserts := s.bulk.inserts
	s.bulk.inserts = nil
	if err := inserts.insertRows(ctx, s.db.(*sql.Tx), s.hub.db.IsPostgres()); err != nil {
		return asNotTogether(err)
	}
	groups := map[string][]*rules.Write{}
	for _, w := range all {
		columns := ""
		for _, ch := range w.Columns {
			columns += " " + ch.Column
		}
		groups[columns] = append(groups[columns], w)
	}
	for _, columns := range slices.Sorted(maps.Keys(groups)) {
		if err := rules.CheckSavedTogether(ctx, groups[columns]); err != nil {
			return asNotTogether(err)
		}
	}
	return nil
}

// asNotTogether turns a refusal of rows into rules.ErrNotTogether. It leaves the errors of a database that fails.
func asNotTogether(err error) error {
	refusals := []fault.Code{fault.Invalid, fault.Forbidden, fault.Conflict, fault.NotFound}
	kinds := []string{"unique", "check", "reference", "privilege"}
	refused := slices.ContainsFunc(refusals, func(code fault.Code) bool { return fault.Is(err, code) })
	if refused || slices.Contains(kinds, database.ErrorKind(err)) {
		return rules.ErrNotTogether
	}
	return err
}

// insertCollector takes the INSERT statements of ent instead of the database, and inserts the rows of equal statements
// with one statement. It is the ExecQuerier of ent's driver while rows are written together.
type insertCollector struct {
	statements []string
	rows       map[string][][]any // arguments of each row, by statement
}

// insertPattern matches ent's INSERT of one row up to its values.
var insertPattern = regexp.MustCompile(`^(INSERT INTO [^()]+ \([^()]+\) VALUES )\([^()]+\)$`)

// ExecContext implements dialect.ExecQuerier.
func (c *insertCollector) ExecContext(_ context.Context, statement string, args ...any) (sql.Result, error) {
	if !insertPattern.MatchString(statement) {
		return nil, rules.ErrNotTogether
	}
	if c.rows == nil {
		c.rows = map[string][][]any{}
	}
	if c.rows[statement] == nil {
		c.statements = append(c.statements, statement)
	}
	c.rows[statement] = append(c.rows[statement], args)
	return oneRow{}, nil
}

// QueryContext implements dialect.ExecQuerier.
func (c *insertCollector) QueryContext(context.Context, string, ...any) (*sql.Rows, error) {
	return nil, rules.ErrNotTogether
}

// oneRow is the result of a statement that writes one row.
type oneRow struct{}

func (oneRow) LastInsertId() (int64, error) { return 0, nil }
func (oneRow) RowsAffected() (int64, error) { return 1, nil }

// maxInsertArguments is the most arguments of one statement. SQLite takes 32,766.
const maxInsertArguments = 30_000

// insertRows inserts the collected rows.
func (c *insertCollector) insertRows(ctx context.Context, tx *sql.Tx, isPostgres bool) error {
	for _, statement := range c.statements {
		head := insertPattern.FindStringSubmatch(statement)[1]
		rows := c.rows[statement]
		most := max(1, maxInsertArguments/max(1, len(rows[0])))
		for part := range slices.Chunk(rows, most) {
			var text strings.Builder
			var args []any
			text.WriteString(head)
			for i, row := range part {
				if i > 0 {
					text.WriteString(", ")
				}
				text.WriteString("(")
				for j := range row {
					if j > 0 {
						text.WriteString(", ")
					}
					if isPostgres {
						text.WriteString("$" + strconv.Itoa(len(args)+j+1))
					} else {
						text.WriteString("?")
					}
				}
				text.WriteString(")")
				args = append(args, row...)
			}
			if _, err := tx.ExecContext(ctx, text.String(), args...); err != nil {
				return err
			}
		}
	}
	return nil
}
