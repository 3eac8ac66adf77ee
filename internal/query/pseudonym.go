package query

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

// PseudonymsOf is nil where the caller sees the entity's rows as they are.
func (c *Compiler) PseudonymsOf(e *model.Entity) *pseudonymCipher {
	if c.View == nil {
		return nil
	}
	name := c.View.PseudonymKey(e.Name)
	if name == "" {
		return nil
	}
	block, err := aes.NewCipher(c.Secret.Derive("pseudonym id " + name))
	if err != nil { // the key has a length that AES knows
		return nil
	}
	return &pseudonymCipher{block, hex.EncodeToString(c.Secret.Derive("pseudonym code " + name))}
}

// publicID is the key that the caller sees.
func (p *pseudonymCipher) publicID(key uuid.UUID) (out uuid.UUID) {
	if p == nil {
		return key
	}
	p.block.Encrypt(out[:], key[:])
	return out
}

// StoredKey is the row's own key.
func (p *pseudonymCipher) StoredKey(public uuid.UUID) (out uuid.UUID) {
	if p == nil {
		return public
	}
	p.block.Decrypt(out[:], public[:])
	return out
}

// pseudonymCode writes the row's pseudonym as a code that people can say: P- and sixteen digits.
func (c *Compiler) pseudonymCode(p *pseudonymCipher, alias string) *Fragment {
	if c.IsPostgres {
		return (&Fragment{}).Add("('P-' || upper(substr(encode(sha256(convert_to(CAST(").Arg(p.salt).Add(" AS text) || CAST(", Col(alias, "id"), " AS text), 'UTF8')), 'hex'), 1, 16)))")
	}
	return (&Fragment{}).Add(database.SQLitePseudonymFunction, "(").Arg(p.salt).Add(", ", Col(alias, "id"), ")")
}

// tieBreaker is what orders rows that nothing else orders: the key, or where rows have pseudonyms, these.
func (c *Compiler) tieBreaker(e *model.Entity, alias string) *Fragment {
	if p := c.PseudonymsOf(e); p != nil {
		return c.pseudonymCode(p, alias)
	}
	return (&Fragment{}).Add(Col(alias, "id"))
}
