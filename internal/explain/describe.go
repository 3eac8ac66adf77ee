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

// formatTime is a moment as the texts write it.
func formatTime(t time.Time) string {
	if t.IsZero() {
		return "always"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

func orPlaceholder(text, none string) string {
	if text == "" {
		return none
	}
	return text
}

func (q *Question) describeTarget() string {
	if q.ID == uuid.Nil {
		return q.Entity.Name + ", any row"
	}
	return q.Entity.Name + " " + q.ID.String()
}

func (q *Question) describeRows() string {
	if q.ID == uuid.Nil {
		return "rows of " + q.Entity.Name
	}
	return "this row"
}

// describeCapacity is how the capacity is held: the assignment or the grant, what it reaches, from when and until when.
func (a *Explainer) describeCapacity(ctx context.Context, c access.Capacity) (string, error) {
	if c.Assignment == nil && c.Grant == nil {
		return c.Role + ", as whoever is signed in", nil
	}
	var (
		reach       []string
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
		reach = append(reach, word+" "+strings.Join(names, " "))
	}
	if g := c.Grant; g != nil {
		kind, id, from, until = "audit grant", g.ID, g.From, g.Until
		add("countries", "Country", g.Countries)
		add("interventions", "Intervention", g.Interventions)
		if len(g.Entities) > 0 {
			reach = append(reach, "entities "+strings.Join(g.Entities, " "))
		}
	} else {
		s := c.Assignment
		id, from, until = s.ID, s.From, s.Until
		if s.Everywhere {
			reach = append(reach, "every country")
		}
		add("countries", "Country", s.Countries)
		add("offices", "Office", s.Offices)
		add("partners", "Partner", s.Partners)
		add("interventions", "Intervention", s.Interventions)
		if len(s.Purposes) > 0 {
			reach = append(reach, "purposes "+strings.Join(s.Purposes, " "))
		}
	}
	end := "no end"
	if !until.IsZero() {
		end = "until " + formatTime(until)
	}
	return fmt.Sprintf("%s, %s %s (%s), from %s, %s", c.Role, kind, id, orPlaceholder(strings.Join(reach, "; "), "no place"), formatTime(from), end), err
}

// namesOfRows are what people call the rows of the keys; a key of nothing stays one.
func (a *Explainer) namesOfRows(ctx context.Context, entity string, keys []uuid.UUID) ([]string, error) {
	e := a.Model.Entity(entity)
	rows, err := a.NameSession.GetMany(ctx, &query.Selection{Entity: e, Cells: []query.Cell{{Field: e.Field(e.Natural)}}}, keys)
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
