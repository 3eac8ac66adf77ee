package database_test

import (
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
)

// A write that was acknowledged is on the disk. With synchronous=NORMAL, SQLite would lose the last ones with the
// power.
func TestAcknowledgedWritesAreOnDisk(t *testing.T) {
	const full = 2
	file := url.URL{Scheme: "sqlite", Path: filepath.Join(t.TempDir(), "hub.db")}
	db, err := database.Open(t.Context(), database.Options{URL: file.String()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var level int
	if err := db.SQL().QueryRow("PRAGMA synchronous").Scan(&level); err != nil || level != full {
		t.Errorf("synchronous is %d %v, want %d", level, err, full)
	}
}

// BenchmarkDurability measures what it costs that an acknowledged write is on the disk. It prints the time of a commit
// with synchronous=FULL divided by that with NORMAL, both in turn on the same file.
func BenchmarkDurability(b *testing.B) {
	db := (&dbtest.Fixture{}).SQLite(b)
	db.SQL().SetMaxOpenConns(1)
	took := map[string]time.Duration{}
	for b.Loop() {
		for _, level := range []string{"NORMAL", "FULL"} {
			if _, err := db.SQL().Exec("PRAGMA synchronous = " + level); err != nil {
				b.Fatal(err)
			}
			began := time.Now()
			for range 20 {
				if _, err := db.SQL().Exec("INSERT INTO record_numbers (at) VALUES (CURRENT_TIMESTAMP)"); err != nil {
					b.Fatal(err)
				}
			}
			took[level] += time.Since(began)
		}
	}
	commits := float64(20 * b.N)
	b.ReportMetric(float64(took["NORMAL"].Microseconds())/commits, "µs/NORMAL")
	b.ReportMetric(float64(took["FULL"].Microseconds())/commits, "µs/FULL")
	b.ReportMetric(float64(took["FULL"])/float64(took["NORMAL"]), "FULL/NORMAL")
}
