package main

import (
	"context"
	"fmt"

	"rightshub/internal/backup"
	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// Help texts of backup and restore that are too long for a tag.
const (
	backupHelp = "Copy the whole database into a file, while the hub runs. " +
		"The hub's secret is not in it: keep a copy of it apart."
	backupSecretHelp = "File with the secret of the hub, which is only compared with the database. " +
		"The default is the file beside a SQLite database."
)

// backupCommand is `rightshub backup`.
type backupCommand struct {
	databaseFlag
	SecretFile string `type:"path" help:"${backup_secret_help}"`
	Overwrite  bool   `help:"Replace the file if it exists."`
	File       string `arg:"" type:"path" help:"File to write, which you alone may read."`
}

// Run is `rightshub backup`.
func (c *backupCommand) Run(ctx context.Context, m *model.Model, to streams) error {
	named, err := databaseURL(c.DatabaseURL)
	if err != nil {
		return err
	}
	db, err := c.open(ctx, false)
	if err != nil {
		return err
	}
	defer db.Close()
	security, err := db.RowLevelSecurity(ctx, m)
	if err != nil {
		return err
	}
	if security.Role != "" && db.CheckRowLevelSecurity(ctx, m) != nil {
		return fault.New(fault.Invalid, "Row-level security hides rows from the role of the database URL. "+
			"Take the backup as the owner of the tables.")
	}
	done, err := backup.Take(ctx, db, backup.Options{
		File:            c.File,
		Overwrite:       c.Overwrite,
		Program:         version,
		RowSecurityRole: security.Role,
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(to.out, inTerminalLanguage("%s holds the database as it was at %s. Rows of the programme: %d.",
		c.File, done.MadeAt, done.Contents.EntityRows()))
	fmt.Fprintln(to.out, inTerminalLanguage(
		"The file holds personal data that everybody who gets it can read. Encrypt it before it leaves this machine."))
	reportBackupSecret(to, findSecretFile(named, c.SecretFile), done.Contents.SecretCheck)
	return nil
}

// reportBackupSecret says where the secret of the database is, and what to do with it.
func reportBackupSecret(to streams, file, checkValue string) {
	if checkValue == "" {
		fmt.Fprintln(to.out, inTerminalLanguage("No hub has served this database yet, so that it has no secret."))
		return
	}
	if file == "" {
		fmt.Fprintln(to.out, inTerminalLanguage("The hub's secret is not in the backup. It is in the file that "+
			"`rightshub serve` gets with --secret-file. Keep a copy of that file apart from the backup. "+
			"Without it, a restored hub does not start."))
		return
	}
	secret, err := database.ReadSecret(file, false)
	if err != nil || !secret.Matches(checkValue) {
		fmt.Fprintln(to.err, inTerminalLanguage("%s does not hold the secret of this database. "+
			"Find the file with the secret, and keep a copy of it. Without it, a restored hub does not start.", file))
		return
	}
	fmt.Fprintln(to.out, inTerminalLanguage("The hub's secret is not in the backup. It is in %s. "+
		"Keep a copy of that file apart from the backup. Without it, a restored hub does not start.", file))
}
