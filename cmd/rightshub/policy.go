package main

import (
	"fmt"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/policies"
)

// policyCommand is `rightshub policy`.
type policyCommand struct {
	Matrix policyMatrix `cmd:"" help:"Print who may do what: role x entity x action, with scopes and classes."`
	Check  policyCheck  `cmd:"" help:"Check the policy files, and hold the stories of cases/ against them."`
}

type policyCheck struct {
	Folder string `arg:"" optional:"" type:"existingdir" help:"Folder with model.conf, roles.csv and cases/; without it, the policies inside the program."`
}

// Run is `rightshub policy check`.
func (c *policyCheck) Run(to streams) error {
	files := policyFiles(c.Folder)
	policy, err := access.Load(files, inventory.Model)
	if err != nil {
		return fault.New(fault.Invalid, "%v", err)
	}
	problems, err := policy.Check(files)
	if err != nil {
		return fault.New(fault.Invalid, "%v", err)
	}
	for _, p := range problems {
		fmt.Fprintln(to.out, p)
	}
	if len(problems) > 0 {
		return fault.New(fault.Invalid, "%d problems.", len(problems))
	}
	fmt.Fprintf(to.out, "The policies hold: %d roles, version %s.\n", len(policy.Roles()), policy.Version())
	return nil
}

type policyMatrix struct{}

// Run is `rightshub policy matrix`.
func (c *policyMatrix) Run(to streams) error {
	policy, err := access.Load(policies.Files, inventory.Model)
	if err != nil {
		return err
	}
	return policy.Matrix(to.out)
}
