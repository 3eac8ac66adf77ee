package store

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

// checkCreate applies all rules for a new row before it is written.
func (w *rowWrite) checkCreate(ctx context.Context) error {
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

// checkEmergencyAccess applies the rules for the record of an emergency access before it is written. The store checks
// the request itself, because the row is made by the hub.
func (w *rowWrite) checkEmergencyAccess(ctx context.Context) error {
	return applyInOrder(ctx, w.checkReferences, w.setAuthor)
}

// checkAccessToken applies the rules for a personal access token before it is written. The store checks the request
// itself, because the row is made by the hub.
func (w *rowWrite) checkAccessToken(ctx context.Context) error {
	return applyInOrder(ctx, w.setAuthor)
}

// checkUpdate applies all rules for an update before it is written. The row must be locked.
func (w *rowWrite) checkUpdate(ctx context.Context, in query.Input) error {
	return applyInOrder(ctx,
		w.requireAction,
		w.forbidSelfEdit,
		func(context.Context) error { return w.takeInput(in) },
		w.checkReferences,
		w.checkReportedFields,
		w.checkHandovers,
		w.checkRevocation,
		w.forbidSelfSubject,
		w.checkCountryMove,
		w.checkSignInAddress,
		w.checkNotFrozen,
		w.checkGrantChange,
		w.addEditor,
		w.setFirstLevelPlace,
	)
}

// checkArchive applies all rules for archiving a row before it is written. The row must be locked.
func (w *rowWrite) checkArchive(ctx context.Context) error {
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

// checkMove applies all rules for moving a row to a state before it is written. The row must be locked.
func (w *rowWrite) checkMove(ctx context.Context, m *model.Machine, to string) error {
	about := func(apply func(context.Context, *model.Machine, string) error) rule {
		return func(ctx context.Context) error { return apply(ctx, m, to) }
	}
	return applyInOrder(ctx,
		about(w.requireMove),
		w.checkNotFrozen,
		about(w.stampMove),
		about(w.checkOpenParent),
		about(w.requireSafeguardingChecks),
		about(w.checkRoleMove),
		about(w.requireSecondPerson),
	)
}
