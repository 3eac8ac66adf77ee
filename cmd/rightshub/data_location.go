package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"rightshub/internal/database"
	"rightshub/internal/fault"
)

// dataLocation names the database of a hub and holds its secret.
type dataLocation struct {
	url          string
	secret       database.Secret
	secretStored bool   // the secret comes from a file, and was not made for this run
	newSecret    string // the file beside SQLite that was made for the secret, or ""
	tempFolder   string // folder to delete at the end, or ""
}

// remove deletes the temporary folder, if there is one.
func (l *dataLocation) remove() {
	if l.tempFolder != "" {
		os.RemoveAll(l.tempFolder)
	}
}

// locateData finds the database and reads the secret. Without a database URL, a demonstration has a database in a
// temporary folder, and another hub has one in the current folder.
func (c *serveCommand) locateData() (*dataLocation, error) {
	l := &dataLocation{url: c.DatabaseURL}
	if l.url == "" && c.Demo {
		folder, err := os.MkdirTemp("", "rightshub-demo-")
		if err != nil {
			return nil, fault.New(fault.Unavailable,
				"The folder for temporary files is not writable. Set TMPDIR to a folder that is.")
		}
		l.tempFolder, l.url = folder, sqliteURL(filepath.Join(folder, "hub.db"))
	}
	var err error
	if l.url, err = databaseURL(l.url); err != nil {
		return nil, err
	}
	if findSecretFile(l.url, c.SecretFile) == "" {
		l.newSecret = secretFileBeside(l.url)
	}
	l.secret, l.secretStored, err = readHubSecret(l.url, c.SecretFile)
	return l, err
}

// checkSecret fails when the database was served with another secret. A file that was made for a new secret is then
// removed, since it would look like the one that is missing. It warns where nobody knows with which secret the database
// was served before.
func (l *dataLocation) checkSecret(ctx context.Context, db *database.DB, log *slog.Logger) error {
	if !l.secretStored { // it is a demonstration's, made for this run
		return nil
	}
	unknown, err := db.HasUnknownSecret(ctx)
	if err != nil {
		return err
	}
	if unknown {
		log.WarnContext(ctx, "the database did not know its secret until now", "advice", "It has audit grants or stored "+
			"answers. If another secret was used before, auditors see other pseudonyms from now on.")
	}
	err = db.CheckSecret(ctx, l.secret)
	if err != nil && l.newSecret != "" {
		os.Remove(l.newSecret)
	}
	return err
}
