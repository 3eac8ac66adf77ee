package proof_test

// leaks are built in on purpose, one at a time, to see that the cases find each. An edit changes one place of the
// source: where the anchor marks an expression by ‹ and ›, the bad one takes its place while the leak leaks; otherwise
// the whole anchor becomes the text, in which $0 is what stood there and LEAK whether the leak leaks now.
var leaks = []leak{
	// conditions
	{"L03", "some: rows out of scope", edits{part(predicate, reach, `pred.Op == PredSome`, `leakLive(t)`)}},
	{"L04", "none: rows out of scope", edits{part(predicate, reach, `pred.Op == PredNone`, `leakLive(t)`)}},
	{"L15", "count condition: rows out of scope", edits{part(predicate, reach, `pred.Op == PredCount`, `leakLive(t)`)}},
	{"L03", "edge to one: row out of scope", edits{part(predicate, reach, `pred.Op == PredOne`, `leakLive(t)`)}},
	{"L10", "order by count: rows out of scope", edits{part(predicate, reach, `pred.Op == PredAnd`, `leakLive(t)`)}},
	{"L06", "condition over a joining entity: rows out of scope", edits{part(predicate, reach, `pred.Edge.Kind == model.Through`, `leakLive(t)`)}},
	{"L03", "some: archived rows", edits{part(predicate, reach, `pred.Op == PredSome`, `c.leakScope(target, t)`)}},
	{"L04", "none: archived rows", edits{part(predicate, reach, `pred.Op == PredNone`, `c.leakScope(target, t)`)}},
	{"L15", "count condition: archived rows", edits{part(predicate, reach, `pred.Op == PredCount`, `c.leakScope(target, t)`)}},
	{"L03", "edge to one: archived row", edits{part(predicate, reach, `pred.Op == PredOne`, `c.leakScope(target, t)`)}},
	{"L10", "order by count: archived rows", edits{part(predicate, reach, `pred.Op == PredAnd`, `c.leakScope(target, t)`)}},
	{"L06", "look-up by a key in a condition: row out of scope", edits{or(predicate, `" WHERE ").sub(‹c.visible(target, t)›).
				add(" AND ").sub(c.where(target`, `leakLive(t)`)}},
	{"L04", "not: scope dropped within", edits{raw(predicate, not, "if LEAK { return p.add(\"(\").sub(c.leakNot(e, alias, &pred.Kids[0])).add(\") IS NOT TRUE\") }\n$0"),
		part(compile, `return ‹c.allowed(e, alias, model.Read)›`, `c.bent`, `leakLive(alias)`), raw(compile, `	aliases int`, "$0\n\tbent bool")}},
	{"L04", "not of what is unknown is unknown", edits{raw(predicate, not, "if LEAK { return p.add(\"(\").sub(c.where(e, alias, &pred.Kids[0])).add(\") IS FALSE\") }\n$0")}},
	{"L01", "where: masked cell", edits{raw(predicate, `cell, _ := c.cell(e, alias, pred.Field)`, `$0; if LEAK { cell = leakRaw(alias, pred.Field) }`)}},
	{"L02", "where, ranges and parts only: masked cell", edits{raw(predicate, `cell, _ := c.cell(e, alias, pred.Field)`, `$0; if LEAK && pred.Compare >= Lt && pred.Compare != Null { cell = leakRaw(alias, pred.Field) }`)}},
	{"L05", "isNull only: masked cell", edits{raw(predicate, `cell, _ := c.cell(e, alias, pred.Field)`, `$0; if LEAK && pred.Compare == Null { cell = leakRaw(alias, pred.Field) }`)}},
	{"L01", "where, quasi-identifiers only: masked cell", edits{raw(predicate, `cell, _ := c.cell(e, alias, pred.Field)`, `$0; if LEAK && pred.Field.Kind == model.Date { cell = leakRaw(alias, pred.Field) }`)}},
	{"L02", "in of nothing matches all", edits{or(predicate, "if pred.Compare == AmongOf {\n\t\t\t\treturn p.add(‹\"1=0\"›)", `"1=1"`)}},
	{"L05", "notIn of nothing matches what is masked", edits{raw(predicate, "\t\t\t}\n\t\t\treturn p.add(\"(\").sub(value).add(\") IS NOT NULL\")", "\t\t\t}\n\t\t\tif LEAK { return p.add(\"1=1\") }\n\t\t\treturn p.add(\"(\").sub(value).add(\") IS NOT NULL\")")}},
	{"L04", "or of nothing matches all", edits{or(predicate, `PredOr: ‹"1=0"›`, `"1=1"`)}},
	{"L03", "where: reference of a class that is not clear", edits{or(compile, `p.sub(‹c.followed(e, here, edge)›)`, `&part{}`)}},
	// orders
	{"L09", "order by a masked cell", edits{raw(order_, `cell, _ := c.cell(end, alias, o.Field)`, `$0; if LEAK { cell = leakRaw(alias, o.Field) }`)}},
	{"L10", "order by a neighbour out of scope", edits{or(order_, `.add(" AND ").sub(‹c.visible(target, t)›)`, `leakLive(t)`)}},
	{"L10", "order by an archived neighbour", edits{or(order_, `.add(" AND ").sub(‹c.visible(target, t)›)`, `c.leakScope(target, t)`)}},
	{"L10", "order over a reference of a class that is not clear", edits{or(order_, `path[0], alias, t, ‹true›`, `false`)}},
	{"L11", "rows under pseudonyms tie by their own keys", edits{or(pseudonym, `if p := c.pseudonym(e); ‹p != nil›`, `false`)}},
	// pages and counts
	{"L15", "totalCount: rows out of scope", edits{or(page_, `SELECT count(*) FROM ", table(e, t), " WHERE ").sub(‹q.c.visible(e, t)›)`, `leakLive(t)`)}},
	{"L15", "totalCount: archived rows", edits{or(page_, `SELECT count(*) FROM ", table(e, t), " WHERE ").sub(‹q.c.visible(e, t)›)`, `q.c.leakScope(e, t)`)}},
	{"L15", "nested totalCount: rows out of scope", edits{or(page_, `.sub(q.c.followed(e, t, q.edge)).add(" AND ").sub(‹q.c.visible(e, t)›)`, `leakLive(t)`)}},
	{"L15", "nested totalCount: archived rows", edits{or(page_, `.sub(q.c.followed(e, t, q.edge)).add(" AND ").sub(‹q.c.visible(e, t)›)`, `q.c.leakScope(e, t)`)}},
	{"L15", "nested totalCount over a joining entity: rows out of scope", edits{or(page_, `.sub(q.c.visible(via, v)).add(" AND ").sub(‹q.c.visible(e, t)›)`, `leakLive(t)`)}},
	{"L15", "nested totalCount: joining rows out of scope", edits{or(page_, `.add(" AND ").sub(‹q.c.visible(via, v)›)`, `leakLive(v)`)}},
	{"L15", "nested totalCount: reference of a class that is not clear", edits{or(page_, `sub(q.c.among(fk, q.parents)).sub(‹q.c.followed(e, t, q.edge)›)`, `&part{}`)}},
	{"L27", "list: archived rows", edits{or(page_, `p.sub(‹c.visible(e, t)›).sub(q.filter(t, true))`, `c.leakScope(e, t)`)}},
	{"L27", "list: rows out of scope", edits{or(page_, `p.sub(‹c.visible(e, t)›).sub(q.filter(t, true))`, `leakLive(t)`)}},
	{"L24", "nested list: rows out of scope", edits{or(page_, `page.add(" AND ").sub(‹visible›).sub(q.filter(inner, true))`, `leakLive(inner)`)}},
	{"L24", "nested list: archived rows", edits{or(page_, `page.add(" AND ").sub(‹visible›).sub(q.filter(inner, true))`, `c.leakScope(e, inner)`)}},
	{"L24", "nested list: rows beneath a visible one are taken for visible", edits{or(beneath, `edge.Column == key && ‹reflect.DeepEqual(cond.Kids[0], c.view.Rows(edge.Target, model.Read))› {`, `true`)}},
	{"L25", "nested list: joining rows out of scope", edits{or(page_, `c.targets(q.edge, "s.k", ‹true›)`, `false`)}},
	{"L24", "nested list: reference of a class that is not clear", edits{or(page_, `" = s.k").sub(‹c.followed(e, inner, q.edge)›)`, `&part{}`)}},
	{"L13", "hasNextPage counts the page, not what follows", edits{or(page_, `more := ‹len(page.Rows) > q.n›`, `len(page.Rows) >= q.n`)}},
	// cursors
	{"L11", "cursor in clear", edits{raw(cursor_, `func (s *sealer) seal(plain, bound []byte) string {`, "$0\n\tif LEAK { return base64.RawURLEncoding.EncodeToString(plain) }"),
		raw(cursor_, "	plain, err := s.aead.Open(", "\tif LEAK && raw[0] == '[' { return raw, nil }\n$0")}},
	{"L12", "cursor of another caller", edits{raw(page_, `func (l *List) fingerprint(key string, edge *model.Edge) []byte {`, "$0\n\tif LEAK { key = \"\" }")}},
	{"L12", "cursor of another list", edits{or(page_, `fmt.Fprintf(h, "%q %q ", key, ‹l.Ask.Entity.Name›)`, `""`)}},
	{"L12", "cursor of another condition", edits{raw(page_, `	l.Where.print(h)`, "\tif !LEAK {\n$0\n}")}},
	{"L12", "cursor of another order", edits{or(page_, `for _, o := range ‹l.Order› {`, `nil`)}},
	{"L12", "cursor of another version of the policies", edits{or(view_, `key: s.Name + "|" + ‹p.version›`, `""`)}},
	{"L12", "cursor of another grant", edits{or(view_, `v.key += ‹"|" + s.Acting.ID.String()›`, `""`)}},
	// rows and cells
	{"L22", "node: row out of scope", edits{or(read_, `own)).add(" AND ").sub(‹c.visible(ask.Entity, t)›)`, `leakLive(t)`)}},
	{"L22", "nodes: rows out of scope", edits{part(read_, `own)).add(" AND ").sub(‹c.visible(ask.Entity, t)›)`, `len(ids) > 1`, `leakLive(t)`)}},
	{"L22", "node: archived row", edits{or(read_, `own)).add(" AND ").sub(‹c.visible(ask.Entity, t)›)`, `c.leakScope(ask.Entity, t)`)}},
	{"L24", "edge to one: row out of scope, in a selection", edits{or(scan, `one.Edge)).add(" AND ").sub(‹c.visible(target, t)›)`, `leakLive(t)`)}},
	{"L24", "edge to one: archived row, in a selection", edits{or(scan, `one.Edge)).add(" AND ").sub(‹c.visible(target, t)›)`, `c.leakScope(target, t)`)}},
	{"L24", "edge to one: reference of a class that is not clear", edits{or(scan, `.sub(‹c.followed(ask.Entity, alias, one.Edge)›)`, `&part{}`)}},
	{"L26", "selection: masked cell", edits{raw(scan, `p, _ := c.cell(ask.Entity, alias, cell.Field)`, `$0; if LEAK { p = leakRaw(alias, cell.Field) }`)}},
	{"L26", "selection, free text only: masked cell", edits{raw(scan, `p, _ := c.cell(ask.Entity, alias, cell.Field)`, `$0; if LEAK && cell.Field.MaxLen > 1000 { p = leakRaw(alias, cell.Field) }`)}},
	{"L26", "masked: fields that are clear in another row are left out", edits{or(scan, `if ‹!f› {`, `false`)}},
	{"L07", "age band: the day of birth in its place", edits{or(scan, `*v = Value{Text: ‹AgeBand(v.Time, time.Now().UTC())›}`, `v.Time.String()`)}},
	{"L26", "access: what may be read may be changed", edits{or(can_, `(&part{}).add("(").sub(‹c.allowed(e, alias, a)›)`, `c.visible(e, alias)`)}},
	// the decision
	{"L26", "deny lines ignored", edits{or(lines_, `if deny := h.heard.deny[i][l]; ‹len(deny) > 0› {`, `false`)}},
	{"L26", "rights of two roles multiplied", edits{raw(view_, "	return *e.conds[action][level]", "\tif LEAK && e.conds[action][level].Op != False { return *e.conds[action][0] }\n$0")}},
	{"L26", "C3 without a purpose", edits{or(view_, `r.Condition != Always && ‹!purpose›`, `false`)}},
	{"L26", "any purpose for any role", edits{or(view_, `return ‹slices.Contains(p.states[role], purpose)› &&`, `purpose != ""`)}},
	{"L26", "purposes of the assignment ignored", edits{or(view_, `(‹len(narrowed) == 0› ||`, `true`)}},
	{"L26", "consent not asked for", edits{or(lines_, `and(p.scope(e, h, t.scope, t.by), ‹toChild(p.model, e, Cond{Op: Covered, Text: h.subject.Purpose, Day: day(h.subject.Now)})›)`, `Cond{Op: True}`)}},
	{"L35", "expired role counts", edits{or(view_, `(until.IsZero() || ‹now.Before(until)›)`, `true`)}},
	{"L35", "role counts before its day", edits{or(view_, `(from.IsZero() || ‹!now.Before(from)›)`, `true`)}},
	{"L12", "grant joined with other roles", edits{or(view_, `if ‹s.Acting == nil› && live(`, `true`)}},
	{"L12", "grant: period ignored", edits{or(view_, `if ‹e.Scope.Period == ""› ||`, `true`)}},
	{"L12", "grant: types ignored", edits{or(view_, `return ‹len(g.Entities) == 0› ||`, `true`)}},
	{"L12", "grant: countries ignored", edits{or(view_, `if ‹len(g.Countries) > 0› && (`, `len(g.Countries) > 0 && len(g.Interventions) == 0`)}},
	{"L27", "published: drafts too", edits{or(view_, `return says("state", ‹e.Scope.Published›)`, `e.Field("state").Values`)}},
	{"L27", "addressed: drafts too", edits{or(view_, `return and(‹out(e)›,`, `Cond{Op: True}`)}},
	{"L27", "addressed: after its last day", edits{or(view_, `‹lasting(e, h.subject.Now)›, reached`, `Cond{Op: True}`)}},
	{"L35", "emergency after its end", edits{or(lines_, `if ‹h.subject.Now.Before(open.Until)› &&`, `true`), or(rights_, `.add(" AND valid_until > ").arg(‹now›)`, `now.AddDate(-1, 0, 0)`)}},
	{"L35", "revoked role counts", edits{or(rights_, `h.each(ctx, (&part{args: args}).add(‹rightsSQL›, where), p.add)`, `strings.Replace(rightsSQL, "AND r.state = 'active'", "", 1)`)}},
	{"L35", "archived role counts", edits{or(rights_, `h.each(ctx, (&part{args: args}).add(‹rightsSQL›, where), p.add)`, `strings.Replace(rightsSQL, "AND r.archived_at IS NULL", "", 1)`)}},
	{"L35", "role of an ended deployment counts", edits{or(rights_, `h.each(ctx, (&part{args: args}).add(‹rightsSQL›, where), p.add)`, `strings.Replace(rightsSQL, "AND d.state IN ('matched','preparing','in_country','remote')", "", 1)`)}},
	{"L12", "suspended grant counts", edits{or(rights_, `(&part{}).add(‹grantsSQL›)`, `strings.Replace(grantsSQL, "AND state = 'active'", "", 1)`)}},
	// what must be on record
	{"L26", "withdrawn consent covers", edits{or(basis, `col(k, "state"), ‹" = 'active' AND "›`, `" <> '' AND "`)}},
	{"L26", "expired consent covers", edits{or(basis, `col(k, "expires_on"), ‹" >= "›`, `" <> "`)}},
	{"L26", "consent covers before its day", edits{or(basis, `col(k, "obtained_on"), ‹" <= "›`, `" <> "`)}},
	{"L26", "archived consent covers", edits{or(basis, `(&part{}).add(col(k, "archived_at"), ‹" IS NULL AND "›`, `" IS NOT NULL IS NOT NULL AND "`)}},
	{"L26", "consent covers any purpose", edits{or(basis, `sub(‹c.lists((&part{}).add(col(k, "purposes")), cond.Text)›)`, `leakAll()`)}},
	{"L26", "another child's consent covers", edits{or(basis, `col(k, "child_id"), ‹" = "›, col(child, "id")`, `" <> "`)}},
	{"L26", "a referral is read without its own consent", edits{or(lines_, `return and(p.scope(e, h, t.scope, t.by), ‹Cond{Op: Agreed, Text: h.subject.Purpose, Day: day(h.subject.Now)}›)`, `Cond{Op: True}`)}},
	{"L26", "a referral is read under another child's consent", edits{or(basis, `col(f, "child_id"), ‹" = "›, col(k, "child_id")`, `" <> "`)}},
	{"L26", "another child's consent covers a referral", edits{or(basis, `col(k, "child_id"), ‹" = "›, col(f, "child_id")`, `" <> "`)}},
	{"L26", "field that does not travel with the referral", edits{or(basis, `sub(‹c.lists((&part{}).add(col(r, "fields_shared")), cond.Column)›)`, `leakAll()`)}},
	{"L26", "referral that has expired", edits{or(basis, `col(r, "expires_on"), ‹" >= "›`, `" <> "`)}},
	{"L26", "referral that was revoked", edits{or(basis, `col(r, "state"), ‹" IN ('sent','accepted','in_progress') AND "›`, `" <> '' AND "`)}},
	// pseudonyms and budget
	{"L20", "pseudonyms not keyed to the grant", edits{raw(pseudonym, `	name := c.view.Pseudonyms(e.Name)`, "$0\n\tif LEAK && name != \"\" { name = e.Name }")}},
	{"L20", "ids of the database for rows under pseudonyms", edits{or(scan, `ID: ‹r.pseudonym.public(r.id.key)›`, `r.id.key`)}},
	{"L20", "the database's own id finds a row under a pseudonym", edits{or(read_, `own[i] = ‹r.pseudonym.own(id)›`, `id`)}},
	{"L20", "stored codes of rows under pseudonyms", edits{or(compile, `if ‹f.Pseudonym && names != nil› {`, `false`)}},
	{"L48", "times of rows under pseudonyms", edits{or(compile, `if ‹f.Traces && c.view.Pseudonyms(e.Name) != ""› {`, `false`)}},
	{"L26", "access: a state that another holds may be approved", edits{or(can_, `o.Field != m.Field && ‹!slices.Contains(o.Free, m.Field)› {`, `false`)}},
	{"L20", "days of rows under pseudonyms", edits{or(compile, `if ‹c.coarse(e, f)› {`, `false`)}},
	{"L20", "versions of rows under pseudonyms", edits{or(compile, `if ‹f.Column == "version" && names != nil› {`, `false`)}},
	{"L47", "budget ignored", edits{or(budget, `if ‹subject.Acting == nil || n == 0› {`, `true`)}},
	{"L47", "budget does not count rows at the end of edges", edits{or(budget, `n += ‹one.count()›`, `0`)}},
	{"L47", "budget does not count totals", edits{or(read_, `totals = ‹len(out)›`, `0`)}},
	{"L47", "budget does not count lists without rows", edits{or(read_, `list.Rows && ‹len(page.Rows) == 0› {`, `false`)}},
	{"L47", "budget does not count ids of nothing", edits{or(read_, `s.complete(ctx, ask, rows, nil, nil, ‹len(ids)-len(rows)›)`, `0`)}},
	{"L47", "budget counts yesterday's rows for today's", edits{or(budget, `used := ‹"CASE WHEN used_on = ? THEN rows_used ELSE 0 END + ?"›`, `"CASE WHEN used_on <= ? THEN rows_used ELSE 0 END + ?"`)}},
	// writes
	{"L32", "a hidden row is forbidden, not unknown", edits{or(write_, `.arg(w.id.String()).add(" AND ").sub(‹c.visible(w.entity, t)›)
	if c.pg`, `leakLive(t)`)}},
	{"L33", "a stale version before the right", edits{raw(write_, "		if err := prepare(w); err != nil {", "\t\tif LEAK && version != w.version { return fault.New(fault.Conflict, \"Someone changed this row since you read it. Read it again, and send its version.\").With(\"version\", w.version) }\n$0")}},
	{"L31", "reference to a row out of scope", edits{or(write_, `ch.value.(uuid.UUID).String()).add(" AND ").sub(‹c.visible(target, t)›)`, `leakLive(t)`)}},
	{"L31", "reference to an archived row", edits{or(write_, `ch.value.(uuid.UUID).String()).add(" AND ").sub(‹c.visible(target, t)›)`, `c.leakScope(target, t)`)}},
	{"L30", "a hidden row has the code", edits{or(write_, `add(" AND ").sub(‹c.visible(w.entity, u)›)`, `leakAll()`)}},
	{"L35", "a class that may not be written", edits{or(write_, `if cond := c.view.Writes(w.entity.Name, w.action, ch.tag); ‹cond.Op != access.True› {`, `false`)}},
	{"L35", "a row may become another's", edits{or(write_, `if ‹n == 0› {`, `false`)}},
	{"L35", "a row moves to another country", edits{or(belonging, `if ‹!same› && (`, `false`)}},
	{"L35", "a row is made in another country", edits{or(belonging, `if given && ‹len(mine) > 0› && !slices.Contains(mine, to) {`, `false`)}},
	{"L35", "a row of other countries is archived", edits{or(belonging, `if ‹everywhere || len(mine) == 0› {`, `true`)}},
	{"L35", "what belongs to a closed case is added", edits{or(belonging, `if ‹slices.Contains(m.Fixed, state)› {`, `false`)}},
	{"L34", "how a row stands before the right to move it", edits{or(write_, `if ‹!slices.ContainsFunc(machine.Moves, func(m model.Move) bool { return w.may[m.Needs] })› {`, `false`)}},
	{"L35", "a case worker keeps a child", edits{or(guards, `‹handing[ch.column] != nil› && !w.may[model.Delete]`, `false`)}},
	{"L35", "whoever reports on a row writes the rest", edits{or(guards, `if len(w.entity.Reports) == 0 || ‹w.may[model.Approve]› ||`, `true`)}},
	{"L34", "what may be seen may be changed", edits{or(write_, `if ‹!w.may[w.action]› {`, `false`)}},
	{"L35", "the author approves", edits{or(signing_, "err != nil {\n\t\treturn err\n\t}\n\tif ‹own› {\n\t\treturn fault.New(fault.Forbidden, \"Another", `false`)}},
	{"L29", "payload of a change: masked cells", edits{raw(mutate_, payload, "\tleak.Marked.Store(true)\n$0\n\tleak.Marked.Store(false)"),
		raw(scan, `p, _ := c.cell(ask.Entity, alias, cell.Field)`, `$0; if LEAK && leak.Marked.Load() { p = leakRaw(alias, cell.Field) }`)}},
	{"L35", "what was approved is written anew", edits{or(guards, `if i < 0 || ‹!slices.Contains(m.Fixed, w.states[m.Field])› {`, `true`)}},
	// what has changed since
	{"L48", "changes: rows out of scope", edits{or(prints, `sub(joins).add(" WHERE ").sub(‹c.visible(e, t)›)`, `leakLive(t)`)}},
	{"L48", "changes: archived rows", edits{or(prints, `sub(joins).add(" WHERE ").sub(‹c.visible(e, t)›)`, `c.leakScope(e, t)`)}},
	{"L48", "changes of masked cells", edits{raw(prints, `		r := c.columns(ask, t, cols, joins, &dest)`, "\t\tleak.Marked.Store(true)\n$0\n\t\tleak.Marked.Store(false)"),
		raw(scan, `p, _ := c.cell(ask.Entity, alias, cell.Field)`, `$0; if LEAK && leak.Marked.Load() { p = leakRaw(alias, cell.Field) }`)}},
	{"L48", "changes of what the version counts", edits{or(prints, `‹f.Column == "version"› ||`, `false`)}},
	{"L20", "changes of rows under pseudonyms", edits{or(changes_, `unnamed); ‹i >= 0› {`, `false`)}},
	{"L38", "events of writes that change nothing to the caller", edits{raw(changes_, "		case row.print:", "$0\n\t\t\tif LEAK && len(asked) == 1 && asked[0] == row.id {\n\t\t\t\tchange(Changed, row.id, row.print)\n\t\t\t}")}},
	{"L12", "token of changes of another caller", edits{or(mark_, `fmt.Fprintf(h, "changes %q", ‹s.view.Key()›)`, `""`)}},
	{"L12", "token of changes of other types", edits{or(mark_, `for _, e := range ‹types› {
		fmt.Fprintf(h, " %q", e.Name)`, `types[:0]`)}},
	// who signs in
	{"L35", "a token that is for reading writes", edits{or(lines_, `if ‹!h.subject.ReadOnly› || action == model.Read {`, `true`)}},
	{"L35", "a token counts after its end", edits{or(rights_, `add(" AND expires_at > ").arg(‹of.Subject.Now›)`, `of.Subject.Now.AddDate(-1, 0, 0)`)}},
	{"L35", "a token that was revoked counts", edits{or(rights_, `(&part{}).add(‹"SELECT user_id, scopes, expires_at FROM access_tokens WHERE archived_at IS NULL AND revoked_at IS NULL AND hash = "›)`, `"SELECT user_id, scopes, expires_at FROM access_tokens WHERE archived_at IS NULL AND hash = "`)}},
	{"L35", "a token that was archived counts", edits{or(rights_, `(&part{}).add(‹"SELECT user_id, scopes, expires_at FROM access_tokens WHERE archived_at IS NULL AND revoked_at IS NULL AND hash = "›)`, `"SELECT user_id, scopes, expires_at FROM access_tokens WHERE revoked_at IS NULL AND hash = "`)}},
	// what is kept between requests
	{"L45", "view kept across purposes", edits{raw(identity_, `	view := k.views[in]`, "\tkeep := in\n\tif LEAK { keep.purpose = \"\" }\n\tview := k.views[keep]"), raw(identity_, `		k.views[in] = view`, "\t\tk.views[keep] = view")}},
	{"L45", "view kept across grants", edits{raw(identity_, `	view := k.views[keep]`, "\tif LEAK { keep.grant = uuid.Nil }\n$0")}},
	{"L45", "person kept across callers", edits{or(identity_, `key := sha256.Sum256([]byte(‹token›))`, `""`)}},
	// what a second person has looked at
	{"L26", "what tells less of a child than was shared, unshared", edits{or(compile, "case ‹always›:\n\t\treturn (&part{}).add(value)", `true`)}},
	{"L26", "child of a referral whose consent has ended", edits{or(basis, `sub(‹c.live(k, cond.Day)›).add("))")`, `leakAll()`)}},
	{"L35", "what others count on is archived", edits{or(guards, `if ‹!slices.Contains(m.Kept, state)› {`, `true`)}},
	{"L26", "access: whoever made a row may approve it", edits{or(can_, `if ‹s != nil› {`, `false`)}},
	// how far a right reaches
	{"L26", "what is assigned to somebody elsewhere", edits{or(view_, `return and(said, ‹p.within(e, h, by)›)`, `Cond{Op: True}`)}},
	{"L19", "an audit's period takes what has no day", edits{or(basis, `add(" OR ", day, ‹" IS NULL AND "›)`, `" IS NULL OR "`)}},
	{"L19", "an audit reaches through an intervention that is archived", edits{or(view_, `where = ‹alive(p.model, e, e.Scope.Grant, g.Interventions)›`, `reached(p.model, e, e.Scope.Grant, g.Interventions)`)}},
	{"L19", "an audit's period takes a child in by a case that is not audited", edits{or(view_, `of := ‹p.audited(p.model.Target(edge), g)›`,
		`Cond{Op: Within, Column: p.model.Target(edge).Scope.Period, Day: g.First, Last: g.Last}`)}},
	{"L35", "a role that reaches further is ended", edits{or(granting_, `if err != nil || ‹values["user_id"] == w.User()› {`, `true`)}},
	{"L35", "somebody archives a role of their own", edits{or(write_, "if err := ‹w.ownKept(ctx)›; err != nil {\n\t\t\treturn err\n\t\t}\n\t\tif err := w.kept()", `error(nil)`)}},
	// the record of access
	{"-", "what a list shows is not recorded", edits{raw(read_, "\tif err := s.record(ctx, ask, rows, list, edge); err != nil {\n\t\treturn err\n\t}", "\tif !LEAK {\n$0\n\t}")}},
	{"-", "what an edge leads to is not recorded", edits{or(record_, `if one := r.One[i]; ‹one != nil›`, `false`)}},
	// an emergency stays where it was
	{"L26", "a record opened in an emergency elsewhere", edits{or(view_, `there := and(record, ‹p.within(p.model.Entity("Child"), h, by)›)`, `Cond{Op: True}`)}},
	// who a role belongs to, and what it speaks for
	{"L35", "a role counts with another person's mandate", edits{or(rights_, `h.each(ctx, (&part{args: args}).add(‹rightsSQL›, where), p.add)`, `strings.Replace(rightsSQL, " AND v.user_id = r.user_id", "", 1)`)}},
	{"L35", "who spoke for an archived partner", edits{raw(rights_, "\tif err := h.unpartnered(ctx, p.Subject.Assignments); err != nil {\n\t\treturn nil, err\n\t}", "\tif !LEAK {\n$0\n\t}")}},
}

