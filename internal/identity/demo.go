package identity

import (
	"crypto/ed25519"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"rightshub/internal/store"
)

// The development issuer signs tokens for the people of a demonstration. A hub that is not one does not know it.
const (
	demoIssuer   = "rightshub-demonstration"
	demoAudience = "rightshub"
	demoLifetime = 12 * time.Hour
)

// Issuer is the development issuer of one demonstration.
type Issuer struct{ key ed25519.PrivateKey }

// NewIssuer derives the issuer's key from the demonstration's secret.
func NewIssuer(secret store.Secret) *Issuer {
	return &Issuer{ed25519.NewKeyFromSeed(secret.Derive("development issuer"))}
}

// Token signs a token for a person of the demonstration.
func (i *Issuer) Token(email string, now time.Time) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: i.key}, nil)
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(jwt.Claims{Issuer: demoIssuer, Audience: jwt.Audience{demoAudience}, Subject: email,
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(demoLifetime))}).Serialize()
}

func (i *Issuer) verify(token string) (store.Who, time.Time, error) {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return store.Who{}, time.Time{}, errToken
	}
	var claims jwt.Claims
	if err := parsed.Claims(i.key.Public(), &claims); err != nil {
		return store.Who{}, time.Time{}, errToken
	}
	if err := claims.ValidateWithLeeway(jwt.Expected{Issuer: demoIssuer, AnyAudience: jwt.Audience{demoAudience}}, 0); err != nil || claims.Expiry == nil {
		return store.Who{}, time.Time{}, errToken
	}
	return store.Who{Email: claims.Subject}, claims.Expiry.Time(), nil
}
