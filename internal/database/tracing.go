package database

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// startStatementSpan begins the span of a statement beneath the span of its request. It returns nil, at no cost, when
// the request is not recorded. The span is named for the verb and the table, as OpenTelemetry recommends. Nothing else
// of the statement leaves the hub, because it may hold values.
func startStatementSpan(ctx context.Context, query string) trace.Span {
	above := trace.SpanFromContext(ctx)
	if !above.IsRecording() {
		return nil
	}
	tracer := above.TracerProvider().Tracer("rightshub/internal/store")
	_, s := tracer.Start(ctx, statementSummary(query), trace.WithSpanKind(trace.SpanKindClient))
	return s
}

func endSpan(s trace.Span) {
	if s != nil {
		s.End()
	}
}

// statementSummary returns the verb of a statement and its table. The table is that of the outermost part, if that part
// names one.
func statementSummary(query string) string {
	var verb, table string
	depth, named := 0, false
	spaced := strings.NewReplacer("(", " ( ", ")", " ) ", `"`, "", "`", "").Replace(query)
	separates := func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == ',' }
	for word := range strings.FieldsFuncSeq(spaced, separates) {
		switch {
		case word == "(":
			depth++
		case word == ")":
			depth--
		case verb == "":
			verb = word
			named = word == "UPDATE"
			continue
		case named && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz_") == "" && (table == "" || depth == 0):
			if table = word; depth == 0 {
				return verb + " " + table
			}
		}
		named = word == "FROM" || word == "INTO"
	}
	return strings.TrimSpace(verb + " " + table)
}
