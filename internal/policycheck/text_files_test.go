package policycheck_test

import (
	"io/fs"
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
