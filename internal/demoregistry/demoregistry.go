// Package running says which demonstrations run on this machine for this person, so that another process can make tokens
// that they take.
package demoregistry

import (
	"encoding/json"
	"fmt"
	"net/http"
	neturl "net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rightshub/internal/database"
	"rightshub/internal/fault"
)

// Demonstration is one that runs.
type Demonstration struct {
	URL    string
	Secret database.Secret
}

// registryPath is the file of the demonstration at an address, or a pattern for all of this person's.
func registryPath(address string) string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("rightshub-demo-%d-%s.json", os.Getuid(), address))
}

func (d Demonstration) entryPath() string { return registryPath(neturl.QueryEscape(d.URL)) }

// Announce lets `rightshub token` find the demonstration. The file is readable by this person alone.
func (d Demonstration) Announce() error {
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	os.Remove(d.entryPath())
	f, err := os.OpenFile(d.entryPath(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fault.New(fault.Unavailable, "The folder for temporary files cannot be written to: set TMPDIR to one that can.")
	}
	defer f.Close()
	_, err = f.Write(text)
	return err
}

// Withdraw ends what Announce began, unless another demonstration has been announced at the address since.
func (d Demonstration) Withdraw() {
	if now, _, ok := readEntry(d.entryPath()); ok && now == d {
		os.Remove(d.entryPath())
	}
}

// readEntry is what a file announces, and when it was written. What others on the machine could have written is nothing.
func readEntry(path string) (d Demonstration, at time.Time, ok bool) {
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != 0o600 {
		return d, at, false
	}
	text, err := os.ReadFile(path)
	return d, info.ModTime(), err == nil && json.Unmarshal(text, &d) == nil
}

// Find returns the demonstration that runs at the URL; without one, the newest. One that was killed left its file behind:
// what counts is which answer.
func Find(url string) (*Demonstration, error) {
	files, err := filepath.Glob(registryPath("*"))
	if err != nil {
		return nil, err
	}
	type announced struct {
		Demonstration
		at time.Time
	}
	var all []announced
	for _, file := range files {
		if d, at, ok := readEntry(file); ok {
			all = append(all, announced{d, at})
		}
	}
	slices.SortFunc(all, func(a, b announced) int { return b.at.Compare(a.at) })
	var others []string
	for _, d := range all {
		if !isAnswering(d.URL) {
			continue
		}
		if url == "" || d.URL == strings.TrimSuffix(url, "/") {
			return &d.Demonstration, nil
		}
		others = append(others, d.URL)
	}
	if len(others) > 0 {
		return nil, fault.New(fault.Unavailable, "No demonstration of yours answers on %s. Those that do: %s.", url, strings.Join(others, ", "))
	}
	return nil, fault.New(fault.Unavailable, "No demonstration runs here: start one with `rightshub serve --demo`. Elsewhere, tokens come from your OpenID Connect issuer.")
}

// isAnswering reports whether a hub answers at the URL.
func isAnswering(url string) bool {
	client := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}} // no proxy
	r, err := client.Get(url + "/healthz")
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}
