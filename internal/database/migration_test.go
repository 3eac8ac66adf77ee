package database_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"ariga.io/atlas/sql/migrate"
	"modernc.org/sqlite"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
	"rightshub/migrations"
)

// A version that differs from what landed, or from what the database has, is refused with the file, the line and what
// to do.
func TestVersionsThatContradict(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{NoTables: true}, func(t *testing.T, db *database.DB) {
		folder := folderOf(db)
		landed := landedFiles(t, db)
		later := laterFiles(t, db)[0]
		last := landed[len(landed)-1]
		path, list := "migrations/"+folder+"/"+last.Name(), "migrations/"+folder+"/atlas.sum"
		sums, err := migrations.Files.ReadFile(folder + "/atlas.sum")
		if err != nil {
			t.Fatal(err)
		}
		fails := func(what string, program *database.DB, parts ...string) {
			t.Helper()
			_, err := program.Migrate(t.Context())
			for _, part := range parts {
				if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), part) {
					t.Errorf("%s: %v, want %q", what, err, part)
				}
			}
			if err := program.CheckSchema(t.Context()); !fault.Is(err, fault.Unavailable) {
				t.Errorf("%s: the hub would serve: %v", what, err)
			}
		}
		files := func(change func(fstest.MapFS)) *database.DB {
			all := fstest.MapFS{folder + "/atlas.sum": {Data: sums}}
			for _, f := range landed {
				all[folder+"/"+f.Name()] = &fstest.MapFile{Data: f.Bytes()}
			}
			change(all)
			return programWithFolder(t, db, all)
		}
		fails("edited", files(func(all fstest.MapFS) {
			all[folder+"/"+last.Name()].Data = append(last.Bytes(), "-- x\n"...)
		}),
			path+" was changed after it landed", "of "+list, "Restore the file", "codegen diff NAME")
		line := func(version int) string { return fmt.Sprint(list, ":", version+1) } // the first line has the sum of all
		fails("removed", files(func(all fstest.MapFS) { delete(all, folder+"/"+last.Name()) }),
			line(len(landed))+": the file "+path+" is missing", "Restore it")
		fails("added", files(func(all fstest.MapFS) {
			all[folder+"/"+later.Name()] = &fstest.MapFile{Data: later.Bytes()}
		}),
			line(len(landed)+1)+": the line of migrations/"+folder+"/"+later.Name()+" is missing", "codegen diff NAME")
		fails("unlisted", files(func(all fstest.MapFS) { delete(all, folder+"/atlas.sum") }),
			list+":1:", "Restore the file")

		next := programWith(t, db, append(landed, later)...)
		if _, err := next.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		fails("ahead", dbtest.Reopen(t, db),
			"ahead of this program", "version 99990101000000", last.Version(), "or a newer one")
		other := migrate.NewLocalFile(later.Name(), append(later.Bytes(), "-- x\n"...))
		fails("another text", programWith(t, db, append(landed, other)...),
			"another text of migrations/"+folder+"/"+later.Name(), fmt.Sprintf("on line %d of %s", len(landed)+2, list))
		between := migrate.NewLocalFile("99980101000000_late.sql", []byte("CREATE TABLE late (a integer);\n"))
		fails("out of order", programWith(t, db, append(landed, between, later)...),
			"lacks migrations/"+folder+"/99980101000000_late.sql", "later number")
	})
}

// A statement that the database refuses is named with its line, and nothing of its version remains.
func TestFailedVersionLeavesNothing(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{NoTables: true}, func(t *testing.T, db *database.DB) {
		const text = "-- Create table\nCREATE TABLE half (a integer);\n\n-- Copy\nINSERT INTO half (b)\nVALUES (1);\n"
		program := programWith(t, db, migrate.NewLocalFile("1_half.sql", []byte(text)))
		_, err := program.Migrate(t.Context())
		want := "migrations/" + folderOf(db) + "/1_half.sql:5: the database refused this statement"
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		checkNothingApplied(t, db)
	})
}

