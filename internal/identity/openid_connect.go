package identity

import (
	"context"
	"errors"
	"net/url"
	"strings"
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

	// TrustEmails makes the addresses of tokens without email_verified count as verified. It is safe only for an issuer
	// at which nobody chooses an address without proving it. At another one, people could take over the account of
	// somebody who has not signed in yet.
	TrustEmails bool
}

// OIDCVerifier verifies the tokens of one OpenID Connect issuer.
type OIDCVerifier struct {
	issuer     string
	config     *oidc.Config
	algorithms []jose.SignatureAlgorithm
	keys       *issuerKeys

	trustEmails bool
}

// NewOIDCVerifier discovers an issuer and returns a verifier of its tokens.
func NewOIDCVerifier(ctx context.Context, o OIDCOptions) (*OIDCVerifier, error) {
	provider, err := oidc.NewProvider(ctx, o.Issuer)
	if err != nil {
		return nil, discoveryError(ctx, o.Issuer, err)
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

		trustEmails: o.TrustEmails,
	}
	for _, a := range o.Algorithms {
		v.algorithms = append(v.algorithms, jose.SignatureAlgorithm(a))
	}
	return v, nil
}

// discoveryError returns the error for an issuer that cannot be discovered. It leaves out what the issuer answered.
func discoveryError(ctx context.Context, issuer string, err error) error {
	var mismatch *oidc.IssuerMismatchError
	var unreachable *url.Error
	f := fault.New(fault.Unavailable, "The address of the OpenID Connect issuer has no OpenID Connect configuration: "+
		"check --oidc-issuer, or open it with /.well-known/openid-configuration at its end.")
	switch {
	case ctx.Err() != nil:
		f = fault.New(fault.Unavailable, "The hub was stopped while it started.")
	case errors.As(err, &mismatch):
		f = fault.New(fault.Unavailable, "The OpenID Connect issuer at %s calls itself %s. "+
			"Give --oidc-issuer the name that it calls itself, since its tokens have it.", issuer, mismatch.Discovered)
	case errors.As(err, &unreachable):
		f = fault.New(fault.Unavailable, "The OpenID Connect issuer does not answer: check --oidc-issuer.")
	}
	f.Cause = err
	return f
}

// verifiedPayload is the payload of a token with a verified signature.
type verifiedPayload []byte

// VerifySignature returns the payload.
func (p verifiedPayload) VerifySignature(context.Context, string) ([]byte, error) { return p, nil }

var errIssuerUnavailable = fault.New(fault.Unavailable,
	"The identity provider does not answer, so that the hub cannot check tokens. Try again later.")

// verify returns a cached caller for a valid token.
func (v *OIDCVerifier) verify(ctx context.Context, token string) (*cachedCaller, error) {
	parsed, err := jose.ParseSigned(token, v.algorithms)
	if err != nil {
		return nil, v.refuse(parsingReason(err))
	}
	payload, generation, err := v.keys.verify(ctx, parsed)
	switch {
	case errors.Is(err, errNoKeyFits):
		return nil, v.refuse(v.signatureReason(parsed))
	case err != nil:
		return nil, withReason(errIssuerUnavailable, reasonIssuerSilent, v.issuer)
	}
	id, err := oidc.NewVerifier(v.issuer, verifiedPayload(payload), v.config).Verify(ctx, token)
	if err != nil {
		return nil, v.refuse(v.claimsReason(payload, err))
	}
	if id.Subject == "" {
		return nil, v.refuse(reasonClaims)
	}
	var claims emailClaims
	caller := &cachedCaller{identity: accounts.Identity{Issuer: id.Issuer, Subject: id.Subject}, tokenExpires: id.Expiry}
	caller.keys, caller.keysGeneration, caller.issuer = v.keys, generation, v.issuer
	if err := id.Claims(&claims); err == nil {
		caller.identity.Email = claims.linkableAddress(v.trustEmails)
		caller.addressUnverified = claims.Email != nil && caller.identity.Email == ""
	}
	return caller, nil
}

// refuse returns the error for a token that is not valid.
func (v *OIDCVerifier) refuse(reason string) error {
	return withReason(errInvalidToken, reason, v.issuer)
}

// emailClaims are the claims of a token about the e-mail address. They only link an account when its person signs in
// for the first time, so a claim of another type than expected counts as missing, and never makes a token invalid.
type emailClaims struct {
	Email    any `json:"email"`
	Verified any `json:"email_verified"`
}

// linkableAddress returns the address if the issuer verified it. Some issuers send "true" as text. With trust, the
// address also counts if the token does not say whether it was verified.
func (c emailClaims) linkableAddress(trust bool) string {
	email, _ := c.Email.(string)
	switch verified := c.Verified.(type) {
	case bool:
		trust = verified
	case string:
		trust = strings.EqualFold(verified, "true")
	case nil:
	default:
		trust = false
	}
	if !trust {
		return ""
	}
	return email
}
