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
)

// Rules of the domain that a state machine alone does not state, by entity and column. They are judged on the stored
// rows, not on the caller's view: a safeguarding check that the caller may not see still counts.
var guards = map[string]func(ctx context.Context, w *write, to string) error{
	"Deployment.state": deployment,
	"RoleAssignment.state": func(ctx context.Context, w *write, to string) error {
		switch to {
		case "active":
			w.set("active_from", w.now)
		case "expired", "revoked":
			w.set("ended_at", w.now)
			return w.ends(ctx)
		}
		if err := w.approvable(ctx); err != nil {
			return err
		}
		return w.mandated(ctx)
	},
	"Consent.state": consent,
	"Referral.state": func(ctx context.Context, w *write, to string) error {
		if to != "sent" {
			return nil
		}
		edge := w.entity.Edge(w.entity.Within)
		at, err := w.at(ctx, edge.Column)
		if err != nil {
			return err
		}
		return w.open(ctx, w.hub.model.Target(edge), at.key, "caseFileId")
	},
}

// RequiredChecks are the safeguarding checks without which nobody goes to a country. A check of another kind, such
// as a visa, counts when it is on record.
var RequiredChecks = []string{"police_record", "references", "code_of_conduct", "child_safeguarding_training", "medical", "insurance"}

// deployment lets nobody go to a country without clear, unexpired checks, and ends a mandate's access with it.
func deployment(ctx context.Context, w *write, to string) error {
	switch to {
	case "in_country":
		return w.cleared(ctx)
	case "completed", "cut_short", "cancelled":
		return w.revoked(ctx)
	}
	return nil
}

// revoked ends the roles that came with the mandate.
func (w *write) revoked(ctx context.Context) error {
	w.touch("RoleAssignment", uuid.Nil)
	return w.widened(ctx, []string{"role_assignments"}, func() error {
		return w.exec(ctx, "UPDATE role_assignments SET state = 'revoked', ended_at = ?, updated_at = ?, version = version + 1 WHERE deployment_id = ? AND state IN ('requested','approved','active')", w.now, w.now, w.id.String())
	})
}

