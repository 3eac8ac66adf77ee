package main

import (
	"fmt"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/fault"
)

// policyCommand is `rightshub policy`.
type policyCommand struct {
	Check     policyCheck     `cmd:"" help:"Check the policy files, and hold the stories of cases/ against them."`
	Matrix    policyMatrix    `cmd:"" help:"Print who may do what: role x entity x class x action, with scopes and conditions."`
	Explain   policyExplain   `cmd:"" help:"Say whether a person may do something, and why."`
	WhoCanSee policyWhoCanSee `cmd:"" name:"who-can-see" help:"Say who can see a child, or could on a day, and why."`
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
	if len(problems) == 1 {
		return fault.New(fault.Invalid, "1 problem.")
	}
	if len(problems) > 1 {
		return fault.New(fault.Invalid, "%d problems.", len(problems))
	}
	fmt.Fprintf(to.out, "The policies hold: %d roles, version %s.\n", len(policy.Roles()), policy.Version())
	return nil
}

type policyMatrix struct {
	Folder string `arg:"" optional:"" type:"existingdir" help:"Folder with model.conf and roles.csv; without it, the policies inside the program."`
}

// Run is `rightshub policy matrix`.
func (c *policyMatrix) Run(to streams) error {
	policy, err := access.Load(policyFiles(c.Folder), inventory.Model)
	if err != nil {
		return fault.New(fault.Invalid, "%v", err)
	}
	return policy.Matrix(to.out)
}
