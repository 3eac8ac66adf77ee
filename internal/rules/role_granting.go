package rules

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/query"
)

// This file has the rules for granting, approving, changing and ending roles and audit grants.

// checkMayApproveRole fails unless the caller could also request the role for another person. It applies to the
// approval of a requested role and to its start.
func (w *Write) checkMayApproveRole(ctx context.Context) error {
	if w.isSystem() {
		return nil
	}
	values, err := w.readStoredValues(ctx)
	if err == nil {
		err = w.checkRoleAssignment(ctx, values)
	}
	if fault.Is(err, fault.Invalid) {
		return fault.New(fault.Forbidden,
			"You may not grant this role with this reach: a platform administrator must approve it.")
	}
	return err
}

// checkDeploymentRunning fails when the role came with a deployment that the caller sees to have ended, because such a
// role would have no effect. It has none either where the caller does not see it. A refusal would then tell the caller
// the state of the deployment.
func (w *Write) checkDeploymentRunning(ctx context.Context) error {
	edge := w.Entity.Edge("deployment")
	key, err := w.readVisibleKey(ctx, edge)
	if err != nil || !key.Valid {
		return err
	}
	e, c := w.Model().Target(edge), w.NewCompiler()
	state, _ := c.MaskedCell(e, "d", e.Column("state"))
	ended, err := w.queryReturnsRow(ctx, c, (&query.Fragment{}).
		Add("SELECT 1 FROM ", query.TableAs(e, "d"), " WHERE ", query.Col("d", "id"), " = ").Arg(key.Key.String()).
		Add(" AND ").Sub(c.VisibleRows(e, "d")).
		Add(" AND (").Sub(state).Add(") IN ('completed','cut_short','cancelled')"))
	if err == nil && ended {
		err = fault.InvalidField("to", "the deployment that the role came with has ended.")
	}
	return err
}

// checkMayEndRole fails unless the caller may end the stored role.
func (w *Write) checkMayEndRole(ctx context.Context) error {
	return w.checkRoleRight(ctx, access.EndRole)
}

// checkRoleRight fails unless the caller has the right over the stored role, whoever granted it. Callers may end their
// own roles.
func (w *Write) checkRoleRight(ctx context.Context, right access.RoleRight) error {
	if w.isSystem() {
		return nil
	}
	values, err := w.readStoredValues(ctx)
	if err != nil || values["user_id"] == w.user() {
		return err
	}
	role, _ := values["role"].(string)
	scope, covered := w.View().RoleScope(right, role)
	all, _ := values["everywhere"].(bool)
	covered = covered && (scope.Everywhere || !all)
	for column, entity := range roleScopeColumns {
		ids, _ := values[column].([]string)
		lies, err := w.placesCovered(ctx, right, scope, entity, ids)
		if err != nil {
			return err
		}
		covered = covered && lies
	}
	if !covered {
		return fault.New(fault.Forbidden, "You may not change or end this role: a platform administrator must.")
	}
	return nil
}

// roleScopeColumns are the columns with the scope of a role assignment, each with the entity that its keys belong to.
var roleScopeColumns = map[string]string{
	"country_ids": "Country", "office_ids": "Office", "partner_ids": "Partner", "intervention_ids": "Intervention",
}

// checkSignInAddress refuses to change the e-mail address of an account that signs in by it. Otherwise the owner of the
// new address would take over the account with its present and future rights. The check does not depend on the rights
// of the account, because the refusal would disclose rights that the caller does not see. An address that the caller
// cannot read counts as another one.
func (w *Write) checkSignInAddress(ctx context.Context) error {
	i := slices.IndexFunc(w.Columns, func(ch ColumnChange) bool {
		return w.Entity.Name == "User" && ch.Column == "email"
	})
	if i < 0 || w.isSystem() {
		return nil
	}
	p := (&query.Fragment{}).Add("SELECT 1 FROM users WHERE subject IS NULL AND id = ").Arg(w.ID.String())
	if w.Columns[i].readable {
		p.Add(" AND email <> ").Arg(w.Columns[i].Value)
	}
	found, err := w.queryReturnsRow(ctx, w.NewCompiler(), p)
	if err == nil && found {
		err = fault.InvalidField("email",
			"is how this account signs in: archive the account, and make one with the new address.")
	}
	return err
}

