package proof_test

// leaks are built in on purpose, one at a time, to see that the cases find each. An edit changes one place of the
// source: where the anchor marks an expression by ‹ and ›, the bad one takes its place while the leak leaks; otherwise
// the whole anchor becomes the text, in which $0 is what stood there and LEAK whether the leak leaks now.
var leaks = []leak{
	// conditions
	{"L03", "some: rows out of scope", sourceEdits{swapExprWhen(storePredicate, edgeTargetAnchor, `pred.Op == PredicateSome`, `leakLive(t)`)}},
	{"L04", "none: rows out of scope", sourceEdits{swapExprWhen(storePredicate, edgeTargetAnchor, `pred.Op == PredicateNone`, `leakLive(t)`)}},
	{"L15", "count condition: rows out of scope", sourceEdits{swapExprWhen(storePredicate, edgeTargetAnchor, `pred.Op == PredicateCount`, `leakLive(t)`)}},
	{"L03", "edge to one: row out of scope", sourceEdits{swapExprWhen(storePredicate, edgeTargetAnchor, `pred.Op == PredicateToOne`, `leakLive(t)`)}},
	{"L10", "order by count: rows out of scope", sourceEdits{swapExprWhen(storePredicate, edgeTargetAnchor, `pred.Op == PredicateAnd`, `leakLive(t)`)}},
	{"L06", "condition over a joining entity: rows out of scope", sourceEdits{swapExprWhen(storePredicate, edgeTargetAnchor, `pred.Edge.Kind == model.Through`, `leakLive(t)`)}},
	{"L03", "some: archived rows", sourceEdits{swapExprWhen(storePredicate, edgeTargetAnchor, `pred.Op == PredicateSome`, `c.leakScope(target, t)`)}},
	{"L04", "none: archived rows", sourceEdits{swapExprWhen(storePredicate, edgeTargetAnchor, `pred.Op == PredicateNone`, `c.leakScope(target, t)`)}},
	{"L15", "count condition: archived rows", sourceEdits{swapExprWhen(storePredicate, edgeTargetAnchor, `pred.Op == PredicateCount`, `c.leakScope(target, t)`)}},
	{"L03", "edge to one: archived row", sourceEdits{swapExprWhen(storePredicate, edgeTargetAnchor, `pred.Op == PredicateToOne`, `c.leakScope(target, t)`)}},
	{"L10", "order by count: archived rows", sourceEdits{swapExprWhen(storePredicate, edgeTargetAnchor, `pred.Op == PredicateAnd`, `c.leakScope(target, t)`)}},
	{"L06", "look-up by a key in a condition: row out of scope", sourceEdits{swapExpr(storePredicate, `" WHERE ").sub(‹c.visibleRows(target, t)›).
				add(" AND ").sub(c.compilePredicate(target`, `leakLive(t)`)}},
	{"L04", "not: scope dropped within", sourceEdits{swapText(storePredicate, notAnchor, "if LEAK { return p.add(\"(\").sub(c.leakNot(e, alias, &pred.Operands[0])).add(\") IS NOT TRUE\") }\n$0"),
		swapExprWhen(storeCompile, `return ‹c.allowedRows(e, alias, model.Read)›`, `c.bent`, `leakLive(alias)`), swapText(storeCompile, `	aliasCount       int`, "$0\n\tbent bool")}},
	{"L04", "not of what is unknown is unknown", sourceEdits{swapText(storePredicate, notAnchor, "if LEAK { return p.add(\"(\").sub(c.compilePredicate(e, alias, &pred.Operands[0])).add(\") IS FALSE\") }\n$0")}},
	{"L01", "where: masked cell", sourceEdits{swapText(storePredicate, `cell, _ := c.maskedCell(e, alias, pred.Field)`, `$0; if LEAK { cell = leakRaw(alias, pred.Field) }`)}},
	{"L02", "where, ranges and parts only: masked cell", sourceEdits{swapText(storePredicate, `cell, _ := c.maskedCell(e, alias, pred.Field)`, `$0; if LEAK && pred.Comparison >= Lt && pred.Comparison != IsNull { cell = leakRaw(alias, pred.Field) }`)}},
	{"L05", "isNull only: masked cell", sourceEdits{swapText(storePredicate, `cell, _ := c.maskedCell(e, alias, pred.Field)`, `$0; if LEAK && pred.Comparison == IsNull { cell = leakRaw(alias, pred.Field) }`)}},
	{"L01", "where, quasi-identifiers only: masked cell", sourceEdits{swapText(storePredicate, `cell, _ := c.maskedCell(e, alias, pred.Field)`, `$0; if LEAK && pred.Field.Kind == model.Date { cell = leakRaw(alias, pred.Field) }`)}},
	{"L02", "in of nothing matches all", sourceEdits{swapExpr(storePredicate, "if pred.Comparison == OneOf {\n\t\t\t\treturn p.add(‹\"1=0\"›)", `"1=1"`)}},
	{"L05", "notIn of nothing matches what is masked", sourceEdits{swapText(storePredicate, "\t\t\t}\n\t\t\treturn p.add(\"(\").sub(value).add(\") IS NOT NULL\")", "\t\t\t}\n\t\t\tif LEAK { return p.add(\"1=1\") }\n\t\t\treturn p.add(\"(\").sub(value).add(\") IS NOT NULL\")")}},
	{"L04", "or of nothing matches all", sourceEdits{swapExpr(storePredicate, `PredicateOr: ‹"1=0"›`, `"1=1"`)}},
	{"L03", "where: reference of a class that is not clear", sourceEdits{swapExpr(storeCompile, `p.sub(‹c.followableEdge(e, here, edge)›)`, `&sqlFragment{}`)}},
	// orders
	{"L09", "order by a masked cell", sourceEdits{swapText(storeOrder, `cell, _ := c.maskedCell(end, alias, o.Field)`, `$0; if LEAK { cell = leakRaw(alias, o.Field) }`)}},
	{"L10", "order by a neighbour out of scope", sourceEdits{swapExpr(storeOrder, `.add(" AND ").sub(‹c.visibleRows(target, t)›)`, `leakLive(t)`)}},
	{"L10", "order by an archived neighbour", sourceEdits{swapExpr(storeOrder, `.add(" AND ").sub(‹c.visibleRows(target, t)›)`, `c.leakScope(target, t)`)}},
	{"L10", "order over a reference of a class that is not clear", sourceEdits{swapExpr(storeOrder, `path[0], alias, t, ‹true›`, `false`)}},
	{"L11", "rows under pseudonyms tie by their own keys", sourceEdits{swapExpr(storePseudonym, `if p := c.pseudonymsOf(e); ‹p != nil›`, `false`)}},
	// pages and counts
	{"L15", "totalCount: rows out of scope", sourceEdits{swapExpr(storePage, `SELECT count(*) FROM ", tableAs(e, t), " WHERE ").sub(‹q.c.visibleRows(e, t)›)`, `leakLive(t)`)}},
	{"L15", "totalCount: archived rows", sourceEdits{swapExpr(storePage, `SELECT count(*) FROM ", tableAs(e, t), " WHERE ").sub(‹q.c.visibleRows(e, t)›)`, `q.c.leakScope(e, t)`)}},
	{"L15", "nested totalCount: rows out of scope", sourceEdits{swapExpr(storePage, `.sub(q.c.followableEdge(e, t, q.edge)).add(" AND ").sub(‹q.c.visibleRows(e, t)›)`, `leakLive(t)`)}},
	{"L15", "nested totalCount: archived rows", sourceEdits{swapExpr(storePage, `.sub(q.c.followableEdge(e, t, q.edge)).add(" AND ").sub(‹q.c.visibleRows(e, t)›)`, `q.c.leakScope(e, t)`)}},
	{"L15", "nested totalCount over a joining entity: rows out of scope", sourceEdits{swapExpr(storePage, `.sub(q.c.visibleRows(via, v)).add(" AND ").sub(‹q.c.visibleRows(e, t)›)`, `leakLive(t)`)}},
	{"L15", "nested totalCount: joining rows out of scope", sourceEdits{swapExpr(storePage, `.add(" AND ").sub(‹q.c.visibleRows(via, v)›)`, `leakLive(v)`)}},
	{"L15", "nested totalCount: reference of a class that is not clear", sourceEdits{swapExpr(storePage, `sub(q.c.columnInKeys(fk, q.parents)).sub(‹q.c.followableEdge(e, t, q.edge)›)`, `&sqlFragment{}`)}},
	{"L27", "list: archived rows", sourceEdits{swapExpr(storePage, `p.sub(‹c.visibleRows(e, t)›).sub(q.filterCondition(t, true))`, `c.leakScope(e, t)`)}},
	{"L27", "list: rows out of scope", sourceEdits{swapExpr(storePage, `p.sub(‹c.visibleRows(e, t)›).sub(q.filterCondition(t, true))`, `leakLive(t)`)}},
	{"L24", "nested list: rows out of scope", sourceEdits{swapExpr(storePage, `page.add(" AND ").sub(‹visible›).sub(q.filterCondition(inner, true))`, `leakLive(inner)`)}},
	{"L24", "nested list: archived rows", sourceEdits{swapExpr(storePage, `page.add(" AND ").sub(‹visible›).sub(q.filterCondition(inner, true))`, `c.leakScope(e, inner)`)}},
	{"L24", "nested list: rows beneath a visible one are taken for visible", sourceEdits{swapExpr(storeParentVisibility, `edge.Column == key && ‹reflect.DeepEqual(cond.Kids[0], c.view.RowsWhere(edge.Target, model.Read))› {`, `true`)}},
	{"L25", "nested list: joining rows out of scope", sourceEdits{swapExpr(storePage, `c.throughTargetKeys(q.edge, "s.k", ‹true›)`, `false`)}},
	{"L24", "nested list: reference of a class that is not clear", sourceEdits{swapExpr(storePage, `" = s.k").sub(‹c.followableEdge(e, inner, q.edge)›)`, `&sqlFragment{}`)}},
	{"L13", "hasNextPage counts the page, not what follows", sourceEdits{swapExpr(storePage, `more := ‹len(page.Rows) > q.size›`, `len(page.Rows) >= q.size`)}},
	// cursors
	{"L11", "cursor in clear", sourceEdits{swapText(storeCursor, `func (s *sealer) seal(plain, bound []byte) string {`, "$0\n\tif LEAK { return base64.RawURLEncoding.EncodeToString(plain) }"),
		swapText(storeCursor, "	plain, err := s.aead.Open(", "\tif LEAK && raw[0] == '[' { return raw, nil }\n$0")}},
	{"L12", "cursor of another caller", sourceEdits{swapText(storePage, `func (l *List) cursorBinding(key string, edge *model.Edge) []byte {`, "$0\n\tif LEAK { key = \"\" }")}},
	{"L12", "cursor of another list", sourceEdits{swapExpr(storePage, `fmt.Fprintf(h, "%q %q ", key, ‹l.Selection.Entity.Name›)`, `""`)}},
	{"L12", "cursor of another condition", sourceEdits{swapText(storePage, `	l.Where.writeCanonical(h)`, "\tif !LEAK {\n$0\n}")}},
	{"L12", "cursor of another order", sourceEdits{swapExpr(storePage, `for _, o := range ‹l.Order› {`, `nil`)}},
	{"L12", "cursor of another version of the policies", sourceEdits{swapExpr(accessView, `key: s.Name + "|" + ‹p.version›`, `""`)}},
	{"L12", "cursor of another grant", sourceEdits{swapExpr(accessView, `v.key += ‹"|" + s.ActingGrant.ID.String()›`, `""`)}},
	// rows and cells
	{"L22", "node: row out of scope", sourceEdits{swapExpr(storeRead, `own)).add(" AND ").sub(‹c.visibleRows(ask.Entity, t)›)`, `leakLive(t)`)}},
	{"L22", "nodes: rows out of scope", sourceEdits{swapExprWhen(storeRead, `own)).add(" AND ").sub(‹c.visibleRows(ask.Entity, t)›)`, `len(ids) > 1`, `leakLive(t)`)}},
	{"L22", "node: archived row", sourceEdits{swapExpr(storeRead, `own)).add(" AND ").sub(‹c.visibleRows(ask.Entity, t)›)`, `c.leakScope(ask.Entity, t)`)}},
	{"L24", "edge to one: row out of scope, in a selection", sourceEdits{swapExpr(storeColumns, `one.Edge)).add(" AND ").sub(‹c.visibleRows(target, t)›)`, `leakLive(t)`)}},
	{"L24", "edge to one: archived row, in a selection", sourceEdits{swapExpr(storeColumns, `one.Edge)).add(" AND ").sub(‹c.visibleRows(target, t)›)`, `c.leakScope(target, t)`)}},
	{"L24", "edge to one: reference of a class that is not clear", sourceEdits{swapExpr(storeColumns, `.sub(‹c.followableEdge(ask.Entity, alias, one.Edge)›)`, `&sqlFragment{}`)}},
	{"L26", "selection: masked cell", sourceEdits{swapText(storeColumns, `p, _ := c.maskedCell(ask.Entity, alias, cell.Field)`, `$0; if LEAK { p = leakRaw(alias, cell.Field) }`)}},
	{"L26", "selection, free text only: masked cell", sourceEdits{swapText(storeColumns, `p, _ := c.maskedCell(ask.Entity, alias, cell.Field)`, `$0; if LEAK && cell.Field.MaxLen > 1000 { p = leakRaw(alias, cell.Field) }`)}},
	{"L26", "masked: fields that are clear in another row are left out", sourceEdits{swapExpr(storeColumns, `if ‹!f› {`, `false`)}},
	{"L07", "age band: the day of birth in its place", sourceEdits{swapExpr(storeColumns, `*v = Value{Text: ‹AgeBand(v.Time, time.Now().UTC())›}`, `v.Time.String()`)}},
	{"L26", "access: what may be read may be changed", sourceEdits{swapExpr(storePermissions, `(&sqlFragment{}).add("(").sub(‹c.allowedRows(e, alias, a)›)`, `c.visibleRows(e, alias)`)}},
	// the decision
	{"L26", "deny lines ignored", sourceEdits{swapExpr(accessCompile, `if deny := h.rolePolicies.deny[i][l]; ‹len(deny) > 0› {`, `false`)}},
	{"L26", "rights of two roles multiplied", sourceEdits{swapText(accessView, "	return *e.conds[action][level]", "\tif LEAK && e.conds[action][level].Op != False { return *e.conds[action][0] }\n$0")}},
	{"L26", "C3 without a purpose", sourceEdits{swapExpr(accessView, `r.Condition != Always && ‹!purpose›`, `false`)}},
	{"L26", "any purpose for any role", sourceEdits{swapExpr(accessView, `return ‹slices.Contains(p.purposesByRole[role], purpose)› &&`, `purpose != ""`)}},
	{"L26", "purposes of the assignment ignored", sourceEdits{swapExpr(accessView, `(‹len(narrowed) == 0› ||`, `true`)}},
	{"L26", "consent not asked for", sourceEdits{swapExpr(accessCompile, `allOf(p.scopeCondition(e, h, t.scope, t.capacities), ‹toChild(p.model, e, covered)›)`, `Cond{Op: True}`)}},
	{"L35", "expired role counts", sourceEdits{swapExpr(accessView, `(until.IsZero() || ‹now.Before(until)›)`, `true`)}},
	{"L35", "role counts before its day", sourceEdits{swapExpr(accessView, `(from.IsZero() || ‹!now.Before(from)›)`, `true`)}},
	{"L12", "grant joined with other roles", sourceEdits{swapExpr(accessView, `if ‹s.ActingGrant == nil› && validAt(`, `true`)}},
	{"L12", "grant: period ignored", sourceEdits{swapExpr(accessView, `if ‹e.Scope.Period == ""› ||`, `true`)}},
	{"L12", "grant: types ignored", sourceEdits{swapExpr(accessView, `return ‹len(g.Entities) == 0› ||`, `true`)}},
	{"L12", "grant: countries ignored", sourceEdits{swapExpr(accessView, `if ‹len(g.Countries) > 0› && (`, `len(g.Countries) > 0 && len(g.Interventions) == 0`)}},
	{"L27", "published: drafts too", sourceEdits{swapExpr(accessView, `return wordCondition("state", ‹e.Scope.Published›)`, `e.Field("state").Values`)}},
	{"L27", "addressed: drafts too", sourceEdits{swapExpr(accessView, `return allOf(‹publishedCondition(e)›,`, `Cond{Op: True}`)}},
	{"L27", "addressed: after its last day", sourceEdits{swapExpr(accessView, `‹notEndedCondition(e, h.subject.Now)›, anyPathReaches`, `Cond{Op: True}`)}},
	{"L35", "emergency after its end", sourceEdits{swapExpr(accessCompile, `if ‹h.subject.Now.Before(open.Until)› &&`, `true`), swapExpr(storePerson, `.add(" AND valid_until > ").arg(‹now›)`, `now.AddDate(-1, 0, 0)`)}},
	{"L35", "revoked role counts", sourceEdits{swapExpr(storePerson, `h.readIdentityRows(ctx, (&sqlFragment{args: args}).add(‹accountRolesSQL›, where), p.scanAccountRole)`, `strings.Replace(accountRolesSQL, "AND r.state = 'active'", "", 1)`)}},
	{"L35", "archived role counts", sourceEdits{swapExpr(storePerson, `h.readIdentityRows(ctx, (&sqlFragment{args: args}).add(‹accountRolesSQL›, where), p.scanAccountRole)`, `strings.Replace(accountRolesSQL, "AND r.archived_at IS NULL", "", 1)`)}},
	{"L35", "role of an ended deployment counts", sourceEdits{swapExpr(storePerson, `h.readIdentityRows(ctx, (&sqlFragment{args: args}).add(‹accountRolesSQL›, where), p.scanAccountRole)`, `strings.Replace(accountRolesSQL, "AND d.state IN ('matched','preparing','in_country','remote')", "", 1)`)}},
	{"L12", "suspended grant counts", sourceEdits{swapExpr(storePerson, `(&sqlFragment{}).add(‹auditGrantsSQL›)`, `strings.Replace(auditGrantsSQL, "AND state = 'active'", "", 1)`)}},
	// what must be on record
	{"L26", "withdrawn consent covers", sourceEdits{swapExpr(storeConsentBasis, `col(k, "state"), ‹" = 'active' AND "›`, `" <> '' AND "`)}},
	{"L26", "expired consent covers", sourceEdits{swapExpr(storeConsentBasis, `col(k, "expires_on"), ‹" >= "›`, `" <> "`)}},
	{"L26", "consent covers before its day", sourceEdits{swapExpr(storeConsentBasis, `col(k, "obtained_on"), ‹" <= "›`, `" <> "`)}},
	{"L26", "archived consent covers", sourceEdits{swapExpr(storeConsentBasis, `(&sqlFragment{}).add(col(k, "archived_at"), ‹" IS NULL AND "›`, `" IS NOT NULL IS NOT NULL AND "`)}},
	{"L26", "consent covers any purpose", sourceEdits{swapExpr(storeConsentBasis, `sub(‹c.listContains((&sqlFragment{}).add(col(k, "purposes")), cond.Text)›)`, `leakAll()`)}},
	{"L26", "another child's consent covers", sourceEdits{swapExpr(storeConsentBasis, `col(k, "child_id"), ‹" = "›, col(child, "id")`, `" <> "`)}},
	{"L26", "a referral is read without its own consent", sourceEdits{swapExpr(accessCompile, `return allOf(p.scopeCondition(e, h, t.scope, t.capacities), ‹covered›)`, `Cond{Op: True}`)}},
	{"L26", "a referral is read under another child's consent", sourceEdits{swapExpr(storeConsentBasis, `col(f, "child_id"), ‹" = "›, col(k, "child_id")`, `" <> "`)}},
	{"L26", "another child's consent covers a referral", sourceEdits{swapExpr(storeConsentBasis, `col(k, "child_id"), ‹" = "›, col(f, "child_id")`, `" <> "`)}},
	{"L26", "field that does not travel with the referral", sourceEdits{swapExpr(storeConsentBasis, `sub(‹c.listContains((&sqlFragment{}).add(col(r, "fields_shared")), cond.Column)›)`, `leakAll()`)}},
	{"L26", "referral that has expired", sourceEdits{swapExpr(storeConsentBasis, `col(r, "expires_on"), ‹" >= "›`, `" <> "`)}},
	{"L26", "referral that was revoked", sourceEdits{swapExpr(storeConsentBasis, `col(r, "state"), ‹" IN ('sent','accepted','in_progress') AND "›`, `" <> '' AND "`)}},
	// pseudonyms and budget
	{"L20", "pseudonyms not keyed to the grant", sourceEdits{swapText(storePseudonym, `	name := c.view.PseudonymKey(e.Name)`, "$0\n\tif LEAK && name != \"\" { name = e.Name }")}},
	{"L20", "ids of the database for rows under pseudonyms", sourceEdits{swapExpr(storeColumns, `ID: ‹r.pseudonyms.publicID(r.id.key)›`, `r.id.key`)}},
	{"L20", "the database's own id finds a row under a pseudonym", sourceEdits{swapExpr(storeRead, `own[i] = ‹r.pseudonyms.storedKey(id)›`, `id`)}},
	{"L20", "stored codes of rows under pseudonyms", sourceEdits{swapExpr(storeCompile, `if ‹f.Pseudonym && names != nil› {`, `false`)}},
	{"L48", "times of rows under pseudonyms", sourceEdits{swapExpr(storeCompile, `if ‹f.Traces && c.view.PseudonymKey(e.Name) != ""› {`, `false`)}},
	{"L26", "access: a state that another holds may be approved", sourceEdits{swapExpr(storePermissions, `o.Field != m.Field && ‹!slices.Contains(o.Free, m.Field)› {`, `false`)}},
	{"L20", "days of rows under pseudonyms", sourceEdits{swapExpr(storeCompile, `if ‹c.showsMonthOnly(e, f)› {`, `false`)}},
	{"L20", "versions of rows under pseudonyms", sourceEdits{swapExpr(storeCompile, `if ‹f.Column == "version" && names != nil› {`, `false`)}},
	{"L47", "budget ignored", sourceEdits{swapExpr(storeAuditBudget, `if ‹subject.ActingGrant == nil || n == 0› {`, `true`)}},
	{"L47", "budget does not count rows at the end of edges", sourceEdits{swapExpr(storeAuditBudget, `n += ‹countShownRows(one)›`, `0`)}},
	{"L47", "budget does not count totals", sourceEdits{swapExpr(storeRead, `totals = ‹len(out)›`, `0`)}},
	{"L47", "budget does not count lists without rows", sourceEdits{swapExpr(storeRead, `list.Rows && ‹len(page.Rows) == 0› {`, `false`)}},
	{"L47", "budget does not count ids of nothing", sourceEdits{swapExpr(storeRead, `s.completeRead(ctx, ask, rows, nil, nil, ‹len(ids)-len(rows)›)`, `0`)}},
	{"L47", "budget counts yesterday's rows for today's", sourceEdits{swapExpr(storeAuditBudget, `used := ‹"CASE WHEN used_on = ? THEN rows_used ELSE 0 END + ?"›`, `"CASE WHEN used_on <= ? THEN rows_used ELSE 0 END + ?"`)}},
	// writes
	{"L32", "a hidden row is forbidden, not unknown", sourceEdits{swapExpr(storeWrite, `.arg(w.id.String()).add(" AND ").sub(‹c.visibleRows(w.entity, t)›)
	if c.isPostgres`, `leakLive(t)`)}},
	{"L33", "a stale version before the right", sourceEdits{swapText(storeWrite, "		if err := prepare(w); err != nil {", "\t\tif LEAK && version != w.version { return fault.New(fault.Conflict, \"Someone changed this row since you read it. Read it again, and send its version.\").With(\"version\", w.version) }\n$0")}},
	{"L31", "reference to a row out of scope", sourceEdits{swapExpr(storeWrite, `ch.value.(uuid.UUID).String()).add(" AND ").sub(‹c.visibleRows(target, t)›)`, `leakLive(t)`)}},
	{"L31", "reference to an archived row", sourceEdits{swapExpr(storeWrite, `ch.value.(uuid.UUID).String()).add(" AND ").sub(‹c.visibleRows(target, t)›)`, `c.leakScope(target, t)`)}},
	{"L30", "a hidden row has the code", sourceEdits{swapExpr(storeWrite, `add(" AND ").sub(‹c.visibleRows(w.entity, u)›)`, `leakAll()`)}},
	{"L35", "a class that may not be written", sourceEdits{swapExpr(storeWrite, `if cond := c.view.WritableWhere(w.entity.Name, w.action, ch.tag); ‹cond.Op != access.True› {`, `false`)}},
	{"L35", "a row may become another's", sourceEdits{swapExpr(storeWrite, `if ‹n == 0› {`, `false`)}},
	{"L35", "a row moves to another country", sourceEdits{swapExpr(storeJurisdiction, `if ‹!same› && (`, `false`)}},
	{"L35", "a row is made in another country", sourceEdits{swapExpr(storeJurisdiction, `if given && ‹len(mine) > 0› && !slices.Contains(mine, to) {`, `false`)}},
	{"L35", "a row of other countries is archived", sourceEdits{swapExpr(storeJurisdiction, `if ‹everywhere || len(mine) == 0› {`, `true`)}},
	{"L35", "what belongs to a closed case is added", sourceEdits{swapExpr(storeJurisdiction, `if ‹slices.Contains(m.Fixed, state)› {`, `false`)}},
	{"L34", "how a row stands before the right to move it", sourceEdits{swapExpr(storeWrite, `if ‹!slices.ContainsFunc(machine.Moves, func(m model.Move) bool { return w.allowedActions[m.Needs] })› {`, `false`)}},
	{"L35", "a case worker keeps a child", sourceEdits{swapExpr(storeStateRules, `‹handoverErrors[ch.column] != nil› && !w.allowedActions[model.Delete]`, `false`)}},
	{"L35", "whoever reports on a row writes the rest", sourceEdits{swapExpr(storeStateRules, `if len(w.entity.Reports) == 0 || ‹w.allowedActions[model.Approve]› ||`, `true`)}},
	{"L34", "what may be seen may be changed", sourceEdits{swapExpr(storeWrite, `if ‹!w.allowedActions[w.action]› {`, `false`)}},
	{"L35", "the author approves", sourceEdits{swapExpr(storeSeparationOfDuties, "err != nil {\n\t\treturn err\n\t}\n\tif ‹own› {\n\t\treturn fault.New(fault.Forbidden, \"Another", `false`)}},
	{"L29", "payload of a change: masked cells", sourceEdits{swapText(planMutate, payloadAnchor, "\tleak.Marked.Store(true)\n$0\n\tleak.Marked.Store(false)"),
		swapText(storeColumns, `p, _ := c.maskedCell(ask.Entity, alias, cell.Field)`, `$0; if LEAK && leak.Marked.Load() { p = leakRaw(alias, cell.Field) }`)}},
	{"L35", "what was approved is written anew", sourceEdits{swapExpr(storeStateRules, `if i < 0 || ‹!slices.Contains(m.Fixed, w.states[m.Field])› {`, `true`)}},
	// what has changed since
	{"L48", "changes: rows out of scope", sourceEdits{swapExpr(storeFingerprint, `sub(joins).add(" WHERE ").sub(‹c.visibleRows(e, t)›)`, `leakLive(t)`)}},
	{"L48", "changes: archived rows", sourceEdits{swapExpr(storeFingerprint, `sub(joins).add(" WHERE ").sub(‹c.visibleRows(e, t)›)`, `c.leakScope(e, t)`)}},
	{"L48", "changes of masked cells", sourceEdits{swapText(storeFingerprint, `		r := c.selectColumns(ask, t, cols, joins, &dest)`, "\t\tleak.Marked.Store(true)\n$0\n\t\tleak.Marked.Store(false)"),
		swapText(storeColumns, `p, _ := c.maskedCell(ask.Entity, alias, cell.Field)`, `$0; if LEAK && leak.Marked.Load() { p = leakRaw(alias, cell.Field) }`)}},
	{"L48", "changes of what the version counts", sourceEdits{swapExpr(storeFingerprint, `‹f.Column == "version"› ||`, `false`)}},
	{"L20", "changes of rows under pseudonyms", sourceEdits{swapExpr(storeChanges, `unnamed); ‹i >= 0› {`, `false`)}},
	{"L38", "events of writes that change nothing to the caller", sourceEdits{swapText(storeChanges, "\t\tcase row.fingerprint:", "$0\n\t\t\tif LEAK && len(asked) == 1 && asked[0] == row.id {\n\t\t\t\tchange(Changed, row.id, row.fingerprint)\n\t\t\t}")}},
	{"L12", "token of changes of another caller", sourceEdits{swapExpr(storeKnownRows, `fmt.Fprintf(h, "changes %q", ‹s.view.Key()›)`, `""`)}},
	{"L12", "token of changes of other types", sourceEdits{swapExpr(storeKnownRows, `for _, e := range ‹types› {
		fmt.Fprintf(h, " %q", e.Name)`, `types[:0]`)}},
	// who signs in
	{"L35", "a token that is for reading writes", sourceEdits{swapExpr(accessCompile, `if ‹!h.subject.ReadOnly› || action == model.Read {`, `true`)}},
	{"L35", "a token counts after its end", sourceEdits{swapExpr(storePerson, `add(" AND expires_at > ").arg(‹of.Subject.Now›)`, `of.Subject.Now.AddDate(-1, 0, 0)`)}},
	{"L35", "a token that was revoked counts", sourceEdits{swapExpr(storePerson, `(&sqlFragment{}).add(‹"SELECT user_id, scopes, expires_at FROM access_tokens WHERE archived_at IS NULL AND revoked_at IS NULL AND hash = "›)`, `"SELECT user_id, scopes, expires_at FROM access_tokens WHERE archived_at IS NULL AND hash = "`)}},
	{"L35", "a token that was archived counts", sourceEdits{swapExpr(storePerson, `(&sqlFragment{}).add(‹"SELECT user_id, scopes, expires_at FROM access_tokens WHERE archived_at IS NULL AND revoked_at IS NULL AND hash = "›)`, `"SELECT user_id, scopes, expires_at FROM access_tokens WHERE revoked_at IS NULL AND hash = "`)}},
	// what is kept between requests
	{"L45", "view kept across purposes", sourceEdits{swapText(identitySource, `	view := k.views[in]`, "\tkeep := in\n\tif LEAK { keep.purpose = \"\" }\n\tview := k.views[keep]"), swapText(identitySource, `		k.views[in] = view`, "\t\tk.views[keep] = view")}},
	{"L45", "view kept across grants", sourceEdits{swapText(identitySource, `	view := k.views[keep]`, "\tif LEAK { keep.grant = uuid.Nil }\n$0")}},
	{"L45", "person kept across callers", sourceEdits{swapExpr(identitySource, `key := sha256.Sum256([]byte(‹token›))`, `""`)}},
	// what a second person has looked at
	{"L26", "what tells less of a child than was shared, unshared", sourceEdits{swapExpr(storeCompile, "case ‹always›:\n\t\treturn (&sqlFragment{}).add(value)", `true`)}},
	{"L26", "child of a referral whose consent has ended", sourceEdits{swapExpr(storeConsentBasis, `sub(‹c.consentInForce(k, cond.Day)›).add("))")`, `leakAll()`)}},
	{"L35", "what others count on is archived", sourceEdits{swapExpr(storeStateRules, `if ‹!slices.Contains(m.Kept, state)› {`, `true`)}},
	{"L26", "access: whoever made a row may approve it", sourceEdits{swapExpr(storePermissions, `if ‹s != nil› {`, `false`)}},
	// how far a right reaches
	{"L26", "what is assigned to somebody elsewhere", sourceEdits{swapExpr(accessView, `return allOf(namesCaller, ‹p.withinRolePlaces(e, h, set)›)`, `Cond{Op: True}`)}},
	{"L19", "an audit's period takes what has no day", sourceEdits{swapExpr(storeConsentBasis, `add(" OR ", day, ‹" IS NULL AND "›)`, `" IS NULL OR "`)}},
	{"L19", "an audit reaches through an intervention that is archived", sourceEdits{swapExpr(accessView, `where = ‹anyPathReachesUnarchived(p.model, e, e.Scope.Grant, g.Interventions)›`, `anyPathReaches(p.model, e, e.Scope.Grant, g.Interventions)`)}},
	{"L19", "an audit's period takes a child in by a case that is not audited", sourceEdits{swapExpr(accessView, `owner := ‹p.auditCondition(p.model.Target(edge), g)›`,
		`Cond{Op: InPeriod, Column: p.model.Target(edge).Scope.Period, Day: g.First, Last: g.Last}`)}},
	{"L35", "a role that reaches further is ended", sourceEdits{swapExpr(storeRoleGranting, `if err != nil || ‹values["user_id"] == w.User()› {`, `true`)}},
	{"L35", "somebody archives a role of their own", sourceEdits{swapExpr(storeWrite, "if err := ‹w.forbidSelfArchive(ctx)›; err != nil {\n\t\t\treturn err\n\t\t}\n\t\tif err := w.checkArchivable()", `error(nil)`)}},
	// the record of access
	{"-", "what a list shows is not recorded", sourceEdits{swapText(storeRead, "\tif err := s.recordAccess(ctx, ask, rows, list, edge); err != nil {\n\t\treturn err\n\t}", "\tif !LEAK {\n$0\n\t}")}},
	{"-", "what an edge leads to is not recorded", sourceEdits{swapExpr(storeRecord, `if one := r.ToOne[i]; ‹one != nil›`, `false`)}},
	// an emergency stays where it was
	{"L26", "a record opened in an emergency elsewhere", sourceEdits{swapExpr(accessView, `inPlaces := allOf(record, ‹p.withinRolePlaces(p.model.Entity("Child"), h, set)›)`, `Cond{Op: True}`)}},
	// who a role belongs to, and what it speaks for
	{"L35", "a role counts with another person's mandate", sourceEdits{swapExpr(storePerson, `h.readIdentityRows(ctx, (&sqlFragment{args: args}).add(‹accountRolesSQL›, where), p.scanAccountRole)`, `strings.Replace(accountRolesSQL, " AND v.user_id = r.user_id", "", 1)`)}},
	{"L35", "who spoke for an archived partner", sourceEdits{swapText(storePerson, "\tif err := h.removeArchivedPartners(ctx, p.Subject.Assignments); err != nil {\n\t\treturn nil, err\n\t}", "\tif !LEAK {\n$0\n\t}")}},
}

