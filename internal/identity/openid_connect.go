package identity

import (
	"context"
	"errors"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"rightshub/internal/accounts"
	"rightshub/internal/fault"
)

// OIDCOptions configure an OIDCVerifier.
type OIDCOptions struct {
	Issuer     string
	Audience   string           // that a token must name
	Algorithms []string         // of signatures
	Now        func() time.Time // the clock by which keys age; nil means time.Now
}

// OIDCVerifier verifies the tokens of one OpenID Connect issuer.
type OIDCVerifier struct {
	issuer     string
	config     *oidc.Config
	algorithms []jose.SignatureAlgorithm
	keys       *issuerKeys
}

// NewOIDCVerifier discovers an issuer and returns a verifier of its tokens.
func NewOIDCVerifier(ctx context.Context, o OIDCOptions) (*OIDCVerifier, error) {
	provider, err := oidc.NewProvider(ctx, o.Issuer)
	if err != nil {
		return nil, &fault.Error{
			Code:    fault.Unavailable,
			Message: "The OpenID Connect issuer does not answer: check --oidc-issuer.",
			Cause:   err,
		}
	}
	var metadata struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&metadata); err != nil {
		return nil, err
	}
	now := o.Now
	if now == nil {
		now = time.Now
	}
	v := &OIDCVerifier{
		issuer: o.Issuer,
		config: &oidc.Config{ClientID: o.Audience, SupportedSigningAlgs: o.Algorithms},
		keys:   newIssuerKeys(metadata.Keys, now),
	}
	for _, a := range o.Algorithms {
		v.algorithms = append(v.algorithms, jose.SignatureAlgorithm(a))
	}
	return v, nil
}

// verifiedPayload is the payload of a token whose signature was verified.
type verifiedPayload []byte

// VerifySignature returns the payload.
func (p verifiedPayload) VerifySignature(context.Context, string) ([]byte, error) { return p, nil }

var errIssuerUnavailable = fault.New(fault.Unavailable,
	"The identity provider does not answer, so that the hub cannot check tokens. Try again later.")

// verify returns a cached caller for a valid token.
func (v *OIDCVerifier) verify(ctx context.Context, token string) (*cachedCaller, error) {
	parsed, err := jose.ParseSigned(token, v.algorithms)
	if err != nil {
		return nil, errInvalidToken
	}
	payload, generation, err := v.keys.verify(ctx, parsed)
	if errors.Is(err, errIssuerSilent) || ctx.Err() != nil {
		return nil, errIssuerUnavailable
	}
	if err != nil {
		return nil, errInvalidToken
	}
	id, err := oidc.NewVerifier(v.issuer, verifiedPayload(payload), v.config).Verify(ctx, token)
	if err != nil {
		return nil, errInvalidToken
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := id.Claims(&claims); err != nil || id.Subject == "" {
		return nil, errInvalidToken
	}
	caller := accounts.Identity{Issuer: id.Issuer, Subject: id.Subject}
	if claims.Verified {
		caller.Email = claims.Email
	}
	return &cachedCaller{identity: caller, tokenExpires: id.Expiry, keys: v.keys, keysGeneration: generation}, nil
}
