package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// This file has the keys by which the rows of a file name the rows of the hub.

// keyColumns are the columns with one code. An import does not trim them, so that the rule about codes judges them as
// they are.
var keyColumns = []string{
	"code", "iso2", "country_iso2", "lead_office_code", "intervention_code", "partner_code",
}

// optionalColumns may be missing in a file. They tell apart what the other columns cannot, and an export writes them.
var optionalColumns = []string{"intervention_id", "figure_id", "mandate_number"}

// readCell returns the text of a cell. A cell with one code keeps the spaces around it.
func readCell(column, text string) string {
	if trimmed := strings.TrimSpace(text); trimmed == "" || !slices.Contains(keyColumns, column) {
		return restoreCell(trimmed)
	}
	return restoreCell(text)
}

// keyCell reads the code of a row.
func (row fileRow) keyCell(column string) cell {
	c := row.textCell(column)
	if reason := model.KeyProblem(row[column]); reason != "" {
		return cell{column: column, err: invalidCell(column, reason)}
	}
	return c
}

// asKey writes a code, and leaves the cell empty for a code that an import would refuse.
func asKey(_ string, from []pathValues) string {
	if key := firstValue(from[0]).Text; model.KeyProblem(key) == "" {
		return key
	}
	return ""
}

// asKeys writes the codes of a path that crosses a list.
func asKeys(_ string, from []pathValues) string {
	codes := textsOfValues(from[0])
	if slices.ContainsFunc(codes, func(code string) bool { return model.KeyProblem(code) != "" }) {
		return ""
	}
	return joinList(codes)
}

// maxExternalID is the longest external id that the model takes, in characters.
const maxExternalID = 600

// joinKey joins parts to the external id of a row. Different parts never give the same id, whatever characters they
// contain. A long id is replaced by its hash.
func joinKey(kind string, parts ...string) string {
	text, err := json.Marshal(parts)
	if err != nil {
		panic(err) // texts can always be written as JSON
	}
	key := kind + ":" + string(text)
	if utf8.RuneCountInString(key) > maxExternalID {
		sum := sha256.Sum256(text)
		return kind + ":sha256:" + hex.EncodeToString(sum[:])
	}
	return key
}

// keyPart returns the part of a joined key for a reference, which is the key of the row.
func keyPart(reference cell) string {
	if id, ok := reference.value.(uuid.UUID); ok {
		return id.String()
	}
	return ""
}

// legacyKey returns the external id that earlier versions of the hub gave to a row, or "" when other parts have the
// same one.
func legacyKey(parts ...string) string {
	for _, part := range parts {
		if strings.Contains(part, ":") {
			return ""
		}
	}
	return strings.Join(parts, ":")
}

// hasExternalID holds for rows of an entity with one of the external ids. An empty id is none.
func (m conditions) hasExternalID(of string, ids ...string) *query.Predicate {
	p := &query.Predicate{
		Op: query.PredicateField, Field: m.model.Entity(of).Field("externalId"), Comparison: query.OneOf,
	}
	for _, id := range ids {
		if id != "" {
			p.Values = append(p.Values, id)
		}
	}
	return p
}

// knownKey is the name of a key in importRun.knownKeys and importRun.keyLines.
func knownKey(e *model.Entity, field, value string) string { return e.Name + " " + field + " " + value }

// claimRow remembers the line that writes a stored row. It refuses a later line that writes the same row, because one
// of the two would be lost.
func (r *importRun) claimRow(e *model.Entity, column string, id uuid.UUID) bool {
	if e.Name != r.kind.entity {
		return true
	}
	if line, claimed := r.rowLines[id]; claimed && line != r.line {
		r.refuseTwin(column, line)
		return false
	}
	r.rowLines[id] = r.line
	return true
}

// claimKey remembers the line that makes a row with a key, also when the line is refused.
func (r *importRun) claimKey(e *model.Entity, column, field, value string) bool {
	if e.Name != r.kind.entity {
		return true
	}
	name := knownKey(e, field, value)
	if line, claimed := r.keyLines[name]; claimed && line != r.line {
		r.refuseTwin(column, line)
		return false
	}
	r.keyLines[name] = r.line
	return true
}

// refuseTwin refuses the current row because an earlier line has the same key.
func (r *importRun) refuseTwin(column string, line int) {
	r.addRefusal(fault.NewField(column,
		"line %d has the same %s. Keep one of the two rows, or tell them apart.", line, r.kind.identity))
}
