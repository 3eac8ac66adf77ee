package config

import (
	"net/netip"
	"regexp"
	"strings"

	"rightshub/internal/fault"
)

// hostPattern matches the name of a host as browsers send it.
var hostPattern = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$`)

// normaliseHost returns the name or the address of a host in lower case, and without brackets. The port does not
// matter, because a proxy may have another one than the hub.
func normaliseHost(given string) (string, error) {
	name := strings.ToLower(strings.TrimSuffix(given, "."))
	if ip, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return ip.String(), nil
	}
	if !hostPattern.MatchString(name) {
		return "", fault.New(fault.Invalid, "--allowed-hosts contains %q: write the name of a host alone, as "+
			"hub.example.org, without port or wildcard, and with xn-- instead of other letters.", given)
	}
	return name, nil
}