// checkNothingApplied fails when the database has a version or the table half.
func checkNothingApplied(t *testing.T, db *database.DB) {
	t.Helper()
	for _, table := range []string{"half", "hub_migrations"} {
		if _, err := db.SQL().ExecContext(t.Context(), "SELECT 1 FROM "+table); err == nil {
			t.Errorf("the table %s remains of a version that was not applied", table)
		}
	}
}

// duringVersion is called by the second statement of the version of SQLite that TestInterruptedVersion applies.
var duringVersion atomic.Pointer[func()]

// registerDuringVersion adds the function that calls it to SQLite. The driver has one list for the whole process.
var registerDuringVersion = sync.OnceValue(func() error {
	call := func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
		if f := duringVersion.Load(); f != nil {
			(*f)()
		}
		return int64(1), nil
	}
	return sqlite.RegisterScalarFunction("hub_test_during_version", 0, call)
})

// interruptedVersion is a version whose second statement the test can stop. On PostgreSQL it waits for a row that the
// test has locked.
func interruptedVersion(db *database.DB) migrate.File {
	second := map[string]string{
		"sqlite":   "INSERT INTO half SELECT hub_test_during_version();\n",
		"postgres": "UPDATE gate SET a = a;\n",
	}[folderOf(db)]
	text := "CREATE TABLE half (a integer);\n" + second + "CREATE INDEX half_a ON half (a);\n"
	return migrate.NewLocalFile("2_half.sql", []byte(text))
}

// gateVersion is the version before it, with the row for which it waits.
func gateVersion() migrate.File {
	text := "CREATE TABLE gate (a integer);\nINSERT INTO gate VALUES (1);\n"
	return migrate.NewLocalFile("1_gate.sql", []byte(text))
}

// interruptedDatabaseVariable names the database that the child process of TestInterruptedVersion migrates.
const interruptedDatabaseVariable = "RIGHTSHUB_TEST_INTERRUPTED_DATABASE"

// A version that is cancelled or killed in its middle leaves nothing, and the next run applies it.
func TestInterruptedVersion(t *testing.T) {
	if err := registerDuringVersion(); err != nil {
		t.Fatal(err)
	}
	if url := os.Getenv(interruptedDatabaseVariable); url != "" {
		migrateUntilKilled(t, url)
		return
	}
	stops := map[string]func(*testing.T, *database.DB, *database.DB){"cancel": cancelMigration, "kill": killMigration}
	for how, stop := range stops {
		t.Run(how, func(t *testing.T) {
			dbtest.OnEachDatabase(t, &dbtest.Fixture{NoTables: true}, func(t *testing.T, db *database.DB) {
				if _, err := programWith(t, db, gateVersion()).Migrate(t.Context()); err != nil {
					t.Fatal(err)
				}
				program := programWith(t, db, gateVersion(), interruptedVersion(db))
				open := func() {}
				if db.IsPostgres() {
					open = lockGate(t, db)
				}
				stop(t, db, program)
				list, err := program.Migrations(t.Context())
				if err != nil || len(list) != 2 || !list[0].Applied || list[1].Applied {
					t.Errorf("after the interruption: %v, %v", list, err)
				}
				if _, err := db.SQL().ExecContext(t.Context(), "SELECT 1 FROM half"); err == nil {
					t.Error("a table of the interrupted version remains")
				}
				open()
				upgradeTo(t, program, 1)
			})
		})
	}
}

// cancelMigration cancels the context of the version in the middle, as Ctrl-C does.
func cancelMigration(t *testing.T, db, program *database.DB) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if db.IsPostgres() {
		go func() {
			waitForGate(t, db)
			cancel()
		}()
	} else {
		duringVersion.Store((*func())(&cancel))
		defer duringVersion.Store(nil)
	}
	_, err := program.Migrate(ctx)
	for _, part := range []string{"migrations/" + folderOf(db) + "/2_half.sql:", "was interrupted",
		"Run `rightshub migrate up` again"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v, want %q", err, part)
		}
	}
}

