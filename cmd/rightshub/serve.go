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

	"rightshub/ent/inventory"
	"rightshub/graph"
	"rightshub/internal/access"
	"rightshub/internal/config"
	"rightshub/internal/database"
	"rightshub/internal/demo"
	"rightshub/internal/demoregistry"
	"rightshub/internal/fault"
	"rightshub/internal/identity"
	"rightshub/internal/server"
	"rightshub/internal/store"
)

// serveCommand is `rightshub serve`.
type serveCommand struct{ config.Serve }

// Run is `rightshub serve`.
func (c *serveCommand) Run(ctx context.Context, to streams) error {
	if err := c.Verify(); err != nil {
		return err
	}
	lasting := server.TuneMemory()
	log := slog.New(slog.NewJSONHandler(to.err, nil))
	source, err := openPolicies(c.Policies)
	if err != nil {
		return err
	}
	place, err := c.locateData()
	if err != nil {
		return err
	}
	defer place.remove()
	db, err := database.Open(ctx, database.Options{URL: place.url, MaxConnections: c.MaxConnections, RowLevelSecurity: c.RowLevelSecurity})
	if err != nil {
		return err
	}
	defer db.Close()
	if c.Migrate || c.Demo {
		if _, err := applyMigrations(ctx, db); err != nil {
			return err
		}
	}
	if err := db.CheckSchema(ctx); err != nil {
		return err
	}
	if err := db.CheckRowLevelSecurity(ctx, inventory.Model); err != nil {
		return err
	}
	hub, err := store.NewHub(db, inventory.Model, place.secret)
	if err != nil {
		return err
	}
	var (
		issuer   *identity.DemoIssuer
		verifier *oidc.IDTokenVerifier
		people   []server.Person
	)
	if c.Demo {
		issuer = identity.NewDemoIssuer(place.secret)
		if err := demo.Seed(ctx, hub, source.Current()); err != nil {
			return err
		}
		for _, p := range demo.People {
			token, err := issuer.SignToken(p.Email, time.Now())
			if err != nil {
				return err
			}
			people = append(people, server.Person{Email: p.Email, Role: p.RoleDescription, Token: token, Purposes: source.Current().StatablePurposesOf(p.Role)})
		}
	} else if c.OIDCIssuer != "" {
		if verifier, err = identity.NewOIDCVerifier(ctx, c.OIDCIssuer, c.OIDCAudience, c.OIDCAlgorithms); err != nil {
			return err
		}
	}
	door, err := identity.NewAuthenticator(hub, source, verifier, issuer)
	if err != nil {
		return err
	}
	if c.Public {
		door.AllowPublic()
	}
	schema, sdl, err := graph.Schema()
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
	options := server.Options{Schema: schema, SDL: sdl, OpenSession: door.OpenSession, Ready: db.CheckSchema, PoliciesStale: source.Stale, Log: log, People: people, Limits: c.serverLimits(), HMACKey: place.secret.Derive("tags of answers"), AllowedOrigins: c.AllowedOrigins, TrustedProxies: c.TrustedProxies,
		FindDocument: graph.DocumentLookup(hub.Session(source.Current().View(access.SystemSubject("system_documents", now)), nil)),
		Tracer:       tracer, SlowOperation: c.SlowOperation, DocumentsOnly: c.DocumentsOnly, NoIntrospection: c.NoIntrospection, ReportConnections: lasting}
	s := server.New(options)
	listener, err := listen("--listen", c.Listen)
	if err != nil {
		return err
	}
	defer listener.Close() // where it is not served
	var metrics net.Listener
	if c.MetricsListen != "" {
		if metrics, err = listen("--metrics-listen", c.MetricsListen); err != nil {
			return err
		}
		defer metrics.Close()
	}
	url := "http://" + listener.Addr().String()
	if c.Demo {
		d := demoregistry.Demonstration{URL: url, Secret: place.secret}
		if err := d.Announce(); err != nil {
			return err
		}
		defer d.Withdraw()
	}
	printGreeting(to, url, !c.NoIntrospection, people)
	if place.tempFolder != "" {
		fmt.Fprintf(to.out, "Its database, for other commands: --database-url %s\n", place.url)
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

// serverLimits are those of one caller and one request.
func (c *serveCommand) serverLimits() server.Limits {
	return server.Limits{Objects: c.MaxObjects, PerSecond: c.ObjectsPerSec, Burst: 10 * c.ObjectsPerSec, Concurrent: c.MaxConcurrent, Timeout: c.RequestTimeout}
}

// dataLocation is where the hub's data lie.
type dataLocation struct {
	url        string
	secret     database.Secret
	tempFolder string // throw-away, or ""
}

func (p *dataLocation) remove() {
	if p.tempFolder != "" {
		os.RemoveAll(p.tempFolder)
	}
}

// locateData finds the database and the secret: a throw-away file for a demonstration, a file in this folder otherwise.
func (c *serveCommand) locateData() (*dataLocation, error) {
	p := &dataLocation{url: c.DatabaseURL}
	if p.url == "" && c.Demo {
		folder, err := os.MkdirTemp("", "rightshub-demo-")
		if err != nil {
			return nil, fault.New(fault.Unavailable, "The folder for temporary files cannot be written to: set TMPDIR to one that can.")
		}
		p.tempFolder, p.url = folder, sqliteURL(filepath.Join(folder, "hub.db"))
	}
	var err error
	if p.url, err = databaseURL(p.url); err != nil {
		return nil, err
	}
	p.secret, _, err = readHubSecret(p.url, c.SecretFile)
	return p, err
}

// listen takes an address for the listener of a flag.
func listen(flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "Nothing can listen on %s: another program uses it, or the address is not this machine's. Choose another with %s.", address, flag)
	}
	return l, nil
}

func printGreeting(to streams, url string, graphiql bool, people []server.Person) {
	look := ""
	if graphiql {
		look = "; look at it on " + url + "/graphiql"
	}
	fmt.Fprintf(to.out, "rightshub answers on %s/graphql%s\n", url, look)
	if len(people) == 0 {
		return
	}
	fmt.Fprintln(to.out, "This is a demonstration: everything about people in it is made up. Its people are:")
	for _, p := range people {
		fmt.Fprintf(to.out, "  %-22s %s\n", p.Email, p.Role[0])
	}
	fmt.Fprintln(to.out, "A token for one of them: rightshub token --as coordinator.bf@demo")
}
