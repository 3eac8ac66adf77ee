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

// page is a part of a list.
type page struct {
	rows       []*row
	at         [][]any
	total      int
	next, prev bool
	read       bool // the caller reads such rows at all
}

// list is a connection's answer: of an entity, or at the end of a row's edge.
func (v *view) list(e *model.Entity, edge *model.Edge, parent *row, k *sel) string {
	p, name := v.page(e, edge, parent, k)
	selects := func(names ...string) bool {
		return slices.ContainsFunc(k.kids, func(c *sel) bool { return slices.Contains(names, c.name) })
	}
	if parent != nil && v.shown[parent][k] {
		v.muted++
		defer func() { v.muted-- }()
	} else if parent != nil && v.shown != nil {
		if v.shown[parent] == nil {
			v.shown[parent] = map[*sel]bool{}
		}
		v.shown[parent][k] = true
	}
	if selects("edges", "nodes", "pageInfo") {
		if v.charge(p.rows...); p.read && len(p.rows) == 0 && v.muted == 0 {
			v.count++
		}
	}
	if selects("totalCount") && p.read && v.muted == 0 {
		v.count++
	}
	cursor := func(i int) string {
		v.places = append(v.places, &position{name, p.at[i], v.root, k})
		return hole
	}
	return pairs(k.kids, func(c *sel) string {
		switch c.name {
		case "totalCount":
			return strconv.Itoa(p.total)
		case "pageInfo":
			return pairs(c.kids, func(c *sel) string {
				switch {
				case c.name == "hasNextPage":
					return strconv.FormatBool(p.next)
				case c.name == "hasPreviousPage":
					return strconv.FormatBool(p.prev)
				case len(p.rows) == 0:
					return "null"
				case c.name == "startCursor":
					return cursor(0)
				}
				return cursor(len(p.rows) - 1)
			})
		case "__typename":
			return quote(e.Name + "Connection")
		}
		items := make([]string, len(p.rows))
		for i, r := range p.rows {
			if c.name == "nodes" {
				items[i] = v.object(r, c.kids)
				continue
			}
			items[i] = pairs(c.kids, func(c *sel) string {
				if c.name == "cursor" {
					return cursor(i)
				}
				return v.object(r, c.kids)
			})
		}
		return "[" + strings.Join(items, ",") + "]"
	})
}

// page evaluates a list's arguments: the rows that satisfy the condition, in order, and of these the page.
func (v *view) page(e *model.Entity, edge *model.Edge, parent *row, k *sel) (p page, name string) {
	first, hasFirst := k.arg("first").(int64)
	last, hasLast := k.arg("last").(int64)
	if first < 0 || first > 100 || last < 0 || last > 100 || hasFirst && hasLast || k.arg("after") == "" || k.arg("before") == "" {
		panic(refusal("INVALID"))
	}
	where, _ := k.arg("where").(obj)
	by, _ := k.arg("orderBy").([]any)
	name = strings.Join([]string{v.name(), e.Name, k.text("where"), strings.ReplaceAll(k.text("orderBy"), ",direction:ASC", "")}, "|")
	if edge != nil {
		name += "|" + edge.Name
	}
	after, before := v.placeOf(k.arg("after"), name), v.placeOf(k.arg("before"), name)
	if !v.any(e, "read") || edge != nil && edge.Via != "" && !v.any(inventory.Model.Entity(edge.Via), "read") {
		return p, name
	}
	p.read, p.prev, p.next = true, after != nil, before != nil
	all := v.candidates(e, edge, parent)
	rows := slices.DeleteFunc(slices.Clone(all), func(r *row) bool { return !v.satisfies(r, where, "where") })
	v.hitList(e, k, where, by, all, edge, parent)
	p.total = len(rows)
	p.rows, p.at = v.between(e, by, rows, after, before)
	n, backwards := 20, before != nil && after == nil
	if hasFirst || hasLast {
		n, backwards = int(first+last), hasLast
	}
	more := len(p.rows) > n
	switch {
	case backwards:
		p.prev, n = more, min(n, len(p.rows))
		p.rows, p.at = p.rows[len(p.rows)-n:], p.at[len(p.at)-n:]
	default:
		p.next, n = more, min(n, len(p.rows))
		p.rows, p.at = p.rows[:n], p.at[:n]
	}
	return p, name
}

func (v *view) candidates(e *model.Entity, edge *model.Edge, parent *row) []*row {
	if edge == nil {
		return v.visible(e)
	}
	return v.over(parent, edge)
}

// between are the rows in order that lie between two positions.
func (v *view) between(e *model.Entity, by []any, rows []*row, after, until *position) (out []*row, at [][]any) {
	keys := v.sortKeys(e, by)
	places := map[*row][]any{}
	for _, r := range rows {
		places[r] = positionOf(keys, r)
	}
	slices.SortFunc(rows, func(a, b *row) int { return before(keys, places[a], places[b]) })
	for _, r := range rows {
		if (after == nil || before(keys, places[r], after.at) > 0) && (until == nil || before(keys, places[r], until.at) < 0) {
			out, at = append(out, r), append(at, places[r])
		}
	}
	return out, at
}

// placeOf is the position of a cursor of this very list; any other is refused.
func (v *view) placeOf(cursor any, name string) *position {
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

// name is whose cursors these are, and by which version of the policies.
func (v *view) name() string {
	if v.grant != nil {
		return fmt.Sprint(v.user.id, v.version, v.grant.id)
	}
	return fmt.Sprint(v.user.id, v.version)
}
