package explain

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/query"
)

// formatTime formats a time for the texts of this package. A zero time is a start without a limit.
func formatTime(t time.Time) string {
	if t.IsZero() {
		return "always"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// orPlaceholder returns the text, or the placeholder when the text is empty.
func orPlaceholder(text, placeholder string) string {
	if text == "" {
		return placeholder
	}
	return text
}

// describeTarget describes the entity or the row of the question in the header of the answer.
func (q *Question) describeTarget() string {
	if q.ID == uuid.Nil {
		return q.Entity.Name + ", any row"
	}
	return q.Entity.Name + " " + q.ID.String()
}

// describeRows describes the entity or the row of the question within a sentence.
func (q *Question) describeRows() string {
	if q.ID == uuid.Nil {
		return "rows of " + q.Entity.Name
	}
	return "this row"
}

// describeCapacity describes how the user holds the capacity. The text names the assignment or the grant, its places,
// and its first and last time.
func (a *Explainer) describeCapacity(ctx context.Context, c access.Capacity) (string, error) {
	if c.Assignment == nil && c.Grant == nil {
		return c.Role + ", as every signed-in user", nil
	}
	var (
		places      []string
		kind        = "assignment"
		id          uuid.UUID
		from, until time.Time
		err         error
	)
	add := func(word, entity string, keys []uuid.UUID) {
		if len(keys) == 0 || err != nil {
			return
		}
		var names []string
		names, err = a.namesOfRows(ctx, entity, keys)
		places = append(places, word+" "+strings.Join(names, " "))
	}
	if g := c.Grant; g != nil {
		kind, id, from, until = "audit grant", g.ID, g.From, g.Until
		add("countries", "Country", g.Countries)
		add("interventions", "Intervention", g.Interventions)
		if len(g.Entities) > 0 {
			places = append(places, "entities "+strings.Join(g.Entities, " "))
		}
	} else {
		s := c.Assignment
		id, from, until = s.ID, s.From, s.Until
		if s.Everywhere {
			places = append(places, "every country")
		}
		add("countries", "Country", s.Countries)
		add("offices", "Office", s.Offices)
		add("partners", "Partner", s.Partners)
		add("interventions", "Intervention", s.Interventions)
		if len(s.Purposes) > 0 {
			places = append(places, "purposes "+strings.Join(s.Purposes, " "))
		}
	}
	end := "no end"
	if !until.IsZero() {
		end = "until " + formatTime(until)
	}
	return fmt.Sprintf("%s, %s %s (%s), from %s, %s",
		c.Role, kind, id, orPlaceholder(strings.Join(places, "; "), "no place"), formatTime(from), end), err
}

// namesOfRows returns the codes that people use for the rows with the keys. A key without a row is returned as text.
func (a *Explainer) namesOfRows(ctx context.Context, entity string, keys []uuid.UUID) ([]string, error) {
	e := a.Model.Entity(entity)
	selection := &query.Selection{Entity: e, Cells: []query.Cell{{Field: e.Field(e.CodeColumn)}}}
	rows, err := a.NameSession.GetMany(ctx, selection, keys)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(keys))
	for i, key := range keys {
		if out[i] = key.String(); rows[i] != nil {
			out[i] = rows[i].Cells[0].Text
		}
	}
	return out, nil
}
