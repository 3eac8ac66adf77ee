package demo

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// Running is the demonstration that runs on this machine for this person.
type Running struct {
	URL    string
	Secret store.Secret
}

func path() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("rightshub-demo-%d.json", os.Getuid()))
}

// Announce lets `rightshub token` find the demonstration. The file is readable by this person alone.
func Announce(secret store.Secret, url string) error {
	text, err := json.Marshal(Running{url, secret})
	if err != nil {
		return err
	}
	os.Remove(path())
	f, err := os.OpenFile(path(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fault.New(fault.Unavailable, "The folder for temporary files cannot be written to: set TMPDIR to one that can.")
	}
	defer f.Close()
	_, err = f.Write(text)
	return err
}

// Withdraw ends what Announce began, unless another demonstration has been announced since.
func Withdraw(url string) {
	if r, err := Find(); err == nil && r.URL == url {
		os.Remove(path())
	}
}

// Find returns the demonstration that runs here.
func Find() (*Running, error) {
	text, err := os.ReadFile(path())
	var r Running
	if err != nil || json.Unmarshal(text, &r) != nil {
		return nil, fault.New(fault.Unavailable, "No demonstration runs here: start one with `rightshub serve --demo`. Elsewhere, tokens come from your OpenID Connect issuer.")
	}
	return &r, nil
}
