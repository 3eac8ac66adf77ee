package main

import (
	"context"
	"fmt"

	"rightshub/internal/backup"
	"rightshub/internal/fault"
)

// secretAbandonHelp is the help of secretCommand.Abandon, which is too long for its tag.
const secretAbandonHelp = "Let the database go on with a new secret, when the old one is lost for ever. " +
	"It first says what is lost with it."

// secretCommand is `rightshub secret`.
type secretCommand struct {
	Abandon secretAbandon `cmd:"" help:"${secret_abandon_help}"`
}

type secretAbandon struct {
	databaseFlag
	LostForEver bool `help:"Go on. Without this flag, nothing is changed."`
}

// Run is `rightshub secret abandon`.
func (c *secretAbandon) Run(ctx context.Context, to streams) error {
	named, err := databaseURL(c.DatabaseURL)
	if err != nil {
		return err
	}
	if path := missingSQLiteFile(named); path != "" {
		return errNoDatabaseFile(path)
	}
	db, err := backup.OpenDatabase(ctx, named)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.CheckSchema(ctx); err != nil {
		return err
	}
	lost, err := db.ReadSecretLosses(ctx)
	if err != nil {
		return err
	}
	for _, line := range []string{
		inTerminalLanguage("Audit grants: %d. Their auditors see other pseudonyms, "+
			"and cannot find in the hub what they noted before.", lost.AuditGrants),
		inTerminalLanguage("Events of the record of access: %d. "+
			"They stay, but nobody can find out any more which children they are about.", lost.Events),
		inTerminalLanguage("Stored answers to Idempotency-Keys: %d. "+
			"A request that is sent again is carried out again.", lost.Answers),
		inTerminalLanguage("Stored states of changesSince: %d. "+
			"Every office reads all its rows once more, and all cursors end.", lost.Tokens),
	} {
		fmt.Fprintln(to.out, line)
	}
	if !c.LostForEver {
		return fault.New(fault.Invalid, "Nothing was changed. If the secret is lost for ever, "+
			"say so with --lost-for-ever.")
	}
	if err := db.CheckUnused(ctx); err != nil {
		return err
	}
	if err := db.AbandonSecret(ctx); err != nil {
		return err
	}
	fmt.Fprintln(to.out, inTerminalLanguage(
		"The database takes the secret with which the hub starts next. Keep a copy of it."))
	return nil
}
