package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// This file has the rules that the states of a row make. They are about the stored rows, not about the caller's view.
// A safeguarding check that the caller may not see counts as well.

// findMove returns a move of the state machine to a state. It fails when no row of the entity comes into this state.
func findMove(e *model.Entity, m *model.Machine, to string) (model.Move, error) {
	i := slices.IndexFunc(m.Moves, func(move model.Move) bool { return move.To == to })
	if i < 0 {
		return model.Move{}, fault.InvalidField("to", "no row of type %s changes its %s to this value.", e.Name,
			e.Column(m.Field).Name)
	}
	return m.Moves[i], nil
}

// requireMove fails unless the state machine has a move from the state of the row to the new state, and the caller may
// make it. It sets the action that the move needs and the change of the state.
func (w *rowWrite) requireMove(ctx context.Context, m *model.Machine, to string) error {
	mayMove := func(move model.Move) bool { return w.allowedActions[move.Needs] }
	if !slices.ContainsFunc(m.Moves, mayMove) {
		return w.requireAction(ctx) // only a caller with the right to a move learns the state of the row
	}
	f, state := w.entity.Column(m.Field), w.states[m.Field]
	i := slices.IndexFunc(m.Moves, func(move model.Move) bool { return move.From == state && move.To == to })
	if i < 0 {
		return moveNotAllowedError(m, f.Name, state)
	}
	w.action = m.Moves[i].Needs
	if err := w.requireAction(ctx); err != nil {
		return err
	}
	value, _ := convertValue(w.entity, f, to)
	w.changes = []columnChange{{column: f.Column, tag: f.Tag, value: value, inputName: f.Name}}
	return nil
}

// moveNotAllowedError is the error for a move that the state machine does not have. It names the states to which a row
// in the present state may move.
func moveNotAllowedError(m *model.Machine, name, state string) error {
	var next []string
	for _, move := range m.Moves {
		if move.From == state {
			next = append(next, strings.ToUpper(move.To))
		}
	}
	if len(next) == 0 {
		return fault.InvalidField("to", "the %s is %s, which is its last.", name, strings.ToUpper(state))
	}
	return fault.InvalidField("to", "the %s is %s: from there it goes to %s.", name, strings.ToUpper(state),
		strings.Join(next, ", "))
}

// stampMove records the moment of the move in the columns that the state machine names.
func (w *rowWrite) stampMove(_ context.Context, m *model.Machine, to string) error {
	for _, stamp := range m.Stamps {
		if slices.Contains(stamp.To, to) {
			w.setColumn(stamp.Column, w.now)
		}
	}
	return nil
}

// checkOpenParent fails when the row would move to a state that needs an open parent and the row that it is part of is
// in a final state.
func (w *rowWrite) checkOpenParent(ctx context.Context, m *model.Machine, to string) error {
	if !slices.Contains(m.WhileOpen, to) {
		return nil
	}
	edge := w.entity.Edge(w.entity.Within)
	parent, err := w.readStoredKey(ctx, edge.Column)
	if err != nil {
		return err
	}
	return w.checkParentOpen(ctx, w.hub.model.Target(edge), parent.Key, edge.InputName())
}

// checkRoleMove enforces what a move means for the roles of users. Who may give and end a role depends on the caller's
// own roles, and a role that came with a deployment ends with it.
func (w *rowWrite) checkRoleMove(ctx context.Context, _ *model.Machine, to string) error {
	switch w.entity.Name {
	case "RoleAssignment":
		if to == "expired" || to == "revoked" {
			return w.checkMayEndRole(ctx)
		}
		if err := w.checkMayApproveRole(ctx); err != nil {
			return err
		}
		return w.checkDeploymentRunning(ctx)
	case "Deployment":
		if to == "completed" || to == "cut_short" || to == "cancelled" {
			return w.revokeDeploymentRoles(ctx)
		}
	}
	return nil
}

