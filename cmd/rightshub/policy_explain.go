package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/graph/plan"
	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/explain"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// questionFlags are the flags of the commands that explain a decision.
type questionFlags struct {
	hubFlags
	Policies string `type:"existingdir" help:"Folder with the policies (default: the built-in ones)."`
}

// openExplainer opens the database and loads the policies. The caller closes the database.
func (f questionFlags) openExplainer(
	ctx context.Context, m *model.Model,
) (*database.DB, *explain.Explainer, error) {
	policy, err := access.Load(policyFiles(f.Policies), m)
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "%v", err)
	}
	db, names, err := f.openSystemSession(ctx, m, "system_review")
	if err != nil {
		return nil, nil, err
	}
	hub, err := store.NewHub(db, m, database.NewSecret())
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return db, &explain.Explainer{Hub: hub, Policy: policy, Model: m, NameSession: names}, nil
}

const timeHelp = "Day in UTC such as 2026-11-20, or moment such as 2026-11-20T15:04:05Z (default: now)."

// policyExplain explains the decision for the first moment of a day, when At is a day.
type policyExplain struct {
	questionFlags
	Who     string `required:"" placeholder:"EMAIL" help:"Address of the person."`
	Entity  string `required:"" help:"Type of the row, such as Child or CaseFile."`
	ID      string `name:"id" help:"Id of the row in the API or the database. The default is any row of the type."`
	Action  string `default:"read" enum:"read,create,update,delete,approve,export,aggregate" help:"Action: ${enum}."`
	Purpose string `help:"Purpose that the request states (Purpose-Of-Use)."`
	Grant   string `help:"Audit grant under which the person acts (Audit-Grant)."`
	At      string `placeholder:"TIME" help:"${time_help}"`
}

// Run is `rightshub policy explain`.
func (c *policyExplain) Run(ctx context.Context, m *model.Model, to streams) error {
	q := explain.Question{
		Email:   c.Who,
		Entity:  m.Entity(c.Entity),
		Action:  model.Action(c.Action),
		Purpose: c.Purpose,
	}
	if q.Entity == nil {
		return fault.New(fault.Invalid,
			"There is no type %q. Write it as the schema does, for example CaseFile.", c.Entity)
	}
	if c.Purpose != "" && !slices.Contains(access.Purposes, c.Purpose) {
		return fault.New(fault.Invalid,
			"There is no purpose %q. Write one of %s.", c.Purpose, strings.Join(access.Purposes, ", "))
	}
	var err error
	if q.ID, err = parseRowKey(m, q.Entity, c.ID); err != nil {
		return err
	}
	if q.Grant, err = parseRowKey(m, m.Entity("AuditGrant"), c.Grant); err != nil {
		return err
	}
	db, explainer, err := c.openExplainer(ctx, m)
	if err != nil {
		return err
	}
	defer db.Close()
	if q.At, _, err = parseMoment(ctx, db, c.At); err != nil {
		return err
	}
	return explainer.Explain(ctx, to.out, q)
}

// policyWhoCanSee needs the country, because two countries may use the same case code.
type policyWhoCanSee struct {
	questionFlags
	Child   string `required:"" placeholder:"CODE" help:"Case code of the child."`
	Country string `required:"" placeholder:"ISO2" help:"Country of the child, as ISO 3166-1 alpha-2."`
	At      string `placeholder:"DAY" help:"${time_help}"`
}

// Run is `rightshub policy who-can-see`.
func (c *policyWhoCanSee) Run(ctx context.Context, m *model.Model, to streams) error {
	db, explainer, err := c.openExplainer(ctx, m)
	if err != nil {
		return err
	}
	defer db.Close()
	q := explain.ChildQuery{Code: c.Child, Country: strings.ToUpper(c.Country)}
	if q.First, q.Last, err = parseMoment(ctx, db, c.At); err != nil {
		return err
	}
	return explainer.WhoCanSee(ctx, to.out, q)
}

// parseRowKey reads an id of the API or a key of the database. It returns uuid.Nil for "".
func parseRowKey(m *model.Model, e *model.Entity, text string) (uuid.UUID, error) {
	if text == "" {
		return uuid.Nil, nil
	}
	if id, err := uuid.Parse(text); err == nil {
		return id, nil
	}
	of, id, err := plan.ParseID(m, text)
	if err != nil || of != e {
		return uuid.Nil, fault.New(fault.Invalid, "%q is not the id of a row of %s.", text, e.Name)
	}
	return id, nil
}

// parseMoment reads a moment or a day. It returns the first and the last instant, which for a day are its beginning
// and its end, or now if the day has not ended. For "" both are now.
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
		return day, day, fault.New(fault.Invalid,
			"%q is neither a day such as 2026-11-20 nor a moment such as 2026-11-20T15:04:05Z.", text)
	}
	if last = day.AddDate(0, 0, 1).Add(-time.Microsecond); last.After(now) {
		last = now
	}
	return day, last, nil
}
