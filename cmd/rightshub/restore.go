package main

import (
	"context"
	"fmt"

	"rightshub/internal/backup"
	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// Help texts of restore that are too long for a tag.
const (
	restoreHelp = "Restore a backup into an empty database. Stop the hub first, and its socket of systemd. " +
		"The checks come first, and nothing is left half done."
	restoreSecretHelp = "File with the secret of the hub that the backup was made of. " +
		"The default is the file beside a SQLite database."
	restoreWithoutHelp = "Restore without the secret. The hub starts only with the secret, " +
		"or after rightshub secret abandon."
)

// restoreCommand is `rightshub restore`.
type restoreCommand struct {
	databaseFlag
	SecretFile    string `type:"path" help:"${restore_secret_help}"`
	WithoutSecret bool   `help:"${restore_without_help}"`
	Replace       bool   `help:"Replace a database that holds rows, which are deleted."`
	File          string `arg:"" type:"path" help:"File that rightshub backup has written."`
}

// Run is `rightshub restore`.
func (c *restoreCommand) Run(ctx context.Context, m *model.Model, to streams) error {
	named, err := databaseURL(c.DatabaseURL)
	if err != nil {
		return err
	}
	archive, err := backup.Open(c.File)
	if err != nil {
		return err
	}
	defer archive.Close()
	if err := c.checkSecret(archive, named); err != nil {
		return err
	}
	done, err := archive.Restore(ctx, named, c.Replace)
	if err != nil {
		return err
	}
	fmt.Fprintln(to.out, inTerminalLanguage("The database is as it was at %s. Rows of the programme: %d.",
		archive.MadeAt, done.Rows))
	fmt.Fprintln(to.out, inTerminalLanguage("What people withdrew, ended or revoked since then counts again: "+
		"consents, roles, audit grants, access tokens. End it again before the proxy lets people in."))
	if len(done.MissingVersions) > 0 {
		fmt.Fprintln(to.out, inTerminalLanguage("The schema of the backup is behind this program. "+
			"Run `rightshub migrate up` before you start the hub."))
	}
	if archive.RowSecurityRole == "" {
		return nil
	}
	return c.restoreRowSecurity(ctx, m, to, named, archive.RowSecurityRole, len(done.MissingVersions) == 0)
}

// checkSecret fails when the secret is not the one of the backup, or is missing.
func (c *restoreCommand) checkSecret(archive *backup.Archive, named string) error {
	if c.WithoutSecret || !archive.NeedsSecret() {
		return nil
	}
	file := findSecretFile(named, c.SecretFile)
	if file == "" {
		return fault.New(fault.Invalid, "The secret of the hub is missing. Put its file next to the SQLite file as "+
			"NAME.secret, or name it with --secret-file. If it is lost for ever, restore with --without-secret and "+
			"see `rightshub secret abandon`.")
	}
	secret, err := database.ReadSecret(file, false)
	if err != nil {
		return err
	}
	return archive.CheckSecret(secret)
}

// restoreRowSecurity turns row-level security on for the role, which a dump without privileges cannot do. For an older
// schema it is turned off, because this program has policies for the newest one.
func (c *restoreCommand) restoreRowSecurity(
	ctx context.Context, m *model.Model, to streams, named, role string, current bool,
) error {
	db, err := backup.OpenDatabase(ctx, named)
	if err != nil {
		return err
	}
	defer db.Close()
	if current {
		return db.EnableRowLevelSecurity(ctx, m, role)
	}
	fmt.Fprintln(to.out, inTerminalLanguage("Row-level security is off. After `rightshub migrate up`, turn it on with "+
		"`rightshub row-security on --for %s`.", role))
	return db.DisableRowLevelSecurity(ctx)
}
