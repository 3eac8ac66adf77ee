package identity

import (
	"crypto/ed25519"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"rightshub/internal/accounts"
	"rightshub/internal/database"
)

// The development issuer signs tokens for the users of a demonstration. A hub that is not a demonstration does not
// accept them.
const (
	demoIssuerName    = "rightshub-demonstration"
	demoTokenAudience = "rightshub"
	demoTokenLifetime = 12 * time.Hour
)

// DemoIssuer is the development issuer of one demonstration.
type DemoIssuer struct{ key ed25519.PrivateKey }

// NewDemoIssuer derives the issuer's key from the demonstration's secret.
func NewDemoIssuer(secret database.Secret) *DemoIssuer {
	return &DemoIssuer{ed25519.NewKeyFromSeed(secret.Derive("development issuer"))}
}

// SignToken signs a token for the user of the demonstration with the e-mail address.
func (i *DemoIssuer) SignToken(email string, now time.Time) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: i.key}, nil)
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(jwt.Claims{
		Issuer:   demoIssuerName,
		Audience: jwt.Audience{demoTokenAudience},
		Subject:  email,
		IssuedAt: jwt.NewNumericDate(now),
		Expiry:   jwt.NewNumericDate(now.Add(demoTokenLifetime)),
	}).Serialize()
}

// verifyDemoToken returns a cached caller for a valid token of this issuer.
func (i *DemoIssuer) verifyDemoToken(token string) (*cachedCaller, error) {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return nil, withReason(errInvalidToken, reasonMalformed, demoIssuerName)
	}
	var claims jwt.Claims
	if err := parsed.Claims(i.key.Public(), &claims); err != nil {
		return nil, withReason(errInvalidToken, reasonSignature, demoIssuerName)
	}
	expected := jwt.Expected{Issuer: demoIssuerName, AnyAudience: jwt.Audience{demoTokenAudience}}
	if err := claims.ValidateWithLeeway(expected, 0); err != nil || claims.Expiry == nil {
		return nil, withReason(errInvalidToken, reasonExpired, demoIssuerName)
	}
	caller := &cachedCaller{identity: accounts.Identity{Email: claims.Subject}, tokenExpires: claims.Expiry.Time()}
	caller.issuer = demoIssuerName
	return caller, nil
}
