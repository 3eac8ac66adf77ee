package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// pseudonym turns the keys of an entity's rows into those by which one audit grant knows them. A key is one block of
// AES, so that every key has one pseudonym and every pseudonym one key, and a pseudonym of another grant is the key of
// nothing. Order and codes come from a keyed hash, which both databases compute: the order of the keys themselves
// would be the same in two grants.
type pseudonym struct {
	block cipher.Block
	salt  string
}

// pseudonym is nil where the caller sees the entity's rows as they are.
func (c *compiler) pseudonym(e *model.Entity) *pseudonym {
	if c.view == nil {
		return nil
	}
	name := c.view.Pseudonyms(e.Name)
	if name == "" {
		return nil
	}
	block, err := aes.NewCipher(c.secret.Derive("pseudonym id " + name))
	if err != nil { // the key has a length that AES knows
		return nil
	}
	return &pseudonym{block, hex.EncodeToString(c.secret.Derive("pseudonym code " + name))}
}

// public is the key that the caller sees.
func (p *pseudonym) public(key uuid.UUID) (out uuid.UUID) {
	if p == nil {
		return key
	}
	p.block.Encrypt(out[:], key[:])
	return out
}

// own is the row's own key.
func (p *pseudonym) own(public uuid.UUID) (out uuid.UUID) {
	if p == nil {
		return public
	}
	p.block.Decrypt(out[:], public[:])
	return out
}

// code writes the row's pseudonym as a code that people can say: P- and sixteen digits.
func (c *compiler) code(p *pseudonym, alias string) *part {
	if c.pg {
		return (&part{}).add("('P-' || upper(substr(encode(sha256(convert_to(CAST(").arg(p.salt).add(" AS text) || CAST(", col(alias, "id"), " AS text), 'UTF8')), 'hex'), 1, 16)))")
	}
	return (&part{}).add(sqlitePseudonym, "(").arg(p.salt).add(", ", col(alias, "id"), ")")
}

// tie is what orders rows that nothing else orders: the key, or where rows have pseudonyms, these.
func (c *compiler) tie(e *model.Entity, alias string) *part {
	if p := c.pseudonym(e); p != nil {
		return c.code(p, alias)
	}
	return (&part{}).add(col(alias, "id"))
}

// sqlitePseudonym is the hub's own function in SQLite, which has no hashes.
const sqlitePseudonym = "hub_pseudonym"

// shownAs is the pseudonym of a row, as PostgreSQL makes it.
func shownAs(secret, id any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s%s", secret, id))
	return "P-" + strings.ToUpper(hex.EncodeToString(sum[:8]))
}
