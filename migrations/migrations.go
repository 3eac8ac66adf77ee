// Package migrations carries the versioned SQL of both databases inside the program. The command
// `go run ./internal/codegen diff NAME` writes a new version from the model, and package database applies the versions.
// A file that has landed never changes, because databases were made from it. Every change is a version of its own.
package migrations

import "embed"

// Files holds postgres/ and sqlite/, each with its checksum file atlas.sum.
//
//go:embed postgres sqlite
var Files embed.FS
