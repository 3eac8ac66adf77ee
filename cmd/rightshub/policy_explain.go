package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/graph/plan"
	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/explain"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// questionFlags are those of the operator's questions.
type questionFlags struct {
	hubFlags
	Policies string `type:"existingdir" help:"Folder with the policies to ask; without it, those inside the program."`
}

// openExplainer opens the database and the policies.
func (f questionFlags) openExplainer(ctx context.Context) (*database.DB, *explain.Explainer, error) {
	policy, err := access.Load(policyFiles(f.Policies), inventory.Model)
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "%v", err)
	}
	db, names, err := f.openSystemSession(ctx, "system_review")
	if err != nil {
		return nil, nil, err
	}
	hub, err := store.NewHub(db, inventory.Model, database.NewSecret())
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return db, &explain.Explainer{Hub: hub, Policy: policy, Model: inventory.Model, NameSession: names}, nil
}

type policyExplain struct {
	questionFlags
	Who     string `required:"" placeholder:"EMAIL" help:"Person who asks."`
	Entity  string `required:"" help:"Type of the row: Child, CaseFile, ..."`
	ID      string `name:"id" help:"One row, as the API or the database names it; without it, any."`
	Action  string `default:"read" enum:"read,create,update,delete,approve,export,aggregate" help:"What the person wants to do: ${enum}."`
	Purpose string `help:"What the request says it is for (Purpose-Of-Use)."`
	Grant   string `help:"Audit grant under which the person acts (Audit-Grant)."`
	At      string `placeholder:"TIME" help:"Moment, as 2026-11-20T15:04:05Z, or the first of a day, as 2026-11-20; now unless it is given."`
}

// Run is `rightshub policy explain`.
func (c *policyExplain) Run(ctx context.Context, to streams) error {
	q := explain.Question{Email: c.Who, Entity: inventory.Model.Entity(c.Entity), Action: model.Action(c.Action), Purpose: c.Purpose}
	if q.Entity == nil {
		return fault.New(fault.Invalid, "There is no type %q: write it as the schema does, for example CaseFile.", c.Entity)
	}
	if c.Purpose != "" && !slices.Contains(access.Purposes, c.Purpose) {
		return fault.New(fault.Invalid, "There is no purpose %q: write one of %s.", c.Purpose, strings.Join(access.Purposes, ", "))
	}
	var err error
	if q.ID, err = parseRowKey(q.Entity, c.ID); err != nil {
		return err
	}
	if q.Grant, err = parseRowKey(inventory.Model.Entity("AuditGrant"), c.Grant); err != nil {
		return err
	}
	db, asker, err := c.openExplainer(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	if q.At, _, err = parseMoment(ctx, db, c.At); err != nil {
		return err
	}
	return asker.Explain(ctx, to.out, q)
}

type policyWhoCanSee struct {
	questionFlags
	Child   string `required:"" placeholder:"CODE" help:"Case code of the child."`
	Country string `required:"" placeholder:"ISO2" help:"Country of the child, as ISO 3166-1 alpha-2: two countries may use the same code."`
	At      string `placeholder:"DAY" help:"Day (UTC), as 2026-11-20, or a moment, as 2026-11-20T15:04:05Z; now unless it is given."`
}

// Run is `rightshub policy who-can-see`.
func (c *policyWhoCanSee) Run(ctx context.Context, to streams) error {
	db, asker, err := c.openExplainer(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	s := explain.ChildQuery{Code: c.Child, Country: strings.ToUpper(c.Country)}
	if s.First, s.Last, err = parseMoment(ctx, db, c.At); err != nil {
		return err
	}
	return asker.WhoCanSee(ctx, to.out, s)
}

// parseRowKey reads an id of the API, or a key of the database; without text there is none.
func parseRowKey(e *model.Entity, text string) (uuid.UUID, error) {
	if text == "" {
		return uuid.Nil, nil
	}
	if id, err := uuid.Parse(text); err == nil {
		return id, nil
	}
	of, id, err := plan.ParseID(text)
	if err != nil || of != e {
		return uuid.Nil, fault.New(fault.Invalid, "%q is no id of a row of %s.", text, e.Name)
	}
	return id, nil
}

// parseMoment reads a moment, or a day from its beginning to its end or now; without text, it is now.
func parseMoment(ctx context.Context, db *database.DB, text string) (first, last time.Time, err error) {
	now, err := db.Now(ctx)
	if err != nil || text == "" {
		return now, now, err
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), at.UTC(), nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, day, fault.New(fault.Invalid, "%q is neither a day, as 2026-11-20, nor a moment, as 2026-11-20T15:04:05Z.", text)
	}
	if last = day.AddDate(0, 0, 1).Add(-time.Microsecond); last.After(now) {
		last = now
	}
	return day, last, nil
}
