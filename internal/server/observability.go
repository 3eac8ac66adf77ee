package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"rightshub/internal/store"
)

// What operators see of requests: kinds, outcomes, times, and the names of registered documents. No variable, no
// person, and no word of a document that a caller wrote: those names would be a caller's to choose, without end.

// unregisteredName is the name of every operation whose document is not registered.
const unregisteredName = "other"

// reportedName is the operation's, as operators see it.
func (o *operation) reportedName() string {
	if o.registered && o.Operation.Name != "" {
		return o.Operation.Name
	}
	return unregisteredName
}

// documentFingerprint names the document in a log: a registered one by its hash, another by one that is keyed, since from the
// plain hash one could find out what somebody asked by trying.
func (s *Server) documentFingerprint(op *operation) string {
	if op.registered {
		sum := sha256.Sum256([]byte(op.RawQuery))
		return hex.EncodeToString(sum[:])
	}
	h := hmac.New(sha256.New, s.options.HMACKey)
	h.Write([]byte("document " + op.RawQuery))
	return "~" + hex.EncodeToString(h.Sum(nil)[:16])
}

// withFingerprint names the operation to the record of access as the log does.
func (s *Server) withFingerprint(ctx context.Context, op *operation) context.Context {
	return store.WithOperation(ctx, func() string { return s.documentFingerprint(op) })
}

// metrics are the hub's metrics.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	objects  *prometheus.CounterVec
}

func newMetrics(r *prometheus.Registry) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rightshub_requests_total", Help: "Operations by kind, name of a registered document, and outcome: ok, replayed, or the first error's code."}, []string{"kind", "operation", "outcome"}),
		seconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "rightshub_request_seconds", Help: "Time to answer an operation.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 14)}, []string{"kind", "operation"}),
		objects:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rightshub_objects_total", Help: "Objects that operations asked for, by what they cost."}, []string{"kind", "operation"}),
	}
	r.MustRegister(m.requests, m.seconds, m.objects)
	return m
}

// startSpan starts the span of an operation.
func (s *Server) startSpan(ctx context.Context, op *operation) (context.Context, trace.Span) {
	if s.options.Tracer == nil {
		return ctx, noop.Span{}
	}
	return s.options.Tracer.Start(ctx, op.operationKind()+" "+op.reportedName(), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("graphql.operation.type", op.operationKind()), attribute.Int("rightshub.cost", op.cost)))
}

// observeResponse counts an answer, ends its span, and logs it where it took long.
func (s *Server) observeResponse(ctx context.Context, span trace.Span, op *operation, outcome string, took time.Duration) {
	s.metrics.requests.WithLabelValues(op.operationKind(), op.reportedName(), outcome).Inc()
	s.metrics.seconds.WithLabelValues(op.operationKind(), op.reportedName()).Observe(took.Seconds())
	s.metrics.objects.WithLabelValues(op.operationKind(), op.reportedName()).Add(float64(op.cost))
	if span.IsRecording() {
		span.SetAttributes(attribute.String("rightshub.document", s.documentFingerprint(op)), attribute.String("rightshub.outcome", outcome))
		if outcome == "INTERNAL" || outcome == "UNAVAILABLE" {
			span.SetStatus(codes.Error, outcome)
		}
	}
	span.End()
	if s.options.SlowOperation > 0 && took >= s.options.SlowOperation {
		s.options.Log.WarnContext(ctx, "slow operation", "request", ctx.Value(requestIDKey{}), "document", s.documentFingerprint(op), "operation", op.reportedName(), "kind", op.operationKind(),
			"cost", op.cost, "outcome", outcome, "milliseconds", took.Milliseconds())
	}
}
