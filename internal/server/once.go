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
	"rightshub/internal/store"
)

// carryOut executes the operation, once for its Idempotency-Key where it has one, and returns the answer and its first
// error's code.
func (s *Server) carryOut(ctx context.Context, w http.ResponseWriter, r *http.Request, session store.Session, op *operation) (text []byte, outcome string, err error) {
	keys := r.Header.Values("Idempotency-Key")
	if len(keys) == 0 || op.kind() != "mutation" {
		text, outcome = s.answer(ctx, op)
		return text, outcome, nil
	}
	payload, err := op.once(keys[0], r)
	if err != nil {
		return nil, "", err
	}
	outcome = "replayed"
	kept, replayed, err := session.Once(ctx, keys[0], payload, func(ctx context.Context, tx store.Session) ([]byte, bool) {
		seen := &seeing{Session: tx}
		text, outcome = s.answer(store.WithSession(ctx, seen), op)
		return s.keep(op, text, seen.ids, outcome)
	})
	if !replayed || err != nil {
		return text, outcome, err
	}
	var ids []string
	if len(kept) == 0 || json.Unmarshal(kept, &ids) == nil { // the list of keep; nothing: an older version kept no ids
		return nil, "", errReadAgain(ids)
	}
	w.Header().Set("Idempotency-Replayed", "true")
	return kept, outcome, nil
}

// answer executes the operation.
func (s *Server) answer(ctx context.Context, op *operation) ([]byte, string) {
	response := s.execute(ctx, op)
	if op.wantsCost {
		response.Extensions = map[string]any{"cost": map[string]int{"objects": op.cost, "limit": s.o.Limits.Objects}}
	}
	if len(response.Errors) > 0 {
		return body(response), code(response.Errors[0])
	}
	return body(response), "ok"
}

// maxKey is how long an Idempotency-Key may be.
const maxKey = 200

var errKey = fault.InvalidField("Idempotency-Key", "must be from 1 to %d printable characters.", maxKey)

// once checks that the mutation may have a key, and returns what makes it another request under the same key.
func (o *operation) once(key string, r *http.Request) ([]byte, error) {
	if key == "" || len(key) > maxKey || strings.ContainsFunc(key, func(c rune) bool { return c < ' ' || c > '~' }) {
		return nil, errKey
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

// keep is what is kept of an answer for its key. By the time that it is asked for again, the row of a child's record may be
// another's, or no consent may cover it any more: of what may show data about children, only the ids of the rows that were
// written are kept, as a list, which no answer is. Of what was refused nothing is kept: nothing happened, and by another time
// it may be allowed.
func (s *Server) keep(op *operation, text []byte, ids []string, outcome string) (kept []byte, happened bool) {
	if outcome != "ok" || !s.sensitive(op.Operation.SelectionSet) {
		return text, outcome == "ok"
	}
	list, err := json.Marshal(append([]string{}, ids...))
	return list, err == nil
}

// errReadAgain answers for what was done with an answer that is not kept, and says which rows to read.
func errReadAgain(ids []string) error {
	return fault.New(fault.Conflict, "This request was carried out before. Its answer may show a child's data, so it is not kept: read the row again.").
		With("rule", "idempotency").With("ids", ids)
}

// seeing is a session that notes which rows it wrote and showed.
type seeing struct {
	store.Session
	ids []string
}

func (n *seeing) ReadBack(ctx context.Context, ask *store.Ask, write func(context.Context, store.Session) (uuid.UUID, error)) (*store.Row, error) {
	row, err := n.Session.ReadBack(ctx, ask, write)
	if row != nil && err == nil {
		n.ids = append(n.ids, plan.ID(ask.Entity, row.ID))
	}
	return row, err
}

// sensitive reports whether data about children is selected: more of a child's record than which row it is, in which
// version, or whose record something else is linked with, or how many are.
func (s *Server) sensitive(sels ast.SelectionSet) bool {
	return slices.ContainsFunc(sels, func(sel ast.Selection) bool {
		switch f := sel.(type) {
		case *ast.Field:
			if f.Definition == nil || f.ObjectDefinition == nil {
				return true
			}
			bare := f.Name == "id" || f.Name == "version" || f.Name == "__typename"
			linked := !strings.HasSuffix(f.ObjectDefinition.Name, "Payload") && s.record(f.Definition.Type.Name())
			return linked || !bare && s.record(f.ObjectDefinition.Name) || s.sensitive(f.SelectionSet)
		case *ast.InlineFragment:
			return s.sensitive(f.SelectionSet)
		case *ast.FragmentSpread:
			return f.Definition == nil || s.sensitive(f.Definition.SelectionSet)
		}
		return true
	})
}

// record reports whether a type, or that of a connection, has a field of the class C3.
func (s *Server) record(name string) bool {
	def := s.o.Schema.Schema().Types[strings.TrimSuffix(name, "Connection")]
	return def != nil && slices.ContainsFunc(def.Fields, func(f *ast.FieldDefinition) bool {
		class := f.Directives.ForName("class")
		return class != nil && class.Arguments.ForName("level").Value.Raw == "C3"
	})
}
