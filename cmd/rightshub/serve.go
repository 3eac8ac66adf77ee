package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"rightshub/graph"
	"rightshub/internal/access"
	"rightshub/internal/config"
	"rightshub/internal/database"
	"rightshub/internal/demo"
	"rightshub/internal/demoregistry"
	"rightshub/internal/fault"
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
	options.HMACKey = location.secret.Derive("tags of answers")
	options.ReportConnections = reportConnections
	options.Log = log
	return c.listenAndServe(ctx, server.New(options), options, source, db, location, to)
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
	for _, network := range c.TrustedProxies {
		proxies = append(proxies, network.Prefix)
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
		AllowedOrigins:  c.AllowedOrigins,
		TrustedProxies:  proxies,
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

// listenAndServe prints where the hub answers, and answers until the context ends.
func (c *serveCommand) listenAndServe(ctx context.Context, s *server.Server, options server.Options,
	source *policysource.Source, db *database.DB, location *dataLocation, to streams) error {
	listener, err := listen("--listen", c.Listen)
	if err != nil {
		return err
	}
	defer listener.Close() // in case an error comes before Serve, which closes it
	var metrics net.Listener
	if c.MetricsListen != "" {
		if metrics, err = listen("--metrics-listen", c.MetricsListen); err != nil {
			return err
		}
		defer metrics.Close()
	}
	url := "http://" + listener.Addr().String()
	if c.Demo {
		d := demoregistry.Demonstration{URL: url, Secret: location.secret}
		if err := d.Announce(); err != nil {
			return err
		}
		defer d.Withdraw()
	}
	printGreeting(to, url, !c.NoIntrospection, options.People)
	if location.tempFolder != "" {
		fmt.Fprintf(to.out, "Other commands reach its database with --database-url %s\n", location.url)
	}
	group, ctx := errgroup.WithContext(ctx)
	defer context.AfterFunc(ctx, s.EndStreams)()
	group.Go(func() error { return server.Serve(ctx, listener, s.Handler(), options.Log) })
	group.Go(func() error { return store.Tidy(ctx, db) })
	group.Go(func() error { return db.WatchClock(ctx, clockInterval, options.Log) })
	if c.Policies != "" {
		group.Go(func() error { return watchPolicies(ctx, source, options.Log) })
	}
	if metrics != nil {
		group.Go(func() error { return server.Serve(ctx, metrics, s.Metrics(), options.Log) })
	}
	return group.Wait()
}

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

// listen listens on the address that was given with the flag.
func listen(flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fault.New(fault.Unavailable,
			"Cannot listen on %s. Another program uses it, or this machine lacks the address. Choose another with %s.",
			address, flag)
	}
	return l, nil
}

// printGreeting prints the addresses of the hub and, for a demonstration, its people.
func printGreeting(to streams, url string, graphiql bool, people []server.Person) {
	hint := ""
	if graphiql {
		hint = ". Explore it on " + url + "/graphiql"
	}
	fmt.Fprintf(to.out, "rightshub answers on %s/graphql%s\n", url, hint)
	if len(people) == 0 {
		return
	}
	fmt.Fprintln(to.out, "This is a demonstration. Everything about people in it is made up. Its people are:")
	for _, p := range people {
		fmt.Fprintf(to.out, "  %-22s %s\n", p.Email, p.Role[0])
	}
	fmt.Fprintln(to.out, "To get a token for one of them, run rightshub token --as coordinator.bf@demo")
}
