package access_test

import (
	"io/fs"
	"strings"
	"testing/fstest"
)

// textFS is a file system in memory, with a text by path.
type textFS map[string]string

func (f textFS) Open(name string) (fs.File, error) {
	m := fstest.MapFS{}
	for path, text := range f {
		m[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return m.Open(name)
}

func containsAll(s string, parts ...string) bool {
	for _, p := range parts {
		if !strings.Contains(s, p) {
			return false
		}
	}
	return true
}
