package store

import (
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// ent's client writes nothing but the write that a session carries out, and reads nothing.
func TestGuard(t *testing.T) {
	ctx := t.Context()
	db, err := Open(ctx, Options{URL: "sqlite://" + filepath.Join(t.TempDir(), "hub.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	tx, err := db.sql.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	client := guarded(db.kind)
	by := &caller{db: tx}
	region := client.Region.Create().SetCode("001").SetName(map[string]string{"en": "World"})
	other := permit(ctx, &write{caller: by, entity: &model.Entity{Name: "Child"}})
	for name, err := range map[string]error{
		"create":                second(region.Save(ctx)),
		"create with another's": second(region.Save(other)),
		"update":                second(client.Region.Update().SetCode("002").Save(ctx)),
		"delete":                second(client.Region.Delete().Exec(ctx)),
		"list":                  second(client.Region.Query().All(ctx)),
		"count":                 second(client.Child.Query().Count(ctx)),
		"get":                   second(client.Child.Get(ctx, uuid.New())),
	} {
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := region.Save(permit(ctx, &write{caller: by, entity: &model.Entity{Name: "Region"}})); err != nil {
		t.Errorf("with a permit: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }
