package config

import (
	"regexp"
	"strings"

	"rightshub/internal/fault"
)

// basePathPattern matches one or more segments of a path, of letters that no URL and no pattern of net/http quotes.
var basePathPattern = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$`)

// normaliseBasePath returns the path without a slash at its end. The path of a hub that has the whole host is empty.
func normaliseBasePath(given string) (string, error) {
	path := strings.TrimRight(strings.TrimSpace(given), "/")
	if path != "" && !basePathPattern.MatchString(path) {
		return "", fault.New(fault.Invalid,
			"--base-path %q is no path: write it as /hub or /programmes/hub, of letters, digits, -, _, . and ~.", given)
	}
	return path, nil
}
