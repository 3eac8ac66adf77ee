// Package config is the hub's settings: one struct, checked once, before anything starts.
package config

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rightshub/internal/fault"
)

// Serve are the settings of `rightshub serve`. Each is a flag, and an environment variable with the prefix RIGHTSHUB_.
// A field tagged log:"no" is never written to a log.
type Serve struct {
	Listen           string   `default:"127.0.0.1:8080" help:"Address of the public listener."`
	MetricsListen    string   `help:"Address of the listener of /metrics; none: no metrics."`
	DatabaseURL      string   `name:"database-url" placeholder:"URL" log:"no" help:"sqlite:///path/file.db (default: rightshub.db in this folder) or postgres://user@host/name?sslmode=verify-full."`
	Demo             bool     `help:"Serve fresh demonstration data from a throw-away SQLite file, or fill the empty database that is given."`
	Migrate          bool     `help:"Bring the database to this program's schema before serving."`
	Policies         string   `type:"existingdir" help:"Folder with model.conf, roles.csv and cases/; a change takes effect within a second. Default: the policies inside the program."`
	SecretFile       string   `type:"path" help:"File with the hub's secret, 32 bytes as 64 hexadecimal digits. Beside a SQLite file it is made when it is missing; on PostgreSQL it must be given."`
	OIDCIssuer       string   `name:"oidc-issuer" help:"URL of the OpenID Connect issuer whose tokens are accepted."`
	OIDCAudience     string   `name:"oidc-audience" help:"Audience that a token must name."`
	OIDCAlgorithms   []string `name:"oidc-algorithms" help:"Signature algorithms that are accepted: RS256, ES256, ..."`
	RowLevelSecurity bool     `help:"Let PostgreSQL itself hold each caller to what they may see; rightshub row-security on prepares the database."`
	Public           bool     `help:"Let people who are not signed in read what the role public may: published facts about the programme."`
	MaxConnections   int      `default:"16" help:"Most connections to the database."`

	DocumentsOnly   bool           `help:"Answer registered documents only (rightshub documents register)."`
	NoIntrospection bool           `help:"Tell nobody the schema: answer no questions about it, serve no /schema.graphql and no GraphiQL, and say one thing of every document that does not fit it."`
	AllowedOrigins  []string       `placeholder:"ORIGIN" help:"Origins of web pages that may ask: https://app.example.org. None: the hub's own."`
	TrustedProxies  []netip.Prefix `placeholder:"NETWORK" help:"Networks of reverse proxies before the hub, as 10.0.0.0/8: who asks is read from their X-Forwarded-For."`
	MaxObjects      int            `default:"20000" help:"Most objects that one operation may ask for."`
	ObjectsPerSec   int            `name:"objects-per-second" default:"20000" help:"Objects that one caller may ask for in the long run; ten times as many at once."`
	MaxConcurrent   int            `default:"32" help:"Most requests of one caller at a time."`
	RequestTimeout  time.Duration  `default:"20s" help:"Longest that a request may take."`
	OTLPEndpoint    string         `name:"otlp-endpoint" placeholder:"URL" help:"Where OpenTelemetry traces go (OTLP over HTTP); none: no traces."`
	SlowOperation   time.Duration  `default:"1s" help:"Operations that take longer are logged, by the hash of their document."`
}

// oidcSigningAlgorithms that an issuer may sign with; none of them is symmetric or empty.
var oidcSigningAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// Verify finds what is missing or contradicts itself; each error is one line that names the setting.
func (s *Serve) Verify() error {
	given := 0
	for _, set := range []bool{s.OIDCIssuer != "", s.OIDCAudience != "", len(s.OIDCAlgorithms) > 0} {
		if set {
			given++
		}
	}
	switch {
	case given != 0 && given != 3:
		return fault.New(fault.Invalid, "Set --oidc-issuer, --oidc-audience and --oidc-algorithms together, or none of them.")
	case given == 0 && !s.Demo:
		return fault.New(fault.Invalid, "Nobody could sign in: set --oidc-issuer, --oidc-audience and --oidc-algorithms, or look at a demonstration with --demo.")
	case s.Demo && given != 0:
		return fault.New(fault.Invalid, "A demonstration has sign-in of its own: leave the --oidc settings out.")
	case strings.HasPrefix(s.DatabaseURL, "postgres") && s.SecretFile == "" && !s.Demo:
		return fault.New(fault.Invalid, "Set --secret-file: on PostgreSQL the hub's secret cannot lie beside the database. Make one with: openssl rand -hex 32")
	case s.RowLevelSecurity && (s.Demo || s.Migrate):
		return fault.New(fault.Invalid, "--row-level-security cannot go with --demo or --migrate: whoever owns the tables is not held by it. Run rightshub migrate up as their owner.")
	case s.MaxConnections < 2:
		return fault.New(fault.Invalid, "--max-connections must be 2 or more.")
	case s.MaxObjects < 1 || s.MaxConcurrent < 1 || s.ObjectsPerSec < 1 || s.ObjectsPerSec*10 < s.MaxObjects:
		return fault.New(fault.Invalid, "--max-objects, --objects-per-second and --max-concurrent must be 1 or more, and ten seconds must allow one operation of --max-objects.")
	case s.RequestTimeout < time.Second || s.RequestTimeout > time.Minute:
		return fault.New(fault.Invalid, "--request-timeout must be from 1s to 1m.")
	}
	for _, a := range []struct{ flag, address string }{{"--listen", s.Listen}, {"--metrics-listen", cmp.Or(s.MetricsListen, s.Listen)}} {
		if !isAddress(a.address) {
			return fault.New(fault.Invalid, "%s %q is no address: write host and port, as 127.0.0.1:8080, with a port from 0 to 65535.", a.flag, a.address)
		}
	}
	for _, o := range s.AllowedOrigins {
		if u, err := url.Parse(o); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.Path != "" {
			return fault.New(fault.Invalid, "--allowed-origins names %q: write scheme and host, as https://app.example.org.", o)
		}
	}
	for _, a := range s.OIDCAlgorithms {
		if !slices.Contains(oidcSigningAlgorithms, a) {
			return fault.New(fault.Invalid, "--oidc-algorithms names %q; known are %s.", a, strings.Join(oidcSigningAlgorithms, ", "))
		}
	}
	return nil
}

// isAddress reports whether a text has the form of a host, perhaps none, and a port.
func isAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}
