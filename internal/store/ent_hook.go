package store

import (
	"context"
	"database/sql"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"rightshub/ent"
	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/rules"
)

// permittedWriteKey is the context key of the checked write, which saveRow passes to the hook and driver of ent's
// client.
type permittedWriteKey struct{}

// withPermittedWrite returns a context that permits a write.
func withPermittedWrite(ctx context.Context, w *rowWrite) context.Context {
	return context.WithValue(ctx, permittedWriteKey{}, w)
}

// permittedWrite returns the write that the context permits, or nil.
func permittedWrite(ctx context.Context) *rowWrite {
	w, _ := ctx.Value(permittedWriteKey{}).(*rowWrite)
	return w
}

// newGuardedClient returns ent's client. Its hook permits a mutation only as part of the write that saveRow runs, in
// the transaction of that write. Queries and deletions need no hook, because the client that internal/codegen generates
// has neither. Rows are read in the caller's view, by read.go.
func newGuardedClient(kind string) *ent.Client {
	client := ent.NewClient(permittedWriteDriver(kind))
	client.Use(func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			if w := permittedWrite(ctx); w == nil || w.Entity.Name != m.Type() {
				return nil, errUnpermittedWrite
			}
			return next.Mutate(ctx, m)
		})
	})
	return client
}

var errUnpermittedWrite = fault.New(fault.Forbidden, "Rows are written by a session of the store.")

// permittedWriteDriver is an ent driver that runs each statement in the transaction of the permitted write. Its value
// is the dialect of the database. All writes share one client, because making a client costs as much as a statement.
type permittedWriteDriver string

// runPermitted runs do on the transaction of the permitted write. Without a permitted write it fails.
func (kind permittedWriteDriver) runPermitted(ctx context.Context, do func(dialect.ExecQuerier) error) error {
	w := permittedWrite(ctx)
	if w == nil {
		return errUnpermittedWrite
	}
	var statements entsql.ExecQuerier = w.db.(*sql.Tx)
	if w.bulk != nil && w.bulk.inserts != nil {
		statements = w.bulk.inserts
	}
	return do(entsql.NewDriver(string(kind), entsql.Conn{ExecQuerier: statements}))
}

// Exec implements dialect.Driver.
func (kind permittedWriteDriver) Exec(ctx context.Context, query string, args, v any) error {
	return kind.runPermitted(ctx, func(d dialect.ExecQuerier) error { return d.Exec(ctx, query, args, v) })
}

// Query implements dialect.Driver.
func (kind permittedWriteDriver) Query(ctx context.Context, query string, args, v any) error {
	return kind.runPermitted(ctx, func(d dialect.ExecQuerier) error { return d.Query(ctx, query, args, v) })
}

// Tx returns the open transaction to ent. Only the store commits it or rolls it back.
func (kind permittedWriteDriver) Tx(context.Context) (dialect.Tx, error) {
	return dialect.NopTx(kind), nil
}

// Close implements dialect.Driver.
func (permittedWriteDriver) Close() error { return nil }

// Dialect implements dialect.Driver.
func (kind permittedWriteDriver) Dialect() string { return string(kind) }

// saveRow writes the row's changes through ent.
func (w *rowWrite) saveRow(ctx context.Context) error {
	w.rightsChanged = w.rightsChanged || w.Entity.DecidesRights
	w.noteWrittenRow(w.Entity.Name, w.ID)
	w.noteDistinctValues()
	client := w.hub.entClient
	begin := client.Update
	if w.Action == model.Create {
		begin = client.Create
	}
	m, err := begin(w.Entity.Name, w.ID)
	if err != nil {
		return fault.Wrap(err, "writing "+w.Entity.Name)
	}
	if w.Action == model.Create { // ent's defaults are of the clock of this machine
		w.SetColumn("created_at", w.Now)
		w.SetColumn("updated_at", w.Now)
	}
	for _, ch := range w.Columns {
		var err error
		if ch.Value == nil {
			if w.Action != model.Create {
				err = m.ClearField(ch.Column)
			}
		} else {
			err = m.SetField(ch.Column, ch.Value)
		}
		if err != nil {
			return fault.Wrap(err, "setting "+w.Entity.Name+"."+ch.Column)
		}
	}
	_, err = client.Mutate(withPermittedWrite(ctx, w), m)
	if database.ErrorKind(err) == "privilege" { // row-level security checks the new row before checkWrittenRow does
		return w.ForbiddenValuesError()
	}
	if keys := w.Entity.Unique; database.ErrorKind(err) == "unique" && len(keys) == 1 && len(keys[0]) == 1 {
		return rules.ValueTakenError(w.Entity.Column(keys[0][0]).Name)
	}
	return database.Classify(err)
}
