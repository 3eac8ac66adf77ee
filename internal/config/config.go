// Package config holds the settings of the hub in one struct. They are checked once, before anything starts.
package config

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rightshub/internal/fault"
	"rightshub/internal/listening"
)

// Serve holds the settings of `rightshub serve`. Each one is a flag, and an environment variable with the prefix
// RIGHTSHUB_. The log never shows a field with the tag log:"no".
type Serve struct {
	Listen        string   `default:"127.0.0.1:8080" help:"${listen_help}"`
	MetricsListen string   `help:"Address of the listener of /metrics, as --listen. Default: no metrics."`
	SocketMode    FileMode `default:"0660" help:"${socket_mode_help}"`

	BasePath string `placeholder:"PATH" help:"${base_path_help}"`

	DatabaseURL      string `name:"database-url" placeholder:"URL" log:"no" help:"${serve_database_url_help}"`
	Demo             bool   `help:"${demo_help}"`
	Migrate          bool   `help:"Bring the database to the schema of this program before serving."`
	Policies         string `type:"existingdir" help:"${policies_help}"`
	SecretFile       string `type:"path" help:"${secret_file_help}"`
	RowLevelSecurity bool   `help:"${row_level_security_help}"`
	MaxConnections   int    `default:"16" help:"Most connections to the database."`

	OIDCIssuer     string   `name:"oidc-issuer" help:"URL of the OpenID Connect issuer whose tokens are accepted."`
	OIDCAudience   string   `name:"oidc-audience" help:"Audience that a token must name."`
	OIDCAlgorithms []string `name:"oidc-algorithms" help:"Accepted signature algorithms: RS256, ES256, ..."`

	OIDCTrustEmails bool `name:"oidc-trust-emails" help:"${oidc_trust_emails_help}"`
	Public          bool `help:"${public_help}"`

	DocumentsOnly   bool      `help:"Answer registered documents only (rightshub documents register)."`
	NoIntrospection bool      `help:"${no_introspection_help}"`
	AllowedHosts    []string  `placeholder:"HOST" help:"${allowed_hosts_help}"`
	AllowedOrigins  []string  `placeholder:"ORIGIN" help:"${allowed_origins_help}"`
	TrustedProxies  []Network `placeholder:"NETWORK" help:"${trusted_proxies_help}"`

	MaxObjects     int           `default:"20000" help:"Most objects that one operation may request."`
	ObjectsPerSec  int           `name:"objects-per-second" default:"20000" help:"${objects_per_second_help}"`
	MaxConcurrent  int           `default:"32" help:"Most requests of one caller at a time."`
	RequestTimeout time.Duration `default:"20s" help:"Longest time that a request may take."`

	OTLPEndpoint  string        `name:"otlp-endpoint" placeholder:"URL" help:"${otlp_endpoint_help}"`
	SlowOperation time.Duration `default:"1s" help:"${slow_operation_help}"`
}

// HelpTexts holds the help texts of Serve that are too long for a struct tag, by the names that the tags refer to.
var HelpTexts = map[string]string{
	"listen_help": "Address of the public listener: host:port, or unix:/run/rightshub/hub.sock. " +
		"Sockets that systemd passes to the hub take its place.",
	"socket_mode_help": "Permissions of the files of Unix sockets, which say who may connect.",
	"serve_database_url_help": "sqlite:///path/file.db or postgres://user@host/name?sslmode=verify-full. " +
		"Default: rightshub.db in this folder.",
	"base_path_help": "Path of the hub on its host, as /hub, when a proxy shares the host with other programs. " +
		"The proxy passes the path on as it is. Default: the whole host.",
	"demo_help": "Serve fresh demonstration data from a temporary SQLite file, or fill the given database, " +
		"which must be empty.",
	"policies_help": "Folder with model.conf, roles.csv and cases/. A change takes effect within a second. " +
		"Default: the policies inside the program.",
	"secret_file_help": "File with the hub's secret, 32 bytes as 64 hexadecimal digits. Next to a SQLite file " +
		"it is created when it is missing; on PostgreSQL it must be given.",
	"row_level_security_help": "Let PostgreSQL itself restrict each caller to the rows they may see; " +
		"rightshub row-security on prepares the database.",
	"oidc_trust_emails_help": "Link accounts by the e-mail address of tokens without email_verified, " +
		"as those of Microsoft Entra. Danger: if people can choose their address at the issuer, " +
		"they can take over accounts of others who have not signed in yet.",
	"public_help": "Let people who are not signed in read what the role public may read: " +
		"published facts about the programme.",
	"no_introspection_help": "Tell nobody the schema: refuse introspection, serve no /schema.graphql " +
		"and no GraphiQL, and give one answer to every document that does not fit the schema.",
	"allowed_hosts_help": "Names of the hub, as hub.example.org, besides localhost. " +
		"Requests with another Host are refused. " +
		"Default: localhost alone where only this machine reaches --listen by its address, and otherwise any.",
	"allowed_origins_help": "Origins of web pages and packaged apps that may send requests, " +
		"as https://app.example.org,capacitor://localhost, without wildcards. Default: only the hub's own.",
	"trusted_proxies_help": "Networks or addresses of reverse proxies in front of the hub, as 10.0.0.0/8,192.0.2.1, " +
		"or unix for the proxy that connects to a Unix socket. " +
		"The hub reads the caller's address from their X-Forwarded-For.",
	"objects_per_second_help": "Objects that one caller may request per second over time. " +
		"Ten times as many are allowed at once.",
	"otlp_endpoint_help":  "Where OpenTelemetry traces are sent (OTLP over HTTP). Default: no traces.",
	"slow_operation_help": "Operations that take longer are logged, by the hash of their document.",
}

