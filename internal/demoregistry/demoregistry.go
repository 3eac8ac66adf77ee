// Package demoregistry records which demonstrations this operating-system user runs on this machine, so that another
// process can create tokens that they accept. Each demonstration has a file in the folder for temporary files.
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
	"rightshub/internal/listening"
)

// Demonstration is a running demonstration.
type Demonstration struct {
	URL       string // of the hub, or the address of its Unix socket as --listen takes it
	HealthURL string // answers 200
	Secret    database.Secret
}

// registryPath returns the file of the demonstration at an escaped address. With "*" as the address it is a pattern for
// all demonstrations of this user.
func registryPath(address string) string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("rightshub-demo-%d-%s.json", os.Getuid(), address))
}

func (d Demonstration) entryPath() string { return registryPath(neturl.QueryEscape(d.URL)) }

// Announce writes the file by which `rightshub token` finds the demonstration. Only this user can read it, because it
// holds the secret.
func (d Demonstration) Announce() error {
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	os.Remove(d.entryPath())
	f, err := os.OpenFile(d.entryPath(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fault.New(fault.Unavailable,
			"The folder for temporary files is not writable. Set TMPDIR to a folder that is.")
	}
	defer f.Close()
	_, err = f.Write(text)
	return err
}

// Withdraw removes the file that Announce wrote, unless another demonstration was announced at the address since.
func (d Demonstration) Withdraw() {
	if announced, _, ok := readEntry(d.entryPath()); ok && announced == d {
		os.Remove(d.entryPath())
	}
}

// readEntry reads the demonstration that a file announces, and the time when it was written. It ignores a file that
// other users could have written.
func readEntry(path string) (d Demonstration, written time.Time, ok bool) {
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != 0o600 {
		return d, written, false
	}
	text, err := os.ReadFile(path)
	return d, info.ModTime(), err == nil && json.Unmarshal(text, &d) == nil
}

// Find returns the demonstration at the URL. With an empty URL it returns the newest one. Only demonstrations that
// answer count, because a killed one leaves its file behind.
func Find(url string) (*Demonstration, error) {
	files, err := filepath.Glob(registryPath("*"))
	if err != nil {
		return nil, err
	}
	type entry struct {
		Demonstration
		written time.Time
	}
	var all []entry
	for _, file := range files {
		if d, written, ok := readEntry(file); ok {
			all = append(all, entry{d, written})
		}
	}
	slices.SortFunc(all, func(a, b entry) int { return b.written.Compare(a.written) })
	var others []string
	for _, d := range all {
		if !d.isAnswering() {
			continue
		}
		if url == "" || d.URL == strings.TrimSuffix(url, "/") {
			return &d.Demonstration, nil
		}
		others = append(others, d.URL)
	}
	if len(others) > 0 {
		return nil, fault.New(fault.Unavailable, "No demonstration of yours answers at %s. Running demonstrations: %s.",
			url, strings.Join(others, ", "))
	}
	return nil, fault.New(fault.Unavailable, "No demonstration runs here: start one with `rightshub serve --demo`. "+
		"For other hubs, your OpenID Connect issuer issues the tokens.")
}

// isAnswering reports whether a hub answers.
func (d Demonstration) isAnswering() bool {
	transport := &http.Transport{DisableKeepAlives: true} // no proxy from the environment, unlike the default
	if address, err := listening.Parse("", d.URL); err == nil && address.IsUnix() {
		transport.DialContext = address.Dial
	}
	client := http.Client{Timeout: 2 * time.Second, Transport: transport}
	response, err := client.Get(d.HealthURL)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}
