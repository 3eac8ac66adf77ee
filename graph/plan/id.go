package plan

import (
	"encoding/base64"
	"strings"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// ID is a row's key in the API.
func ID(e *model.Entity, key uuid.UUID) string { return e.ID(key) }

// ParseID reads an id. Whether there is such a row, the id does not tell.
func ParseID(id string) (*model.Entity, uuid.UUID, error) {
	prefix, rest, ok := strings.Cut(id, "_")
	e := inventory.Model.Prefix(prefix)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	if !ok || e == nil || err != nil || len(raw) != 16 || len(rest) != base64.RawURLEncoding.EncodedLen(16) { // line ends within are read past
		return nil, uuid.Nil, invalidID("id")
	}
	return e, uuid.UUID(raw), nil
}

// invalidID refuses what is no id.
func invalidID(name string) error {
	return fault.InvalidField(name, "this is not an id of the hub. Take ids from its answers as they are.")
}

// parseIDOf reads an id of one type.
func parseIDOf(e *model.Entity, name, id string) (uuid.UUID, error) {
	got, key, err := ParseID(id)
	if err != nil {
		return uuid.Nil, invalidID(name)
	}
	if got != e {
		return uuid.Nil, fault.InvalidField(name, "this id is of the type %s, not of %s.", got.Name, e.Name)
	}
	return key, nil
}

// ParseGrant reads the id of an audit grant, as the header Audit-Grant names one.
func ParseGrant(id string) (uuid.UUID, error) {
	key, err := parseIDOf(inventory.Model.Entity("AuditGrant"), "Audit-Grant", id)
	if err == nil && key == uuid.Nil { // which stands for no grant everywhere else
		return uuid.Nil, invalidID("Audit-Grant")
	}
	return key, err
}
