package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"rightshub/internal/fault"
)

// newTracer returns what makes spans, and what sends the last of them. Without an endpoint there are none.
func newTracer(ctx context.Context, endpoint string) (trace.Tracer, func(context.Context) error, error) {
	if endpoint == "" {
		return nil, func(context.Context) error { return nil }, nil
	}
	client, err := newTraceClient(endpoint)
	var exporter *otlptrace.Exporter
	if err == nil {
		exporter, err = otlptrace.New(ctx, client)
	}
	if err != nil {
		return nil, nil, &fault.Error{Code: fault.Invalid, Cause: err,
			Message: "The address of --otlp-endpoint cannot be used: write a URL, as http://127.0.0.1:4318/v1/traces."}
	}
	service := resource.NewSchemaless(attribute.String("service.name", "rightshub"))
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(service))
	return provider.Tracer("rightshub"), provider.Shutdown, nil
}

// traceClient sends spans by OTLP over HTTP. It implements otlptrace.Client in place of the library's otlptracehttp.
// That package imports grpc and grpc-gateway (66 packages) for one type of request, even where HTTP alone is spoken.
type traceClient struct {
	endpoint string
	header   http.Header
	http     http.Client
}

// These are the answers of a collector after which the specification of OTLP lets a client send again.
var retriedStatus = []int{
	http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

const (
	exportTimeout  = 10 * time.Second // of one attempt, as in otlptracehttp
	exportAttempts = 4                // with pauses of 1, 2 and 4 seconds
)

// newTraceClient checks the address. Headers come from the variables that OpenTelemetry names for them, since
// collectors of vendors want a key.
func newTraceClient(endpoint string) (*traceClient, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is not an address of HTTP", endpoint)
	}
	header := http.Header{"Content-Type": {"application/x-protobuf"}}
	pairs := cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_HEADERS"), os.Getenv("OTEL_EXPORTER_OTLP_HEADERS"))
	for pair := range strings.SplitSeq(pairs, ",") {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			continue
		}
		if value, err = url.PathUnescape(strings.TrimSpace(value)); err != nil {
			return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_HEADERS: %w", err)
		}
		header.Set(strings.TrimSpace(name), value)
	}
	return &traceClient{endpoint: endpoint, header: header, http: http.Client{Timeout: exportTimeout}}, nil
}

// Start implements otlptrace.Client. There is no connection to open.
func (c *traceClient) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client.
func (c *traceClient) Stop(context.Context) error {
	c.http.CloseIdleConnections()
	return nil
}

// UploadTraces implements otlptrace.Client. A request for export has the same bytes as TracesData.
func (c *traceClient) UploadTraces(ctx context.Context, spans []*otlp.ResourceSpans) error {
	body, err := proto.Marshal(&otlp.TracesData{ResourceSpans: spans})
	if err != nil {
		return err
	}
	pause := time.Second
	for range exportAttempts - 1 {
		retry, err := c.send(ctx, body)
		if !retry {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
			pause *= 2
		}
	}
	_, err = c.send(ctx, body)
	return err
}

// send posts the spans once, and reports whether another attempt may succeed.
func (c *traceClient) send(ctx context.Context, body []byte) (retry bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	request.Header = c.header.Clone()
	response, err := c.http.Do(request)
	if err != nil {
		return ctx.Err() == nil, err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)); err != nil {
		return true, err
	}
	if response.StatusCode/100 != 2 {
		return slices.Contains(retriedStatus, response.StatusCode), fmt.Errorf("the collector answers %s", response.Status)
	}
	return false, nil
}