const (
	storePredicate          = "internal/store/predicate.go"
	storeCompile            = "internal/store/compiler.go"
	storeOrder              = "internal/store/order.go"
	storePage               = "internal/store/page.go"
	storeCursor             = "internal/store/cursor.go"
	storeRead               = "internal/store/read.go"
	storeRecord             = "internal/store/access_record.go"
	storeColumns            = "internal/store/columns.go"
	storePermissions        = "internal/store/permissions.go"
	storeRoleGranting       = "internal/store/role_granting.go"
	storePseudonym          = "internal/store/pseudonym.go"
	storeAuditBudget        = "internal/store/audit_budget.go"
	storeConsentBasis       = "internal/store/consent_basis.go"
	storePerson             = "internal/store/person.go"
	storeWrite              = "internal/store/write.go"
	storeStateRules         = "internal/store/state_rules.go"
	storeSeparationOfDuties = "internal/store/separation_of_duties.go"
	accessView              = "internal/access/view.go"
	accessCompile           = "internal/access/compile.go"
	storeParentVisibility   = "internal/store/parent_visibility.go"
	identitySource          = "internal/identity/identity.go"
	planMutate              = "graph/plan/mutations.go"
	storeReadback           = "internal/store/read_back.go"
	storeFingerprint        = "internal/store/fingerprint.go"
	storeJurisdiction       = "internal/store/jurisdiction.go"
	storeChanges            = "internal/store/changes.go"
	storeKnownRows          = "internal/store/known_rows.go"

	// notAnchor is where a condition is turned round.
	notAnchor = `return p.add("(").sub(c.compilePredicate(e, alias, &pred.Operands[0])).add(") IS NOT TRUE")`

	// payloadAnchor is where a change and the reading of its row are carried out.
	payloadAnchor = "\trow, err := r.session.ReadBack(ctx, &ask, func(ctx context.Context, s store.Session) (uuid.UUID, error) {\n\t\treturn do(ctx, s, e, in)\n\t})"

	// edgeTargetAnchor is where the rows at the end of a condition's edge, or of an order by count, are held to the view.
	edgeTargetAnchor = `c.joinCondition(e, pred.Edge, alias, t, true)).add(" AND ").sub(‹c.visibleRows(target, t)›)`
)