// lockGate locks the row for which the version waits. The returned function releases it.
func lockGate(t *testing.T, db *database.DB) (open func()) {
	t.Helper()
	tx, err := db.SQL().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), "SELECT a FROM gate FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tx.Rollback() })
	return func() { tx.Rollback() }
}

// waitForGate returns when a version waits for the row of lockGate.
func waitForGate(t *testing.T, db *database.DB) {
	const query = `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock'`
	for end := time.Now().Add(9 * time.Second); time.Now().Before(end); {
		var n int
		if err := db.SQL().QueryRowContext(t.Context(), query).Scan(&n); err != nil || n > 0 {
			return
		}
	}
}

// killMigration lets another process apply the version, and kills it in the middle.
func killMigration(t *testing.T, db, _ *database.DB) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(executable, "-test.run=^TestInterruptedVersion$")
	child.Env = append(os.Environ(), interruptedDatabaseVariable+"="+db.URL())
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if db.IsPostgres() {
		waitForGate(t, db)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	var exit *exec.ExitError
	err = child.Wait()
	if !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the process was not killed: %v", err)
	}
}

// migrateUntilKilled applies the version in the child process, which dies in its second statement. On SQLite it kills
// itself there.
func migrateUntilKilled(t *testing.T, url string) {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	kill := func() { self.Kill() }
	duringVersion.Store(&kill)
	db, err := database.Open(t.Context(), database.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	_, err = programWith(t, db, gateVersion(), interruptedVersion(db)).Migrate(t.Context())
	t.Fatalf("the migration ended: %v", err)
}

// The plan says what each table waits for. What it counts as new locks nothing.
func TestMigrationPlan(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{NoTables: true}, func(t *testing.T, db *database.DB) {
		lines := func(program *database.DB) []string {
			t.Helper()
			plan, err := program.PlanMigrations(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, v := range plan {
				out = append(out, v.Lines()...)
			}
			return out
		}
		landed := landedFiles(t, db)
		later := programWith(t, db, append(landed, laterFiles(t, db)...)...)
		empty := strings.Join(lines(later), "\n")
		for _, part := range []string{"/" + landed[0].Name() + "\n", "  regions: creates the table, makes ",
			"Nothing waits, because only new tables are used.", "  regions: creates the table, "} {
			if !strings.Contains(empty, part) {
				t.Errorf("%q is missing from:\n%s", part, empty)
			}
		}
		if strings.Contains(empty, "cannot judge") {
			t.Errorf("the plan does not understand a statement:\n%s", empty)
		}
		checkNothingApplied(t, db)

		program := programWith(t, db, landed...)
		if _, err := program.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		fillEveryTable(t, program)
		if got := lines(program); len(got) != 0 {
			t.Errorf("a plan for a current database:\n%s", strings.Join(got, "\n"))
		}
		want := map[string]string{"sqlite": `
migrations/sqlite/99990101000000_later.sql
  upgrade_probes: creates the table, makes 1 index.
  countries: adds the column upgrade_note, changes rows. 1 row, less than 1 s.
  children: makes the index upgrade_children. 1 row, less than 1 s.
  regions: rebuilds the table, makes the index region_parent_id_created_at_id. 1 row, less than 1 s.
  SQLite locks the whole file while the version runs, less than 1 s. Writers wait and readers go on.`, "postgres": `
migrations/postgres/99990101000000_later.sql
  upgrade_probes: creates the table, makes 1 index.
  countries: is referred to by upgrade_probes, adds the column upgrade_note, changes rows. 1 row, less than 1 s. Readers and writers wait.
  children: makes the index upgrade_children. 1 row, less than 1 s. Writers wait and readers go on.
  regions: changes the type of external_id and writes every row again, adds the column upgrade_rank. 1 row, less than 1 s. Readers and writers wait.
  PostgreSQL holds these locks until the version is done, less than 1 s. A version that waits for a lock for more than 10s gives up and changes nothing.`}[folderOf(db)]
		if got := strings.Join(lines(later), "\n"); got != strings.TrimPrefix(want, "\n") {
			t.Errorf("got:\n%s\nwant:%s", got, want)
		}
	})
}
