// Package rules has the rules of child protection and of programmes on writes. It decides whether a caller with the
// right to write a row may also write these values, in this state of the row, and completes the columns that the hub
// sets by itself. rules.go lists all rules of each action in the order in which they are applied, and the other files
// have one kind of rule each. The entities in ent/schema state the rules that differ between entities.
//
// The package does not write the row. Its only way to the database is a Transaction, which package store implements.
// The store locks the row, applies the rules, writes the row, and applies the rules about the row as it has become.
package rules

import (
	"context"

	"rightshub/internal/model"
	"rightshub/internal/query"
)

// A rule checks a write or completes its changes. Its error refuses the write.
type rule = func(context.Context) error

// applyInOrder applies the rules one after another, up to the first error. The order of the rules decides which error
// the caller gets. So a rule that would disclose the state of a row comes after the rule about the right to change it.
func applyInOrder(ctx context.Context, rules ...rule) error {
	for _, apply := range rules {
		if err := apply(ctx); err != nil {
			return err
		}
	}
	return nil
}

// CheckCreate applies all rules for a new row before it is written.
func (w *Write) CheckCreate(ctx context.Context) error {
	return applyInOrder(ctx,
		w.checkReferences,
		w.setAuthor,
		w.checkParentCountry,
		w.checkCountryMove,
		w.setDefaultOffice,
		w.checkNewGrant,
		w.forbidSelfSubject,
		w.setFirstLevelPlace,
	)
}

// CheckEmergencyAccess applies the rules for the record of an emergency access before it is written. The store checks
// the request itself, because the row is made by the hub.
func (w *Write) CheckEmergencyAccess(ctx context.Context) error {
	return applyInOrder(ctx, w.checkReferences, w.setAuthor)
}

// CheckAccessToken applies the rules for a personal access token before it is written. The store checks the request
// itself, because the row is made by the hub.
func (w *Write) CheckAccessToken(ctx context.Context) error {
	return applyInOrder(ctx, w.setAuthor)
}

// CheckUpdate applies all rules for an update before it is written. The row must be locked. overwriteHidden names the
// inputs that replace what the caller cannot read.
func (w *Write) CheckUpdate(ctx context.Context, in query.Input, overwriteHidden []string) error {
	return applyInOrder(ctx,
		w.requireAction,
		w.forbidSelfEdit,
		func(context.Context) error { return w.takeInput(in) },
		func(ctx context.Context) error { return w.refuseHiddenInputs(ctx, overwriteHidden) },
		w.keepUnseenReferences,
		w.checkReferences,
		w.checkReportedFields,
		w.checkHandovers,
		w.checkRevocation,
		w.forbidSelfSubject,
		w.checkCountryMove,
		w.checkSignInAddress,
		w.checkNotFrozen,
		w.leaveOldOffice,
		w.checkGrantChange,
		w.addEditor,
		w.setFirstLevelPlace,
	)
}

// CheckArchive applies all rules for archiving a row before it is written. The row must be locked.
func (w *Write) CheckArchive(ctx context.Context) error {
	return applyInOrder(ctx,
		w.requireAction,
		w.forbidSelfArchive,
		w.checkArchivable,
		w.setArchived,
		w.addEditor,
		w.checkCountryArchive,
		w.checkNoDependants,
		w.revokeDeploymentRoles,
	)
}

// CheckMove applies all rules for moving a row to a state before it is written. The row must be locked.
func (w *Write) CheckMove(ctx context.Context, m *model.Machine, to string) error {
	forMove := func(apply func(context.Context, *model.Machine, string) error) rule {
		return func(ctx context.Context) error { return apply(ctx, m, to) }
	}
	return applyInOrder(ctx,
		forMove(w.requireMove),
		w.checkNotFrozen,
		forMove(w.stampMove),
		forMove(w.checkOpenParent),
		forMove(w.requireSafeguardingChecks),
		forMove(w.checkRoleMove),
		forMove(w.requireSecondPerson),
	)
}

// CheckSavedRow applies the rules about the row as it has become that need statements of their own. AddRowChecks
// applies the others.
func (w *Write) CheckSavedRow(ctx context.Context) error {
	return applyInOrder(ctx, w.checkOfficeCountry)
}
