package rules

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// This file has the rules that the states of a row make. They are about the stored rows, not about the caller's view.
// A safeguarding check that the caller may not see counts as well. Only checkDeploymentRunning reads what the caller
// sees.

// FindMove returns a move of the state machine to a state. It fails when no row of the entity comes into this state.
func FindMove(e *model.Entity, m *model.Machine, to string) (model.Move, error) {
	i := slices.IndexFunc(m.Moves, func(move model.Move) bool { return move.To == to })
	if i < 0 {
		return model.Move{}, fault.InvalidField("to", "no row of type %s changes its %s to this value.", e.Name,
			e.Column(m.Field).Name)
	}
	return m.Moves[i], nil
}

// requireMove fails unless the state machine has a move from the state of the row to the new state, and the caller may
// make it. It sets the action that the move needs and the change of the state.
func (w *Write) requireMove(ctx context.Context, m *model.Machine, to string) error {
	mayMove := func(move model.Move) bool { return w.AllowedActions[move.Needs] }
	if !slices.ContainsFunc(m.Moves, mayMove) {
		return w.requireAction(ctx) // only a caller with the right to a move learns the state of the row
	}
	f, state := w.Entity.Column(m.Field), w.States[m.Field]
	i := slices.IndexFunc(m.Moves, func(move model.Move) bool { return move.From == state && move.To == to })
	if i < 0 {
		return moveNotAllowedError(m, f.Name, state)
	}
	w.Action = m.Moves[i].Needs
	if err := w.requireAction(ctx); err != nil {
		return err
	}
	value, _ := convertValue(w.Entity, f, to)
	w.Columns = []ColumnChange{{Column: f.Column, Tag: f.Tag, Value: value, InputName: f.Name}}
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
func (w *Write) stampMove(_ context.Context, m *model.Machine, to string) error {
	for _, stamp := range m.Stamps {
		if slices.Contains(stamp.To, to) {
			w.SetColumn(stamp.Column, w.Now)
		}
	}
	return nil
}

// checkOpenParent fails when the row would move to a state that needs an open parent and the row that it is part of is
// in a final state.
func (w *Write) checkOpenParent(ctx context.Context, m *model.Machine, to string) error {
	if !slices.Contains(m.WhileOpen, to) {
		return nil
	}
	edge := w.Entity.Edge(w.Entity.Within)
	parent, err := w.readStoredKey(ctx, edge.Column)
	if err != nil {
		return err
	}
	return w.checkParentOpen(ctx, w.Model().Target(edge), parent.Key, edge.InputName())
}

// checkRoleMove enforces what a move means for the roles of users. The caller's own roles decide whether the caller may
// give or end a role. A role that came with a deployment ends with it.
func (w *Write) checkRoleMove(ctx context.Context, _ *model.Machine, to string) error {
	switch w.Entity.Name {
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
func (w *Write) revokeDeploymentRoles(ctx context.Context) error {
	if w.Entity.Name != "Deployment" {
		return nil
	}
	w.NoteWrittenRow("RoleAssignment", uuid.Nil)
	return w.WithAllRows(ctx, []string{"role_assignments"}, func() error {
		p := (&query.Fragment{}).Add("UPDATE role_assignments SET state = 'revoked', ended_at = ").Arg(w.Now).
			Add(", updated_at = ").Arg(w.Now).
			Add(", version = version + 1 WHERE deployment_id = ").Arg(w.ID.String()).
			Add(" AND state IN ('requested','approved','active')")
		return w.ExecStatement(ctx, p)
	})
}

// requireSafeguardingChecks fails before a state that needs safeguarding checks when the volunteer of the row is
// barred, or a check of the rule is missing, not clear or expired. A flagged check counts until somebody has cleared or
// ended it, whatever others of its kind say, and whether or not it is archived. The rule binds the hub as well.
func (w *Write) requireSafeguardingChecks(ctx context.Context, m *model.Machine, to string) error {
	rule := m.Safeguarding
	if !slices.Contains(rule.Before, to) {
		return nil
	}
	c := w.NewCompiler()
	p := (&query.Fragment{}).Add("SELECT EXISTS (SELECT 1 FROM volunteers b ",
		"WHERE b.state = 'barred' AND (b.id = v.id OR b.user_id = v.user_id)), ",
		"k.kind, k.result, k.issued_on, k.expires_on ",
		"FROM ", query.TableAs(w.Entity, "d"),
		" JOIN volunteers v ON v.id = ", query.Col("d", w.Entity.Edge(rule.Volunteer).Column),
		" LEFT JOIN safeguarding_checks k ON k.volunteer_id = v.id AND (k.archived_at IS NULL OR k.result = 'flagged') ",
		"WHERE d.id = ").Arg(w.ID.String())
	clear, open, flagged, barred := map[string]bool{}, map[string]bool{}, map[string]bool{}, false
	err := w.WithAllRows(ctx, []string{"safeguarding_checks", w.Entity.Table, "volunteers"}, func() error {
		return w.QueryRows(ctx, c, p, func(row Row) error {
			var out query.BoolScan
			var check, found, from, until query.Value
			err := row.Scan(&out, query.ScanInto(&check, model.String), query.ScanInto(&found, model.String),
				query.ScanInto(&from, model.Date), query.ScanInto(&until, model.Date))
			if err != nil {
				return err
			}
			barred = bool(out)
			kind, result := check.Text, found.Text
			today := w.Now.Truncate(24 * time.Hour)
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
// handing it over. It compares what is sent with what the caller sees, so that the answer does not tell whether an edge
// leads to a hidden row. For the same reason a caller who sees none may only set an office of their own, and not every
// office, because the record may belong to an office that the caller does not see.
func (w *Write) checkHandovers(ctx context.Context) error {
	if w.AllowedActions[model.Delete] || w.isSystem() {
		return nil
	}
	for _, rule := range w.Entity.Handovers {
		edge := w.Entity.Edge(rule.Edge)
		i := slices.IndexFunc(w.Columns, func(ch ColumnChange) bool { return ch.Column == edge.Column })
		if i < 0 {
			continue
		}
		from, err := w.readVisibleKey(ctx, edge)
		if err != nil {
			return err
		}
		if sameReference(&w.Columns[i], from) {
			continue
		}
		to, given := w.Columns[i].Value.(uuid.UUID)
		first := false
		if rule.AllowFirst && given && !from.Valid {
			if first, err = w.isOwnOffice(ctx, to); err != nil {
				return err
			}
		}
		if !first {
			return ruleError(rule.Message)
		}
	}
	return nil
}

// checkRevocation refuses to restore a personal access token that was revoked.
func (w *Write) checkRevocation(context.Context) error {
	for _, ch := range w.Columns {
		if w.Entity.Name != "AccessToken" || ch.Column != "revoked_at" {
			continue
		}
		if ch.Value == nil || ch.Value.(time.Time).After(w.Now.Add(time.Minute)) {
			return fault.InvalidField(ch.InputName, "must be an instant that has passed: what was revoked stays so.")
		}
	}
	return nil
}

// checkReportedFields lets a caller without the right to approve the row change only the columns for reports, where the
// entity has such columns.
func (w *Write) checkReportedFields(context.Context) error {
	isOther := func(ch ColumnChange) bool { return !slices.Contains(w.Entity.Reports, ch.Column) }
	if len(w.Entity.Reports) == 0 || w.AllowedActions[model.Approve] || w.isSystem() ||
		!slices.ContainsFunc(w.Columns, isOther) {
		return nil
	}
	var names []string
	for _, column := range w.Entity.Reports {
		names = append(names, w.Entity.InputOf(column))
	}
	return fault.New(fault.Forbidden,
		"Of this row you may write %s; for the rest you need the right to approve it.", strings.Join(names, ", "))
}

// checkNotFrozen refuses to change a row in a state that fixes its content, such as submitted, approved or decided.
func (w *Write) checkNotFrozen(context.Context) error {
	if w.isSystem() {
		return nil
	}
	for _, m := range w.Entity.Machines {
		if w.changesColumn(m.Field) {
			continue // this is the state that moves
		}
		isFixed := func(ch ColumnChange) bool { return !slices.Contains(m.Free, ch.Column) }
		i := slices.IndexFunc(w.Columns, isFixed)
		if i < 0 || !slices.Contains(m.Fixed, w.States[m.Field]) {
			continue
		}
		return frozenError(&m, w.Entity, w.States[m.Field], w.Columns[i].InputName)
	}
	return nil
}

// checkArchivable refuses to archive a row in a state in which other people rely on it, such as a warning or a
// published figure.
func (w *Write) checkArchivable(context.Context) error {
	if w.isSystem() {
		return nil
	}
	for _, m := range w.Entity.Machines {
		state, field := w.States[m.Field], w.Entity.Column(m.Field).Name
		if !slices.Contains(m.NotArchivedIn, state) {
			continue
		}
		if way := m.Way(state, m.NotArchivedIn); way != nil {
			return fault.InvalidField("id", "cannot be archived while %s is %s: move it to %s first.", field,
				strings.ToUpper(state), strings.ToUpper(strings.Join(way, ", ")))
		}
		return fault.InvalidField("id", "cannot be archived: %s is %s for good.", field, strings.ToUpper(state))
	}
	return nil
}

// checkNoDependants refuses to archive a row while the caller sees rows in the lists that the entity's rule KeptWhile
// names.
func (w *Write) checkNoDependants(ctx context.Context) error {
	if w.isSystem() {
		return nil
	}
	for _, name := range w.Entity.KeptWhile {
		c := w.NewCompiler()
		found, err := w.queryReturnsRow(ctx, c, w.selectWrittenRow().Sub(c.HasDependants(w.Entity, "t", name)))
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
