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

// MaxBody is how many bytes a request's body may have.
const MaxBody = 1 << 20

// keptDocuments is how many bytes of documents stay parsed. Parsed, a document takes some thirty times its text.
const keptDocuments = 1 << 20

// memoryLimit is where the garbage collector begins to work hard, in bytes; each connection that stays open gives it room
// for itself. A socket with a subscription takes some 70 KiB of the process, as internal/hostile measures it: a third are
// the stacks of its goroutines, 8 KiB the buffers of net/http. So the most that may stay open take 400 MiB.
const (
	memoryLimit   = 120 << 20
	memoryLasting = 64 << 10
)

// Tune lets the garbage collector rest while there is room, which is worth a third of the speed: a hub under load then
// takes some 90 MiB, as BenchmarkHTTP prints it, a third of which is the program. It returns what says how
// many connections stay open. GOGC and GOMEMLIMIT, where they are set, decide instead.
func Tune() (lasting func(int)) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	debug.SetGCPercent(300)
	debug.SetMemoryLimit(memoryLimit)
	return func(n int) { debug.SetMemoryLimit(memoryLimit + int64(n)*memoryLasting) }
}

// Options are what the server needs.
type Options struct {
	Schema graphql.ExecutableSchema
	SDL    string
	Enter  func(context.Context, store.Entry) (store.Session, error)
	Ready  func(context.Context) error // nil when requests can be answered
	Stale  func() bool                 // the policies in force are older than those on disk, which are broken; nil: never
	Log    *slog.Logger
	People []Person // of a demonstration, for GraphiQL's menu
	Limits Limits   // zero: DefaultLimits
	Key    []byte   // of the tags of answers: the same in all processes of a hub; nil: one of this process

	Origins []string       // of web pages that may ask, beside the hub's own
	Proxies []netip.Prefix // whose X-Forwarded-For says who asks

	// Document finds a registered document by its SHA-256 in hexadecimal: "" where there is none.
	Document      func(ctx context.Context, hash string) (string, error)
	DocumentsOnly bool // others are not answered

	Tracer trace.Tracer  // nil: no traces
	Slow   time.Duration // operations that take longer are logged; 0: none

	NoIntrospection bool // questions about the schema are not answered

	KeepAlive time.Duration // between signs of life of subscriptions; 0 means 12 s

	Lasting func(int) // hears from time to time how many connections stay open; nil: nobody does
}

// Person is somebody of a demonstration, with a token, and what this person may say that a request is for.
type Person struct {
	Email, Token string
	Role         [3]string // in the languages of fault.Languages
	Purposes     []string
}

// Server answers HTTP.
type Server struct {
	o       Options
	exec    *executor.Executor
	parsed  *kept[string, *ast.QueryDocument] // by text
	callers *callers

	documents *documents
	registry  *prometheus.Registry
	meters    *meters
	lasting   lasting
	ending    context.Context // of subscriptions
	end       context.CancelFunc
}

// New returns a server.
func New(o Options) *Server {
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits
	}
	if o.Key == nil {
		o.Key = []byte(rand.Text())
	}
	s := &Server{o: o, exec: executor.New(o.Schema), registry: prometheus.NewRegistry(), parsed: newKept[string, *ast.QueryDocument](keptDocuments), callers: newCallers(o.Limits), documents: newDocuments(o.Document, o.DocumentsOnly)}
	s.ending, s.end = context.WithCancel(context.Background())
	s.lasting.by, s.lasting.tell = map[asker]*held{}, o.Lasting
	s.exec.SetErrorPresenter(s.present)
	s.exec.SetRecoverFunc(s.recovered)
	s.meters = newMeters(s.registry)
	stale := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "rightshub_policy_stale", Help: "1 while the policy files are broken, so that older policies are in force."}, func() float64 {
		if o.Stale != nil && o.Stale() {
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
	mux.HandleFunc("POST /graphql", s.graphql)
	mux.HandleFunc("GET /graphql", s.graphql)
	mux.HandleFunc("/graphql", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", "GET, POST")
		s.refuse(w, r, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "Send a POST request with a JSON body."))
	})
	mux.HandleFunc("GET /schema.graphql", s.sdl)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.o.Ready(r.Context()); err != nil {
			s.o.Log.WarnContext(r.Context(), "not ready", "error", err)
			http.Error(w, fault.As(err).Message, http.StatusServiceUnavailable)
			return
		}
		w.Write([]byte("ready\n"))
	})
	s.pages(mux)
	return behind(s.o.Proxies, s.around(s.origins(s.sockets(mux))))
}

// Metrics answers /metrics, for a listener of its own.
func (s *Server) Metrics() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{}))
	return mux
}

type requestID struct{}

// wellFormed is a caller's own name for a request, which is kept: others would make the log mean something else.
var wellFormed = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// security are the headers of every answer, which nothing adds to.
var security = http.Header{
	"X-Content-Type-Options":       {"nosniff"},
	"X-Frame-Options":              {"DENY"},
	"Referrer-Policy":              {"no-referrer"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Permissions-Policy":           {"camera=(), geolocation=(), microphone=()"},
	"Vary":                         {vary},
	"Cache-Control":                {"no-store"},
	"Content-Security-Policy":      {"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
}

// around gives each request a name and a deadline, each answer its security headers, and survives a panic.
func (s *Server) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !wellFormed.MatchString(id) {
			id = rand.Text()
		}
		maps.Copy(w.Header(), security)
		w.Header().Set("X-Request-Id", id)
		ctx := context.WithValue(context.WithValue(r.Context(), requestID{}, id), languageKey{}, languages(r))
		if r.URL.Path != "/graphql" { // which has deadlines of its own: subscriptions stay
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, s.o.Limits.Time)
			defer cancel()
		}
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
		defer func() {
			if p := recover(); p != nil {
				s.refuse(w, r, http.StatusInternalServerError, s.recovered(ctx, p))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// recovered logs a panic, without its value, which may hold data, and gives the caller the request's name.
func (s *Server) recovered(ctx context.Context, _ any) error {
	s.o.Log.ErrorContext(ctx, "panic", "request", ctx.Value(requestID{}), "stack", string(debug.Stack()))
	return fault.Wrap(errors.New("panic"), "request")
}

// Serve answers on the listener until the context ends, then lets running requests finish.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), DefaultLimits.Time)
		defer cancel()
		done <- srv.Shutdown(stop)
	}()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-done
}
