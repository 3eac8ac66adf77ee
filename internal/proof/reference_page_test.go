package proof_test

// The reference model: pages of lists.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// listPage is a part of a list.
type listPage struct {
	rows                 []*row
	positions            [][]any
	total                int
	hasNext, hasPrevious bool
	isReadable           bool // the caller reads such rows at all
}

// answerList is a connection's answer: of an entity, or at the end of a row's edge.
func (v *view) answerList(e *model.Entity, edge *model.Edge, parent *row, k *selection) string {
	p, name := v.evaluatePage(e, edge, parent, k)
	selects := func(names ...string) bool {
		return slices.ContainsFunc(k.kids, func(c *selection) bool { return slices.Contains(names, c.name) })
	}
	if parent != nil && v.shownLists[parent][k] {
		v.muteDepth++
		defer func() { v.muteDepth-- }()
	} else if parent != nil && v.shownLists != nil {
		if v.shownLists[parent] == nil {
			v.shownLists[parent] = map[*selection]bool{}
		}
		v.shownLists[parent][k] = true
	}
	if selects("edges", "nodes", "pageInfo") {
		if v.chargeRows(p.rows...); p.isReadable && len(p.rows) == 0 && v.muteDepth == 0 {
			v.rowsShown++
		}
	}
	if selects("totalCount") && p.isReadable && v.muteDepth == 0 {
		v.rowsShown++
	}
	cursor := func(i int) string {
		v.cursorPositions = append(v.cursorPositions, &cursorPosition{name, p.positions[i], v.root, k})
		return cursorHole
	}
	return writeObject(k.kids, func(c *selection) string {
		switch c.name {
		case "totalCount":
			return strconv.Itoa(p.total)
		case "pageInfo":
			return writeObject(c.kids, func(c *selection) string {
				switch {
				case c.name == "hasNextPage":
					return strconv.FormatBool(p.hasNext)
				case c.name == "hasPreviousPage":
					return strconv.FormatBool(p.hasPrevious)
				case len(p.rows) == 0:
					return "null"
				case c.name == "startCursor":
					return cursor(0)
				}
				return cursor(len(p.rows) - 1)
			})
		case "__typename":
			return quoteJSON(e.Name + "Connection")
		}
		items := make([]string, len(p.rows))
		for i, r := range p.rows {
			if c.name == "nodes" {
				items[i] = v.answerObject(r, c.kids)
				continue
			}
			items[i] = writeObject(c.kids, func(c *selection) string {
				if c.name == "cursor" {
					return cursor(i)
				}
				return v.answerObject(r, c.kids)
			})
		}
		return "[" + strings.Join(items, ",") + "]"
	})
}

// evaluatePage evaluates a list's arguments: the rows that satisfy the condition, in order, and of these the page.
func (v *view) evaluatePage(e *model.Entity, edge *model.Edge, parent *row, k *selection) (p listPage, name string) {
	first, hasFirst := k.argumentValue("first").(int64)
	last, hasLast := k.argumentValue("last").(int64)
	if first < 0 || first > 100 || last < 0 || last > 100 || hasFirst && hasLast || k.argumentValue("after") == "" || k.argumentValue("before") == "" {
		panic(refusal("INVALID"))
	}
	where, _ := k.argumentValue("where").(inputObject)
	by, _ := k.argumentValue("orderBy").([]any)
	name = strings.Join([]string{v.cursorOwner(), e.Name, k.argumentText("where"), strings.ReplaceAll(k.argumentText("orderBy"), ",direction:ASC", "")}, "|")
	if edge != nil {
		name += "|" + edge.Name
	}
	after, before := v.findCursor(k.argumentValue("after"), name), v.findCursor(k.argumentValue("before"), name)
	if !v.allowsAny(e, "read") || edge != nil && edge.Via != "" && !v.allowsAny(inventory.Model.Entity(edge.Via), "read") {
		return p, name
	}
	p.isReadable, p.hasPrevious, p.hasNext = true, after != nil, before != nil
	all := v.listCandidates(e, edge, parent)
	rows := slices.DeleteFunc(slices.Clone(all), func(r *row) bool { return !v.satisfiesCondition(r, where, "where") })
	v.coverList(e, k, where, by, all, edge, parent)
	p.total = len(rows)
	p.rows, p.positions = v.sortBetween(e, by, rows, after, before)
	n, backwards := 20, before != nil && after == nil
	if hasFirst || hasLast {
		n, backwards = int(first+last), hasLast
	}
	more := len(p.rows) > n
	switch {
	case backwards:
		p.hasPrevious, n = more, min(n, len(p.rows))
		p.rows, p.positions = p.rows[len(p.rows)-n:], p.positions[len(p.positions)-n:]
	default:
		p.hasNext, n = more, min(n, len(p.rows))
		p.rows, p.positions = p.rows[:n], p.positions[:n]
	}
	return p, name
}

func (v *view) listCandidates(e *model.Entity, edge *model.Edge, parent *row) []*row {
	if edge == nil {
		return v.visibleRows(e)
	}
	return v.visibleTargets(parent, edge)
}

// sortBetween are the rows in order that lie between two positions.
func (v *view) sortBetween(e *model.Entity, by []any, rows []*row, after, until *cursorPosition) (out []*row, at [][]any) {
	keys := v.sortKeys(e, by)
	places := map[*row][]any{}
	for _, r := range rows {
		places[r] = sortPosition(keys, r)
	}
	slices.SortFunc(rows, func(a, b *row) int { return comparePositions(keys, places[a], places[b]) })
	for _, r := range rows {
		if (after == nil || comparePositions(keys, places[r], after.keyValues) > 0) && (until == nil || comparePositions(keys, places[r], until.keyValues) < 0) {
			out, at = append(out, r), append(at, places[r])
		}
	}
	return out, at
}

// findCursor is the position of a cursor of this very list; any other is refused.
func (v *view) findCursor(cursor any, name string) *cursorPosition {
	text, ok := cursor.(string)
	if !ok {
		return nil
	}
	p := v.cursors[text+name]
	if p == nil {
		panic(refusal("INVALID"))
	}
	return p
}

// cursorOwner is whose cursors these are, and by which version of the policies.
func (v *view) cursorOwner() string {
	if v.grant != nil {
		return fmt.Sprint(v.user.id, v.policyVersion, v.grant.id)
	}
	return fmt.Sprint(v.user.id, v.policyVersion)
}
