package query_test

import (
	"context"
	"database/sql"
	"encoding/json"
)

// planNode is a node of a plan of PostgreSQL.
type planNode struct {
	Relation string     `json:"Relation Name"`
	Rows     float64    `json:"Actual Rows"`
	Loops    float64    `json:"Actual Loops"`
	Filtered float64    `json:"Rows Removed by Filter"`
	Joined   float64    `json:"Rows Removed by Join Filter"`
	Plans    []planNode `json:"Plans"`
}

// rowsLookedAt returns the number of rows that the plan reads from tables, and that its joins drop.
func (n *planNode) rowsLookedAt() float64 {
	sum := n.Loops * n.Joined
	if n.Relation != "" {
		sum += n.Loops * (n.Rows + n.Filtered)
	}
	for i := range n.Plans {
		sum += n.Plans[i].rowsLookedAt()
	}
	return sum
}

// explained is what PostgreSQL says of a statement.
type explained struct {
	Plan planNode
	Time float64 `json:"Execution Time"` // milliseconds
}

// explain runs EXPLAIN for a statement. With options it runs the statement too.
func explain(ctx context.Context, c *sql.Conn, s statement, options string) (out explained, err error) {
	var text string
	err = c.QueryRowContext(ctx, "EXPLAIN (FORMAT JSON"+options+") "+s.text, s.args...).Scan(&text)
	if err != nil {
		return out, err
	}
	var list []explained
	if err = json.Unmarshal([]byte(text), &list); err != nil {
		return out, err
	}
	return list[0], nil
}