// cleared fails where the volunteer is barred, or a check is missing, not clear or expired. One that was flagged counts until
// somebody has cleared or ended it, whatever others of its kind say, and whether or not it is archived.
func (w *write) cleared(ctx context.Context) error {
	c := w.compiler()
	p := (&part{}).add("SELECT EXISTS (SELECT 1 FROM volunteers b WHERE b.state = 'barred' AND (b.id = v.id OR b.user_id = v.user_id)), k.kind, k.result, k.issued_on, k.expires_on FROM deployments d JOIN volunteers v ON v.id = d.volunteer_id ",
		"LEFT JOIN safeguarding_checks k ON k.volunteer_id = v.id AND (k.archived_at IS NULL OR k.result = 'flagged') WHERE d.id = ").arg(w.id.String())
	clear, open, flagged, barred := map[string]bool{}, map[string]bool{}, map[string]bool{}, false
	err := w.widened(ctx, []string{"safeguarding_checks", "deployments", "volunteers"}, func() error {
		return w.query(ctx, c, p, func(rows *sql.Rows) error {
			var out boolScan
			var check, found sql.NullString
			var from, until Value
			if err := rows.Scan(&out, &check, &found, &cellScan{&from, model.Date, ""}, &cellScan{&until, model.Date, ""}); err != nil {
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
	for _, kind := range RequiredChecks {
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

// handed keeps what gives access to a child's record, and what ended a token, from those whom it is about.
func (w *write) handed(ctx context.Context) error {
	for _, ch := range w.changes {
		switch {
		case w.entity.Scope.Child != "" && handing[ch.column] != nil && !w.may[model.Delete] && !w.system():
			from, err := w.at(ctx, ch.column)
			if to, given := ch.value.(uuid.UUID); err == nil && (from.ok != given || from.key != to) && (from.ok || ch.column != "office_id") { // what no office has, whoever works on it gives to one
				err = handing[ch.column]
			}
			if err != nil {
				return err
			}
		case w.entity.Name+"."+ch.column == "AccessToken.revoked_at" && (ch.value == nil || ch.value.(time.Time).After(w.now.Add(time.Minute))):
			return fault.InvalidField(ch.name, "must be an instant that has passed: what was revoked stays so.")
		}
	}
	return nil
}

// handing are the columns that hand what is about a child to others, which only those do who may archive it, and what others are told.
var handing = map[string]error{
	"keeper_id": fault.New(fault.Forbidden, "Who keeps a child's record is for the supervisor of its office to change."),
	"office_id": fault.New(fault.Forbidden, "Which office has this record is for a supervisor of both offices to change."),
}

// reports keeps those who may only report on a row to what they report.
func (w *write) reports() error {
	if len(w.entity.Reports) == 0 || w.may[model.Approve] || w.system() ||
		!slices.ContainsFunc(w.changes, func(ch change) bool { return !slices.Contains(w.entity.Reports, ch.column) }) {
		return nil
	}
	var names []string
	for _, column := range w.entity.Reports {
		names = append(names, w.entity.InputOf(column))
	}
	return fault.New(fault.Forbidden, "Of this row you may write %s; for the rest you need the right to approve it.", strings.Join(names, ", "))
}

// unsettled keeps what somebody has submitted, approved or decided as it was then.
func (w *write) unsettled() error {
	if w.system() {
		return nil
	}
	for _, m := range w.entity.Machines {
		if slices.ContainsFunc(w.changes, func(ch change) bool { return ch.column == m.Field }) {
			continue // this is the state that moves
		}
		i := slices.IndexFunc(w.changes, func(ch change) bool { return !slices.Contains(m.Free, ch.column) })
		if i < 0 || !slices.Contains(m.Fixed, w.states[m.Field]) {
			continue
		}
		return settled(&m, w.entity, w.states[m.Field], w.changes[i].name)
	}
	return nil
}

// kept refuses to archive a row in a state in which others count on it: a warning, or a figure that is out.
func (w *write) kept() error {
	if w.system() {
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

// holding are the edges whose rows keep a row from being archived, as far as the caller sees them: without it they are read by
// nobody, or say nothing.
var holding = map[string][]string{"Child": {"caseFiles"}, "Intervention": {"results"}, "Result": {"indicators"}, "Indicator": {"values"}}

// holds is the condition that such an edge of a row leads to rows.
func (c *compiler) holds(e *model.Entity, alias, name string) *part {
	edge, t := e.Edge(name), c.alias()
	target := c.model.Target(edge)
	return (&part{}).add("EXISTS (SELECT 1 FROM ", table(target, t), " WHERE ", col(t, edge.Column), " = ", col(alias, "id"), " AND ").sub(c.visible(target, t)).
		sub(c.followed(target, t, edge)).add(")")
}

// held refuses to archive a row that holds others.
func (w *write) held(ctx context.Context) error {
	if w.system() {
		return nil
	}
	for _, name := range holding[w.entity.Name] {
		c := w.compiler()
		found, err := w.finds(ctx, c, w.itself().sub(c.holds(w.entity, "t", name)))
		if err != nil {
			return err
		}
		if found {
			return fault.InvalidField("id", "cannot be archived while %s are there: archive them first.", name)
		}
	}
	return nil
}

// settled says that what has this name does not change in a state, and where the state leads.
func settled(m *model.Machine, e *model.Entity, state, name string) error {
	field := e.Column(m.Field).Name
	if way := m.Way(state, m.Fixed); way != nil {
		return fault.InvalidField(name, "cannot change while %s is %s: move it to %s first.", field, strings.ToUpper(state), strings.ToUpper(strings.Join(way, ", ")))
	}
	return fault.InvalidField(name, "cannot change any more: %s is %s for good.", field, strings.ToUpper(state))
}

// consent notes when it was withdrawn.
func consent(_ context.Context, w *write, to string) error {
	if to == "withdrawn" {
		w.set("withdrawn_at", w.now)
	}
	return nil
}

// authored notes who makes a row.
func (w *write) authored() {
	user := w.User()
	if user == uuid.Nil {
		return
	}
	w.set("created_by", user)
	w.signed()
	for i := range w.entity.Edges {
		edge := &w.entity.Edges[i]
		if edge.Maker && !slices.ContainsFunc(w.changes, func(ch change) bool { return ch.column == edge.Column }) {
			w.set(edge.Column, user)
		}
	}
}

// signed notes who changes what a row says, beside those who did before.
func (w *write) signed() {
	if user := w.User(); user != uuid.Nil && !slices.Contains(w.editors, user.String()) {
		w.set("edited_by", append(w.editors, user.String()))
	}
}

// exec runs a statement of the hub's own in the write's transaction.
func (w *write) exec(ctx context.Context, text string, args ...any) error {
	c := w.compiler()
	text, args = c.finish((&part{args: args}).add(text))
	_, err := w.db.(*sql.Tx).ExecContext(ctx, text, args...)
	return Classify(err)
}
