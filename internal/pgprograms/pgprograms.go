// Package pgprograms finds the programs of PostgreSQL on this machine.
package pgprograms

import (
	"os/exec"
	"path/filepath"
	"slices"
)

// Find returns the path of a program, such as pg_dump. It looks on PATH, and then takes the newest version where Debian
// installs them. It returns "" when the program is not installed.
func Find(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		return ""
	}
	slices.Sort(found)
	return found[len(found)-1]
}
