package main

import (
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
	l.secret, l.secretStored, err = readHubSecret(l.url, c.SecretFile)
	return l, err
}
