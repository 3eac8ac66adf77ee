package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"rightshub/internal/record"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Metrics, traces and logs show operators the kinds, outcomes and times of operations, and the names of registered
// operations. They show no variable, no user, and no text of a document that a caller wrote. A caller could choose
// any number of names, and each would become a label of the metrics.

// unregisteredName stands for the name of every operation without a registered document.
const unregisteredName = "other"

// reportedName returns the name of the operation that operators see.
func (o *operation) reportedName() string {
	if o.registered && o.Operation.Name != "" {
		return o.Operation.Name
	}
	return unregisteredName
}

// documentFingerprint identifies the document in a log. For a registered document it is the hash. For any other
// document it is a keyed hash, because a plain hash would let a reader of the log test guesses about what a caller
// sent.
func (s *Server) documentFingerprint(op *operation) string {
	if op.registered {
		sum := sha256.Sum256([]byte(op.RawQuery))
		return hex.EncodeToString(sum[:])
	}
	h := hmac.New(sha256.New, s.options.HMACKey)
	h.Write([]byte("document " + op.RawQuery))
	return "~" + hex.EncodeToString(h.Sum(nil)[:16])
}

// withFingerprint makes the record of access identify the document in the same way as the log.
func (s *Server) withFingerprint(ctx context.Context, op *operation) context.Context {
	return record.WithOperation(ctx, func() string { return s.documentFingerprint(op) })
}

// metrics are the metrics of operations.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	objects  *prometheus.CounterVec

	refusedTokens *prometheus.CounterVec
}

// newMetrics registers the metrics of operations, and a gauge that is 1 while policiesStale returns true.
func newMetrics(r *prometheus.Registry, policiesStale func() bool) *metrics {
	labels := []string{"kind", "operation"}
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rightshub_requests_total",
			Help: "Operations by kind, name of the registered operation, and outcome " +
				"(ok, replayed, or the first error's code).",
		}, []string{"kind", "operation", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "rightshub_request_seconds",
			Help:    "Time to answer an operation.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}, labels),
		objects: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rightshub_objects_total",
			Help: "Objects that operations requested, as counted by their cost.",
		}, labels),
		refusedTokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rightshub_refused_tokens_total",
			Help: "Tokens that were refused, by reason. The log explains each reason.",
		}, []string{"reason"}),
	}
	stale := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "rightshub_policy_stale",
		Help: "1 while the policy files are broken, so that older policies are in force.",
	}, func() float64 {
		if policiesStale != nil && policiesStale() {
			return 1
		}
		return 0
	})
	r.MustRegister(m.requests, m.seconds, m.objects, m.refusedTokens, stale)
	return m
}

// gaugeHelp explains the gauges that the wiring of the program fills.
var gaugeHelp = map[string]string{
	"database_connections_open":   "Connections to the database.",
	"database_connections_in_use": "Connections to the database that a statement or a transaction uses.",
	"database_connections_max":    "Most connections to the database.",
	"database_waits":              "Waits for a connection to the database since the start.",
	"database_wait_seconds":       "Time of all waits for a connection to the database since the start.",
	"clock_offset_seconds":        "How far the clock of the database is ahead of that of the hub.",
	"feed_lag_seconds":            "Time since the feed of changes was last read, while somebody subscribes; otherwise 0.",
	"policy_age_seconds":          "Time since the policies in force came into force.",
}

// registerGauges adds the state of the process to the metrics. None of it names a caller.
func (s *Server) registerGauges() {
	s.registry.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "rightshub_stream_connections", Help: "Open event streams and sockets.",
		}, func() float64 {
			s.connections.mu.Lock()
			defer s.connections.mu.Unlock()
			return float64(s.connections.total)
		}))
	for name, read := range s.options.Gauges {
		s.registry.MustRegister(prometheus.NewGaugeFunc(
			prometheus.GaugeOpts{Name: "rightshub_" + name, Help: gaugeHelp[name]}, read))
	}
}

// startSpan starts the span of an operation.
func (s *Server) startSpan(ctx context.Context, op *operation) (context.Context, trace.Span) {
	if s.options.Tracer == nil {
		return ctx, noop.Span{}
	}
	return s.options.Tracer.Start(ctx, op.operationKind()+" "+op.reportedName(),
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(
			attribute.String("graphql.operation.type", op.operationKind()),
			attribute.Int("rightshub.cost", op.cost),
		))
}

// observeResponse counts the response to an operation, ends its span, and logs the operation when it was slow.
func (s *Server) observeResponse(
	ctx context.Context, span trace.Span, op *operation, outcome string, took time.Duration,
) {
	kind, name := op.operationKind(), op.reportedName()
	s.metrics.requests.WithLabelValues(kind, name, outcome).Inc()
	s.metrics.seconds.WithLabelValues(kind, name).Observe(took.Seconds())
	s.metrics.objects.WithLabelValues(kind, name).Add(float64(op.cost))
	if span.IsRecording() {
		span.SetAttributes(
			attribute.String("rightshub.document", s.documentFingerprint(op)),
			attribute.String("rightshub.outcome", outcome))
		if outcome == "INTERNAL" || outcome == "UNAVAILABLE" {
			span.SetStatus(codes.Error, outcome)
		}
	}
	span.End()
	if s.options.SlowOperation > 0 && took >= s.options.SlowOperation {
		s.options.Log.WarnContext(ctx, "slow operation",
			"request", ctx.Value(requestIDKey{}), "document", s.documentFingerprint(op),
			"operation", name, "kind", kind, "cost", op.cost,
			"outcome", outcome, "milliseconds", took.Milliseconds())
	}
}
