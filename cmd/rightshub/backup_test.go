package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"rightshub/ent/inventory"
	"rightshub/internal/apitest"
	"rightshub/internal/config"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/pgtemp"
)

// backupDrill is a hub with people that write, and the files of its operator.
type backupDrill struct {
	*testing.T
	api          *apitest.API
	file, secret string // the backup, and the file with the hub's secret

	mu           sync.Mutex
	acknowledged []string // the keys of the activities that the hub has answered with
}

func newBackupDrill(t *testing.T, db *database.DB) *backupDrill {
	t.Helper()
	folder := t.TempDir()
	d := &backupDrill{T: t, file: filepath.Join(folder, "hub.backup"), secret: filepath.Join(folder, "hub.secret")}
	text := hex.EncodeToString(apitest.Secret[:])
	err := db.CheckSecret(t.Context(), apitest.Secret)
	if err := errors.Join(err, os.WriteFile(d.secret, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	d.api = apitest.New(t, db)
	return d
}

// command runs a command and returns its exit code with what it prints.
func (d *backupDrill) command(args ...string) (int, string) {
	d.Helper()
	var said bytes.Buffer
	code := runCommandLine(d.Context(), args, streams{&said, &said})
	return code, said.String()
}

// mustRun runs a command that must succeed.
func (d *backupDrill) mustRun(args ...string) {
	d.Helper()
	if code, said := d.command(args...); code != 0 {
		d.Fatalf("%v ends with %d: %s", args, code, said)
	}
}

// mustRefuse runs a command that must fail with a message.
func (d *backupDrill) mustRefuse(message string, args ...string) {
	d.Helper()
	if code, said := d.command(args...); code != 1 || !strings.Contains(said, message) {
		d.Errorf("%v ends with %d: %s, want %q", args, code, said, message)
	}
}

// backUp takes a backup of the hub's database.
func (d *backupDrill) backUp() {
	d.Helper()
	d.mustRun("backup", d.file, "--overwrite", "--database-url", d.api.Hub.DB().URL())
}

// restoreInto restores the backup, as `rightshub restore` with further flags.
func (d *backupDrill) restoreInto(url string, flags ...string) {
	d.Helper()
	d.mustRun(append([]string{"restore", d.file, "--secret-file", d.secret, "--database-url", url}, flags...)...)
}

// serveRestored opens a restored database as `rightshub serve` does, and starts a hub on it.
func (d *backupDrill) serveRestored(url string) *backupDrill {
	d.Helper()
	serve := &serveCommand{config.Serve{MaxConnections: 8}}
	db, err := serve.openDatabase(d.Context(), inventory.Load(), url)
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() { db.Close() })
	if err := db.CheckSecret(d.Context(), apitest.Secret); err != nil {
		d.Fatal(err)
	}
	return &backupDrill{T: d.T, api: apitest.New(d.T, db)}
}

// coordinator returns the person that writes.
func (d *backupDrill) coordinator() *apitest.Caller {
	d.Helper()
	return d.api.As("coordinator.bf@demo", "")
}

// intervention returns the id of an intervention of the coordinator's country.
func (d *backupDrill) intervention() string {
	d.Helper()
	return d.coordinator().Ask(`{
		interventions(first: 1, where: {country: {iso2: {eq: "BF"}}}) { nodes { id } }
	}`, nil).RequireOK().Text("interventions.nodes.0.id")
}

// createActivity creates an activity and returns its key. The answer is stored in the same transaction.
func createActivity(who *apitest.Caller, intervention, title string) (string, error) {
	who.Headers["Idempotency-Key"] = `"` + title + `"`
	body, err := json.Marshal(map[string]any{
		"query": `mutation($i: ID!, $t: [LocalizedTextInput!]!) {
			createActivity(input: {interventionId: $i, title: $t, kind: TRAINING}) { activity { id } }
		}`,
		"variables": map[string]any{"i": intervention, "t": []any{map[string]any{"language": "fr", "text": title}}},
	})
	if err != nil {
		return "", err
	}
	w := who.Send(who.Context(), string(body))
	var answer struct {
		Data struct {
			CreateActivity struct{ Activity struct{ ID string } }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		return "", err
	}
	if id := answer.Data.CreateActivity.Activity.ID; w.Code == http.StatusOK && id != "" {
		return id, nil
	}
	return "", fmt.Errorf("%d %s", w.Code, w.Body)
}

// mustCreateActivity is createActivity for a write that must succeed.
func (d *backupDrill) mustCreateActivity(title string) string {
	d.Helper()
	id, err := createActivity(d.coordinator(), d.intervention(), title)
	if err != nil {
		d.Fatal(err)
	}
	return id
}

// startWriters lets some people write until stop is called.
func (d *backupDrill) startWriters() (stop func()) {
	d.Helper()
	intervention, done := d.intervention(), make(chan struct{})
	var writers sync.WaitGroup
	for i := range 3 {
		who := d.coordinator()
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				id, err := createActivity(who, intervention, fmt.Sprintf("Essai %d %d", i, n))
				if err != nil {
					d.Error(err)
					return
				}
				d.mu.Lock()
				d.acknowledged = append(d.acknowledged, id)
				d.mu.Unlock()
			}
		})
	}
	return func() { close(done); writers.Wait() }
}

