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

// guarded returns ent's client over an open transaction. Its guard lets a mutation through only for the write that
// save is carrying out, and no query at all: rows are read on the caller's view, by read.go, or not.
func guarded(kind string, tx *sql.Tx) *ent.Client {
	client := ent.NewClient(ent.Driver(inTransaction{entsql.NewDriver(kind, entsql.Conn{ExecQuerier: tx})}))
	client.Use(func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			w, ok := ctx.Value(permitKey{}).(*write)
			if !ok || w.entity.Name != m.Type() {
				return nil, fault.New(fault.Forbidden, "Rows are written by a session of the store.")
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

// inTransaction is a driver that is in a transaction already.
type inTransaction struct{ *entsql.Driver }

// Tx gives ent the open transaction, whose end is the store's.
func (d inTransaction) Tx(context.Context) (dialect.Tx, error) { return dialect.NopTx(d), nil }

// save writes the row's changes through ent.
func (w *write) save(ctx context.Context) error {
	w.rights = w.rights || slices.Contains(deciding, w.entity.Name)
	w.touch(w.entity.Name, w.id)
	client := guarded(w.hub.db.kind, w.db.(*sql.Tx))
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
	return Classify(err)
}
