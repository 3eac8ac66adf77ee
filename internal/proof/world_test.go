package proof_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// row is one stored row. The values of its columns are nil, string, int64, float64, bool, time.Time, []string,
// map[string]string or uuid.UUID.
type row struct {
	entity *model.Entity
	id     uuid.UUID
	values map[string]any
}

func (r *row) isArchived() bool { return r.values["archived_at"] != nil }

// foreignKey is the key in a column, and the zero key where the column is null.
func (r *row) foreignKey(column string) uuid.UUID {
	id, _ := r.values[column].(uuid.UUID)
	return id
}

// world is the content of a whole database, as slices and maps.
type world struct {
	// rows are the rows by entity.
	rows      map[string][]*row
	byID      map[uuid.UUID]*row
	referrers map[string]map[uuid.UUID][]*row // rows by "Entity.foreign_key_column", then by the value of that column
}

// buildIndex fills the maps that are derived from the rows.
func (w *world) buildIndex() {
	w.byID, w.referrers = map[uuid.UUID]*row{}, map[string]map[uuid.UUID][]*row{}
	for _, e := range theModel.Entities() {
		for _, r := range w.rows[e.Name] {
			w.byID[r.id] = r
			for i := range e.Edges {
				if edge := &e.Edges[i]; edge.Kind == model.ToOne && r.values[edge.Column] != nil {
					at := e.Name + "." + edge.Column
					if w.referrers[at] == nil {
						w.referrers[at] = map[uuid.UUID][]*row{}
					}
					w.referrers[at][r.foreignKey(edge.Column)] = append(w.referrers[at][r.foreignKey(edge.Column)], r)
				}
			}
		}
	}
}

// clone is a copy of the world. The rows are copied, the values in their columns are shared.
func (w *world) clone() *world {
	out := &world{rows: map[string][]*row{}}
	for name, list := range w.rows {
		for _, r := range list {
			out.rows[name] = append(out.rows[name], &row{r.entity, r.id, maps.Clone(r.values)})
		}
	}
	out.buildIndex()
	return out
}

// columnNames are the names of an entity's columns in the database, with the key first.
func columnNames(e *model.Entity) []string {
	out := []string{"id"}
	for i := range e.Edges {
		if e.Edges[i].Kind == model.ToOne {
			out = append(out, e.Edges[i].Column)
		}
	}
	for i := range e.Fields {
		out = append(out, e.Fields[i].Column)
	}
	return out
}

// replaceDatabase replaces the whole content of the database with the world, in one transaction of plain SQL.
func (w *world) replaceDatabase(ctx context.Context, db *sql.DB, postgres bool) error {
	var b strings.Builder
	if postgres {
		b.WriteString("SET LOCAL session_replication_role = replica;")
	} else {
		b.WriteString("PRAGMA defer_foreign_keys = ON;")
	}
	b.WriteString(forgetPositions)
	for _, e := range theModel.Entities() {
		fmt.Fprintf(&b, `DELETE FROM "%s";`, e.Table)
	}
	for _, e := range theModel.Entities() {
		writeInsert(&b, e, w.rows[e.Name], postgres)
	}
	return execInTransaction(ctx, db, b.String())
}

// forgetPositions makes the hub compare all rows for the next changesSince, as it must after writes past the hub, which
// are not in its feed.
const forgetPositions = "DELETE FROM change_positions;"

func execInTransaction(ctx context.Context, db *sql.DB, text string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, text); err != nil {
		return err
	}
	return tx.Commit()
}

// restoreEntities undoes what a mutation did to the rows of some entities.
func (w *world) restoreEntities(ctx context.Context, db *sql.DB, postgres bool, entities ...string) error {
	var b strings.Builder
	b.WriteString(forgetPositions)
	for _, name := range entities {
		e := theModel.Entity(name)
		keys := []string{sqlLiteral(uuid.UUID{}, model.UUID, postgres)}
		for _, r := range w.rows[name] {
			keys = append(keys, sqlLiteral(r.id, model.UUID, postgres))
			var sets []string
			for _, c := range columnNames(e)[1:] {
				sets = append(sets, `"`+c+`" = `+sqlLiteral(r.values[c], columnKind(e, c), postgres))
			}
			fmt.Fprintf(&b, `UPDATE "%s" SET %s WHERE id = %s;`,
				e.Table, strings.Join(sets, ", "), sqlLiteral(r.id, model.UUID, postgres))
		}
		fmt.Fprintf(&b, `DELETE FROM "%s" WHERE id NOT IN (%s);`, e.Table, strings.Join(keys, ","))
	}
	return execInTransaction(ctx, db, b.String())
}

func writeInsert(b *strings.Builder, e *model.Entity, rows []*row, postgres bool) {
	if len(rows) == 0 {
		return
	}
	names := columnNames(e)
	fmt.Fprintf(b, `INSERT INTO "%s" ("%s") VALUES `, e.Table, strings.Join(names, `","`))
	for i, r := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for j, c := range names {
			if j == 0 {
				b.WriteString(sqlLiteral(r.id, model.UUID, postgres))
				continue
			}
			b.WriteByte(',')
			b.WriteString(sqlLiteral(r.values[c], columnKind(e, c), postgres))
		}
		b.WriteByte(')')
	}
	b.WriteByte(';')
}

func columnKind(e *model.Entity, column string) model.Kind {
	if f := e.Column(column); f != nil {
		return f.Kind
	}
	return model.UUID
}

// sqlLiteral writes a value as SQL, in the form in which the hub stores it.
func sqlLiteral(v any, kind model.Kind, postgres bool) string {
	quoted := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	switch v := v.(type) {
	case string:
		return quoted(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		if postgres {
			return strconv.FormatBool(v)
		}
		return map[bool]string{false: "0", true: "1"}[v]
	case time.Time:
		if kind == model.Date && postgres {
			return quoted(v.Format(time.DateOnly))
		}
		return quoted(v.UTC().Format("2006-01-02 15:04:05.999999999-07:00"))
	case uuid.UUID:
		return quoted(v.String())
	case []string, map[string]string:
		text, err := json.Marshal(v)
		if err == nil {
			return quoted(string(text))
		}
	}
	return "NULL"
}
