package proof_test

// leaks are built in on purpose, one at a time, to see that the cases find each. An edit changes one place of the
// source: where the anchor marks an expression by ‹ and ›, the bad one takes its place while the leak leaks; otherwise
// the whole anchor becomes the text, in which $0 is what stood there and LEAK whether the leak leaks now.
var leaks = []leak{
	// conditions
	{"L03", "some: rows out of scope", sourceEdits{swapExprWhen(queryPredicate, edgeTargetAnchor, `pred.Op == PredicateSome`, `LeakLive(t)`)}},
	{"L04", "none: rows out of scope", sourceEdits{swapExprWhen(queryPredicate, edgeTargetAnchor, `pred.Op == PredicateNone`, `LeakLive(t)`)}},
	{"L15", "count condition: rows out of scope", sourceEdits{swapExprWhen(queryPredicate, edgeTargetAnchor, `pred.Op == PredicateCount`, `LeakLive(t)`),
		swapExpr(queryCountGroups, countedRowsAnchor, `LeakLive(t)`)}},
	{"L03", "edge to one: row out of scope", sourceEdits{swapExprWhen(queryPredicate, edgeTargetAnchor, `pred.Op == PredicateToOne`, `LeakLive(t)`)}},
	{"L10", "order by count: rows out of scope", sourceEdits{swapExprWhen(queryPredicate, edgeTargetAnchor, `pred.Op == PredicateAnd`, `LeakLive(t)`)}},
	{"L06", "condition over a joining entity: rows out of scope", sourceEdits{swapExprWhen(queryPredicate, edgeTargetAnchor, `pred.Edge.Kind == model.Through`, `LeakLive(t)`)}},
	{"L06", "condition over a joining entity: joining rows out of scope", sourceEdits{swapExpr(queryCompile, `c.joiningRows(via, v, ‹view›, edge.ViaSelf, edge.ViaTarget)`, `false`)}},
	{"L03", "some: archived rows", sourceEdits{swapExprWhen(queryPredicate, edgeTargetAnchor, `pred.Op == PredicateSome`, `c.LeakScope(target, t)`)}},
	{"L04", "none: archived rows", sourceEdits{swapExprWhen(queryPredicate, edgeTargetAnchor, `pred.Op == PredicateNone`, `c.LeakScope(target, t)`)}},
	{"L15", "count condition: archived rows", sourceEdits{swapExprWhen(queryPredicate, edgeTargetAnchor, `pred.Op == PredicateCount`, `c.LeakScope(target, t)`),
		swapExpr(queryCountGroups, countedRowsAnchor, `c.LeakScope(target, t)`)}},
	{"L03", "edge to one: archived row", sourceEdits{swapExprWhen(queryPredicate, edgeTargetAnchor, `pred.Op == PredicateToOne`, `c.LeakScope(target, t)`)}},
	{"L10", "order by count: archived rows", sourceEdits{swapExprWhen(queryPredicate, edgeTargetAnchor, `pred.Op == PredicateAnd`, `c.LeakScope(target, t)`)}},
	{"L06", "look-up by a key in a condition: row out of scope", sourceEdits{swapExpr(queryPredicate, `" WHERE ").Sub(‹c.VisibleRows(target, t)›).
				Add(" AND ").Sub(c.compilePredicate(target`, `LeakLive(t)`)}},
	{"L04", "not: scope dropped within", sourceEdits{swapText(queryPredicate, notAnchor, "if LEAK { return p.Add(\"(\").Sub(c.LeakNot(e, alias, &pred.Operands[0])).Add(\") IS NOT TRUE\") }\n$0"),
		swapExprWhen(queryCompile, `return ‹c.AllowedRows(e, alias, model.Read)›`, `c.bent`, `LeakLive(alias)`), swapText(queryCompile, `	aliasCount int`, "$0\n\tbent bool")}},
	{"L04", "not of what is unknown is unknown", sourceEdits{swapText(queryPredicate, notAnchor, "if LEAK { return p.Add(\"(\").Sub(c.compilePredicate(e, alias, &pred.Operands[0])).Add(\") IS FALSE\") }\n$0")}},
	{"L01", "where: masked cell", sourceEdits{swapText(queryPredicate, `cell, _ := c.MaskedCell(e, alias, pred.Field)`, `$0; if LEAK { cell = LeakRaw(alias, pred.Field) }`)}},
	{"L02", "where, ranges and parts only: masked cell", sourceEdits{swapText(queryPredicate, `cell, _ := c.MaskedCell(e, alias, pred.Field)`, `$0; if LEAK && pred.Comparison >= Lt && pred.Comparison != IsNull { cell = LeakRaw(alias, pred.Field) }`)}},
	{"L05", "isNull only: masked cell", sourceEdits{swapText(queryPredicate, `cell, _ := c.MaskedCell(e, alias, pred.Field)`, `$0; if LEAK && pred.Comparison == IsNull { cell = LeakRaw(alias, pred.Field) }`)}},
	{"L01", "where, quasi-identifiers only: masked cell", sourceEdits{swapText(queryPredicate, `cell, _ := c.MaskedCell(e, alias, pred.Field)`, `$0; if LEAK && pred.Field.Kind == model.Date { cell = LeakRaw(alias, pred.Field) }`)}},
	{"L02", "in of nothing matches all", sourceEdits{swapExpr(queryPredicate, "if pred.Comparison == OneOf {\n\t\t\t\treturn p.Add(‹\"1=0\"›)", `"1=1"`)}},
	{"L05", "notIn of nothing matches what is masked", sourceEdits{swapText(queryPredicate, "\t\t\t}\n\t\t\treturn p.Add(\"(\").Sub(value).Add(\") IS NOT NULL\")", "\t\t\t}\n\t\t\tif LEAK { return p.Add(\"1=1\") }\n\t\t\treturn p.Add(\"(\").Sub(value).Add(\") IS NOT NULL\")")}},
	{"L04", "or of nothing matches all", sourceEdits{swapExpr(queryPredicate, `PredicateOr: ‹"1=0"›`, `"1=1"`)}},
	{"L03", "where: reference of a class that is not clear", sourceEdits{swapExpr(queryCompile, `p.Sub(‹c.followableEdge(e, here, edge)›)`, `&Fragment{}`)}},
	// orders
	{"L09", "order by a masked cell", sourceEdits{swapText(queryOrder, `cell, _ := c.MaskedCell(end, alias, o.Field)`, `$0; if LEAK { cell = LeakRaw(alias, o.Field) }`)}},
	{"L10", "order by a neighbour out of scope", sourceEdits{swapExpr(queryOrder, `.Add(" AND ").Sub(‹c.VisibleRows(target, t)›)`, `LeakLive(t)`)}},
	{"L10", "order by an archived neighbour", sourceEdits{swapExpr(queryOrder, `.Add(" AND ").Sub(‹c.VisibleRows(target, t)›)`, `c.LeakScope(target, t)`)}},
	{"L10", "order over a reference of a class that is not clear", sourceEdits{swapExpr(queryOrder, `path[0], alias, t, ‹true›`, `false`)}},
	{"L11", "rows under pseudonyms tie by their own keys", sourceEdits{swapExpr(queryPseudonym, `if p := c.PseudonymsOf(e); ‹p != nil›`, `false`)}},
	// pages and counts
	{"L15", "count condition: joining rows out of scope", sourceEdits{swapExpr(queryCountGroups, `c.joiningRows(via, v, ‹true›, edge.ViaTarget)`, `false`)}},
	{"L15", "totalCount: rows out of scope", sourceEdits{swapExpr(queryPage, `SELECT count(*) FROM ", TableAs(e, t), " WHERE ").Sub(‹q.visibleAtRoot(t)›)`, `LeakLive(t)`)}},
	{"L15", "totalCount: archived rows", sourceEdits{swapExpr(queryPage, `SELECT count(*) FROM ", TableAs(e, t), " WHERE ").Sub(‹q.visibleAtRoot(t)›)`, `q.Compiler.LeakScope(e, t)`)}},
	{"L15", "nested totalCount: rows out of scope", sourceEdits{swapExpr(queryPage, "followableEdge(e, t, q.edge)).\n\t\t\tAdd(\" AND \").Sub(‹q.Compiler.VisibleRows(e, t)›)", `LeakLive(t)`)}},
	{"L15", "nested totalCount: archived rows", sourceEdits{swapExpr(queryPage, "followableEdge(e, t, q.edge)).\n\t\t\tAdd(\" AND \").Sub(‹q.Compiler.VisibleRows(e, t)›)", `q.Compiler.LeakScope(e, t)`)}},
	{"L15", "nested totalCount over a joining entity: rows out of scope", sourceEdits{swapExpr(queryPage, `.Sub(q.Compiler.VisibleRows(via, v)).Add(" AND ").Sub(‹q.Compiler.VisibleRows(e, t)›)`, `LeakLive(t)`)}},
	{"L15", "nested totalCount: joining rows out of scope", sourceEdits{swapExpr(queryPage, `Add(" AND ").Sub(‹q.Compiler.VisibleRows(via, v)›)`, `LeakLive(v)`)}},
	{"L15", "nested totalCount: reference of a class that is not clear", sourceEdits{swapExpr(queryPage, `Sub(q.Compiler.ColumnInKeys(fk, q.parents)).Sub(‹q.Compiler.followableEdge(e, t, q.edge)›)`, `&Fragment{}`)}},
	{"L27", "list: archived rows", sourceEdits{swapExpr(queryPage, `p.Sub(‹q.visibleAtRoot(t)›).Sub(q.filterCondition(t, true))`, `c.LeakScope(e, t)`)}},
	{"L27", "list: rows out of scope", sourceEdits{swapExpr(queryPage, `p.Sub(‹q.visibleAtRoot(t)›).Sub(q.filterCondition(t, true))`, `LeakLive(t)`)}},
	{"L27", "view: rows are shared by a link that is archived", sourceEdits{swapExpr(queryKeyUnion, "TableAs(c.Model.Entity(edge.Via), t),\n\t\t\t\t\" WHERE \", ‹Col(t, \"archived_at\")›, \" IS NULL AND \")", `"NULL"`)}},
	{"L24", "nested list: rows out of scope", sourceEdits{swapExpr(queryPage, `page.Add(" AND ").Sub(‹visible›).Sub(q.filterCondition(inner, true))`, `LeakLive(inner)`)}},
	{"L24", "nested list: archived rows", sourceEdits{swapExpr(queryPage, `page.Add(" AND ").Sub(‹visible›).Sub(q.filterCondition(inner, true))`, `c.LeakScope(e, inner)`)}},
	{"L24", "nested list: rows beneath a visible one are taken for visible", sourceEdits{swapExpr(queryParentVisibility, `edge.Column == key && ‹reflect.DeepEqual(cond.Kids[0], c.View.RowsWhere(edge.Target, model.Read))› {`, `true`)}},
	{"L25", "nested list: joining rows out of scope", sourceEdits{swapExpr(queryCompile, `c.joiningRows(via, v, ‹true›, edge.ViaSelf)`, `false`)}},
	{"L24", "nested list: reference of a class that is not clear", sourceEdits{swapExpr(queryPage, `" = s.k").Sub(‹c.followableEdge(e, inner, q.edge)›)`, `&Fragment{}`)}},
	{"L13", "hasNextPage counts the page, not what follows", sourceEdits{swapExpr(queryPage, `more := ‹len(page.Rows) > q.size›`, `len(page.Rows) >= q.size`)}},
	// cursors
	{"L11", "cursor in clear", sourceEdits{swapText(queryCursor, `func (s *Sealer) Seal(plain, bound []byte) string {`, "$0\n\tif LEAK { return base64.RawURLEncoding.EncodeToString(plain) }"),
		swapText(queryCursor, "	plain, err := s.aead.Open(", "\tif LEAK && raw[0] == '[' { return raw, nil }\n$0")}},
	{"L12", "cursor of another caller", sourceEdits{swapText(queryList, `func (l *List) cursorBinding(key string, edge *model.Edge) []byte {`, "$0\n\tif LEAK { key = \"\" }")}},
	{"L12", "cursor of another list", sourceEdits{swapExpr(queryList, `fmt.Fprintf(h, "%q %q ", key, ‹l.Selection.Entity.Name›)`, `""`)}},
	{"L12", "cursor of another condition", sourceEdits{swapText(queryList, `	l.Where.writeCanonical(h)`, "\tif !LEAK {\n$0\n}")}},
	{"L12", "cursor of another order", sourceEdits{swapExpr(queryList, `for _, o := range ‹l.Order› {`, `nil`)}},
	{"L12", "cursor of another version of the policies", sourceEdits{swapExpr(accessView, `key: s.Name + "|" + ‹p.version›`, `""`)}},
	{"L12", "cursor of another grant", sourceEdits{swapExpr(accessView, `v.key += ‹"|" + s.ActingGrant.ID.String()›`, `""`)}},
	// rows and cells
	{"L22", "node: row out of scope", sourceEdits{swapExpr(storeRead, `own)).Add(" AND ").Sub(‹c.VisibleRows(ask.Entity, t)›)`, `query.LeakLive(t)`)}},
	{"L22", "nodes: rows out of scope", sourceEdits{swapExprWhen(storeRead, `own)).Add(" AND ").Sub(‹c.VisibleRows(ask.Entity, t)›)`, `len(ids) > 1`, `query.LeakLive(t)`)}},
	{"L22", "node: archived row", sourceEdits{swapExpr(storeRead, `own)).Add(" AND ").Sub(‹c.VisibleRows(ask.Entity, t)›)`, `c.LeakScope(ask.Entity, t)`)}},
	{"L24", "edge to one: row out of scope, in a selection", sourceEdits{swapExpr(queryColumns, `one.Edge)).Add(" AND ").Sub(‹c.VisibleRows(target, t)›)`, `LeakLive(t)`)}},
	{"L24", "edge to one: archived row, in a selection", sourceEdits{swapExpr(queryColumns, `one.Edge)).Add(" AND ").Sub(‹c.VisibleRows(target, t)›)`, `c.LeakScope(target, t)`)}},
	{"L24", "edge to one: reference of a class that is not clear", sourceEdits{swapExpr(queryColumns, `Sub(‹c.followableEdge(selection.Entity, alias, one.Edge)›)`, `&Fragment{}`)}},
	{"L26", "selection: masked cell", sourceEdits{swapText(queryColumns, `p, _ := c.MaskedCell(selection.Entity, alias, cell.Field)`, `$0; if LEAK { p = LeakRaw(alias, cell.Field) }`)}},
	{"L26", "selection, free text only: masked cell", sourceEdits{swapText(queryColumns, `p, _ := c.MaskedCell(selection.Entity, alias, cell.Field)`, `$0; if LEAK && cell.Field.MaxLen > 1000 { p = LeakRaw(alias, cell.Field) }`)}},
	{"L26", "masked: fields that are clear in another row are left out", sourceEdits{swapExpr(queryColumns, `if ‹!f› {`, `false`)}},
	{"L07", "age band: the day of birth in its place", sourceEdits{swapExpr(queryValue, `*v = Value{Text: ‹AgeBand(v.Time, time.Now().UTC())›}`, `v.Time.String()`)}},
	{"L26", "access: what may be read may be changed", sourceEdits{swapExpr(queryPermissions, `(&Fragment{}).Add("(").Sub(‹c.AllowedRows(e, alias, a)›)`, `c.VisibleRows(e, alias)`)}},
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
	{"L12", "grant: period ignored", sourceEdits{swapExpr(accessScope, `if ‹e.Scope.Period == ""› ||`, `true`)}},
	{"L12", "grant: types ignored", sourceEdits{swapExpr(accessScope, `return ‹len(g.Entities) == 0› ||`, `true`)}},
	{"L12", "grant: countries ignored", sourceEdits{swapExpr(accessScope, `if ‹len(g.Countries) > 0› && (`, `len(g.Countries) > 0 && len(g.Interventions) == 0`)}},
	{"L27", "published: drafts too", sourceEdits{swapExpr(accessScope, `return wordCondition("state", ‹e.Scope.Published›)`, `e.Field("state").Values`)}},
	{"L27", "addressed: drafts too", sourceEdits{swapExpr(accessScope, `return allOf(‹publishedCondition(e)›,`, `Cond{Op: True}`)}},
	{"L27", "addressed: after its last day", sourceEdits{swapExpr(accessScope, `‹notEndedCondition(e, h.subject.Now)›, anyPathReaches`, `Cond{Op: True}`)}},
	{"L35", "emergency after its end", sourceEdits{swapExpr(accessCompile, `if ‹h.subject.Now.Before(open.Until)› &&`, `true`), swapExpr(accountsPerson, `.Add(" AND valid_until > ").Arg(‹now›)`, `now.AddDate(-1, 0, 0)`)}},
	{"L35", "revoked role counts", sourceEdits{swapExpr(accountsPerson, `d.readIdentityRows(ctx, (&query.Fragment{Args: args}).Add(‹accountRolesSQL›, where), p.scanAccountRole)`, `strings.Replace(accountRolesSQL, "AND r.state = 'active'", "", 1)`)}},
	{"L35", "archived role counts", sourceEdits{swapExpr(accountsPerson, `d.readIdentityRows(ctx, (&query.Fragment{Args: args}).Add(‹accountRolesSQL›, where), p.scanAccountRole)`, `strings.Replace(accountRolesSQL, "AND r.archived_at IS NULL", "", 1)`)}},
	{"L35", "role of an ended deployment counts", sourceEdits{swapExpr(accountsPerson, `d.readIdentityRows(ctx, (&query.Fragment{Args: args}).Add(‹accountRolesSQL›, where), p.scanAccountRole)`, `strings.Replace(accountRolesSQL, "AND d.state IN ('matched','preparing','in_country','remote')", "", 1)`)}},
	{"L12", "suspended grant counts", sourceEdits{swapExpr(accountsPerson, `(&query.Fragment{}).Add(‹auditGrantsSQL›)`, `strings.Replace(auditGrantsSQL, "AND state = 'active'", "", 1)`)}},
	// what must be on record
	{"L26", "withdrawn consent covers", sourceEdits{swapExpr(queryConsentBasis, `Col(k, "state"), ‹" = 'active' AND "›`, `" <> '' AND "`)}},
	{"L26", "expired consent covers", sourceEdits{swapExpr(queryConsentBasis, `Col(k, "expires_on"), ‹" >= "›`, `" <> "`)}},
	{"L26", "consent covers before its day", sourceEdits{swapExpr(queryConsentBasis, `Col(k, "obtained_on"), ‹" <= "›`, `" <> "`)}},
	{"L26", "archived consent covers", sourceEdits{swapExpr(queryConsentBasis, `(&Fragment{}).Add(Col(k, "archived_at"), ‹" IS NULL AND "›`, `" IS NOT NULL IS NOT NULL AND "`)}},
	{"L26", "consent covers any purpose", sourceEdits{swapExpr(queryConsentBasis, `Sub(‹c.listContains((&Fragment{}).Add(Col(k, "purposes")), cond.Text)›)`, `LeakAll()`)}},
	{"L26", "another child's consent covers", sourceEdits{swapExpr(queryConsentBasis, `Col(k, "child_id"), ‹" = "›, Col(child, "id")`, `" <> "`)}},
	{"L26", "a referral is read without its own consent", sourceEdits{swapExpr(accessCompile, `return allOf(p.scopeCondition(e, h, t.scope, t.capacities), ‹covered›)`, `Cond{Op: True}`)}},
	{"L26", "a referral is read under another child's consent", sourceEdits{swapExpr(queryConsentBasis, `Col(f, "child_id"), ‹" = "›, Col(k, "child_id")`, `" <> "`)}},
	{"L26", "another child's consent covers a referral", sourceEdits{swapExpr(queryConsentBasis, `Col(k, "child_id"), ‹" = "›, Col(f, "child_id")`, `" <> "`)}},
	{"L26", "field that does not travel with the referral", sourceEdits{swapExpr(queryConsentBasis, `Sub(‹c.listContains((&Fragment{}).Add(Col(r, "fields_shared")), cond.Column)›)`, `LeakAll()`)}},
	{"L26", "referral that has expired", sourceEdits{swapExpr(queryConsentBasis, `Col(r, "expires_on"), ‹" >= "›`, `" <> "`)}},
	{"L26", "referral that was revoked", sourceEdits{swapExpr(queryConsentBasis, `Col(r, "state"), ‹" IN ('sent','accepted','in_progress') AND "›`, `" <> '' AND "`)}},
	// pseudonyms and budget
	{"L20", "pseudonyms not keyed to the grant", sourceEdits{swapText(queryPseudonym, `	name := c.View.PseudonymKey(e.Name)`, "$0\n\tif LEAK && name != \"\" { name = e.Name }")}},
	{"L20", "ids of the database for rows under pseudonyms", sourceEdits{swapExpr(queryColumns, `ID: ‹r.Pseudonyms.publicID(r.id.Key)›`, `r.id.Key`)}},
	{"L20", "the database's own id finds a row under a pseudonym", sourceEdits{swapExpr(storeRead, `own[i] = ‹r.Pseudonyms.StoredKey(id)›`, `id`)}},
	{"L20", "stored codes of rows under pseudonyms", sourceEdits{swapExpr(queryCompile, `if ‹f.Pseudonym && names != nil› {`, `false`)}},
	{"L48", "times of rows under pseudonyms", sourceEdits{swapExpr(queryCompile, `if ‹f.HiddenUnderPseudonym && c.View.PseudonymKey(e.Name) != ""› {`, `false`)}},
	{"L26", "access: a state that another holds may be approved", sourceEdits{swapExpr(queryPermissions, `o.Field != m.Field && ‹!slices.Contains(o.Free, m.Field)› {`, `false`)}},
	{"L20", "days of rows under pseudonyms", sourceEdits{swapExpr(queryCompile, `if ‹c.showsMonthOnly(e, f)› {`, `false`)}},
	{"L20", "versions of rows under pseudonyms", sourceEdits{swapExpr(queryCompile, `if ‹f.Column == "version" && names != nil› {`, `false`)}},
	{"L47", "budget ignored", sourceEdits{swapExpr(storeAuditBudget, `if ‹subject.ActingGrant == nil || n == 0› {`, `true`)}},
	{"L47", "budget does not count rows at the end of edges", sourceEdits{swapExpr(storeAuditBudget, `n += ‹countShownRows(one)›`, `0`)}},
	{"L47", "budget does not count totals", sourceEdits{swapExpr(storeRead, `totals = ‹len(out)›`, `0`)}},
	{"L47", "budget does not count lists without rows", sourceEdits{swapExpr(storeRead, `list.Rows && ‹len(page.Rows) == 0› {`, `false`)}},
	{"L47", "budget does not count ids of nothing", sourceEdits{swapExpr(storeRead, `s.completeRead(ctx, ask, rows, nil, nil, ‹len(ids)-len(rows)›)`, `0`)}},
	{"L47", "budget counts yesterday's rows for today's", sourceEdits{swapExpr(storeAuditBudget, `used := ‹"CASE WHEN used_on = ? THEN rows_used ELSE 0 END + ?"›`, `"CASE WHEN used_on <= ? THEN rows_used ELSE 0 END + ?"`)}},
	// writes
	{"L32", "a hidden row is forbidden, not unknown", sourceEdits{swapExpr(storeWrite, `Arg(w.ID.String()).Add(" AND ").Sub(‹c.VisibleRows(w.Entity, t)›)
	if c.IsPostgres`, `query.LeakLive(t)`)}},
	{"L33", "a stale version before the right", sourceEdits{swapText(storeWrite, "		if err := check(w); err != nil {", "\t\tif LEAK && version != w.Version { return fault.New(fault.Conflict, \"Someone changed this row since you read it. Read it again, and send its version.\").With(\"version\", w.Version) }\n$0")}},
	{"L31", "reference to a row out of scope", sourceEdits{swapExpr(rulesReferences, `ch.Value.(uuid.UUID).String()).Add(" AND ").Sub(‹c.VisibleRows(target, t)›)`, `query.LeakLive(t)`)}},
	{"L31", "reference to an archived row", sourceEdits{swapExpr(rulesReferences, `ch.Value.(uuid.UUID).String()).Add(" AND ").Sub(‹c.VisibleRows(target, t)›)`, `c.LeakScope(target, t)`)}},
	{"L30", "a hidden row has the code", sourceEdits{swapExpr(rulesWrittenRow, `Add(" AND ").Sub(‹c.VisibleRows(w.Entity, u)›)`, `query.LeakAll()`)}},
	{"L35", "a class that may not be written", sourceEdits{swapExpr(rulesWrittenRow, `if cond := c.View.WritableWhere(w.Entity.Name, w.Action, ch.Tag); ‹cond.Op != access.True› {`, `false`)}},
	{"L35", "a row may become another's", sourceEdits{swapExpr(rulesWrittenRow, `if ‹n == 0› {`, `false`)}},
	{"L35", "a row moves to another country", sourceEdits{swapExpr(rulesJurisdiction, `if ‹!sameReference(&ch, from)› && (`, `false`)}},
	{"L35", "a row is made in another country", sourceEdits{swapExpr(rulesJurisdiction, `if given && ‹len(mine) > 0› && !slices.Contains(mine, to) {`, `false`)}},
	{"L35", "a row of other countries is archived", sourceEdits{swapExpr(rulesJurisdiction, `if ‹everywhere || len(mine) == 0› {`, `true`)}},
	{"L35", "what belongs to a closed case is added", sourceEdits{swapExpr(rulesJurisdiction, `if ‹slices.Contains(m.Fixed, state)› {`, `false`)}},
	{"L34", "how a row stands before the right to move it", sourceEdits{swapExpr(rulesState, `if ‹!slices.ContainsFunc(m.Moves, mayMove)› {`, `false`)}},
	{"L35", "a case worker keeps a child", sourceEdits{swapExpr(rulesState, `if ‹sameReference(&w.Columns[i], from)› {`, `true`)}},
	{"L35", "whoever reports on a row writes the rest", sourceEdits{swapExpr(rulesState, `if len(w.Entity.Reports) == 0 || ‹w.AllowedActions[model.Approve]› ||`, `true`)}},
	{"L34", "what may be seen may be changed", sourceEdits{swapExpr(rulesWrite, `if ‹!w.AllowedActions[w.Action]› {`, `false`)}},
	{"L35", "the author approves", sourceEdits{swapExpr(rulesSeparationOfDuties, "err != nil {\n\t\treturn err\n\t}\n\tif ‹own› {\n\t\treturn fault.New(fault.Forbidden, \"Another", `false`)}},
	{"L29", "payload of a change: masked cells", sourceEdits{swapText(planMutate, payloadAnchor, "\tleak.Marked.Store(true)\n$0\n\tleak.Marked.Store(false)"),
		swapText(queryColumns, `p, _ := c.MaskedCell(selection.Entity, alias, cell.Field)`, `$0; if LEAK && leak.Marked.Load() { p = LeakRaw(alias, cell.Field) }`)}},
	{"L35", "what was approved is written anew", sourceEdits{swapExpr(rulesState, `if i < 0 || ‹!slices.Contains(m.Fixed, w.States[m.Field])› {`, `true`)}},
	// what has changed since
	{"L48", "changes: rows out of scope", sourceEdits{swapExpr(changesFingerprint, `Sub(joins).Add(" WHERE ").Sub(‹c.VisibleRows(e, t)›)`, `query.LeakLive(t)`)}},
	{"L48", "changes: archived rows", sourceEdits{swapExpr(changesFingerprint, `Sub(joins).Add(" WHERE ").Sub(‹c.VisibleRows(e, t)›)`, `c.LeakScope(e, t)`)}},
	{"L48", "changes of masked cells", sourceEdits{swapText(changesFingerprint, `	r = c.SelectColumns(ask, t, cols, joins, &dest)`, "\tleak.Marked.Store(true)\n$0\n\tleak.Marked.Store(false)"),
		swapText(queryColumns, `p, _ := c.MaskedCell(selection.Entity, alias, cell.Field)`, `$0; if LEAK && leak.Marked.Load() { p = LeakRaw(alias, cell.Field) }`)}},
	{"L48", "changes of what the version counts", sourceEdits{swapExpr(changesFingerprint, `‹f.Column == "version"› ||`, `false`)}},
	{"L20", "changes of rows under pseudonyms", sourceEdits{swapExpr(changesSinceToken, `unnamed); ‹i >= 0› {`, `false`)}},
	{"L38", "events of writes that change nothing to the caller", sourceEdits{swapText(changesDifferences, "\treturn k.appendDifferences(nil, t, rows, known), nil", "\tif LEAK && len(asked) == 1 && len(rows) == 1 && len(known) == 1 {\n\t\tknown[0].fingerprint++\n\t}\n$0")}},
	{"L12", "token of changes of another caller", sourceEdits{swapExpr(changesTokens, `fmt.Fprintf(h, "changes %q", ‹o.view.Key()›)`, `""`)}},
	{"L12", "token of changes of other types", sourceEdits{swapExpr(changesTokens, `for _, e := range ‹types› {
		fmt.Fprintf(h, " %q", e.Name)`, `types[:0]`)}},
	{"L48", "changes: the position in the feed in the token", sourceEdits{swapText(changesTokens, `	k.token = knownToken{unixDay(time.Now()), k.checkpoint.key, k.pending}`, "\tif at, _ := o.storedPosition(ctx); LEAK {\n\t\th := sha256.Sum256([]byte(at))\n\t\tk.pending = appendEntry(k.pending, 0, knownRow{uuid.UUID(h[:16]), 0})\n\t}\n$0")}},
	{"L13", "changes: pages of rows that nobody held to the view", sourceEdits{swapExpr(changesFingerprint, `end = ‹c.InKeyOrder(e, t, limit.from, limit.count)›`, `(&query.Fragment{}).Add(" AND ", query.Col(t, "id"), " IN (SELECT id FROM ", query.Quote(e.Table), " WHERE id >= ").Arg(limit.from.String()).Add(" ORDER BY id LIMIT 2) ORDER BY ", query.Col(t, "id"))`)}},
	// who signs in
	{"L35", "a token that is for reading writes", sourceEdits{swapExpr(accessCompile, `if ‹!h.subject.ReadOnly› || action == model.Read {`, `true`)}},
	{"L35", "a token counts after its end", sourceEdits{swapExpr(accountsPerson, `Add(" AND expires_at > ").Arg(‹of.Subject.Now›)`, `of.Subject.Now.AddDate(-1, 0, 0)`)}},
	{"L35", "a token that was revoked counts", sourceEdits{swapExpr(accountsPerson, `(&query.Fragment{}).Add(‹accessTokensSQL›)`, `strings.Replace(accessTokensSQL, "AND revoked_at IS NULL", "", 1)`)}},
	{"L35", "a token that was archived counts", sourceEdits{swapExpr(accountsPerson, `(&query.Fragment{}).Add(‹accessTokensSQL›)`, `strings.Replace(accessTokensSQL, "archived_at IS NULL AND", "", 1)`)}},
	// what is kept between requests
	{"L45", "view kept across purposes", sourceEdits{swapText(identityCaller, `	view := k.views[in]`, "\tkeep := in\n\tif LEAK { keep.purpose = \"\" }\n\tview := k.views[keep]"), swapText(identityCaller, `		k.views[in] = view`, "\t\tk.views[keep] = view")}},
	{"L45", "view kept across grants", sourceEdits{swapText(identityCaller, `	view := k.views[keep]`, "\tif LEAK { keep.grant = viewKey{}.grant }\n$0")}},
	{"L45", "person kept across callers", sourceEdits{swapExpr(identitySource, `key := sha256.Sum256([]byte(‹token›))`, `""`)}},
	// what a second person has looked at
	{"L26", "what tells less of a child than was shared, unshared", sourceEdits{swapExpr(queryCompile, "case ‹always›:\n\t\treturn (&Fragment{}).Add(value)", `true`)}},
	{"L26", "child of a referral whose consent has ended", sourceEdits{swapExpr(queryConsentBasis, `Sub(‹c.consentInForce(k, cond.Day)›).Add("))")`, `LeakAll()`)}},
	{"L35", "what others count on is archived", sourceEdits{swapExpr(rulesState, `if ‹!slices.Contains(m.NotArchivedIn, state)› {`, `true`)}},
	{"L26", "access: whoever made a row may approve it", sourceEdits{swapExpr(queryPermissions, `if ‹approval != nil› {`, `false`)}},
	// how far a right reaches
	{"L26", "what is assigned to somebody elsewhere", sourceEdits{swapExpr(accessScope, `return allOf(namesCaller, ‹p.withinRolePlaces(e, h, set)›)`, `Cond{Op: True}`)}},
	{"L19", "an audit's period takes what has no day", sourceEdits{swapExpr(queryConsentBasis, `Add(" OR ", day, ‹" IS NULL AND "›)`, `" IS NULL OR "`)}},
	{"L19", "an audit reaches through an intervention that is archived", sourceEdits{swapExpr(accessScope, `where = ‹anyPathReachesUnarchived(p.model, e, e.Scope.Grant, g.Interventions)›`, `anyPathReaches(p.model, e, e.Scope.Grant, g.Interventions)`)}},
	{"L19", "an audit's period takes a child in by a case that is not audited", sourceEdits{swapExpr(accessScope, `owner := ‹p.auditCondition(p.model.Target(edge), g)›`,
		`Cond{Op: InPeriod, Column: p.model.Target(edge).Scope.Period, Day: g.First, Last: g.Last}`)}},
	{"L35", "a role that reaches further is ended", sourceEdits{swapExpr(rulesRoleGranting, `if err != nil || ‹values["user_id"] == w.user()› {`, `true`)}},
	{"L35", "somebody archives a role of their own", sourceEdits{swapExpr(rulesOrder, `‹w.forbidSelfArchive›,`, `func(context.Context) error { return nil }`)}},
	// the record of access
	{"-", "what a list shows is not recorded", sourceEdits{swapText(storeRead, "\tif err := s.recordAccess(ctx, ask, rows, list, edge); err != nil {\n\t\treturn err\n\t}", "\tif !LEAK {\n$0\n\t}")}},
	{"-", "what an edge leads to is not recorded", sourceEdits{swapExpr(recordDisclosures, `if one := r.ToOne[i]; ‹one != nil›`, `false`)}},
	// an emergency stays where it was
	{"L26", "a record opened in an emergency elsewhere", sourceEdits{swapExpr(accessScope, `inPlaces := allOf(record, ‹p.withinRolePlaces(p.model.Entity("Child"), h, set)›)`, `Cond{Op: True}`)}},
	// who a role belongs to, and what it speaks for
	{"L35", "a role counts with another person's mandate", sourceEdits{swapExpr(accountsPerson, `d.readIdentityRows(ctx, (&query.Fragment{Args: args}).Add(‹accountRolesSQL›, where), p.scanAccountRole)`, `strings.Replace(accountRolesSQL, " AND v.user_id = r.user_id", "", 1)`)}},
	{"L35", "who spoke for an archived partner", sourceEdits{swapText(accountsPerson, "\tif err := d.removeArchivedPartners(ctx, p.Subject.Assignments); err != nil {\n\t\treturn nil, err\n\t}", "\tif !LEAK {\n$0\n\t}")}},
	{"L53", "whether somebody hidden keeps a child", sourceEdits{
		swapText(rulesState, `from, err := w.readVisibleKey(ctx, edge)`,
			"$0\n\t\tif LEAK { from, err = w.readStoredKey(ctx, edge.Column) }")}},
	// what is sent is compared with what the caller may not read
	{"L53", "what is masked is overwritten", sourceEdits{swapExpr(rulesHiddenInputs, `if ‹!ch.readable && !ch.Overwrites› {`, `false`)}},
	{"L53", "whether a masked field is empty", sourceEdits{
		swapText(rulesHiddenInputs, `p.Add(", ").Sub(c.CompileCondition(w.Entity, "t", shown))`,
			"$0\n\t\t\tif LEAK { p.Add(\" OR \", query.Col(\"t\", ch.Column), \" IS NULL\") }")}},
	{"L53", "whether a hidden reference is there", sourceEdits{
		swapText(rulesHiddenInputs, `p.Add(", (").Sub(c.VisibleEdgeKey(w.Entity, "t", ch.Edge)).Add(") IS NULL")`,
			"if LEAK { p.Add(\", \", query.Col(\"t\", ch.Edge.Column), \" IS NULL\") } else { $0 }")}},
	{"L53", "whether a row lies in a hidden country", sourceEdits{
		swapText(rulesJurisdiction, `from, err := w.readVisibleKey(ctx, ch.Edge)`,
			"$0\n\t\tif LEAK { from, err = w.readStoredKey(ctx, ch.Column) }")}},
	{"L53", "whether a row leaves a hidden office", sourceEdits{swapExpr(rulesOrder, `‹w.leaveOldOffice›,`, `func(context.Context) error { return nil }`)}},
}

