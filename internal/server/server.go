// Package server serves the hub over HTTP. It serves GraphQL by POST, GET, event streams and WebSockets, the pages,
// and the paths for health and metrics. It signs callers in before it reads their requests, limits everything that
// they send, and turns faults into responses in one place.
package server

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/vektah/gqlparser/v2/ast"
	"go.opentelemetry.io/otel/trace"

	"rightshub/internal/fault"
	"rightshub/internal/languages"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// MaxBodyBytes is the size of the largest body that a request may have.
const MaxBodyBytes = 1 << 20

// maxParsedBytes limits the cache of parsed documents, in bytes of their texts. A parsed document takes some thirty
// times the memory of its text.
const maxParsedBytes = 1 << 20

// Options configure a Server. Fields without a comment about their zero value are required.
type Options struct {
	Schema      graphql.ExecutableSchema
	SDL         string // the schema as text, for /schema.graphql
	Model       *model.Model
	OpenSession func(context.Context, store.Credentials) (store.Session, error)
	Ready       func(context.Context) error // returns nil when the hub can answer requests
	Log         *slog.Logger

	// PoliciesStale reports whether the policy files are broken, so that older policies are in force. Nil means never.
	PoliciesStale func() bool

	People  []Person // the users of a demonstration, for GraphiQL's menu; nil outside demonstrations
	Limits  Limits   // zero means DefaultLimits
	HMACKey []byte   // key of ETags and fingerprints, the same in all processes of a hub; nil means a random key

	BasePath string // the path of the hub on its host, as "/hub"; "" means the whole host

	// AllowedHosts lists the names by which the hub is asked, in lower case and without ports. Names of the client's own
	// machine are allowed besides. Nil means any host, and an empty list those names alone.
	AllowedHosts []string

	AllowedOrigins []string       // origins of web pages that may use the hub, besides the hub's own pages
	TrustedProxies []netip.Prefix // proxies whose X-Forwarded-For the hub believes
	TrustUnixPeers bool           // the hub also believes that of programs that connect to a Unix socket

	// FindDocument returns the registered document with a SHA-256 in hexadecimal, or "" when there is none. Nil means
	// that no document is registered.
	FindDocument  func(ctx context.Context, hash string) (string, error)
	DocumentsOnly bool // the hub answers registered documents only

	Tracer        trace.Tracer  // nil means no traces
	SlowOperation time.Duration // operations that take at least this long are logged; 0 means none

	NoIntrospection bool // the hub does not disclose its schema

	KeepAlive time.Duration // between two keep-alive signals of a subscription; 0 means KeepAlive

	Gauges map[string]func() float64 // further gauges of /metrics, by their names without the prefix; may be nil

	ReportConnections func(int) // gets the number of open connections from time to time; may be nil
}

// Person is a user of a demonstration.
type Person struct {
	Email, Token string
	Role         languages.Texts // the name of the role
	Purposes     []string        // purposes of use that the person may state
}

// Server serves the hub over HTTP.
type Server struct {
	options         Options
	executor        *executor.Executor
	parsedDocuments *weightedLRU[string, *ast.QueryDocument] // by text
	rateLimiter     *rateLimiter

	documents      *documents
	registry       *prometheus.Registry
	metrics        *metrics
	connections    connectionCounter
	refusals       refusalLog
	streamsContext context.Context // ends when all subscriptions must end
	cancelStreams  context.CancelFunc
}

// New returns a server that answers through its handlers.
func New(o Options) *Server {
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits
	}
	if o.HMACKey == nil {
		o.HMACKey = []byte(rand.Text())
	}
	s := &Server{
		options:         o,
		executor:        executor.New(o.Schema),
		registry:        prometheus.NewRegistry(),
		parsedDocuments: newWeightedLRU[string, *ast.QueryDocument](maxParsedBytes),
		rateLimiter:     newRateLimiter(o.Limits),
		documents:       newDocuments(o.FindDocument, o.DocumentsOnly),
		connections:     connectionCounter{byCaller: map[callerKey]*callerUsage{}, report: o.ReportConnections},
	}
	s.streamsContext, s.cancelStreams = context.WithCancel(context.Background())
	s.executor.SetErrorPresenter(s.presentError)
	s.executor.SetRecoverFunc(s.logPanic)
	s.metrics = newMetrics(s.registry, o.PoliciesStale)
	s.registerGauges()
	return s
}