// oidcSigningAlgorithms lists the algorithms that an issuer may sign with. All of them are asymmetric, and "none" is
// not among them.
var oidcSigningAlgorithms = []string{
	"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
}

// Verify fails when a setting is missing, malformed, or contradicts another. Each error is one line that names the
// setting. It trims the lists, and writes origins as browsers send them.
func (s *Serve) Verify() error {
	for _, list := range []*[]string{&s.AllowedHosts, &s.AllowedOrigins, &s.OIDCAlgorithms} {
		*list = trimEntries(*list)
	}
	oidcSettings := 0
	for _, set := range []bool{s.OIDCIssuer != "", s.OIDCAudience != "", len(s.OIDCAlgorithms) > 0} {
		if set {
			oidcSettings++
		}
	}
	switch {
	case oidcSettings != 0 && oidcSettings != 3:
		return fault.New(fault.Invalid,
			"Set --oidc-issuer, --oidc-audience and --oidc-algorithms together, or none of them.")
	case oidcSettings == 0 && !s.Demo:
		return fault.New(fault.Invalid, "Nobody could sign in: "+
			"set --oidc-issuer, --oidc-audience and --oidc-algorithms, or run a demonstration with --demo.")
	case s.Demo && oidcSettings != 0:
		return fault.New(fault.Invalid, "A demonstration has its own sign-in. Remove the --oidc settings.")
	case s.OIDCTrustEmails && oidcSettings == 0:
		return fault.New(fault.Invalid, "--oidc-trust-emails needs --oidc-issuer.")
	case strings.HasPrefix(s.DatabaseURL, "postgres") && s.SecretFile == "" && !s.Demo:
		return fault.New(fault.Invalid, "Set --secret-file: on PostgreSQL the hub's secret cannot be stored "+
			"next to the database. Make one with: openssl rand -hex 32")
	case s.RowLevelSecurity && (s.Demo || s.Migrate):
		return fault.New(fault.Invalid, "--row-level-security cannot be combined with --demo or --migrate, "+
			"because it does not restrict the owner of the tables. Run rightshub migrate up as their owner.")
	case s.MaxConnections < 2:
		return fault.New(fault.Invalid, "--max-connections must be 2 or more.")
	case s.MaxObjects < 1 || s.MaxConcurrent < 1 || s.ObjectsPerSec < 1 || s.ObjectsPerSec*10 < s.MaxObjects:
		return fault.New(fault.Invalid, "--max-objects, --objects-per-second and --max-concurrent must be 1 or more, "+
			"and ten times --objects-per-second must be at least --max-objects.")
	case s.RequestTimeout < time.Second || s.RequestTimeout > time.Minute:
		return fault.New(fault.Invalid, "--request-timeout must be from 1s to 1m.")
	}
	for _, a := range []struct{ flag, address string }{
		{"--listen", s.Listen},
		{"--metrics-listen", cmp.Or(s.MetricsListen, s.Listen)},
	} {
		if _, err := listening.Parse(a.flag, a.address); err != nil {
			return err
		}
	}
	var err error
	if s.BasePath, err = normaliseBasePath(s.BasePath); err != nil {
		return err
	}
	for i, host := range s.AllowedHosts {
		if s.AllowedHosts[i], err = normaliseHost(host); err != nil {
			return err
		}
	}
	for i, origin := range s.AllowedOrigins {
		if s.AllowedOrigins[i], err = normaliseOrigin(origin); err != nil {
			return err
		}
	}
	for _, a := range s.OIDCAlgorithms {
		if !slices.Contains(oidcSigningAlgorithms, a) {
			return fault.New(fault.Invalid, "--oidc-algorithms contains %q, which is not one of %s.",
				a, strings.Join(oidcSigningAlgorithms, ", "))
		}
	}
	return nil
}
