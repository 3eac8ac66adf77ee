package database

import (
	"context"
	"testing"
)

// A span names the verb and the table of a statement. Without a trace it allocates nothing.
func TestStatementSummary(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT t.id, (SELECT count(*) FROM offices o WHERE o.x = t.id) FROM children t JOIN offices o ON true": "SELECT children",
		"SELECT * FROM (SELECT id FROM children) c":                                                             "SELECT children",
		`INSERT INTO "activities" ("id") VALUES ($1)`:                                                           "INSERT activities",
		"UPDATE children SET x = ?":                                                                             "UPDATE children",
		"DELETE FROM hub_answers WHERE id = ?":                                                                  "DELETE hub_answers",
		"SELECT now()":                                                                                          "SELECT",
		"SELECT 'x' FROM \"A name's\"":                                                                          "SELECT",
		"":                                                                                                      "",
	} {
		if got := statementSummary(query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	ctx := context.WithValue(context.Background(), counterKey{}, &StatementCounter{})
	if n := testing.AllocsPerRun(100, func() { endSpan(startStatementSpan(ctx, "SELECT now()")) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
