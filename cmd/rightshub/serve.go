package main

import (
	"context"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"rightshub/graph"
	"rightshub/internal/access"
	"rightshub/internal/config"
	"rightshub/internal/database"
	"rightshub/internal/demo"
	"rightshub/internal/identity"
	"rightshub/internal/model"
	"rightshub/internal/policysource"
	"rightshub/internal/server"
	"rightshub/internal/store"
)

// serveCommand is `rightshub serve`.
type serveCommand struct{ config.Serve }

// Run is `rightshub serve`.
func (c *serveCommand) Run(ctx context.Context, m *model.Model, to streams) error {
	if err := c.Verify(); err != nil {
		return err
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // it must not end a hub without --policies
	reportConnections := server.TuneMemory()
	source, err := openPolicies(m, c.Policies)
	if err != nil {
		return err
	}
	location, err := c.locateData()
	if err != nil {
		return err
	}
	defer location.remove()
	db, err := c.openDatabase(ctx, m, location.url)
	if err != nil {
		return err
	}
	defer db.Close()
	log := slog.New(slog.NewJSONHandler(to.err, nil))
	if err := location.checkSecret(ctx, db, log); err != nil {
		return err
	}
	hub, err := store.NewHub(db, m, location.secret)
	if err != nil {
		return err
	}
	authenticator, people, err := c.openSignIn(ctx, m, hub, source, location.secret)
	if err != nil {
		return err
	}
	open, err := c.openSockets()
	if err != nil {
		return err
	}
	defer open.close() // in case an error comes before Serve, which closes them
	options, err := c.serverOptions(ctx, m, hub, source)
	if err != nil {
		return err
	}
	tracer, flush, err := newTracer(ctx, c.OTLPEndpoint)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		flush(ctx)
	}()
	options.OpenSession, options.People, options.Tracer = authenticator.OpenSession, people, tracer
	options.AllowedHosts = c.allowedHosts(open)
	options.HMACKey = location.secret.Derive("tags of answers")
	options.ReportConnections = reportConnections
	options.Log = log
	slog.SetDefault(log) // for background tasks
	withdraw, err := c.announce(open, options, location, to)
	if err != nil {
		return err
	}
	defer withdraw()
	if err := reportReady(ctx); err != nil {
		return err
	}
	return c.answerRequests(ctx, open, options, source, db)
}

