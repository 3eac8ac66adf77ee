package server

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/graph/plan"
	"rightshub/internal/fault"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// executeIdempotent executes the operation, once for its Idempotency-Key where it has one, and returns the answer and its first
// error's code.
func (s *Server) executeIdempotent(ctx context.Context, w http.ResponseWriter, r *http.Request, session store.Session, op *operation) (text []byte, outcome string, err error) {
	keys := r.Header.Values("Idempotency-Key")
	if len(keys) == 0 || op.operationKind() != "mutation" {
		text, outcome = s.executeAndEncode(ctx, op)
		return text, outcome, nil
	}
	payload, err := op.idempotencyPayload(keys[0], r)
	if err != nil {
		return nil, "", err
	}
	outcome = "replayed"
	kept, replayed, err := session.Once(ctx, keys[0], payload, func(ctx context.Context, tx store.Session) ([]byte, bool) {
		seen := &recordingSession{Session: tx}
		text, outcome = s.executeAndEncode(store.WithSession(ctx, seen), op)
		return s.storableResponse(op, text, seen.writtenIDs, outcome)
	})
	if !replayed || err != nil {
		return text, outcome, err
	}
	var ids []string
	if len(kept) == 0 || json.Unmarshal(kept, &ids) == nil { // the list of keep; nothing: an older version kept no ids
		return nil, "", errResponseNotStored(ids)
	}
	w.Header().Set("Idempotency-Replayed", "true")
	return kept, outcome, nil
}

// executeAndEncode executes the operation.
func (s *Server) executeAndEncode(ctx context.Context, op *operation) ([]byte, string) {
	response := s.executeOperation(ctx, op)
	if op.wantsCost {
		response.Extensions = map[string]any{"cost": map[string]int{"objects": op.cost, "limit": s.options.Limits.Objects}}
	}
	if len(response.Errors) > 0 {
		return encodeResponse(response), errorCode(response.Errors[0])
	}
	return encodeResponse(response), "ok"
}

// maxIdempotencyKeyLength is how long an Idempotency-Key may be.
const maxIdempotencyKeyLength = 200

var errIdempotencyKey = fault.InvalidField("Idempotency-Key", "must be from 1 to %d printable characters.", maxIdempotencyKeyLength)

// idempotencyPayload checks that the mutation may have a key, and returns what makes it another request under the same key.
func (o *operation) idempotencyPayload(key string, r *http.Request) ([]byte, error) {
	if key == "" || len(key) > maxIdempotencyKeyLength || strings.ContainsFunc(key, func(c rune) bool { return c < ' ' || c > '~' }) {
		return nil, errIdempotencyKey
	}
	field, ok := o.Operation.SelectionSet[0].(*ast.Field)
	if !ok || len(o.Operation.SelectionSet) != 1 {
		return nil, fault.New(fault.Invalid, "A mutation with an Idempotency-Key has one root field, written out: send the others by themselves.")
	}
	if field.Name == "createAccessToken" {
		return nil, fault.New(fault.Invalid, "createAccessToken takes no Idempotency-Key: its answer would be kept and shown again, and the secret in it is shown once. Send it without the key; where no answer comes, archive the token among accessTokens and make another.")
	}
	return json.Marshal([]any{o.RawQuery, o.OperationName, o.Variables, r.Header.Get("Purpose-Of-Use"), r.Header.Get("Audit-Grant")})
}

// storableResponse is what is kept of an answer for its key. By the time that it is asked for again, the row of a child's record may be
// another's, or no consent may cover it any more: of what may show data about children, only the ids of the rows that were
// written are kept, as a list, which no answer is. Of what was refused nothing is kept: nothing happened, and by another time
// it may be allowed.
func (s *Server) storableResponse(op *operation, text []byte, ids []string, outcome string) (kept []byte, happened bool) {
	if outcome != "ok" || !s.selectsChildData(op.Operation.SelectionSet) {
		return text, outcome == "ok"
	}
	list, err := json.Marshal(append([]string{}, ids...))
	return list, err == nil
}

// errResponseNotStored answers for what was done with an answer that is not kept, and says which rows to read.
func errResponseNotStored(ids []string) error {
	return fault.New(fault.Conflict, "This request was carried out before. Its answer may show a child's data, so it is not kept: read the row again.").
		With("rule", "idempotency").With("ids", ids)
}

// recordingSession is a session that notes which rows it wrote and showed.
type recordingSession struct {
	store.Session
	writtenIDs []string
}

func (n *recordingSession) ReadBack(ctx context.Context, ask *query.Selection, write func(context.Context, store.Session) (uuid.UUID, error)) (*query.Row, error) {
	row, err := n.Session.ReadBack(ctx, ask, write)
	if row != nil && err == nil {
		n.writtenIDs = append(n.writtenIDs, plan.ID(ask.Entity, row.ID))
	}
	return row, err
}

// selectsChildData reports whether data about children is selected: more of a child's record than which row it is, in which
// version, or whose record something else is linked with, or how many are.
func (s *Server) selectsChildData(sels ast.SelectionSet) bool {
	return slices.ContainsFunc(sels, func(sel ast.Selection) bool {
		switch f := sel.(type) {
		case *ast.Field:
			if f.Definition == nil || f.ObjectDefinition == nil {
				return true
			}
			bare := f.Name == "id" || f.Name == "version" || f.Name == "__typename"
			linked := !strings.HasSuffix(f.ObjectDefinition.Name, "Payload") && s.isChildRecord(f.Definition.Type.Name())
			return linked || !bare && s.isChildRecord(f.ObjectDefinition.Name) || s.selectsChildData(f.SelectionSet)
		case *ast.InlineFragment:
			return s.selectsChildData(f.SelectionSet)
		case *ast.FragmentSpread:
			return f.Definition == nil || s.selectsChildData(f.Definition.SelectionSet)
		}
		return true
	})
}

// isChildRecord reports whether a type, or that of a connection, has a field of the class C3.
func (s *Server) isChildRecord(name string) bool {
	def := s.options.Schema.Schema().Types[strings.TrimSuffix(name, "Connection")]
	return def != nil && slices.ContainsFunc(def.Fields, func(f *ast.FieldDefinition) bool {
		class := f.Directives.ForName("class")
		return class != nil && class.Arguments.ForName("level").Value.Raw == "C3"
	})
}
