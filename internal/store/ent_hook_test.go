package store

import (
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// ent's client writes nothing but the write that a session carries out, and reads nothing.
func TestEntHookRejectsDirectWrites(t *testing.T) {
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
	by := &session{db: tx}
	region := client.Region.Create().SetCode("001").SetName(map[string]string{"en": "World"})
	other := withPermittedWrite(ctx, &rowWrite{session: by, entity: &model.Entity{Name: "Child"}})
	for name, err := range map[string]error{
		"create":                errorOf(region.Save(ctx)),
		"create with another's": errorOf(region.Save(other)),
		"update":                errorOf(client.Region.Update().SetCode("002").Save(ctx)),
		"delete":                errorOf(client.Region.Delete().Exec(ctx)),
		"list":                  errorOf(client.Region.Query().All(ctx)),
		"count":                 errorOf(client.Child.Query().Count(ctx)),
		"get":                   errorOf(client.Child.Get(ctx, uuid.New())),
	} {
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := region.Save(withPermittedWrite(ctx, &rowWrite{session: by, entity: &model.Entity{Name: "Region"}})); err != nil {
		t.Errorf("with a permit: %v", err)
	}
}

func errorOf[T any](_ T, err error) error { return err }