// checkNewGrant checks a new role assignment or audit grant. Callers grant nothing to themselves, no more than they may
// grant, and nothing beyond their own scope.
func (w *Write) checkNewGrant(ctx context.Context) error {
	if w.isSystem() {
		return nil
	}
	values := map[string]any{}
	for _, ch := range w.Columns {
		values[ch.Column] = ch.Value
	}
	switch w.Entity.Name {
	case "AuditGrant":
		return w.checkAuditGrant(values)
	case "RoleAssignment":
		if err := w.checkRoleAssignment(ctx, values); err != nil {
			return err
		}
		return w.checkDeploymentHolder(ctx, values)
	}
	return nil
}

// checkDeploymentHolder refuses a role that comes with another volunteer's deployment, because it would have no effect.
// It checks only volunteers that the caller sees. A role that needs a deployment must name one.
func (w *Write) checkDeploymentHolder(ctx context.Context, values map[string]any) error {
	deployment, given := values["deployment_id"].(uuid.UUID)
	if role, _ := values["role"].(string); !given && w.View().NeedsDeployment(role) {
		return fault.InvalidField("deploymentId", "is required: this role ends with the mandate.")
	}
	user, named := values["user_id"].(uuid.UUID)
	if !given || !named {
		return nil
	}
	c, e := w.NewCompiler(), w.Model().Entity("Volunteer")
	p := (&query.Fragment{}).
		Add("SELECT 1 FROM deployments d JOIN ", query.TableAs(e, "v"), " ON v.id = d.volunteer_id WHERE d.id = ").
		Arg(deployment.String()).
		Add(" AND (v.user_id IS NULL OR v.user_id <> ").Arg(user.String()).Add(") AND ").Sub(c.VisibleRows(e, "v"))
	ofAnother, err := w.queryReturnsRow(ctx, c, p)
	if err == nil && ofAnother {
		err = fault.InvalidField("deploymentId", "is the mandate of another volunteer.")
	}
	return err
}

// checkRoleAssignment fails unless the caller may grant the role assignment with these values. The policies say which
// roles the caller may grant, and within which scope. Nobody may grant to themselves.
func (w *Write) checkRoleAssignment(ctx context.Context, values map[string]any) error {
	if values["user_id"] == w.user() {
		return fault.New(fault.Forbidden, "Nobody grants a role to themselves.")
	}
	role, _ := values["role"].(string)
	if all := w.View().GrantableRoles(); !slices.Contains(all, role) {
		return fault.InvalidField("role", "you may grant %s.", strings.Join(all, ", "))
	}
	purposes, _ := values["purposes"].([]string)
	for _, p := range purposes {
		if !slices.Contains(access.Purposes, p) {
			return fault.InvalidField("purposes", "must be one of %s.", strings.Join(access.Purposes, ", "))
		}
	}
	scope, may := w.View().RoleScope(access.GrantRole, role)
	if own := w.View().OwnGrantableRoles(); !may && len(own) > 0 {
		return fault.InvalidField("role", "you may grant %s.", strings.Join(own, ", "))
	} else if !may {
		return fault.InvalidField("role", "you may grant no role.")
	}
	if all, _ := values["everywhere"].(bool); all && !scope.Everywhere {
		return fault.InvalidField("everywhere", "reaches beyond your own countries.")
	}
	for column, entity := range roleScopeColumns {
		ids, _ := values[column].([]string)
		lies, err := w.placesCovered(ctx, access.GrantRole, scope, entity, ids)
		if err != nil {
			return err
		}
		if !lies {
			return fault.InvalidField(w.Entity.Column(column).Name, "reaches beyond your own countries.")
		}
	}
	return nil
}

