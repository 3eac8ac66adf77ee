// Package server is the hub's HTTP: GraphQL over HTTP, GraphiQL, health and metrics. It signs callers in before it
// reads what they ask, bounds everything that they send, and turns faults into answers in one place.
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
	"os"
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
	"rightshub/internal/store"
)

// MaxBodyBytes is how many bytes a request's body may have.
const MaxBodyBytes = 1 << 20

// maxParsedBytes is how many bytes of documents stay parsed. Parsed, a document takes some thirty times its text.
const maxParsedBytes = 1 << 20

// memoryLimit is where the garbage collector begins to work hard, in bytes; each connection that stays open gives it room
// for itself. A socket with a subscription takes some 70 KiB of the process, as internal/hostile measures it: a third are
// the stacks of its goroutines, 8 KiB the buffers of net/http. So the most that may stay open take 400 MiB.
const (
	memoryLimit         = 120 << 20
	memoryPerConnection = 64 << 10
)

// TuneMemory lets the garbage collector rest while there is room, which is worth a third of the speed: a hub under load then
// takes some 90 MiB, as BenchmarkHTTP prints it, a third of which is the program. It returns what says how
// many connections stay open. GOGC and GOMEMLIMIT, where they are set, decide instead.
func TuneMemory() (lasting func(int)) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	debug.SetGCPercent(300)
	debug.SetMemoryLimit(memoryLimit)
	return func(n int) { debug.SetMemoryLimit(memoryLimit + int64(n)*memoryPerConnection) }
}

// Options are what the server needs.
type Options struct {
	Schema        graphql.ExecutableSchema
	SDL           string
	OpenSession   func(context.Context, store.Credentials) (store.Session, error)
	Ready         func(context.Context) error // nil when requests can be answered
	PoliciesStale func() bool                 // the policies in force are older than those on disk, which are broken; nil: never
	Log           *slog.Logger
	People        []Person // of a demonstration, for GraphiQL's menu
	Limits        Limits   // zero: DefaultLimits
	HMACKey       []byte   // of the tags of answers: the same in all processes of a hub; nil: one of this process

	AllowedOrigins []string       // of web pages that may ask, beside the hub's own
	TrustedProxies []netip.Prefix // whose X-Forwarded-For says who asks

	// Document finds a registered document by its SHA-256 in hexadecimal: "" where there is none.
	FindDocument  func(ctx context.Context, hash string) (string, error)
	DocumentsOnly bool // others are not answered

	Tracer        trace.Tracer  // nil: no traces
	SlowOperation time.Duration // operations that take longer are logged; 0: none

	NoIntrospection bool // questions about the schema are not answered

	KeepAlive time.Duration // between signs of life of subscriptions; 0 means 12 s

	ReportConnections func(int) // hears from time to time how many connections stay open; nil: nobody does
}

// Person is somebody of a demonstration, with a token, and what this person may say that a request is for.
type Person struct {
	Email, Token string
	Role         [3]string // in the languages of fault.Languages
	Purposes     []string
}

// Server answers HTTP.
type Server struct {
	options         Options
	executor        *executor.Executor
	parsedDocuments *weightedLRU[string, *ast.QueryDocument] // by text
	rateLimiter     *rateLimiter

	documents      *documents
	registry       *prometheus.Registry
	metrics        *metrics
	connections    connectionCounter
	streamsContext context.Context // of subscriptions
	cancelStreams  context.CancelFunc
}

// New returns a server.
func New(o Options) *Server {
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits
	}
	if o.HMACKey == nil {
		o.HMACKey = []byte(rand.Text())
	}
	s := &Server{options: o, executor: executor.New(o.Schema), registry: prometheus.NewRegistry(), parsedDocuments: newWeightedLRU[string, *ast.QueryDocument](maxParsedBytes), rateLimiter: newRateLimiter(o.Limits), documents: newDocuments(o.FindDocument, o.DocumentsOnly)}
	s.streamsContext, s.cancelStreams = context.WithCancel(context.Background())
	s.connections.byCaller, s.connections.report = map[callerKey]*callerUsage{}, o.ReportConnections
	s.executor.SetErrorPresenter(s.presentError)
	s.executor.SetRecoverFunc(s.logPanic)
	s.metrics = newMetrics(s.registry)
	stale := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "rightshub_policy_stale", Help: "1 while the policy files are broken, so that older policies are in force."}, func() float64 {
		if o.PoliciesStale != nil && o.PoliciesStale() {
			return 1
		}
		return 0
	})
	s.registry.MustRegister(stale)
	return s
}

// Handler answers the public paths.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /graphql", s.serveGraphQL)
	mux.HandleFunc("GET /graphql", s.serveGraphQL)
	mux.HandleFunc("/graphql", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", "GET, POST")
		s.writeError(w, r, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "Send a POST request with a JSON body."))
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
	return withForwardedClient(s.options.TrustedProxies, s.withRequestContext(s.checkOrigin(s.acceptSockets(mux))))
}

// Metrics answers /metrics, for a listener of its own.
func (s *Server) Metrics() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{}))
	return mux
}

type requestIDKey struct{}

// requestIDPattern is a caller's own name for a request, which is kept: others would make the log mean something else.
var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// securityHeaders are the headers of every answer, which nothing adds to.
var securityHeaders = http.Header{
	"X-Content-Type-Options":       {"nosniff"},
	"X-Frame-Options":              {"DENY"},
	"Referrer-Policy":              {"no-referrer"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Permissions-Policy":           {"camera=(), geolocation=(), microphone=()"},
	"Vary":                         {varyHeader},
	"Cache-Control":                {"no-store"},
	"Content-Security-Policy":      {"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
}

// withRequestContext gives each request a name and a deadline, each answer its security headers, and survives a panic.
func (s *Server) withRequestContext(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !requestIDPattern.MatchString(id) {
			id = rand.Text()
		}
		maps.Copy(w.Header(), securityHeaders)
		w.Header().Set("X-Request-Id", id)
		ctx := context.WithValue(context.WithValue(r.Context(), requestIDKey{}, id), languagesKey{}, acceptedLanguages(r))
		if r.URL.Path != "/graphql" { // which has deadlines of its own: subscriptions stay
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, s.options.Limits.Timeout)
			defer cancel()
		}
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, MaxBodyBytes)
		defer func() {
			if p := recover(); p != nil {
				s.writeError(w, r, http.StatusInternalServerError, s.logPanic(ctx, p))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// logPanic logs a panic, without its value, which may hold data, and gives the caller the request's name.
func (s *Server) logPanic(ctx context.Context, _ any) error {
	s.options.Log.ErrorContext(ctx, "panic", "request", ctx.Value(requestIDKey{}), "stack", string(debug.Stack()))
	return fault.Wrap(errors.New("panic"), "request")
}

// Serve answers on the listener until the context ends, then lets running requests finish.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), DefaultLimits.Timeout)
		defer cancel()
		done <- srv.Shutdown(stop)
	}()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-done
}
