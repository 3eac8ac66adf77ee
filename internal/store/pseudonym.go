package store

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"

	"github.com/google/uuid"

	"rightshub/internal/database"
	"rightshub/internal/model"
)

// pseudonymCipher turns the keys of an entity's rows into those by which one audit grant knows them. A key is one block of
// AES, so that every key has one pseudonym and every pseudonym one key, and a pseudonym of another grant is the key of
// nothing. Order and codes come from a keyed hash, which both databases compute: the order of the keys themselves
// would be the same in two grants.
type pseudonymCipher struct {
	block cipher.Block
	salt  string
}

// pseudonymsOf is nil where the caller sees the entity's rows as they are.
func (c *compiler) pseudonymsOf(e *model.Entity) *pseudonymCipher {
	if c.view == nil {
		return nil
	}
	name := c.view.PseudonymKey(e.Name)
	if name == "" {
		return nil
	}
	block, err := aes.NewCipher(c.secret.Derive("pseudonym id " + name))
	if err != nil { // the key has a length that AES knows
		return nil
	}
	return &pseudonymCipher{block, hex.EncodeToString(c.secret.Derive("pseudonym code " + name))}
}

// publicID is the key that the caller sees.
func (p *pseudonymCipher) publicID(key uuid.UUID) (out uuid.UUID) {
	if p == nil {
		return key
	}
	p.block.Encrypt(out[:], key[:])
	return out
}

// storedKey is the row's own key.
func (p *pseudonymCipher) storedKey(public uuid.UUID) (out uuid.UUID) {
	if p == nil {
		return public
	}
	p.block.Decrypt(out[:], public[:])
	return out
}

// pseudonymCode writes the row's pseudonym as a code that people can say: P- and sixteen digits.
func (c *compiler) pseudonymCode(p *pseudonymCipher, alias string) *sqlFragment {
	if c.isPostgres {
		return (&sqlFragment{}).add("('P-' || upper(substr(encode(sha256(convert_to(CAST(").arg(p.salt).add(" AS text) || CAST(", col(alias, "id"), " AS text), 'UTF8')), 'hex'), 1, 16)))")
	}
	return (&sqlFragment{}).add(database.SQLitePseudonymFunction, "(").arg(p.salt).add(", ", col(alias, "id"), ")")
}

// tieBreaker is what orders rows that nothing else orders: the key, or where rows have pseudonyms, these.
func (c *compiler) tieBreaker(e *model.Entity, alias string) *sqlFragment {
	if p := c.pseudonymsOf(e); p != nil {
		return c.pseudonymCode(p, alias)
	}
	return (&sqlFragment{}).add(col(alias, "id"))
}
