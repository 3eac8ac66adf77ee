package identity

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// Reasons for which a token is refused. Operators see them as labels of a metric and in the log. Callers get the same
// message for most of them, so that they learn nothing about the settings.
const (
	reasonNoBearer            = "no_bearer_token"
	reasonTooLong             = "too_long"
	reasonMalformed           = "malformed"
	reasonAlgorithm           = "algorithm"
	reasonSignature           = "signature"
	reasonIssuer              = "issuer"
	reasonIssuerSilent        = "issuer_silent"
	reasonAudience            = "audience"
	reasonExpired             = "expired"
	reasonNotYetValid         = "not_yet_valid"
	reasonClaims              = "claims"
	reasonAddressNotVerified  = "address_not_verified"
	reasonNoAccount           = "no_account"
	reasonPersonalAccessToken = "personal_access_token"
)

// refusalAdvice says what each reason means, and what an operator can do.
var refusalAdvice = map[string]string{
	reasonNoBearer:     "The Authorization header has no bearer token. Check the client, and the proxy before the hub.",
	reasonTooLong:      "Let the identity provider leave groups and roles out of the token.",
	reasonMalformed:    "The token is no signed JSON Web Token. Some clients send an opaque access token.",
	reasonAlgorithm:    "The token is signed with an algorithm that --oidc-algorithms does not list.",
	reasonSignature:    "No key that the issuer serves verifies the token.",
	reasonIssuer:       "The token names another issuer than --oidc-issuer, which may be a slash at the end.",
	reasonIssuerSilent: "The issuer has not served its keys for an hour. Check the network and the issuer.",
	reasonAudience: "The token does not name the audience of --oidc-audience. " +
		"Let the identity provider add it for the client.",
	reasonExpired:     "The token has expired or names no expiry. Let the client renew tokens, and compare the clocks.",
	reasonNotYetValid: "The token is not valid yet. Compare the clocks of the issuer and of this machine.",
	reasonClaims:      "The token has no sub, or a claim of OpenID Connect has the wrong type.",
	reasonAddressNotVerified: "No account is linked to the token's sub, and its address is not verified. " +
		"Link the account with rightshub admin --relink, or see --oidc-trust-emails.",
	reasonNoAccount: "No active account is linked to the token's sub, and none without a link has its address. " +
		"Invite the person, or see rightshub admin --relink.",
	reasonPersonalAccessToken: "The personal access token is unknown, expired or revoked, or its account is not active.",
}

// withReason returns the error for the caller, with the reason for operators.
func withReason(err *fault.Error, reason, issuer string) error {
	refused := *err
	refused.Cause = &store.TokenRefusal{Reason: reason, Issuer: issuer, Advice: refusalAdvice[reason]}
	return &refused
}

// parsingReason returns why a token cannot be parsed.
func parsingReason(err error) string {
	var algorithm *jose.ErrUnexpectedSignatureAlgorithm
	if errors.As(err, &algorithm) {
		return reasonAlgorithm
	}
	return reasonMalformed
}

// signatureReason returns why the signature of a token is not accepted. A token of another issuer is signed with other
// keys, so the issuer that it names is the better reason, although nothing in it is verified.
func (v *OIDCVerifier) signatureReason(token *jose.JSONWebSignature) string {
	var claims jwt.Claims
	err := json.Unmarshal(token.UnsafePayloadWithoutVerification(), &claims)
	if err == nil && claims.Issuer != v.issuer {
		return reasonIssuer
	}
	return reasonSignature
}

// claimsReason returns why the claims of a token with a valid signature are not accepted.
func (v *OIDCVerifier) claimsReason(payload []byte, err error) string {
	var expired *oidc.TokenExpiredError
	var claims jwt.Claims
	switch {
	case errors.As(err, &expired):
		return reasonExpired
	case json.Unmarshal(payload, &claims) != nil:
		return reasonClaims
	case claims.Issuer != v.issuer:
		return reasonIssuer
	case !slices.Contains(claims.Audience, v.config.ClientID):
		return reasonAudience
	case claims.NotBefore != nil:
		return reasonNotYetValid
	}
	return reasonClaims
}
