package main

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"rightshub/internal/fault"
)

// newTracer returns what makes spans, and what sends the last of them. Without an endpoint there are none.
func newTracer(ctx context.Context, endpoint string) (trace.Tracer, func(context.Context) error, error) {
	if endpoint == "" {
		return nil, func(context.Context) error { return nil }, nil
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint))
	if err != nil {
		return nil, nil, &fault.Error{Code: fault.Invalid, Message: "The address of --otlp-endpoint cannot be used: write a URL, as http://127.0.0.1:4318/v1/traces.", Cause: err}
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", "rightshub"))))
	return provider.Tracer("rightshub"), provider.Shutdown, nil
}
