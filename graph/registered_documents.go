package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/internal/fault"
	"rightshub/internal/limit"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// DocumentLookup returns a function that finds the text of a registered document by its hash. The function returns ""
// when no document has the hash. The session must be one of the hub's own tasks, because most callers may not
// read documents.
func DocumentLookup(m *model.Model, session store.Session) func(context.Context, string) (string, error) {
	e := m.Entity("RegisteredDocument")
	return func(ctx context.Context, hash string) (string, error) {
		first := 1
		page, err := session.List(ctx, &query.List{
			Selection: query.Selection{Entity: e, Cells: []query.Cell{{Field: e.Field("text")}}},
			Rows:      true,
			First:     &first,
			Where:     &query.Predicate{Op: query.PredicateField, Field: e.Field("hash"), Values: []any{hash}},
		})
		if err != nil || len(page.Rows) == 0 {
			return "", err
		}
		return page.Rows[0].Cells[0].Text, nil
	}
}

// RegisterDocument stores a GraphQL document under its hash, and returns the hash and whether the document is new.
// A document that the hub would refuse to execute is not registered. The error then names the line and column.
func RegisterDocument(
	ctx context.Context, m *model.Model, session store.Session, schema *ast.Schema, text string,
) (hash string, created bool, err error) {
	doc, problems := limit.Parse(schema, text, true)
	if problems != nil {
		p := problems[0]
		if len(p.Locations) > 0 {
			at := p.Locations[0]
			return "", false, fault.New(p.Fault.Code, "line %d, column %d: %s", at.Line, at.Column, p.Fault.Message)
		}
		return "", false, p.Fault
	}
	sum := sha256.Sum256([]byte(text))
	hash = hex.EncodeToString(sum[:])
	existing, err := DocumentLookup(m, session)(ctx, hash)
	if err != nil || existing != "" {
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
	e := m.Entity("RegisteredDocument")
	_, err = session.Create(ctx, e, query.Input{"hash": hash, "name": name, "text": text})
	return hash, err == nil, err
}