// revokeDeploymentRoles ends the roles that came with the deployment when the row is one. It does nothing for the rows
// of other entities.
func (w *rowWrite) revokeDeploymentRoles(ctx context.Context) error {
	if w.entity.Name != "Deployment" {
		return nil
	}
	w.noteWrittenRow("RoleAssignment", uuid.Nil)
	return w.withAllRows(ctx, []string{"role_assignments"}, func() error {
		p := (&query.Fragment{}).Add("UPDATE role_assignments SET state = 'revoked', ended_at = ").Arg(w.now).
			Add(", updated_at = ").Arg(w.now).
			Add(", version = version + 1 WHERE deployment_id = ").Arg(w.id.String()).
			Add(" AND state IN ('requested','approved','active')")
		return w.execStatement(ctx, p)
	})
}

// requireSafeguardingChecks fails before a state that needs safeguarding checks when the volunteer of the row is barred,
// or a check of the rule is missing, not clear or expired. A flagged check counts until somebody has cleared or ended
// it, whatever others of its kind say, and whether or not it is archived. The rule binds the hub as well.
func (w *rowWrite) requireSafeguardingChecks(ctx context.Context, m *model.Machine, to string) error {
	rule := m.Safeguarding
	if !slices.Contains(rule.Before, to) {
		return nil
	}
	c := w.newCompiler()
	p := (&query.Fragment{}).Add("SELECT EXISTS (SELECT 1 FROM volunteers b ",
		"WHERE b.state = 'barred' AND (b.id = v.id OR b.user_id = v.user_id)), ",
		"k.kind, k.result, k.issued_on, k.expires_on ",
		"FROM ", query.TableAs(w.entity, "d"),
		" JOIN volunteers v ON v.id = ", query.Col("d", w.entity.Edge(rule.Volunteer).Column),
		" LEFT JOIN safeguarding_checks k ON k.volunteer_id = v.id AND (k.archived_at IS NULL OR k.result = 'flagged') ",
		"WHERE d.id = ").Arg(w.id.String())
	clear, open, flagged, barred := map[string]bool{}, map[string]bool{}, map[string]bool{}, false
	err := w.withAllRows(ctx, []string{"safeguarding_checks", w.entity.Table, "volunteers"}, func() error {
		return w.queryRows(ctx, c, p, func(rows *sql.Rows) error {
			var out query.BoolScan
			var check, found, from, until query.Value
			err := rows.Scan(&out, query.ScanInto(&check, model.String), query.ScanInto(&found, model.String),
				query.ScanInto(&from, model.Date), query.ScanInto(&until, model.Date))
			if err != nil {
				return err
			}
			barred = bool(out)
			kind, result := check.Text, found.Text
			today := w.now.Truncate(24 * time.Hour)
			if check.Null {
				return nil
			}
			flagged[kind] = flagged[kind] || result == "flagged"
			if result == "clear" && (from.Null || !from.Time.After(today)) && (until.Null || !until.Time.Before(today)) {
				clear[kind] = true
			} else {
				open[kind] = true
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	if barred {
		return fault.InvalidField("to", "the volunteer is barred.")
	}
	var missing []string
	for kind := range flagged {
		clear[kind] = clear[kind] && !flagged[kind]
	}
	for _, kind := range rule.Kinds {
		if !clear[kind] {
			missing = append(missing, kind)
		}
	}
	for kind := range open {
		if !clear[kind] && !slices.Contains(missing, kind) {
			missing = append(missing, kind)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return fault.InvalidField("to",
			"the volunteer has no clear, unexpired check of these kinds, or a flagged one: %s.",
			strings.ToUpper(strings.Join(missing, ", ")))
	}
	return nil
}

// checkHandovers lets only a caller with the right to archive the row change the edges of the entity's rules about
// handing it over.
func (w *rowWrite) checkHandovers(ctx context.Context) error {
	if w.allowedActions[model.Delete] || w.isSystem() {
		return nil
	}
	for _, ch := range w.changes {
		for _, rule := range w.entity.Handovers {
			if w.entity.Edge(rule.Edge).Column != ch.column {
				continue
			}
			from, err := w.readStoredKey(ctx, ch.column)
			if err != nil {
				return err
			}
			to, given := ch.value.(uuid.UUID)
			isChange := from.Valid != given || from.Key != to
			if isChange && (from.Valid || !rule.AllowFirst) {
				return ruleError(rule.Message)
			}
		}
	}
	return nil
}

// checkRevocation refuses to restore a personal access token that was revoked.
func (w *rowWrite) checkRevocation(context.Context) error {
	for _, ch := range w.changes {
		if w.entity.Name != "AccessToken" || ch.column != "revoked_at" {
			continue
		}
		if ch.value == nil || ch.value.(time.Time).After(w.now.Add(time.Minute)) {
			return fault.InvalidField(ch.inputName, "must be an instant that has passed: what was revoked stays so.")
		}
	}
	return nil
}

// checkReportedFields lets a caller without the right to approve the row change only the columns for reports, where the
// entity has such columns.
func (w *rowWrite) checkReportedFields(context.Context) error {
	isOther := func(ch columnChange) bool { return !slices.Contains(w.entity.Reports, ch.column) }
	if len(w.entity.Reports) == 0 || w.allowedActions[model.Approve] || w.isSystem() ||
		!slices.ContainsFunc(w.changes, isOther) {
		return nil
	}
	var names []string
	for _, column := range w.entity.Reports {
		names = append(names, w.entity.InputOf(column))
	}
	return fault.New(fault.Forbidden,
		"Of this row you may write %s; for the rest you need the right to approve it.", strings.Join(names, ", "))
}

// checkNotFrozen refuses to change a row in a state that fixes its content, such as submitted, approved or decided.
func (w *rowWrite) checkNotFrozen(context.Context) error {
	if w.isSystem() {
		return nil
	}
	for _, m := range w.entity.Machines {
		if w.changesColumn(m.Field) {
			continue // this is the state that moves
		}
		isFixed := func(ch columnChange) bool { return !slices.Contains(m.Free, ch.column) }
		i := slices.IndexFunc(w.changes, isFixed)
		if i < 0 || !slices.Contains(m.Fixed, w.states[m.Field]) {
			continue
		}
		return frozenError(&m, w.entity, w.states[m.Field], w.changes[i].inputName)
	}
	return nil
}

// checkArchivable refuses to archive a row in a state in which other people rely on it, such as a warning or a published
// figure.
func (w *rowWrite) checkArchivable(context.Context) error {
	if w.isSystem() {
		return nil
	}
	for _, m := range w.entity.Machines {
		state, field := w.states[m.Field], w.entity.Column(m.Field).Name
		if !slices.Contains(m.Kept, state) {
			continue
		}
		if way := m.Way(state, m.Kept); way != nil {
			return fault.InvalidField("id", "cannot be archived while %s is %s: move it to %s first.", field,
				strings.ToUpper(state), strings.ToUpper(strings.Join(way, ", ")))
		}
		return fault.InvalidField("id", "cannot be archived: %s is %s for good.", field, strings.ToUpper(state))
	}
	return nil
}

// checkNoDependants refuses to archive a row while the caller sees rows in the lists that the entity's rule KeptWhile
// names.
func (w *rowWrite) checkNoDependants(ctx context.Context) error {
	if w.isSystem() {
		return nil
	}
	for _, name := range w.entity.KeptWhile {
		c := w.newCompiler()
		found, err := w.queryReturnsRow(ctx, c, w.selectWrittenRow().Sub(c.HasDependants(w.entity, "t", name)))
		if err != nil {
			return err
		}
		if found {
			return fault.InvalidField("id", "cannot be archived while %s are there: archive them first.", name)
		}
	}
	return nil
}

// frozenError is the error for a change of a row in a final state. Name is the input field that would change. The error
// names the states from which the row can be changed again, if there are any.
func frozenError(m *model.Machine, e *model.Entity, state, name string) error {
	field := e.Column(m.Field).Name
	if way := m.Way(state, m.Fixed); way != nil {
		return fault.InvalidField(name, "cannot change while %s is %s: move it to %s first.", field,
			strings.ToUpper(state), strings.ToUpper(strings.Join(way, ", ")))
	}
	return fault.InvalidField(name, "cannot change any more: %s is %s for good.", field, strings.ToUpper(state))
}
