package database

import (
	"context"
	"database/sql"
)

// SecretLosses counts what depends on the secret of the hub, and is lost with it.
type SecretLosses struct {
	AuditGrants int64 // their auditors see other pseudonyms
	Events      int64 // events of the record of access, which nobody can match with rows any more
	Answers     int64 // stored answers to Idempotency-Keys
	Tokens      int64 // checkpoints of tokens of changes
}

// ReadSecretLosses counts what would be lost.
func (db *DB) ReadSecretLosses(ctx context.Context) (l SecretLosses, err error) {
	scope, read := AllRowsScope("audit_grants", "access_events"), &sql.TxOptions{ReadOnly: true}
	err = db.InScopedTransaction(ctx, scope, read, func(q Querier) (err error) {
		for _, count := range []struct {
			into *int64
			of   string
		}{
			{&l.AuditGrants, "audit_grants"},
			{&l.Events, "access_events"},
			{&l.Answers, "hub_answers WHERE id <> '" + probeRowID + "'"},
			{&l.Tokens, "change_marks WHERE depth > 0"},
		} {
			if *count.into, err = readNumber(ctx, q, "SELECT count(*) FROM "+count.of); err != nil {
				return err
			}
		}
		return nil
	})
	return l, err
}

// HasUnknownSecret reports whether the database has rows that depend on a secret, but does not know which secret it
// was. It was then served by an earlier version of the program, or its check value was deleted.
func (db *DB) HasUnknownSecret(ctx context.Context) (bool, error) {
	known, err := readCheckValue(ctx, db.pool)
	if err != nil || known != "" {
		return false, err
	}
	lost, err := db.ReadSecretLosses(ctx)
	return lost.AuditGrants+lost.Answers > 0, err
}

// AbandonSecret forgets the secret of the database, and deletes what only that secret can read. The next secret that
// the hub is started with becomes that of the database.
func (db *DB) AbandonSecret(ctx context.Context) error {
	tx, err := db.pool.BeginTx(ctx, &sql.TxOptions{})
	if err != nil {
		return Classify(err)
	}
	defer tx.Rollback()
	for _, table := range []string{"hub_answers", "change_positions", "change_marks", "hub_secrets"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table); err != nil {
			return Classify(err)
		}
	}
	return Classify(tx.Commit())
}