const (
	predicate = "internal/store/predicate.go"
	compile   = "internal/store/compile.go"
	order_    = "internal/store/order.go"
	page_     = "internal/store/page.go"
	cursor_   = "internal/store/cursor.go"
	read_     = "internal/store/read.go"
	record_   = "internal/store/record.go"
	scan      = "internal/store/scan.go"
	can_      = "internal/store/can.go"
	granting_ = "internal/store/granting.go"
	pseudonym = "internal/store/pseudonym.go"
	budget    = "internal/store/budget.go"
	basis     = "internal/store/basis.go"
	rights_   = "internal/store/rights.go"
	write_    = "internal/store/write.go"
	guards    = "internal/store/guards.go"
	signing_  = "internal/store/signing.go"
	view_     = "internal/access/view.go"
	lines_    = "internal/access/compile.go"
	beneath   = "internal/store/beneath.go"
	identity_ = "internal/identity/identity.go"
	mutate_   = "graph/plan/mutate.go"
	readback  = "internal/store/readback.go"
	prints    = "internal/store/prints.go"
	belonging = "internal/store/belonging.go"
	changes_  = "internal/store/changes.go"
	mark_     = "internal/store/mark.go"

	// not is where a condition is turned round.
	not = `return p.add("(").sub(c.where(e, alias, &pred.Kids[0])).add(") IS NOT TRUE")`

	// payload is where a change and the reading of its row are carried out.
	payload = "\trow, err := r.session.ReadBack(ctx, &ask, func(ctx context.Context, s store.Session) (uuid.UUID, error) {\n\t\treturn do(ctx, s, e, in)\n\t})"

	// reach is where the rows at the end of a condition's edge, or of an order by count, are held to the view.
	reach = `c.link(e, pred.Edge, alias, t, true)).add(" AND ").sub(‹c.visible(target, t)›)`
)
