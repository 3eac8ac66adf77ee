package model_test

import (
	"slices"
	"testing"

	"rightshub/internal/model"
)

// TestApproval covers an approval about named states, one about every other state, and moves that need no approval.
func TestApproval(t *testing.T) {
	named, others := model.Approval{To: []string{"approved"}}, model.Approval{}
	moves := slices.Concat(
		model.Moves(model.Update, "draft", "sent"),
		model.Moves(model.Approve, "sent", "approved", "rejected"),
	)
	both := &model.Machine{Moves: moves, Approvals: []model.Approval{others, named}}
	one := &model.Machine{Moves: moves, Approvals: []model.Approval{named}}
	for _, tc := range []struct {
		name    string
		machine *model.Machine
		needs   model.Action
		to      string
		want    *model.Approval
	}{
		{"a named state", both, model.Approve, "approved", &both.Approvals[1]},
		{"every other state", both, model.Approve, "rejected", &both.Approvals[0]},
		{"a move without the right to approve", both, model.Update, "sent", nil},
		{"a state that no approval is about", one, model.Approve, "rejected", nil},
	} {
		if got := tc.machine.Approval(tc.needs, tc.to); got != tc.want {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
	if got := both.ApprovedStates(&both.Approvals[0]); !slices.Equal(got, []string{"rejected"}) {
		t.Errorf("every other state: got %v, want rejected", got)
	}
	if got := one.ApprovedStates(nil); !slices.Equal(got, []string{"rejected"}) {
		t.Errorf("without a second person: got %v, want rejected", got)
	}
}
