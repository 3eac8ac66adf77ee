// Package record describes the record of access. The record has an AccessEvent for each disclosure of identifying
// values of class C3, and for each search by such values. An event holds the caller, the time, the capacity, the
// purpose, the operation, the type and the numbers of rows and cells. It never holds a value.
//
// A Recorder finds what a read discloses and describes it as events. It runs no statement. The store writes the events
// before the values leave the hub, in the caller's transaction. When an event cannot be written, the read fails.
package record

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/model"
)

type operationKey struct{}

// WithOperation returns a context in which every read belongs to an operation. The function hash returns the hash of
// the operation, of at most 64 characters. It is called only when there is something to record.
func WithOperation(ctx context.Context, hash func() string) context.Context {
	return context.WithValue(ctx, operationKey{}, hash)
}

// OperationHash returns the hash of the operation that WithOperation put into the context, or nothing.
func OperationHash(ctx context.Context) string {
	if hash, ok := ctx.Value(operationKey{}).(func() string); ok {
		return hash()
	}
	return ""
}

// Recorder describes what the reads of one caller disclose.
type Recorder struct {
	Model  *model.Model
	View   *access.View
	Secret database.Secret // its key makes the commitments to rows
}

// EventColumns returns the columns of the AccessEvent of a disclosure, except its number in the record.
func (r Recorder) EventColumns(d *Disclosure, operationHash string, now time.Time) map[string]any {
	subject := r.View.Subject()
	columns := map[string]any{
		"at":             now,
		"actor":          r.Model.Entity("User").ID(subject.User),
		"capacity":       r.actingCapacity(),
		"operation_hash": operationHash,
		"entity":         d.entity,
		"decision":       d.decision,
		"policy_version": r.View.Version(),
		"subjects":       r.rowCommitments(d),
		"rows":           len(d.rows),
		"clear_cells":    d.clearCells,
	}
	if subject.Purpose != "" {
		columns["purpose"] = subject.Purpose
	}
	return columns
}

// actingCapacity returns what gives the caller the right to read. This is the audit grant, or the caller's current
// roles with "emergency" added when the caller has an open emergency access.
func (r Recorder) actingCapacity() string {
	subject := r.View.Subject()
	if subject.ActingGrant != nil {
		return r.Model.Entity("AuditGrant").ID(subject.ActingGrant.ID)
	}
	var roles []string
	for _, a := range subject.Assignments {
		roles = append(roles, a.Role)
	}
	if slices.Sort(roles); len(subject.Emergency) > 0 {
		roles = append(roles, "emergency")
	}
	text := strings.Join(slices.Compact(roles), " ")
	return text[:min(len(text), r.Model.Entity("AccessEvent").Field("capacity").MaxLen)]
}

// rowCommitments returns a keyed hash for each row. With the key of a row and the hub's secret, one can find the row in
// the record. Nobody can read the row's key out of the record.
func (r Recorder) rowCommitments(d *Disclosure) []string {
	out, key := make([]string, len(d.rows)), r.Secret.Derive("access record")
	for i, row := range d.rows {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(d.entity + " " + row.String()))
		out[i] = hex.EncodeToString(mac.Sum(nil)[:16])
	}
	return out
}
