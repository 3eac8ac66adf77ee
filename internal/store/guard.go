package store

import (
	"context"
	"database/sql"
	"slices"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"rightshub/ent"
	"rightshub/ent/generic"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// permitKey carries the write that was checked, from save to the guard.
type permitKey struct{}

// permit lets the guard know which write is carried out.
func permit(ctx context.Context, w *write) context.Context {
	return context.WithValue(ctx, permitKey{}, w)
}

// permitted is the write that is carried out; nil without one.
func permitted(ctx context.Context) *write {
	w, _ := ctx.Value(permitKey{}).(*write)
	return w
}

// guarded returns ent's client. Its guard lets a mutation through only for the write that save is carrying out, in that
// write's transaction, and no query at all: rows are read on the caller's view, by read.go, or not.
func guarded(kind string) *ent.Client {
	client := ent.NewClient(ent.Driver(inTransaction(kind)))
	client.Use(func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			if w := permitted(ctx); w == nil || w.entity.Name != m.Type() {
				return nil, errUnguarded
			}
			return next.Mutate(ctx, m)
		})
	})
	client.Intercept(ent.InterceptFunc(func(ent.Querier) ent.Querier {
		return ent.QuerierFunc(func(context.Context, ent.Query) (ent.Value, error) {
			return nil, fault.New(fault.Forbidden, "Rows are read by a session of the store.")
		})
	}))
	return client
}

var errUnguarded = fault.New(fault.Forbidden, "Rows are written by a session of the store.")

// inTransaction is the driver of a kind of database whose every statement belongs to the transaction of the permitted
// write. One client is kept for all writes: to make one costs as much as a statement.
type inTransaction string

func (kind inTransaction) in(ctx context.Context, do func(dialect.ExecQuerier) error) error {
	w := permitted(ctx)
	if w == nil {
		return errUnguarded
	}
	return do(entsql.NewDriver(string(kind), entsql.Conn{ExecQuerier: w.db.(*sql.Tx)}))
}

// Exec implements dialect.Driver.
func (kind inTransaction) Exec(ctx context.Context, query string, args, v any) error {
	return kind.in(ctx, func(d dialect.ExecQuerier) error { return d.Exec(ctx, query, args, v) })
}

// Query implements dialect.Driver.
func (kind inTransaction) Query(ctx context.Context, query string, args, v any) error {
	return kind.in(ctx, func(d dialect.ExecQuerier) error { return d.Query(ctx, query, args, v) })
}

// Tx gives ent the open transaction, whose end is the store's.
func (kind inTransaction) Tx(context.Context) (dialect.Tx, error) { return dialect.NopTx(kind), nil }

// Close implements dialect.Driver.
func (inTransaction) Close() error { return nil }

// Dialect implements dialect.Driver.
func (kind inTransaction) Dialect() string { return string(kind) }

// save writes the row's changes through ent.
func (w *write) save(ctx context.Context) error {
	w.rights = w.rights || slices.Contains(deciding, w.entity.Name)
	w.touch(w.entity.Name, w.id)
	client := w.hub.writes
	var m ent.Mutation
	if w.action == model.Create {
		m = generic.Create(client, w.entity.Name)
		m.(interface{ SetID(uuid.UUID) }).SetID(w.id)
	} else {
		m = generic.Update(client, w.entity.Name, w.id)
	}
	for _, ch := range w.changes {
		var err error
		if ch.value == nil {
			if w.action != model.Create {
				err = m.ClearField(ch.column)
			}
		} else {
			err = m.SetField(ch.column, ch.value)
		}
		if err != nil {
			return fault.Wrap(err, "setting "+w.entity.Name+"."+ch.column)
		}
	}
	_, err := client.Mutate(permit(ctx, w), m)
	if kind(err) == "walled" { // row-level security looks at the new row before check does
		return w.refused()
	}
	if keys := w.entity.Unique; kind(err) == "unique" && len(keys) == 1 && len(keys[0]) == 1 {
		return taken(w.entity.Column(keys[0][0]).Name)
	}
	return Classify(err)
}