// placesCovered reports whether the scope covers the places with the keys, which are rows of the entity. To grant a
// role, the caller must see every place in the countries of the scope. To end one, no place that the caller sees may
// lie outside. A hidden place, such as an archived office, decides nothing, so that the answer does not tell its
// country. A place in a hidden country is outside, like a place without a country.
func (w *Write) placesCovered(ctx context.Context, right access.RoleRight, scope access.RoleScope, entity string,
	ids []string) (bool, error) {
	if len(ids) == 0 || scope.Everywhere {
		return true, nil
	}
	keys := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		key, err := uuid.Parse(id)
		if err != nil {
			return false, nil
		}
		if keys[i] = key; entity == "Country" && !slices.Contains(scope.Countries, key) {
			return false, nil
		}
	}
	if entity == "Country" {
		return true, nil
	}
	c, e, seen, inside := w.NewCompiler(), w.Model().Entity(entity), 0, 0
	inCountries := access.Cond{
		Op: access.KeyIn, Column: "country_id", Values: append([]uuid.UUID{uuid.Nil}, scope.Countries...),
	}
	p := (&query.Fragment{}).Add("SELECT count(*), count(CASE WHEN ").Sub(c.CompileCondition(e, "t", inCountries)).
		Add(" AND ").Sub(c.VisibleEdgeKey(e, "t", e.Edge("country"))).
		Add(" IS NOT NULL THEN 1 END) FROM ", query.TableAs(e, "t"), " WHERE ").
		Sub(c.ColumnInKeys(query.Col("t", "id"), keys)).Add(" AND ").Sub(c.VisibleRows(e, "t"))
	err := w.QueryRows(ctx, c, p, func(row Row) error { return row.Scan(&seen, &inside) })
	if right == access.GrantRole {
		return inside == len(uniqueStrings(ids)), err
	}
	return inside == seen, err
}

// maxAuditGrantPeriod is the longest time for which an audit grant may be valid.
const maxAuditGrantPeriod = 366 * 24 * time.Hour

// checkAuditGrant fails unless the audit grant is limited in time, in place and in rows, and is for another person than
// the caller.
func (w *Write) checkAuditGrant(values map[string]any) error {
	if values["auditor_id"] == w.user() {
		return fault.New(fault.Forbidden, "Nobody grants a role to themselves.")
	}
	from, _ := values["valid_from"].(time.Time)
	until, _ := values["valid_until"].(time.Time)
	countries, _ := values["country_ids"].([]string)
	interventions, _ := values["intervention_ids"].([]string)
	entities, _ := values["entities"].([]string)
	budget, set := values["daily_row_budget"].(int)
	for _, name := range entities {
		if w.Model().Entity(name) == nil {
			return fault.InvalidField("entities",
				"names a type that does not exist: write it as in the schema, as CaseFile.")
		}
	}
	switch {
	case !until.After(from) || until.Sub(from) > maxAuditGrantPeriod:
		return fault.InvalidField("validUntil", "must lie within a year after validFrom.")
	case len(countries)+len(interventions) == 0:
		return fault.InvalidField("interventionIds", "must name an intervention, or countryIds a country.")
	case set && (budget < 1 || budget > 1_000_000):
		return fault.InvalidField("dailyRowBudget", "must be from 1 to %d.", 1_000_000)
	}
	return nil
}

// checkGrantChange checks a change to a role assignment or audit grant. While it is requested, the caller must also be
// allowed to request it as changed. Once approved, it may only end earlier, because anything more needs a new approval.
func (w *Write) checkGrantChange(ctx context.Context) error {
	if w.Entity.Name != "RoleAssignment" && w.Entity.Name != "AuditGrant" || w.isSystem() {
		return nil
	}
	values, err := w.readStoredValues(ctx)
	if err != nil {
		return err
	}
	until, ends := values["valid_until"].(time.Time)
	requested := w.States["state"] == "requested"
	right := access.SuspendRole // an approved assignment can only end sooner
	if requested {
		right = access.EndRole
	}
	if w.Entity.Name == "RoleAssignment" {
		if err := w.checkRoleRight(ctx, right); err != nil {
			return err
		}
	}
	for _, ch := range w.Columns {
		sooner, _ := ch.Value.(time.Time)
		if !requested && (ch.Column != "valid_until" || ch.Value == nil || ends && sooner.After(until)) {
			return fault.InvalidField(ch.InputName,
				"was approved: it may only end earlier. For more, end this one and ask for another.")
		}
		values[ch.Column] = ch.Value
	}
	if requested && w.Entity.Name == "AuditGrant" {
		return w.checkAuditGrant(values)
	}
	if requested {
		return w.checkRoleAssignment(ctx, values)
	}
	return nil
}