// openDatabase opens the database and checks that its tables are those of the model.
func (c *serveCommand) openDatabase(ctx context.Context, m *model.Model, url string) (*database.DB, error) {
	db, err := database.Open(ctx, database.Options{
		URL:              url,
		MaxConnections:   c.MaxConnections,
		RowLevelSecurity: c.RowLevelSecurity,
	})
	if err != nil {
		return nil, err
	}
	if c.Migrate || c.Demo {
		_, err = applyMigrations(ctx, m, db)
	}
	if err == nil {
		err = db.CheckSchema(ctx)
	}
	if err == nil {
		err = db.CheckRowLevelSecurity(ctx, m)
	}
	if err == nil {
		err = store.PrepareFeed(ctx, db)
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// openSignIn returns what recognises callers. A demonstration is filled, and its people are returned with a token each.
func (c *serveCommand) openSignIn(ctx context.Context, m *model.Model, hub *store.Hub, source *policysource.Source,
	secret database.Secret) (authenticator *identity.Authenticator, people []server.Person, err error) {
	var (
		issuer   *identity.DemoIssuer
		verifier *identity.OIDCVerifier
	)
	switch {
	case c.Demo:
		if err := demo.Seed(ctx, m, hub, source.Current()); err != nil {
			return nil, nil, err
		}
		issuer = identity.NewDemoIssuer(secret)
		if people, err = listDemoPeople(issuer, source.Current()); err != nil {
			return nil, nil, err
		}
	case c.OIDCIssuer != "":
		verifier, err = identity.NewOIDCVerifier(ctx, identity.OIDCOptions{
			Issuer:      c.OIDCIssuer,
			Audience:    c.OIDCAudience,
			Algorithms:  c.OIDCAlgorithms,
			TrustEmails: c.OIDCTrustEmails,
		})
		if err != nil {
			return nil, nil, err
		}
	}
	if authenticator, err = identity.NewAuthenticator(hub, source, verifier, issuer); err != nil {
		return nil, nil, err
	}
	if c.Public {
		authenticator.AllowPublic()
	}
	return authenticator, people, nil
}

// listDemoPeople lists the people of the demonstration, each with a token.
func listDemoPeople(issuer *identity.DemoIssuer, policy *access.Policy) (people []server.Person, err error) {
	for _, p := range demo.People {
		token, err := issuer.SignToken(p.Email, time.Now())
		if err != nil {
			return nil, err
		}
		people = append(people, server.Person{
			Email:    p.Email,
			Role:     p.RoleDescription,
			Token:    token,
			Purposes: policy.StatablePurposesOf(p.Role),
		})
	}
	return people, nil
}

// serverOptions returns the options of the server that follow from the settings, the hub and the policies.
func (c *serveCommand) serverOptions(ctx context.Context, m *model.Model, hub *store.Hub,
	source *policysource.Source) (server.Options, error) {
	schema, sdl, err := graph.Schema(m)
	if err != nil {
		return server.Options{}, err
	}
	now, err := hub.DB().Now(ctx)
	if err != nil {
		return server.Options{}, err
	}
	var proxies []netip.Prefix
	trustUnixPeers := false
	for _, network := range c.TrustedProxies {
		if network.Unix {
			trustUnixPeers = true
		} else {
			proxies = append(proxies, network.Prefix)
		}
	}
	documents := hub.Session(source.Current().View(access.SystemSubject("system_documents", now)), nil)
	return server.Options{
		Schema:          schema,
		SDL:             sdl,
		Model:           m,
		Ready:           hub.DB().CheckReady,
		PoliciesStale:   source.Stale,
		Gauges:          gauges(hub, source),
		Limits:          c.serverLimits(),
		BasePath:        c.BasePath,
		AllowedOrigins:  c.AllowedOrigins,
		TrustedProxies:  proxies,
		TrustUnixPeers:  trustUnixPeers,
		FindDocument:    graph.DocumentLookup(m, documents),
		SlowOperation:   c.SlowOperation,
		DocumentsOnly:   c.DocumentsOnly,
		NoIntrospection: c.NoIntrospection,
	}, nil
}

// gauges returns what /metrics shows of the state of the hub.
func gauges(hub *store.Hub, source *policysource.Source) map[string]func() float64 {
	stats := hub.DB().SQL().Stats
	return map[string]func() float64{
		"database_connections_open":   func() float64 { return float64(stats().OpenConnections) },
		"database_connections_in_use": func() float64 { return float64(stats().InUse) },
		"database_connections_max":    func() float64 { return float64(stats().MaxOpenConnections) },
		"database_waits":              func() float64 { return float64(stats().WaitCount) },
		"database_wait_seconds":       func() float64 { return stats().WaitDuration.Seconds() },
		"clock_offset_seconds":        func() float64 { return hub.DB().ClockOffset().Seconds() },
		"feed_lag_seconds":            func() float64 { return hub.FeedLag().Seconds() },
		"policy_age_seconds":          func() float64 { return source.Age().Seconds() },
	}
}

// clockInterval is the time between two comparisons of the clock with that of the database.
const clockInterval = 30 * time.Second

// serverLimits returns the limits of one caller and of one request.
func (c *serveCommand) serverLimits() server.Limits {
	return server.Limits{
		Objects:    c.MaxObjects,
		PerSecond:  c.ObjectsPerSec,
		Burst:      10 * c.ObjectsPerSec,
		Concurrent: c.MaxConcurrent,
		Timeout:    c.RequestTimeout,
	}
}
