package config

import (
	"net/url"
	"strconv"
	"strings"

	"rightshub/internal/fault"
)

// defaultPorts are the ports that browsers leave out of an origin.
var defaultPorts = map[string]string{"http": "80", "https": "443"}

// normaliseOrigin returns an origin as browsers send it. Besides web pages, packaged apps send an origin with a scheme
// of their own, as capacitor://localhost. There are no wildcards, because a page of any host under the name could then
// use the hub.
func normaliseOrigin(given string) (string, error) {
	malformed := fault.New(fault.Invalid,
		"--allowed-origins contains %q: write scheme and host, as https://app.example.org or capacitor://localhost.",
		given)
	if strings.Contains(given, "*") {
		return "", fault.New(fault.Invalid,
			"--allowed-origins contains %q, but a wildcard is not supported: name each origin.", given)
	}
	u, err := url.Parse(given)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.User != nil ||
		strings.ContainsAny(given, "?#") {
		return "", malformed
	}
	if strings.ContainsFunc(u.Host, func(r rune) bool { return r > '~' }) {
		return "", fault.New(fault.Invalid,
			"--allowed-origins contains %q: write the host as browsers send it, with xn-- instead of its letters.", given)
	}
	origin := url.URL{Scheme: u.Scheme, Host: u.Host}
	if _, ofWeb := defaultPorts[u.Scheme]; ofWeb {
		origin.Host = strings.ToLower(u.Host)
	}
	if port := u.Port(); port != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return "", malformed
		}
		if port == defaultPorts[u.Scheme] {
			origin.Host = strings.TrimSuffix(origin.Host, ":"+port)
		}
	}
	return origin.String(), nil
}
