package main

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/policies"
)

// policyPollInterval is how often the folder of policies is looked at; a change is in force after two looks that found the same.
const policyPollInterval = 250 * time.Millisecond

// policyFiles is a folder of policies, or without one those inside the program.
func policyFiles(folder string) fs.FS {
	if folder == "" {
		return policies.Files
	}
	return access.Folder{FS: os.DirFS(folder), Name: folder}
}

// openPolicies reads and checks the policies, so that nothing starts with broken ones.
func openPolicies(folder string) (*access.Source, error) {
	source, err := access.Open(policyFiles(folder), inventory.Model)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%v", err)
	}
	return source, nil
}

// watchPolicies brings changes of the folder into force until the context ends; at once on a hang-up signal.
func watchPolicies(ctx context.Context, source *access.Source, log *slog.Logger) error {
	look := time.NewTicker(policyPollInterval)
	defer look.Stop()
	hangUp := make(chan os.Signal, 1)
	signal.Notify(hangUp, syscall.SIGHUP)
	defer signal.Stop(hangUp)
	source.Watch(ctx, look.C, hangUp, log)
	return nil
}
