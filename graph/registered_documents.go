package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/ent/inventory"
	"rightshub/internal/fault"
	"rightshub/internal/limit"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// DocumentLookup returns what finds a registered document by its hash. The session is a task's of the hub.
func DocumentLookup(session store.Session) func(context.Context, string) (string, error) {
	e := inventory.Model.Entity("RegisteredDocument")
	return func(ctx context.Context, hash string) (string, error) {
		one := 1
		page, err := session.List(ctx, &query.List{Selection: query.Selection{Entity: e, Cells: []query.Cell{{Field: e.Field("text")}}}, Rows: true, First: &one,
			Where: &query.Predicate{Op: query.PredicateField, Field: e.Field("hash"), Values: []any{hash}}})
		if err != nil || len(page.Rows) == 0 {
			return "", err
		}
		return page.Rows[0].Cells[0].Text, nil
	}
}

// RegisterDocument makes a text a registered document, and returns its hash and whether it is new. A text that the hub would
// refuse is not registered.
func RegisterDocument(ctx context.Context, session store.Session, schema *ast.Schema, text string) (hash string, made bool, err error) {
	doc, problems := limit.Parse(schema, text, true)
	if problems != nil {
		p := problems[0]
		if len(p.Locations) > 0 {
			return "", false, fault.New(p.Fault.Code, "line %d, column %d: %s", p.Locations[0].Line, p.Locations[0].Column, p.Fault.Message)
		}
		return "", false, p.Fault
	}
	sum := sha256.Sum256([]byte(text))
	hash = hex.EncodeToString(sum[:])
	known, err := DocumentLookup(session)(ctx, hash)
	if err != nil || known != "" {
		return hash, false, err
	}
	var names []string
	for _, op := range doc.Operations {
		if op.Name != "" {
			names = append(names, op.Name)
		}
	}
	name := strings.Join(names, ", ")
	if name == "" || len(name) > 200 {
		name = hash[:12]
	}
	_, err = session.Create(ctx, inventory.Model.Entity("RegisteredDocument"), query.Input{"hash": hash, "name": name, "text": text})
	return hash, err == nil, err
}
