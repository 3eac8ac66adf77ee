package store

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"rightshub/ent"
	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// ent's client writes only as part of the write that a session runs. It cannot read.
func TestUnpermittedWritesAreRefused(t *testing.T) {
	ctx := t.Context()
	db, err := database.Open(ctx, database.Options{URL: "sqlite://" + filepath.Join(t.TempDir(), "hub.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	tx, err := db.SQL().BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	client := newGuardedClient(db.Kind())
	writer := &session{hub: &Hub{db: db}, db: tx}
	id := uuid.New()
	create, err := client.Create("Region", id)
	if err == nil {
		err = errors.Join(create.SetField("code", "001"), create.SetField("name", map[string]string{"en": "World"}))
	}
	if err != nil {
		t.Fatal(err)
	}
	update, err := client.Update("Region", id)
	if err == nil {
		err = update.SetField("code", "002")
	}
	if err != nil {
		t.Fatal(err)
	}
	region := withPermittedWrite(ctx, writer.newRowWrite(&model.Entity{Name: "Region"}, id, model.Create))
	child := withPermittedWrite(ctx, writer.newRowWrite(&model.Entity{Name: "Child"}, id, model.Create))
	for name, try := range map[string]struct {
		ctx context.Context
		m   ent.Mutation
	}{
		"create":                {ctx, create},
		"create with another's": {child, create},
		"update":                {ctx, update},
		"update with another's": {child, update},
	} {
		if _, err := client.Mutate(try.ctx, try.m); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, m := range []ent.Mutation{create, update} {
		if n, err := client.Mutate(region, m); err != nil || n != 1 {
			t.Errorf("%v with a permit: %v rows, %v", m.Op(), n, err)
		}
	}
}

// ent's client validates what it writes.
func TestClientValidates(t *testing.T) {
	client := ent.NewClient(nil) // no statement is sent
	id := uuid.New()
	m, err := client.Create("CaseFile", id)
	if err != nil {
		t.Fatal(err)
	}
	var invalid *ent.ValidationError
	if _, err := client.Mutate(t.Context(), m); !errors.As(err, &invalid) || invalid.Name != "child_id" {
		t.Errorf("a case without a child: %v", err)
	}
	if risk, _ := m.Field("risk"); risk != "medium" {
		t.Errorf("the default risk is %v", risk)
	}
	if m.SetField("risk", 3) == nil || m.SetField("risks", "high") == nil || m.ClearField("risk") == nil {
		t.Error("the client accepts a value of another type, an unknown column or a cleared required column")
	}
	if m, err = client.Update("CaseFile", id); err != nil {
		t.Fatal(err)
	}
	if err := m.SetField("risk", "none"); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Mutate(t.Context(), m); !errors.As(err, &invalid) || invalid.Name != "risk" {
		t.Errorf("a risk outside the enum: %v", err)
	}
	if err := errors.Join(m.ResetField("risk"), m.SetField("child_id", uuid.New())); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Mutate(t.Context(), m); !errors.As(err, &invalid) || invalid.Name != "child_id" {
		t.Errorf("an immutable column: %v", err)
	}
	if _, err := client.Create("Castle", id); err == nil {
		t.Error("an unknown entity has a mutation")
	}
}
