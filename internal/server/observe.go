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

// other is the name of every operation whose document is not registered.
const other = "other"

// name is the operation's, as operators see it.
func (o *operation) name() string {
	if o.registered && o.Operation.Name != "" {
		return o.Operation.Name
	}
	return other
}

// fingerprint names the document in a log: a registered one by its hash, another by one that is keyed, since from the
// plain hash one could find out what somebody asked by trying.
func (s *Server) fingerprint(op *operation) string {
	if op.registered {
		sum := sha256.Sum256([]byte(op.RawQuery))
		return hex.EncodeToString(sum[:])
	}
	h := hmac.New(sha256.New, s.o.Key)
	h.Write([]byte("document " + op.RawQuery))
	return "~" + hex.EncodeToString(h.Sum(nil)[:16])
}

// recording names the operation to the record of access as the log does.
func (s *Server) recording(ctx context.Context, op *operation) context.Context {
	return store.WithOperation(ctx, func() string { return s.fingerprint(op) })
}

// meters are the hub's metrics.
type meters struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	objects  *prometheus.CounterVec
}

func newMeters(r *prometheus.Registry) *meters {
	m := &meters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rightshub_requests_total", Help: "Operations by kind, name of a registered document, and outcome: ok, replayed, or the first error's code."}, []string{"kind", "operation", "outcome"}),
		seconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "rightshub_request_seconds", Help: "Time to answer an operation.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 14)}, []string{"kind", "operation"}),
		objects:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rightshub_objects_total", Help: "Objects that operations asked for, by what they cost."}, []string{"kind", "operation"}),
	}
	r.MustRegister(m.requests, m.seconds, m.objects)
	return m
}

// begin starts the span of an operation.
func (s *Server) begin(ctx context.Context, op *operation) (context.Context, trace.Span) {
	if s.o.Tracer == nil {
		return ctx, noop.Span{}
	}
	return s.o.Tracer.Start(ctx, op.kind()+" "+op.name(), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("graphql.operation.type", op.kind()), attribute.Int("rightshub.cost", op.cost)))
}

// answered counts an answer, ends its span, and logs it where it took long.
func (s *Server) answered(ctx context.Context, span trace.Span, op *operation, outcome string, took time.Duration) {
	s.meters.requests.WithLabelValues(op.kind(), op.name(), outcome).Inc()
	s.meters.seconds.WithLabelValues(op.kind(), op.name()).Observe(took.Seconds())
	s.meters.objects.WithLabelValues(op.kind(), op.name()).Add(float64(op.cost))
	if span.IsRecording() {
		span.SetAttributes(attribute.String("rightshub.document", s.fingerprint(op)), attribute.String("rightshub.outcome", outcome))
		if outcome == "INTERNAL" || outcome == "UNAVAILABLE" {
			span.SetStatus(codes.Error, outcome)
		}
	}
	span.End()
	if s.o.Slow > 0 && took >= s.o.Slow {
		s.o.Log.WarnContext(ctx, "slow operation", "request", ctx.Value(requestID{}), "document", s.fingerprint(op), "operation", op.name(), "kind", op.kind(),
			"cost", op.cost, "outcome", outcome, "milliseconds", took.Milliseconds())
	}
}
