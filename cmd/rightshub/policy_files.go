package main

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/policysource"
	"rightshub/policies"
)

// policyPollInterval is the time between two readings of the policy folder. A change takes effect when two readings
// in a row found the same files.
const policyPollInterval = 250 * time.Millisecond

// policyFiles returns the files of a folder of policies, or the built-in policies when folder is "".
func policyFiles(folder string) fs.FS {
	if folder == "" {
		return policies.Files
	}
	return access.Folder{FS: os.DirFS(folder), Name: folder}
}

// openPolicies reads and checks the policies, so that no command starts with broken ones.
func openPolicies(m *model.Model, folder string) (*policysource.Source, error) {
	source, err := policysource.Open(policyFiles(folder), m)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%v", err)
	}
	return source, nil
}

// watchPolicies applies changes of the policy folder until the context ends. SIGHUP makes it read the folder at once.
func watchPolicies(ctx context.Context, source *policysource.Source, log *slog.Logger) error {
	ticker := time.NewTicker(policyPollInterval)
	defer ticker.Stop()
	hangUp := make(chan os.Signal, 1)
	signal.Notify(hangUp, syscall.SIGHUP)
	defer signal.Stop(hangUp)
	source.Watch(ctx, ticker.C, hangUp, log)
	return nil
}
