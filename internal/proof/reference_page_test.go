package proof_test

// This file of the reference model computes pages of lists.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rightshub/internal/model"
)

// listPage is one page of a list.
type listPage struct {
	rows                 []*row
	positions            [][]any
	total                int
	hasNext, hasPrevious bool
	isReadable           bool // a policy line of the caller reads rows of the entity
}

// answerList is the JSON of a list, either of all rows of an entity or of those at the end of a row's edge.
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

// evaluatePage evaluates the arguments of a list and returns the page with the list's name, which its cursors are bound
// to.
func (v *view) evaluatePage(e *model.Entity, edge *model.Edge, parent *row, k *selection) (p listPage, name string) {
	first, hasFirst := k.argumentValue("first").(int64)
	last, hasLast := k.argumentValue("last").(int64)
	if first < 0 || first > 100 || last < 0 || last > 100 || hasFirst && hasLast ||
		k.argumentValue("after") == "" || k.argumentValue("before") == "" {
		panic(refusal("INVALID"))
	}
	where, _ := k.argumentValue("where").(inputObject)
	by, _ := k.argumentValue("orderBy").([]any)
	order := strings.ReplaceAll(k.argumentText("orderBy"), ",direction:ASC", "") // ASC is the default
	name = strings.Join([]string{v.cursorOwner(), e.Name, k.argumentText("where"), order}, "|")
	if edge != nil {
		name += "|" + edge.Name
	}
	after, before := v.findCursor(k.argumentValue("after"), name), v.findCursor(k.argumentValue("before"), name)
	if !v.allowsAny(e, "read") ||
		edge != nil && edge.Via != "" && !v.allowsAny(theModel.Entity(edge.Via), "read") {
		return p, name
	}
	p.isReadable, p.hasPrevious, p.hasNext = true, after != nil, before != nil
	all := v.listCandidates(e, edge, parent)
	rows := slices.DeleteFunc(slices.Clone(all), func(r *row) bool {
		return !v.satisfiesCondition(r, where, "where")
	})
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

// listCandidates are the visible rows that the list selects from.
func (v *view) listCandidates(e *model.Entity, edge *model.Edge, parent *row) []*row {
	if edge == nil {
		return v.visibleRows(e)
	}
	return v.visibleTargets(parent, edge)
}

// sortBetween sorts rows and returns those between two cursors, with their positions. A nil cursor leaves that end
// open.
func (v *view) sortBetween(
	e *model.Entity, by []any, rows []*row, after, before *cursorPosition,
) (out []*row, positions [][]any) {
	keys := v.sortKeys(e, by)
	positionOf := map[*row][]any{}
	for _, r := range rows {
		positionOf[r] = sortPosition(keys, r)
	}
	slices.SortFunc(rows, func(a, b *row) int { return comparePositions(keys, positionOf[a], positionOf[b]) })
	for _, r := range rows {
		at := positionOf[r]
		if (after == nil || comparePositions(keys, at, after.keyValues) > 0) &&
			(before == nil || comparePositions(keys, at, before.keyValues) < 0) {
			out, positions = append(out, r), append(positions, at)
		}
	}
	return out, positions
}

// findCursor is the position of a cursor, or nil without one. It refuses a cursor that the hub gave for another list.
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

// cursorOwner names the caller, the policy version and the audit grant that cursors are bound to.
func (v *view) cursorOwner() string {
	if v.grant != nil {
		return fmt.Sprint(v.user.id, v.policyVersion, v.grant.id)
	}
	return fmt.Sprint(v.user.id, v.policyVersion)
}
