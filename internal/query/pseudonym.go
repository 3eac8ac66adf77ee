package query

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"

	"github.com/google/uuid"

	"rightshub/internal/database"
	"rightshub/internal/model"
)

// pseudonymCipher turns the stored keys of an entity's rows into the pseudonyms of one audit grant, and back. A key is
// one block of AES, so that keys and pseudonyms correspond one to one. A pseudonym of another grant decrypts to a key
// that no row has. Rows are ordered and coded by a keyed hash, which both databases compute, because the order of the
// keys themselves would be the same under two grants. A nil pseudonymCipher leaves keys as they are.
type pseudonymCipher struct {
	block cipher.Block
	salt  string // secret prefix of the hashed key
}

// PseudonymsOf returns the cipher for the keys of an entity's rows. It returns nil when the caller sees the rows under
// their own keys.
func (c *Compiler) PseudonymsOf(e *model.Entity) *pseudonymCipher {
	if c.View == nil {
		return nil
	}
	name := c.View.PseudonymKey(e.Name)
	if name == "" {
		return nil
	}
	block, err := aes.NewCipher(c.Secret.Derive("pseudonym id " + name))
	if err != nil { // never happens, since a derived key has a length that AES takes
		return nil
	}
	return &pseudonymCipher{block, hex.EncodeToString(c.Secret.Derive("pseudonym code " + name))}
}

// publicID returns the id under which the caller sees the row with the key.
func (p *pseudonymCipher) publicID(key uuid.UUID) (out uuid.UUID) {
	if p == nil {
		return key
	}
	p.block.Encrypt(out[:], key[:])
	return out
}

// StoredKey returns the key of the row that the caller sees under the public id. For an id that the cipher did not make
// it returns a key that no row has.
func (p *pseudonymCipher) StoredKey(public uuid.UUID) (out uuid.UUID) {
	if p == nil {
		return public
	}
	p.block.Decrypt(out[:], public[:])
	return out
}

// pseudonymCode returns an expression for the row's pseudonym as a short code, "P-" and sixteen hexadecimal digits.
func (c *Compiler) pseudonymCode(p *pseudonymCipher, alias string) *Fragment {
	if c.IsPostgres {
		return (&Fragment{}).Add("('P-' || upper(substr(encode(sha256(convert_to(CAST(").Arg(p.salt).
			Add(" AS text) || CAST(", Col(alias, "id"), " AS text), 'UTF8')), 'hex'), 1, 16)))")
	}
	return (&Fragment{}).Add(database.SQLitePseudonymFunction, "(").Arg(p.salt).Add(", ", Col(alias, "id"), ")")
}

// tieBreaker returns the expression that orders rows with equal sort keys. It is the stored key, or the pseudonym code
// where the caller sees pseudonyms.
func (c *Compiler) tieBreaker(e *model.Entity, alias string) *Fragment {
	if p := c.PseudonymsOf(e); p != nil {
		return c.pseudonymCode(p, alias)
	}
	return (&Fragment{}).Add(Col(alias, "id"))
}