// listAcknowledged returns the activities that were acknowledged so far.
func (d *backupDrill) listAcknowledged() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.acknowledged)
}

// backUpWhileWriting takes backups until somebody wrote during one. It returns the activities that were acknowledged
// before that backup began.
func (d *backupDrill) backUpWhileWriting() []string {
	d.Helper()
	defer d.startWriters()()
	for !d.Failed() {
		before := d.listAcknowledged()
		d.backUp()
		if len(before) > 0 && len(d.listAcknowledged()) > len(before) {
			return before
		}
	}
	return nil
}

// changes returns what has changed for the coordinator since a token, as "id kind", with the next token.
func (d *backupDrill) changes(token any) (found []string, next string) {
	d.Helper()
	who := d.coordinator()
	for {
		a := who.Ask(`query($t: String) {
			changesSince(token: $t, types: [Activity]) { changes { id kind } token hasMore }
		}`, map[string]any{"t": token}).RequireOK()
		for i := range a.Len("changesSince.changes") {
			at := fmt.Sprintf("changesSince.changes.%d.", i)
			found = append(found, a.Text(at+"id")+" "+a.Text(at+"kind"))
		}
		if token = a.Text("changesSince.token"); a.At("changesSince.hasMore") == false {
			return found, a.Text("changesSince.token")
		}
	}
}

// count returns the number that a statement finds.
func (d *backupDrill) count(statement string) (n int) {
	d.Helper()
	if err := d.api.Hub.DB().SQL().QueryRowContext(d.Context(), statement).Scan(&n); err != nil {
		d.Fatal(err)
	}
	return n
}

// expectWholeTransactions checks that each activity that was written has its entry in the feed and its stored answer,
// which belong to the same transaction, and that there are no others.
func (d *backupDrill) expectWholeTransactions(activities int) {
	d.Helper()
	entries := d.count(`SELECT count(*) FROM row_changes WHERE entity = 'Activity'`)
	matched := d.count(`SELECT count(*) FROM row_changes c JOIN activities a ON a.id = c.row_key
		WHERE c.entity = 'Activity'`)
	answers := d.count(`SELECT count(*) FROM hub_answers WHERE answer IS NOT NULL AND id <> 'readyz'`)
	if entries != activities || matched != activities || answers != activities {
		d.Errorf("%d activities were written, with %d entries in the feed, %d of them with their row, and %d answers",
			activities, entries, matched, answers)
	}
}

