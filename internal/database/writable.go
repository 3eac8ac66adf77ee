package database

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"github.com/lib/pq"

	"rightshub/internal/fault"
)

const (
	writableTimeout  = 3 * time.Second
	writableInterval = 5 * time.Second // between two writes of CheckWritable
	probeBytes       = 16 << 10        // enough that the database needs new pages
)

// writableProbe remembers the last success of CheckWritable, because load balancers ask often.
type writableProbe struct {
	mu       chan struct{} // held while a write runs
	once     sync.Once
	until    time.Time // of a success
	failures int64     // of the pool before that success
}

// CheckReady fails when the database does not have the schema of this program, when its clock is another than that of
// this machine, or when CheckWritable fails.
func (db *DB) CheckReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, writableTimeout)
	defer cancel()
	if err := db.CheckSchema(ctx); err != nil {
		return err
	}
	if err := db.CheckClock(ctx); err != nil {
		return err
	}
	return db.CheckWritable(ctx)
}

// CheckWritable fails when nothing can be written, because the server is a standby, read-only or full, or does not
// answer. It writes a row that nobody reads.
func (db *DB) CheckWritable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, writableTimeout)
	defer cancel()
	p := &db.writable
	p.once.Do(func() { p.mu = make(chan struct{}, 1) })
	select {
	case p.mu <- struct{}{}:
		defer func() { <-p.mu }()
	case <-ctx.Done():
		return Classify(ctx.Err())
	}
	failures := db.outages.failures.Load()
	if time.Now().Before(p.until) && p.failures == failures {
		return nil
	}
	err := Classify(db.writeProbe(ctx))
	if err != nil && !fault.Is(err, fault.Conflict) { // another writer has the lock of SQLite
		return err
	}
	p.until, p.failures = time.Now().Add(writableInterval), failures
	return nil
}

const (
	upsertProbe = "INSERT INTO hub_answers (id, payload, claim, claimed_until, kept_until, answer)" +
		" VALUES ($1, '', '', 0, 0, $2) ON CONFLICT (id) DO UPDATE SET answer = excluded.answer"
	probeRowID = "readyz"

	// lib/pq begins each transaction as one that writes, whatever the default of the server is.
	selectReadOnly = "SELECT pg_is_in_recovery() OR CAST(current_setting('default_transaction_read_only') AS boolean)"
)

// errReadOnly is what PostgreSQL answers to a write when it takes none.
var errReadOnly = &pq.Error{Code: "25006"}

// ErrStandby is the fault of what only a server that takes writes can answer.
var ErrStandby = Classify(errReadOnly)

// writeProbe writes random bytes. PostgreSQL allocates the pages at once, so that the transaction need not be
// committed. SQLite writes when it commits, and must not wait for another writer.
func (db *DB) writeProbe(ctx context.Context) error {
	c, err := db.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	random := make([]byte, probeBytes/2)
	rand.Read(random) // never fails
	text := hex.EncodeToString(random)
	if !db.IsPostgres() {
		if _, err := c.ExecContext(ctx, "PRAGMA busy_timeout = 100"); err != nil {
			return err
		}
		defer c.ExecContext(context.WithoutCancel(ctx), sqliteBusyPragma)
		_, err := c.ExecContext(ctx, upsertProbe, probeRowID, text)
		return err
	}
	var readOnly bool
	if err := c.QueryRowContext(ctx, selectReadOnly).Scan(&readOnly); err != nil {
		return err
	}
	if readOnly {
		c.Raw(func(inner any) error {
			inner.(*cachingConn).replaceGeneration()
			return nil
		})
		return errReadOnly
	}
	tx, err := c.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	_, err = tx.ExecContext(ctx, upsertProbe, probeRowID, text)
	return err
}
