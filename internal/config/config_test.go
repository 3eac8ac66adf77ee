package config_test

import (
	"slices"
	"strings"
	"testing"

	"rightshub/internal/config"
)

// validSettings returns settings that Verify accepts.
func validSettings() *config.Serve {
	return &config.Serve{
		Listen: "127.0.0.1:8080", MaxConnections: 16, MaxObjects: 20_000, ObjectsPerSec: 20_000, MaxConcurrent: 32,
		RequestTimeout: 20_000_000_000, OIDCIssuer: "https://login.example.org", OIDCAudience: "rightshub",
		OIDCAlgorithms: []string{"RS256"},
	}
}

// TestAllowedOrigins checks that origins are stored as browsers send them, and that what no browser sends is refused.
func TestAllowedOrigins(t *testing.T) {
	for given, want := range map[string]string{
		"https://app.example.org":      "https://app.example.org",
		" https://app.example.org ":    "https://app.example.org",
		"https://app.example.org/":     "https://app.example.org",
		"HTTPS://App.Example.org":      "https://app.example.org",
		"https://app.example.org:443":  "https://app.example.org",
		"http://app.example.org:80":    "http://app.example.org",
		"http://app.example.org:443":   "http://app.example.org:443",
		"https://app.example.org:8443": "https://app.example.org:8443",
		"http://[::1]:3000":            "http://[::1]:3000",
		"capacitor://localhost":        "capacitor://localhost",
		"ionic://localhost":            "ionic://localhost",
		"tauri://localhost":            "tauri://localhost",
		"chrome-extension://abcdefgh":  "chrome-extension://abcdefgh",
	} {
		s := validSettings()
		s.AllowedOrigins = []string{given}
		if err := s.Verify(); err != nil || !slices.Equal(s.AllowedOrigins, []string{want}) {
			t.Errorf("%q: got %q %v, want %q", given, s.AllowedOrigins, err, want)
		}
	}
	for given, want := range map[string]string{
		"https://*.example.org":            "wildcard",
		"*":                                "wildcard",
		"https://app.example.org:*":        "wildcard",
		"null":                             "write scheme and host",
		"file://":                          "write scheme and host",
		"file:///app":                      "write scheme and host",
		"app.example.org":                  "write scheme and host",
		"localhost:3000":                   "write scheme and host",
		"https://app.example.org/page":     "write scheme and host",
		"https://app.example.org?x":        "write scheme and host",
		"https://app.example.org#x":        "write scheme and host",
		"https://user@app.example.org":     "write scheme and host",
		"https://a.example.org b":          "write scheme and host",
		"https://übung.example.org":        "xn--",
		"https://app.example.org:70000":    "write scheme and host",
		"https://a.example.org;https://b.": "write scheme and host",
	} {
		s := validSettings()
		s.AllowedOrigins = []string{given}
		if err := s.Verify(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v (%q), want %q", given, err, s.AllowedOrigins, want)
		}
	}
}

// TestListsWithSpaces checks that spaces around the entries of a list, and empty entries, do not matter.
func TestListsWithSpaces(t *testing.T) {
	s := validSettings()
	s.AllowedOrigins = []string{"https://a.example.org", " https://b.example.org", "", "capacitor://localhost\t"}
	s.OIDCAlgorithms = []string{"RS256", " ES256", " "}
	err := s.Verify()
	origins := []string{"https://a.example.org", "https://b.example.org", "capacitor://localhost"}
	if err != nil || !slices.Equal(s.AllowedOrigins, origins) ||
		!slices.Equal(s.OIDCAlgorithms, []string{"RS256", "ES256"}) {
		t.Errorf("%q %q %v", s.AllowedOrigins, s.OIDCAlgorithms, err)
	}
	s.OIDCAlgorithms = []string{" ", ""}
	if err := s.Verify(); err == nil || !strings.Contains(err.Error(), "together") {
		t.Errorf("no algorithm: %v", err)
	}
}

// TestAddresses checks that the error for an address of IPv6 says how to write it.
func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:8080": "", ":8080": "", "[::1]:8080": "", "localhost:0": "", "hub.example.org:443": "",
		"unix:/run/rightshub/hub.sock":      "",
		"::1:8080":                          "write host and port, as [::1]:8080",
		"::1:9000":                          "[::1]:9000",
		"fe80::1:443":                       "[fe80::1]:443",
		"fe80::1:https":                     "[fe80::1]:8080",
		"unix:hub.sock":                     "unix:/run/rightshub/hub.sock",
		"unix:":                             "unix:/run/rightshub/hub.sock",
		"unix:/" + strings.Repeat("x", 103): "at most 103 bytes",
		"::1":                               "[::1]:8080",
		"[::1]":                             "with a port",
		"127.0.0.1":                         "with a port",
		"8080":                              "with a port",
		"[::1]:70000":                       "with a port",
		"127.0.0.1:http":                    "with a port",
	} {
		s := validSettings()
		s.Listen = address
		err := s.Verify()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: got %v, want %q", address, err, want)
		}
	}
}

// TestAllowedHosts checks that hosts are stored as requests are compared with them, and that what no request can have
// is refused.
func TestAllowedHosts(t *testing.T) {
	for given, want := range map[string]string{
		"hub.example.org": "hub.example.org", " Hub.Example.ORG. ": "hub.example.org", "hub": "hub",
		"192.0.2.1": "192.0.2.1", "2001:DB8::1": "2001:db8::1", "[2001:db8::1]": "2001:db8::1",
		"hub_1.internal": "hub_1.internal",
	} {
		s := validSettings()
		s.AllowedHosts = []string{given, ""}
		if err := s.Verify(); err != nil || !slices.Equal(s.AllowedHosts, []string{want}) {
			t.Errorf("%q: got %q %v, want %q", given, s.AllowedHosts, err, want)
		}
	}
	for _, given := range []string{
		"*", "*.example.org", "hub.example.org:443", "https://hub.example.org", "hub.example.org/hub", "übung.example.org",
		"a..b", "a b",
	} {
		s := validSettings()
		s.AllowedHosts = []string{given}
		if err := s.Verify(); err == nil || !strings.Contains(err.Error(), "write the name of a host alone") {
			t.Errorf("%q: got %v (%q)", given, err, s.AllowedHosts)
		}
	}
}
