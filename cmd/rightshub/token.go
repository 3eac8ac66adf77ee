package main

import (
	"fmt"
	"slices"
	"time"

	"rightshub/internal/demo"
	"rightshub/internal/demoregistry"
	"rightshub/internal/fault"
	"rightshub/internal/identity"
)

// tokenCommand is `rightshub token`.
type tokenCommand struct {
	As  string `required:"" placeholder:"EMAIL" help:"Person of the demonstration."`
	URL string `name:"url" help:"Address of the demonstration, such as http://127.0.0.1:8080 (default: the newest)."`
}

// Run prints a bearer token for a person of the demonstration that runs here.
func (c *tokenCommand) Run(to streams) error {
	if !slices.ContainsFunc(demo.People, func(p demo.Person) bool { return p.Email == c.As }) {
		return fault.New(fault.Invalid, "The demonstration has no %s. `rightshub serve --demo` lists its people.", c.As)
	}
	found, err := demoregistry.Find(c.URL)
	if err != nil {
		return err
	}
	token, err := identity.NewDemoIssuer(found.Secret).SignToken(c.As, time.Now())
	if err == nil {
		fmt.Fprintln(to.out, token)
	}
	return err
}
