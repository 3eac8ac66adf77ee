package database

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// startStatementSpan begins the span of a statement beneath that of its request, where that is recorded; otherwise it is nil, and costs
// nothing. Its name is what is done to which table, as OpenTelemetry wants it; nothing else of the statement is told.
func startStatementSpan(ctx context.Context, query string) trace.Span {
	above := trace.SpanFromContext(ctx)
	if !above.IsRecording() {
		return nil
	}
	_, s := above.TracerProvider().Tracer("rightshub/internal/store").Start(ctx, statementSummary(query), trace.WithSpanKind(trace.SpanKindClient))
	return s
}

func endSpan(s trace.Span) {
	if s != nil {
		s.End()
	}
}

// statementSummary is a statement's verb and the table that it is about: of its outermost part, where that names one.
func statementSummary(query string) string {
	var verb, table string
	depth, named := 0, false
	for word := range strings.FieldsFuncSeq(strings.NewReplacer("(", " ( ", ")", " ) ", `"`, "", "`", "").Replace(query), func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == ',' }) {
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
