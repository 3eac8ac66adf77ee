package main

import (
	"context"
	"fmt"
	"net"
	"slices"

	"golang.org/x/sync/errgroup"

	"rightshub/internal/database"
	"rightshub/internal/demoregistry"
	"rightshub/internal/listening"
	"rightshub/internal/policysource"
	"rightshub/internal/server"
	"rightshub/internal/store"
)

// sockets are the listeners of a hub.
type sockets struct{ public, metrics []net.Listener }

// openSockets takes the sockets that systemd passed, or opens those of the settings.
func (c *serveCommand) openSockets() (s sockets, err error) {
	if s.public, s.metrics, err = listening.TakeFromSystemd(); err != nil {
		return s, err
	}
	if len(s.public) == 0 {
		s.public, err = c.listen("--listen", c.Listen)
	}
	if err == nil && len(s.metrics) == 0 && c.MetricsListen != "" {
		s.metrics, err = c.listen("--metrics-listen", c.MetricsListen)
	}
	if err != nil {
		s.close()
	}
	return s, err
}

// listen opens the socket of an address that was given with the flag.
func (c *serveCommand) listen(flag, text string) ([]net.Listener, error) {
	address, err := listening.Parse(flag, text)
	if err != nil {
		return nil, err
	}
	l, err := address.Listen(flag, c.SocketMode.FileMode)
	if err != nil {
		return nil, err
	}
	return []net.Listener{l}, nil
}

func (s sockets) close() {
	for _, l := range s.public {
		l.Close()
	}
	for _, l := range s.metrics {
		l.Close()
	}
}

// allowedHosts returns the hosts that the hub answers for. Nil means any. Where only this machine reaches every socket
// by its address, no other names are needed, and a page of another site that makes its name lead here is refused.
func (c *serveCommand) allowedHosts(open sockets) []string {
	isReachable := func(l net.Listener) bool { return !listening.AddressOf(l).IsLoopback() }
	if len(c.AllowedHosts) == 0 && slices.ContainsFunc(open.public, isReachable) {
		return nil
	}
	return append([]string{}, c.AllowedHosts...)
}

// announce prints where the hub answers. It lets `rightshub token` find a demonstration, until the returned function is
// called.
func (c *serveCommand) announce(open sockets, options server.Options, location *dataLocation,
	to streams) (withdraw func(), err error) {
	address := listening.AddressOf(open.public[0])
	url := address.URL() + c.BasePath
	d := demoregistry.Demonstration{URL: url, HealthURL: url + "/healthz", Secret: location.secret}
	if address.IsUnix() {
		d.URL = address.String()
	}
	withdraw = func() {}
	if c.Demo {
		if err := d.Announce(); err != nil {
			return nil, err
		}
		withdraw = d.Withdraw
	}
	c.printGreeting(to, open, options.People)
	if location.tempFolder != "" {
		fmt.Fprintf(to.out, "Other commands reach its database with --database-url %s\n", location.url)
	}
	return withdraw, nil
}

// answerRequests answers on all sockets until the context ends.
func (c *serveCommand) answerRequests(ctx context.Context, open sockets, options server.Options,
	source *policysource.Source, db *database.DB) error {
	s := server.New(options)
	group, ctx := errgroup.WithContext(ctx)
	defer context.AfterFunc(ctx, s.EndStreams)()
	handler, connections := s.Handler(), server.NewClientConnections()
	for _, l := range open.public {
		group.Go(func() error { return server.Serve(ctx, l, handler, options.Log, connections) })
	}
	for _, l := range open.metrics {
		group.Go(func() error { return server.Serve(ctx, l, s.Metrics(), options.Log, connections) })
	}
	group.Go(func() error { return store.Tidy(ctx, db) })
	group.Go(func() error { return db.WatchClock(ctx, clockInterval, options.Log) })
	if c.Policies != "" {
		group.Go(func() error { return watchPolicies(ctx, source, options.Log) })
	}
	return group.Wait()
}

// printGreeting prints the addresses of the hub and, for a demonstration, its people.
func (c *serveCommand) printGreeting(to streams, open sockets, people []server.Person) {
	address, hosts := listening.AddressOf(open.public[0]), ""
	if c.allowedHosts(open) == nil {
		hosts = "It answers for any Host. To answer for its own names only, start it with --allowed-hosts.\n"
	}
	switch url := address.URL() + c.BasePath; {
	case address.IsUnix():
		fmt.Fprintf(to.out, "rightshub answers on the socket %s at %s/graphql\n%s", address, c.BasePath, hosts)
	case !c.NoIntrospection:
		fmt.Fprintf(to.out, "rightshub answers on %s/graphql. Explore it on %s/graphiql\n%s", url, url, hosts)
	default:
		fmt.Fprintf(to.out, "rightshub answers on %s/graphql\n%s", url, hosts)
	}
	if len(people) == 0 {
		return
	}
	fmt.Fprintln(to.out, "This is a demonstration. Everything about people in it is made up. Its people are:")
	for _, p := range people {
		fmt.Fprintf(to.out, "  %-22s %s\n", p.Email, p.Role[0])
	}
	fmt.Fprintln(to.out, "To get a token for one of them, run rightshub token --as coordinator.bf@demo")
}
