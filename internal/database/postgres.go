package database

import (
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"rightshub/internal/fault"
)

// parseURL parses the URL of a database. A URL of PostgreSQL may name several hosts with a port each, which package
// net/url refuses, so they become the parameters host and port that lib/pq reads.
func parseURL(raw string) (*url.URL, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	user := strings.LastIndexByte(rest[:end], '@') + 1
	authority := rest[user:end]
	if !ok || !strings.HasPrefix(scheme, "postgres") || !strings.Contains(authority, ",") {
		return url.Parse(raw)
	}
	u, err := url.Parse(scheme + "://" + rest[:user] + rest[end:])
	if err != nil {
		return nil, err
	}
	var hosts, ports []string
	for one := range strings.SplitSeq(authority, ",") {
		host, port, err := net.SplitHostPort(one)
		if err != nil {
			host, port = strings.Trim(one, "[]"), "5432"
		}
		hosts, ports = append(hosts, host), append(ports, port)
	}
	q := u.Query()
	q.Set("host", strings.Join(hosts, ","))
	if q.Get("port") == "" {
		q.Set("port", strings.Join(ports, ","))
	}
	u.RawQuery = q.Encode()
	return u, nil
}

// postgresURL completes the URL for lib/pq. The URL must state sslmode, because its default differs between versions of
// lib/pq. It must not set binary_parameters, which breaks JSON columns. Of several hosts, the one that takes writes is
// meant, unless the URL asks for the primary.
func postgresURL(u *url.URL, timeout time.Duration) (*url.URL, error) {
	q := u.Query()
	severalHosts := strings.Contains(q.Get("host"), ",")
	switch attrs := q.Get("target_session_attrs"); {
	case attrs != "" && attrs != "any" && attrs != "read-write" && attrs != "primary", attrs == "any" && severalHosts:
		return nil, fault.New(fault.Invalid,
			"The database URL sets target_session_attrs to %q, but the hub writes: set read-write or primary.", attrs)
	case q.Get("sslmode") == "":
		return nil, fault.New(fault.Invalid,
			"The database URL does not state sslmode: add ?sslmode=verify-full "+
				"(or sslmode=disable for a server on this machine).")
	case q.Get("binary_parameters") != "":
		return nil, fault.New(fault.Invalid,
			"The database URL sets binary_parameters, which breaks JSON columns: remove it.")
	}
	set := func(name, value string) {
		if q.Get(name) == "" {
			q.Set(name, value)
		}
	}
	set("statement_timeout", strconv.FormatInt(timeout.Milliseconds(), 10))
	set("connect_timeout", strconv.Itoa(int(connectTimeout.Seconds())))
	if severalHosts {
		set("target_session_attrs", "read-write")
	}
	set("application_name", "rightshub")
	set("timezone", "UTC")
	set("jit", "off") // compiling the plan of a small page costs more than running it
	return &url.URL{Scheme: "postgres", User: u.User, Host: u.Host, Path: u.Path, RawQuery: q.Encode()}, nil
}

// postgresConnector opens a server through lib/pq, with a URL of postgresURL.
func postgresConnector(u *url.URL) (*pq.Connector, error) {
	c, err := pq.NewConnector(u.String())
	if err != nil {
		return nil, &fault.Error{
			Code:    fault.Invalid,
			Message: "The database URL cannot be used: write postgres://user@host/name?sslmode=verify-full.",
			Cause:   redactError(err),
		}
	}
	return c, nil
}