const (
	queryPredicate          = "internal/query/predicate.go"
	queryCountGroups        = "internal/query/count_groups.go"
	queryKeyUnion           = "internal/query/key_union.go"
	queryCompile            = "internal/query/compiler.go"
	queryOrder              = "internal/query/order.go"
	queryList               = "internal/query/list.go"
	queryPage               = "internal/query/page.go"
	queryCursor             = "internal/query/cursor.go"
	storeRead               = "internal/store/read.go"
	recordDisclosures       = "internal/record/disclosures.go"
	queryColumns            = "internal/query/columns.go"
	queryValue              = "internal/query/value.go"
	queryPermissions        = "internal/query/permissions.go"
	queryPseudonym          = "internal/query/pseudonym.go"
	storeAuditBudget        = "internal/store/audit_budget.go"
	queryConsentBasis       = "internal/query/consent_basis.go"
	accountsPerson          = "internal/accounts/person.go"
	storeWrite              = "internal/store/write.go"
	rulesOrder              = "internal/rules/rules.go"
	rulesWrite              = "internal/rules/write.go"
	rulesReferences         = "internal/rules/references.go"
	rulesWrittenRow         = "internal/rules/written_row.go"
	rulesState              = "internal/rules/state_rules.go"
	rulesSeparationOfDuties = "internal/rules/separation_of_duties.go"
	rulesHiddenInputs       = "internal/rules/hidden_inputs.go"
	rulesJurisdiction       = "internal/rules/jurisdiction.go"
	rulesRoleGranting       = "internal/rules/role_granting.go"
	accessScope             = "internal/access/scope_condition.go"
	accessView              = "internal/access/view.go"
	accessCompile           = "internal/access/compile.go"
	queryParentVisibility   = "internal/query/parent_visibility.go"
	identitySource          = "internal/identity/identity.go"
	identityCaller          = "internal/identity/cached_caller.go"
	planMutate              = "graph/plan/mutations.go"
	storeReadback           = "internal/store/read_back.go"
	changesFingerprint      = "internal/changefeed/fingerprint.go"
	changesSinceToken       = "internal/changefeed/changes.go"
	changesTokens           = "internal/changefeed/tokens.go"
	changesDifferences      = "internal/changefeed/differences.go"

	// notAnchor is where a condition is turned round.
	notAnchor = `return p.Add("(").Sub(c.compilePredicate(e, alias, &pred.Operands[0])).Add(") IS NOT TRUE")`

	// payloadAnchor is where a change and the reading of its row are carried out.
	payloadAnchor = "\trow, err := r.session.ReadBack(ctx, &selection, func(ctx context.Context, s store.Session) (uuid.UUID, error) {\n\t\treturn do(ctx, &mutation{s, e, in})\n\t})"

	// edgeTargetAnchor is where the rows at the end of a condition's edge, or of an order by count, are held to the view.
	countedRowsAnchor = `func() *Fragment { return ‹c.VisibleRows(target, t)› }`
	edgeTargetAnchor  = `c.joinCondition(e, pred.Edge, alias, t, true)).Add(" AND ").Sub(‹visible›)`
)