// A hub that people write to is backed up and restored elsewhere. Every write that was acknowledged before is there, no
// transaction is there by half, and the restored hub serves. Its feed does not begin anew, although the numbers of
// another PostgreSQL server's transactions lie in the future.
func TestBackupWhileWriting(t *testing.T) {
	dbtest.OnEachDatabase(t, apitest.Demo, func(t *testing.T, db *database.DB) {
		d := newBackupDrill(t, db)
		useUpTransactionNumbers(t, db)
		dbtest.Exec(t, db, "DELETE FROM row_changes WHERE entity = 'Activity'") // of the demonstration
		_, token := d.changes(nil)
		before := d.backUpWhileWriting()
		if t.Failed() {
			return
		}
		url := elsewhere(t, db)
		d.restoreInto(url)
		expectFutureEntries(t, url)
		restored := d.serveRestored(url)
		if db.IsPostgres() {
			if n := restored.count(futureEntries); n > 0 {
				t.Errorf("%d entries of the feed lie in the future of the server that serves", n)
			}
		}
		found, token := restored.changes(token)
		for _, id := range before {
			if !slices.Contains(found, id+" CREATED") {
				t.Errorf("%s was acknowledged before the backup and is not in it", id)
			}
		}
		t.Logf("%d activities were acknowledged before the backup, and %d are in it", len(before), len(found))
		restored.expectWholeTransactions(len(found))
		id := restored.mustCreateActivity("Plus tard")
		if found, _ := restored.changes(token); !slices.Equal(found, []string{id + " CREATED"}) {
			t.Errorf("since the restore: %q, want %s", found, id)
		}
		restored.api.As("protection.bf@demo", "services").
			Ask(`{ children(first: 3) { nodes { givenName } } }`, nil).RequireOK()
		if n := restored.count("SELECT count(*) FROM access_events"); n != 1 {
			t.Errorf("the record of access has %d events after one read", n)
		}
	})
}

// After a restore into the same server, changesSince reports to those who know more what the restore has undone.
func TestRestoreUndoesForEverybody(t *testing.T) {
	dbtest.OnEachDatabaseWhenLong(t, apitest.Demo, func(t *testing.T, db *database.DB) {
		d := newBackupDrill(t, db)
		d.mustCreateActivity("Avant") // with it, the token below has its checkpoint in the database
		_, token := d.changes(nil)
		d.backUp()
		id := d.mustCreateActivity("Plus tard")
		found, token := d.changes(token)
		if !slices.Equal(found, []string{id + " CREATED"}) {
			t.Fatalf("%q", found)
		}
		url := db.URL()
		d.mustRefuse("is connected to the database", "restore", d.file, "--secret-file", d.secret, "--database-url", url,
			"--replace")
		db.Close()
		d.restoreInto(url, "--replace")
		found, _ = d.serveRestored(url).changes(token)
		if !slices.Equal(found, []string{id + " REMOVED"}) {
			t.Errorf("since the restore: %q, want %s REMOVED", found, id)
		}
	})
}

// futureEntries counts the entries of the feed with numbers of transactions that the server has not begun.
const futureEntries = `SELECT count(*) FROM row_changes
	WHERE xid >= CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)`

// useUpTransactionNumbers makes the numbers of the next transactions larger than those of a new server.
func useUpTransactionNumbers(t *testing.T, db *database.DB) {
	t.Helper()
	if db.IsPostgres() {
		dbtest.Exec(t, db, `DO $$ BEGIN
			FOR i IN 1..20000 LOOP
				BEGIN
					INSERT INTO record_numbers (at) VALUES (now());
					RAISE EXCEPTION 'undone';
				EXCEPTION WHEN raise_exception THEN NULL;
				END;
			END LOOP;
		END $$`)
	}
}

// elsewhere returns the URL of an empty database in another place. For PostgreSQL it starts another server.
func elsewhere(t *testing.T, db *database.DB) string {
	t.Helper()
	if !db.IsPostgres() {
		return sqliteURL(filepath.Join(t.TempDir(), "restored.db"))
	}
	server, err := pgtemp.Start(t.Context())
	if errors.Is(err, pgtemp.ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server.URL
}

// expectFutureEntries checks that a restored database of PostgreSQL has entries of the future.
func expectFutureEntries(t *testing.T, url string) {
	t.Helper()
	db, err := database.Open(t.Context(), database.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	n := 1
	if db.IsPostgres() {
		err = db.SQL().QueryRowContext(t.Context(), futureEntries).Scan(&n)
	}
	if err != nil || n == 0 {
		t.Errorf("%d entries of the feed lie in the future of the new server (%v)", n, err)
	}
}
