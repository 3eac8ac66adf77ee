package main

import (
	"fmt"

	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/policycheck"
)

// policyCommand is `rightshub policy`.
type policyCommand struct {
	Check     policyCheck     `cmd:"" help:"Check the policy files against the stories of cases/."`
	Matrix    policyMatrix    `cmd:"" help:"Print what each role may do with each entity and class."`
	Explain   policyExplain   `cmd:"" help:"Explain whether and why a person may do something."`
	WhoCanSee policyWhoCanSee `cmd:"" name:"who-can-see" help:"List the people that can see a child, or could."`
}

const policyFolderHelp = "Folder with model.conf, roles.csv and, for check, cases/ (default: the built-in policies)."

// policyCheck checks the built-in policies when no folder is given.
type policyCheck struct {
	Folder string `arg:"" optional:"" type:"existingdir" help:"${policy_folder_help}"`
}

// Run is `rightshub policy check`.
func (c *policyCheck) Run(m *model.Model, to streams) error {
	files := policyFiles(c.Folder)
	policy, err := access.Load(files, m)
	if err != nil {
		return fault.New(fault.Invalid, "%v", err)
	}
	problems, err := policycheck.Check(policy, files)
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

// policyMatrix prints the built-in policies when no folder is given.
type policyMatrix struct {
	Folder string `arg:"" optional:"" type:"existingdir" help:"${policy_folder_help}"`
}

// Run is `rightshub policy matrix`.
func (c *policyMatrix) Run(m *model.Model, to streams) error {
	policy, err := access.Load(policyFiles(c.Folder), m)
	if err != nil {
		return fault.New(fault.Invalid, "%v", err)
	}
	return policycheck.WriteMatrix(to.out, policy)
}
