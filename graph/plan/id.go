package plan

import (
	"encoding/base64"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// ID returns the id under which the API shows a row.
func ID(e *model.Entity, key uuid.UUID) string { return e.ID(key) }

// ParseID reads the type and the key from an id. It does not look whether the row exists.
func ParseID(m *model.Model, id string) (*model.Entity, uuid.UUID, error) {
	prefix, rest, ok := strings.Cut(id, "_")
	e := m.Prefix(prefix)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	// The decoder skips line ends, so the length of the text is checked too. Otherwise a row would have several ids.
	if !ok || e == nil || err != nil || len(raw) != 16 || len(rest) != base64.RawURLEncoding.EncodedLen(16) {
		return nil, uuid.Nil, invalidID("id")
	}
	return e, uuid.UUID(raw), nil
}

// invalidID is the error for a text in the named field that is not an id.
func invalidID(name string) error {
	return fault.InvalidField(name, "is not an id of this hub. Copy ids unchanged from the hub's answers.")
}

// parseIDOf reads an id that must be of type e. Errors name the field.
func parseIDOf(m *model.Model, e *model.Entity, name, id string) (uuid.UUID, error) {
	got, key, err := ParseID(m, id)
	if err != nil {
		return uuid.Nil, invalidID(name)
	}
	if got != e {
		return uuid.Nil, fault.InvalidField(name, "is an id of type %s. Send an id of type %s.", got.Name, e.Name)
	}
	return key, nil
}

// ParseGrant reads the id of an audit grant from the header Audit-Grant.
func ParseGrant(m *model.Model, id string) (uuid.UUID, error) {
	key, err := parseIDOf(m, m.Entity("AuditGrant"), "Audit-Grant", id)
	if err == nil && key == uuid.Nil { // everywhere else the nil key means that there is no grant
		return uuid.Nil, invalidID("Audit-Grant")
	}
	return key, err
}
