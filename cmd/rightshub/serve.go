package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
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
	reportConnections := server.TuneMemory()
	log := slog.New(slog.NewJSONHandler(to.err, nil))
	source, err := openPolicies(m, c.Policies)
	if err != nil {
		return err
	}
	location, err := c.locateData()
	if err != nil {
		return err
	}
	defer location.remove()
	db, err := database.Open(ctx, database.Options{
		URL:              location.url,
		MaxConnections:   c.MaxConnections,
		RowLevelSecurity: c.RowLevelSecurity,
	})
	if err != nil {
		return err
	}
	defer db.Close()
	if c.Migrate || c.Demo {
		if _, err := applyMigrations(ctx, m, db); err != nil {
			return err
		}
	}
	if err := db.CheckSchema(ctx); err != nil {
		return err
	}
	if err := db.CheckRowLevelSecurity(ctx, m); err != nil {
		return err
	}
	hub, err := store.NewHub(db, m, location.secret)
	if err != nil {
		return err
	}
	var (
		issuer   *identity.DemoIssuer
		verifier *oidc.IDTokenVerifier
		people   []server.Person
	)
	if c.Demo {
		issuer = identity.NewDemoIssuer(location.secret)
		if err := demo.Seed(ctx, m, hub, source.Current()); err != nil {
			return err
		}
		for _, p := range demo.People {
			token, err := issuer.SignToken(p.Email, time.Now())
			if err != nil {
				return err
			}
			people = append(people, server.Person{
				Email:    p.Email,
				Role:     p.RoleDescription,
				Token:    token,
				Purposes: source.Current().StatablePurposesOf(p.Role),
			})
		}
	} else if c.OIDCIssuer != "" {
		if verifier, err = identity.NewOIDCVerifier(ctx, c.OIDCIssuer, c.OIDCAudience, c.OIDCAlgorithms); err != nil {
			return err
		}
	}
	authenticator, err := identity.NewAuthenticator(hub, source, verifier, issuer)
	if err != nil {
		return err
	}
	if c.Public {
		authenticator.AllowPublic()
	}
	schema, sdl, err := graph.Schema(m)
	if err != nil {
		return err
	}
	now, err := db.Now(ctx)
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
	documents := hub.Session(source.Current().View(access.SystemSubject("system_documents", now)), nil)
	options := server.Options{
		Schema:            schema,
		SDL:               sdl,
		Model:             m,
		OpenSession:       authenticator.OpenSession,
		Ready:             db.CheckSchema,
		PoliciesStale:     source.Stale,
		Log:               log,
		People:            people,
		Limits:            c.serverLimits(),
		HMACKey:           location.secret.Derive("tags of answers"),
		AllowedOrigins:    c.AllowedOrigins,
		TrustedProxies:    c.TrustedProxies,
		FindDocument:      graph.DocumentLookup(m, documents),
		Tracer:            tracer,
		SlowOperation:     c.SlowOperation,
		DocumentsOnly:     c.DocumentsOnly,
		NoIntrospection:   c.NoIntrospection,
		ReportConnections: reportConnections,
	}
	s := server.New(options)
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
	printGreeting(to, url, !c.NoIntrospection, people)
	if location.tempFolder != "" {
		fmt.Fprintf(to.out, "Other commands reach its database with --database-url %s\n", location.url)
	}
	group, ctx := errgroup.WithContext(ctx)
	defer context.AfterFunc(ctx, s.EndStreams)()
	group.Go(func() error { return server.Serve(ctx, listener, s.Handler(), log) })
	group.Go(func() error { return store.Tidy(ctx, db) })
	if c.Policies != "" {
		group.Go(func() error { return watchPolicies(ctx, source, log) })
	}
	if metrics != nil {
		group.Go(func() error { return server.Serve(ctx, metrics, s.Metrics(), log) })
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

// dataLocation names the database of a hub and holds its secret.
type dataLocation struct {
	url        string
	secret     database.Secret
	tempFolder string // folder to delete at the end, or ""
}

// remove deletes the temporary folder, if there is one.
func (l *dataLocation) remove() {
	if l.tempFolder != "" {
		os.RemoveAll(l.tempFolder)
	}
}

// locateData finds the database and reads the secret. Without a database URL, a demonstration has a database in a
// temporary folder, and another hub has one in the current folder.
func (c *serveCommand) locateData() (*dataLocation, error) {
	l := &dataLocation{url: c.DatabaseURL}
	if l.url == "" && c.Demo {
		folder, err := os.MkdirTemp("", "rightshub-demo-")
		if err != nil {
			return nil, fault.New(fault.Unavailable,
				"The folder for temporary files is not writable. Set TMPDIR to a folder that is.")
		}
		l.tempFolder, l.url = folder, sqliteURL(filepath.Join(folder, "hub.db"))
	}
	var err error
	if l.url, err = databaseURL(l.url); err != nil {
		return nil, err
	}
	l.secret, _, err = readHubSecret(l.url, c.SecretFile)
	return l, err
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
