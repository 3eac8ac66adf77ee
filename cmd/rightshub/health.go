package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"rightshub/internal/fault"
	"rightshub/internal/listening"
)

// healthCommand is `rightshub health`. Its flags have the variables of `rightshub serve`, so that it finds the hub of
// the same container.
type healthCommand struct {
	Listen   string `default:"127.0.0.1:8080" help:"Address of the hub, as --listen of rightshub serve."`
	BasePath string `placeholder:"PATH" help:"Path of the hub, as --base-path of rightshub serve."`
}

// healthTimeout is how long a hub may take to say whether it is ready.
const healthTimeout = 5 * time.Second

// Run asks a hub on this machine whether it is ready, and fails when it is not.
func (c *healthCommand) Run(ctx context.Context, to streams) error {
	address, err := listening.Parse("--listen", c.Listen)
	if err != nil {
		return err
	}
	url := address.URL() + strings.TrimRight(c.BasePath, "/") + "/readyz"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fault.New(fault.Invalid, "--base-path %q is no path of a hub.", c.BasePath)
	}
	client := http.Client{Timeout: healthTimeout, Transport: &http.Transport{DialContext: address.Dial}}
	response, err := client.Do(r)
	if err != nil {
		return fault.New(fault.Unavailable, "No hub answers on %s.", address)
	}
	defer response.Body.Close()
	const longest = 1 << 10
	text, err := io.ReadAll(io.LimitReader(response.Body, longest))
	if err != nil || response.StatusCode != http.StatusOK {
		return fault.New(fault.Unavailable, "The hub on %s is not ready: %s", address, strings.TrimSpace(string(text)))
	}
	_, err = fmt.Fprintln(to.out, strings.TrimSpace(string(text)))
	return err
}
