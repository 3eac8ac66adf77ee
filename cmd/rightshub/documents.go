package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rightshub/graph"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// documentsCommand is `rightshub documents`.
type documentsCommand struct {
	Register documentsRegister `cmd:"" help:"Register the GraphQL documents of a folder by their hashes."`
}

type documentsRegister struct {
	hubFlags
	Folder string `arg:"" type:"existingdir" help:"${documents_folder_help}"`
}

// documentsFolderHelp is the help of documentsRegister.Folder, which is too long for its tag.
const documentsFolderHelp = "Folder with .graphql files, and with .json files of code generators, " +
	"which map SHA-256 hashes to documents."

// Run is `rightshub documents register`. It registers all documents of the folder, or none.
func (c *documentsRegister) Run(ctx context.Context, m *model.Model, to streams) error {
	texts, err := documentsIn(c.Folder)
	if err != nil {
		return err
	}
	schema, _, err := graph.Schema(m)
	if err != nil {
		return err
	}
	db, session, err := c.openSystemSession(ctx, m, "system_documents")
	if err != nil {
		return err
	}
	defer db.Close()
	return session.Atomic(ctx, func(ctx context.Context, session store.Session) error {
		for _, path := range slices.Sorted(maps.Keys(texts)) {
			hash, made, err := graph.RegisterDocument(ctx, m, session, schema.Schema(), texts[path])
			if err != nil {
				return fault.New(fault.Invalid, "%s: %s Nothing was registered.", path, fault.As(err).Message)
			}
			state := "registered already"
			if made {
				state = "registered"
			}
			fmt.Fprintf(to.out, "%s  %s (%s)\n", hash, path, state)
		}
		return nil
	})
}

// documentsIn reads the documents of a folder. The keys are the path of the file and, in a .json file, the hash after
// it.
func documentsIn(folder string) (map[string]string, error) {
	out := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".graphql", ".gql":
			text, err := os.ReadFile(path)
			// Editors on Windows write a byte order mark, which clients do not send.
			out[path] = strings.TrimPrefix(string(text), "\ufeff")
			return err
		case ".json":
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			var all map[string]string
			if err := json.Unmarshal(text, &all); err != nil {
				return fault.New(fault.Invalid, "%s is not a JSON object from hashes to documents.", path)
			}
			for hash, document := range all {
				out[path+" "+hash] = document
			}
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fault.New(fault.Invalid, "There is no .graphql file and no .json file in %s.", folder)
	}
	return out, err
}
