package main

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"entgo.io/ent/entc/gen"
	"entgo.io/ent/entc/load"
)

//go:embed templates
var templates embed.FS

// writeEnt generates the part of ent that the store uses. This is a client that validates mutations, sets default
// values and builds INSERT and UPDATE, and for each entity its columns with their checks. ent's query builders,
// predicates, deletes, typed setters and edges are left out, because nothing calls them. The templates replace the
// templates of ent that have the same names, and no others run.
func writeEnt(graph *gen.Graph) error {
	entityFile := func(t *gen.Type) string { return t.PackageDir() + ".go" }
	packageFile := func(t *gen.Type) string { return filepath.Join(t.PackageDir(), t.PackageDir()+".go") }
	gen.Templates = []gen.TypeTemplate{{Name: "model", Format: entityFile}, {Name: "meta", Format: packageFile}}
	gen.GraphTemplates = []gen.GraphTemplate{
		{Name: "base", Format: "ent.go"},
		{Name: "client", Format: "client.go"},
		{Name: "mutation", Format: "mutation.go"},
		{Name: "runtime/ent", Format: "runtime.go"},
	}
	own, err := gen.NewTemplate("rightshub").ParseFS(templates, "templates/*.tmpl")
	if err != nil {
		return err
	}
	config := *graph.Config
	config.Templates = []*gen.Template{own}
	plain, err := gen.NewGraph(&config, withoutEdges(graph.Schemas)...)
	if err != nil {
		return err
	}
	if err := checkTemplatesCover(plain); err != nil {
		return err
	}
	if err := plain.Gen(); err != nil {
		return err
	}
	written := []string{"inventory/inventory.go"}
	for _, t := range gen.GraphTemplates {
		written = append(written, t.Format)
	}
	for _, n := range plain.Nodes {
		written = append(written, entityFile(n), packageFile(n))
	}
	return removeOthers(config.Target, written)
}

// withoutEdges returns the schemas with plain columns for their references. The store sets them as columns.
func withoutEdges(schemas []*load.Schema) []*load.Schema {
	out := make([]*load.Schema, len(schemas))
	for i, s := range schemas {
		plain := *s
		plain.Edges, plain.Indexes = nil, nil
		out[i] = &plain
	}
	return out
}

// checkTemplatesCover fails where the model uses something of ent that the own templates would silently leave out.
func checkTemplatesCover(graph *gen.Graph) error {
	for _, t := range graph.Nodes {
		switch {
		case t.NumHooks() > 0 || t.NumPolicy() > 0 || t.NumInterceptors() > 0:
			return fmt.Errorf("%s has hooks, a policy or interceptors: the store's own hook guards every write", t.Name)
		case t.HasUpdateDefault() || t.HasValueScanner():
			return fmt.Errorf("%s has defaults of updates or value scanners: extend templates/model.tmpl first", t.Name)
		case t.IsView() || !t.HasOneFieldID() || !t.ID.IsUUID():
			return fmt.Errorf("%s has no key of its own that is a UUID", t.Name)
		}
	}
	return nil
}

// removeOthers removes the files under the folder that were not written, such as those of an entity that is gone, and
// folders that become empty. It leaves the model alone.
func removeOthers(folder string, written []string) error {
	var folders []string
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == "schema":
			return fs.SkipDir
		case d.IsDir():
			folders = append(folders, path)
			return nil
		case slices.Contains(written, path):
			return nil
		}
		return os.Remove(filepath.Join(folder, path))
	})
	if err != nil {
		return err
	}
	for _, path := range slices.Backward(folders) {
		left, err := os.ReadDir(filepath.Join(folder, path))
		if err == nil && len(left) == 0 {
			err = os.Remove(filepath.Join(folder, path))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
