package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// checkStateRules enforces the rules about a move that the model states beside the approvals, and records the moment of
// the move. The rules are about the stored rows, not about the caller's view. A safeguarding check that the caller may
// not see counts as well.
func (w *rowWrite) checkStateRules(ctx context.Context, m *model.Machine, to string) error {
	for _, stamp := range m.Stamps {
		if slices.Contains(stamp.To, to) {
			w.setColumn(stamp.Column, w.now)
		}
	}
	if slices.Contains(m.WhileOpen, to) {
		edge := w.entity.Edge(w.entity.Within)
		parent, err := w.readStoredKey(ctx, edge.Column)
		if err != nil {
			return err
		}
		if err := w.checkParentOpen(ctx, w.hub.model.Target(edge), parent.Key, edge.InputName()); err != nil {
			return err
		}
	}
	if slices.Contains(m.Safeguarding.Before, to) {
		if err := w.requireSafeguardingChecks(ctx, m.Safeguarding); err != nil {
			return err
		}
	}
	return w.checkRoleMove(ctx, to)
}

// checkRoleMove enforces what a move means for the roles of users. Who may give and end a role depends on the caller's
// own roles, and a role that came with a deployment ends with it.
func (w *rowWrite) checkRoleMove(ctx context.Context, to string) error {
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

// revokeDeploymentRoles ends the roles that came with the mandate.
func (w *rowWrite) revokeDeploymentRoles(ctx context.Context) error {
	w.noteWrittenRow("RoleAssignment", uuid.Nil)
	return w.withAllRows(ctx, []string{"role_assignments"}, func() error {
		return w.execStatement(ctx, "UPDATE role_assignments SET state = 'revoked', ended_at = ?, updated_at = ?, version = version + 1 WHERE deployment_id = ? AND state IN ('requested','approved','active')", w.now, w.now, w.id.String())
	})
}

// requireSafeguardingChecks fails where the volunteer of the row is barred, or a check of the rule is missing, not
// clear or expired. A flagged check counts until somebody has cleared or ended it, whatever others of its kind say, and
// whether or not it is archived. The rule binds the hub as well.
func (w *rowWrite) requireSafeguardingChecks(ctx context.Context, rule model.Safeguarding) error {
	c := w.newCompiler()
	p := (&query.Fragment{}).Add("SELECT EXISTS (SELECT 1 FROM volunteers b ",
		"WHERE b.state = 'barred' AND (b.id = v.id OR b.user_id = v.user_id)), k.kind, k.result, k.issued_on, k.expires_on ",
		"FROM ", query.TableAs(w.entity, "d"),
		" JOIN volunteers v ON v.id = ", query.Col("d", w.entity.Edge(rule.Volunteer).Column),
		" LEFT JOIN safeguarding_checks k ON k.volunteer_id = v.id AND (k.archived_at IS NULL OR k.result = 'flagged') ",
		"WHERE d.id = ").Arg(w.id.String())
	clear, open, flagged, barred := map[string]bool{}, map[string]bool{}, map[string]bool{}, false
	err := w.withAllRows(ctx, []string{"safeguarding_checks", w.entity.Table, "volunteers"}, func() error {
		return w.queryRows(ctx, c, p, func(rows *sql.Rows) error {
			var out query.BoolScan
			var check, found sql.NullString
			var from, until query.Value
			if err := rows.Scan(&out, &check, &found, query.ScanInto(&from, model.Date), query.ScanInto(&until, model.Date)); err != nil {
				return err
			}
			barred = bool(out)
			kind, result := check.String, found.String
			today := w.now.Truncate(24 * time.Hour)
			if !check.Valid {
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
		return fault.InvalidField("to", "the volunteer has no clear, unexpired check of these kinds, or a flagged one: %s.", strings.ToUpper(strings.Join(missing, ", ")))
	}
	return nil
}

// checkHandovers lets only a caller with the right to archive the row change the edges of the entity's rules about
// handing it over. It compares what is sent with what the caller sees, so that the answer does not tell whether an edge
// leads to a hidden row. A caller who sees nothing there and sends null changes nothing.
func (w *rowWrite) checkHandovers(ctx context.Context) error {
	if w.allowedActions[model.Delete] || w.isSystem() {
		return nil
	}
	for _, rule := range w.entity.Handovers {
		edge := w.entity.Edge(rule.Edge)
		i := slices.IndexFunc(w.changes, func(ch columnChange) bool { return ch.column == edge.Column })
		if i < 0 {
			continue
		}
		from, err := w.readVisibleKey(ctx, edge)
		if err != nil {
			return err
		}
		to, given := w.changes[i].value.(uuid.UUID)
		isChange := from.Valid != given || from.Key != to
		if isChange && (from.Valid || !rule.AllowFirst) {
			return ruleError(rule.Message)
		}
		if !isChange {
			w.changes = slices.Delete(w.changes, i, i+1)
		}
	}
	return nil
}

// checkRevocation keeps a token that was revoked from being restored.
func (w *rowWrite) checkRevocation() error {
	for _, ch := range w.changes {
		if w.entity.Name+"."+ch.column == "AccessToken.revoked_at" && (ch.value == nil || ch.value.(time.Time).After(w.now.Add(time.Minute))) {
			return fault.InvalidField(ch.inputName, "must be an instant that has passed: what was revoked stays so.")
		}
	}
	return nil
}

// checkReportedFields keeps those who may only report on a row to what they report.
func (w *rowWrite) checkReportedFields() error {
	if len(w.entity.Reports) == 0 || w.allowedActions[model.Approve] || w.isSystem() ||
		!slices.ContainsFunc(w.changes, func(ch columnChange) bool { return !slices.Contains(w.entity.Reports, ch.column) }) {
		return nil
	}
	var names []string
	for _, column := range w.entity.Reports {
		names = append(names, w.entity.InputOf(column))
	}
	return fault.New(fault.Forbidden, "Of this row you may write %s; for the rest you need the right to approve it.", strings.Join(names, ", "))
}

// checkNotFrozen keeps what somebody has submitted, approved or decided as it was then.
func (w *rowWrite) checkNotFrozen() error {
	if w.isSystem() {
		return nil
	}
	for _, m := range w.entity.Machines {
		if slices.ContainsFunc(w.changes, func(ch columnChange) bool { return ch.column == m.Field }) {
			continue // this is the state that moves
		}
		i := slices.IndexFunc(w.changes, func(ch columnChange) bool { return !slices.Contains(m.Free, ch.column) })
		if i < 0 || !slices.Contains(m.Fixed, w.states[m.Field]) {
			continue
		}
		return frozenError(&m, w.entity, w.states[m.Field], w.changes[i].inputName)
	}
	return nil
}

// checkArchivable refuses to archive a row in a state in which others count on it: a warning, or a figure that is out.
func (w *rowWrite) checkArchivable() error {
	if w.isSystem() {
		return nil
	}
	for _, m := range w.entity.Machines {
		state, field := w.states[m.Field], w.entity.Column(m.Field).Name
		if !slices.Contains(m.Kept, state) {
			continue
		}
		if way := m.Way(state, m.Kept); way != nil {
			return fault.InvalidField("id", "cannot be archived while %s is %s: move it to %s first.", field, strings.ToUpper(state), strings.ToUpper(strings.Join(way, ", ")))
		}
		return fault.InvalidField("id", "cannot be archived: %s is %s for good.", field, strings.ToUpper(state))
	}
	return nil
}

// checkNoDependants refuses to archive a row that holds others.
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

// frozenError says that what has this name does not change in a state, and where the state leads.
func frozenError(m *model.Machine, e *model.Entity, state, name string) error {
	field := e.Column(m.Field).Name
	if way := m.Way(state, m.Fixed); way != nil {
		return fault.InvalidField(name, "cannot change while %s is %s: move it to %s first.", field, strings.ToUpper(state), strings.ToUpper(strings.Join(way, ", ")))
	}
	return fault.InvalidField(name, "cannot change any more: %s is %s for good.", field, strings.ToUpper(state))
}

// setAuthor notes who makes a row.
func (w *rowWrite) setAuthor() {
	user := w.User()
	if user == uuid.Nil {
		return
	}
	w.setColumn("created_by", user)
	w.addEditor()
	for i := range w.entity.Edges {
		edge := &w.entity.Edges[i]
		if edge.Maker && !slices.ContainsFunc(w.changes, func(ch columnChange) bool { return ch.column == edge.Column }) {
			w.setColumn(edge.Column, user)
		}
	}
}

// addEditor notes who changes what a row says, beside those who did before.
func (w *rowWrite) addEditor() {
	if user := w.User(); user != uuid.Nil && !slices.Contains(w.editors, user.String()) {
		w.setColumn("edited_by", append(w.editors, user.String()))
	}
}

// execStatement runs a statement of the hub's own in the write's transaction.
func (w *rowWrite) execStatement(ctx context.Context, text string, args ...any) error {
	c := w.newCompiler()
	text, args = c.RenderStatement((&query.Fragment{Args: args}).Add(text))
	_, err := w.db.(*sql.Tx).ExecContext(ctx, text, args...)
	return database.Classify(err)
}
