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

// executeIdempotent executes an operation, and executes a mutation with an Idempotency-Key only once for the key. It
// returns the encoded response, and for the metrics "ok", "replayed" or the code of the first error. The error is not
// nil when the operation was not executed now and there is no response to replay.
func (s *Server) executeIdempotent(
	ctx context.Context, w http.ResponseWriter, r *http.Request, session store.Session, op *operation,
) (text []byte, outcome string, err error) {
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
	execute := func(ctx context.Context, tx store.Session) ([]byte, bool) {
		recording := &recordingSession{Session: tx}
		text, outcome = s.executeAndEncode(store.WithSession(ctx, recording), op)
		return s.storableResponse(op, text, recording.writtenIDs, outcome)
	}
	stored, replayed, err := session.Once(ctx, keys[0], payload, execute)
	if !replayed || err != nil {
		return text, outcome, err
	}
	// A JSON list holds the ids that storableResponse stores instead of a response. Earlier versions of the hub stored
	// nothing instead.
	var ids []string
	if len(stored) == 0 || json.Unmarshal(stored, &ids) == nil {
		return nil, "", errResponseNotStored(ids)
	}
	w.Header().Set("Idempotency-Replayed", "true")
	return stored, outcome, nil
}

// executeAndEncode executes an operation and returns the encoded response, and "ok" or the code of its first error.
func (s *Server) executeAndEncode(ctx context.Context, op *operation) ([]byte, string) {
	response := s.executeOperation(ctx, op)
	if op.wantsCost {
		response.Extensions = map[string]any{
			"cost": map[string]int{"objects": op.cost, "limit": s.options.Limits.Objects},
		}
	}
	if len(response.Errors) > 0 {
		return encodeResponse(response), errorCode(response.Errors[0])
	}
	return encodeResponse(response), "ok"
}

// maxIdempotencyKeyLength is the number of characters that an Idempotency-Key may have.
const maxIdempotencyKeyLength = 200

var errIdempotencyKey = fault.InvalidField("Idempotency-Key",
	"must be from 1 to %d printable characters.", maxIdempotencyKeyLength).WithStatus(http.StatusBadRequest)

// idempotencyPayload checks that the mutation may have the key. It returns everything that two requests with the same
// key must have in common.
func (o *operation) idempotencyPayload(key string, r *http.Request) ([]byte, error) {
	unprintable := func(c rune) bool { return c < ' ' || c > '~' }
	if key == "" || len(key) > maxIdempotencyKeyLength || strings.ContainsFunc(key, unprintable) {
		return nil, errIdempotencyKey
	}
	field, ok := o.Operation.SelectionSet[0].(*ast.Field)
	if !ok || len(o.Operation.SelectionSet) != 1 {
		return nil, fault.New(fault.Invalid,
			"A mutation with an Idempotency-Key must have one root field, outside any fragment. "+
				"Send the other fields in requests of their own.")
	}
	if field.Name == "createAccessToken" {
		return nil, fault.New(fault.Invalid,
			"createAccessToken takes no Idempotency-Key, because its answer would be stored and the secret in it "+
				"may be shown only once. Send it without the key. If no answer arrives, archive the token under "+
				"accessTokens and create another.")
	}
	return json.Marshal([]any{
		o.RawQuery, o.OperationName, o.Variables, r.Header.Get("Purpose-Of-Use"), r.Header.Get("Audit-Grant"),
	})
}

// storableResponse returns what is stored for the key of a mutation.
//
// A response that may show data about children is not stored. When the caller repeats the request, the record may
// belong to another officer, or no consent may cover it any more. Instead, storableResponse returns a JSON list with
// the ids of the rows that were written. No response is a JSON list. A refused mutation changed nothing and may be
// allowed later, so that nothing is stored for it and done is false.
func (s *Server) storableResponse(op *operation, text []byte, ids []string, outcome string) (stored []byte, done bool) {
	if outcome != "ok" || !s.selectsChildData(op.Operation.SelectionSet) {
		return text, outcome == "ok"
	}
	list, err := json.Marshal(append([]string{}, ids...))
	return list, err == nil
}

// errResponseNotStored answers a repeated request for which storableResponse stored only ids. It names the rows to
// read.
func errResponseNotStored(ids []string) error {
	return fault.New(fault.Conflict,
		"This request was carried out before. Its answer may show a child's data, so it is not stored. "+
			"Read the row again.",
	).With("rule", "idempotency").With("ids", ids)
}

// recordingSession records the ids of the rows that a mutation wrote and that the caller may see.
type recordingSession struct {
	store.Session
	writtenIDs []string
}

func (n *recordingSession) ReadBack(
	ctx context.Context, selection *query.Selection, write func(context.Context, store.Session) (uuid.UUID, error),
) (*query.Row, error) {
	row, err := n.Session.ReadBack(ctx, selection, write)
	if row != nil && err == nil {
		n.writtenIDs = append(n.writtenIDs, plan.ID(selection.Entity, row.ID))
	}
	return row, err
}

// selectsChildData reports whether the selections can show data about children. Such data is every field of a child's
// record except its id and version, and every link from another record to children's records, even if only their
// number is selected.
func (s *Server) selectsChildData(sels ast.SelectionSet) bool {
	return slices.ContainsFunc(sels, func(sel ast.Selection) bool {
		switch f := sel.(type) {
		case *ast.Field:
			if f.Definition == nil || f.ObjectDefinition == nil {
				return true
			}
			bare := f.Name == "id" || f.Name == "version" || f.Name == "__typename"
			parent := f.ObjectDefinition.Name
			linked := !strings.HasSuffix(parent, "Payload") && s.isChildRecord(f.Definition.Type.Name())
			return linked || !bare && s.isChildRecord(parent) || s.selectsChildData(f.SelectionSet)
		case *ast.InlineFragment:
			return s.selectsChildData(f.SelectionSet)
		case *ast.FragmentSpread:
			return f.Definition == nil || s.selectsChildData(f.Definition.SelectionSet)
		}
		return true
	})
}

// isChildRecord reports whether a type, or the type that a connection lists, holds sensitive data.
func (s *Server) isChildRecord(name string) bool {
	e := s.options.Model.Entity(strings.TrimSuffix(name, "Connection"))
	return e != nil && e.HasSensitiveData()
}