// Handler returns the handler of the public paths.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /graphql", s.serveGraphQL)
	mux.HandleFunc("GET /graphql", s.serveGraphQL)
	mux.HandleFunc("/graphql", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", "GET, POST")
		s.writeError(w, r, errUnsupportedMethod)
	})
	mux.HandleFunc("GET /schema.graphql", s.serveSchema)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.options.Ready(r.Context()); err != nil {
			s.options.Log.WarnContext(r.Context(), "not ready", "error", err)
			http.Error(w, fault.As(err).Message, http.StatusServiceUnavailable)
			return
		}
		w.Write([]byte("ready\n"))
	})
	s.registerPages(mux)
	return s.withForwardedClient(s.withRequestContext(s.underBasePath(s.checkHost(s.checkOrigin(s.acceptSockets(mux))))))
}

var errUnsupportedMethod = fault.New(fault.Invalid, "Send a POST request with a JSON body.").
	WithStatus(http.StatusMethodNotAllowed)

// Metrics returns the handler of /metrics, which is meant for a listener that only operators reach.
func (s *Server) Metrics() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{}))
	return mux
}

// requestIDKey is the key of the request's id in its context.
type requestIDKey struct{}

// requestIDPattern matches the values of X-Request-Id that the hub takes over from a caller. Other values could forge
// entries of the log.
var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// securityHeaders are the headers of every response. Responses share the slices. Header.Add copies such a slice first,
// because it has no spare capacity.
var securityHeaders = http.Header{
	"X-Content-Type-Options":       {"nosniff"},
	"X-Frame-Options":              {"DENY"},
	"Referrer-Policy":              {"no-referrer"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Permissions-Policy":           {"camera=(), geolocation=(), microphone=()"},
	"Vary":                         {varyHeader},
	"Cache-Control":                {"no-store"},
	"Content-Security-Policy": {"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
		"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
}

// withRequestContext gives each request an id, its languages, a limit of its body and a deadline, and each response the
// security headers. It answers a panic with an INTERNAL error.
func (s *Server) withRequestContext(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !requestIDPattern.MatchString(id) {
			id = rand.Text()
		}
		maps.Copy(w.Header(), securityHeaders)
		w.Header().Set("X-Request-Id", id)
		ctx := context.WithValue(r.Context(), requestIDKey{}, id)
		ctx = context.WithValue(ctx, languagesKey{}, acceptedLanguages(r))
		if r.URL.Path != s.options.BasePath+"/graphql" { // serveGraphQL sets its own deadline, since subscriptions outlast it
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, s.options.Limits.Timeout)
			defer cancel()
		}
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, MaxBodyBytes)
		defer func() {
			if p := recover(); p != nil {
				s.writeError(w, r, s.logPanic(ctx, p))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// logPanic logs a panic without its value, which may hold stored data. It returns the INTERNAL error for the caller.
func (s *Server) logPanic(ctx context.Context, _ any) error {
	s.options.Log.ErrorContext(ctx, "panic", "request", ctx.Value(requestIDKey{}), "stack", string(debug.Stack()))
	return fault.Wrap(errors.New("panic"), "request")
}

// Serve serves h on the listener until the context ends. Running requests may then finish within DefaultLimits.Timeout.
// All listeners of the process share the connections.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger, shared *ClientConnections) error {
	srv := &http.Server{
		ConnState:         shared.noteState,
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    48 << 10, // a token of 32 KiB, and other headers
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	shutdown := make(chan error, 1)
	go func() {
		<-ctx.Done()
		shutdownCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), DefaultLimits.Timeout)
		defer cancel()
		shutdown <- srv.Shutdown(shutdownCtx)
	}()
	if err := srv.Serve(countedListener{l, shared}); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-shutdown
}
