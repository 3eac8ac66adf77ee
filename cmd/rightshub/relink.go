package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// relinkFlags are the flags of `rightshub admin` that link accounts anew to keys at the identity provider, after the
// provider has moved or has given its users new keys.
type relinkFlags struct {
	Relink     bool   `help:"${relink_help}"`
	FromIssuer string `placeholder:"URL" help:"With --relink: all accounts that are linked to this issuer."`
	ToIssuer   string `placeholder:"URL" help:"${relink_to_issuer_help}"`
	ToSubject  string `placeholder:"SUB" help:"${relink_to_subject_help}"`
	DryRun     bool   `help:"With --relink: print what would change, and change nothing."`
}

// Help texts of relinkFlags that are too long for a tag.
const (
	relinkHelp = "Remove the link between the account and its key at the identity provider. The next sign-in " +
		"with the account's verified address links it again. The hub may run meanwhile."
	relinkToIssuerHelp  = "With --relink: link to this issuer instead, with the same sub, after the issuer has moved."
	relinkToSubjectHelp = "With --relink and --to-issuer: link the one account to this sub, as for an issuer that " +
		"verifies no addresses."
)

// check fails when the flags contradict each other or the address.
func (f relinkFlags) check(email string) error {
	switch {
	case !f.Relink && (f.DryRun || f.FromIssuer != "" || f.ToIssuer != "" || f.ToSubject != ""):
		return fault.New(fault.Invalid, "--from-issuer, --to-issuer, --to-subject and --dry-run need --relink.")
	case !f.Relink && email == "":
		return fault.New(fault.Invalid, "Name the e-mail address of the person: rightshub admin you@example.org.")
	case f.Relink && (email == "") == (f.FromIssuer == ""):
		return fault.New(fault.Invalid, "With --relink, name either the e-mail address of one account, "+
			"or with --from-issuer the issuer that all accounts to change are linked to.")
	case f.ToSubject != "" && (email == "" || f.ToIssuer == ""):
		return fault.New(fault.Invalid, "--to-subject needs --to-issuer and the e-mail address of one account.")
	case f.ToIssuer != "" && f.ToIssuer == f.FromIssuer:
		return fault.New(fault.Invalid, "--from-issuer and --to-issuer are the same.")
	}
	return nil
}

// identityLink is the link of an account to a key at an identity provider.
type identityLink struct {
	user            uuid.UUID
	version         int64
	issuer, subject string // "" without a link
}

// relinkAccounts changes or removes the links of the account with the address, or of all accounts of an issuer, in one
// transaction. It prints no keys and no addresses but the one that was given.
func (c *adminCommand) relinkAccounts(
	ctx context.Context, m *model.Model, session store.Session, to streams,
) error {
	changed, issuer := 0, c.FromIssuer
	err := session.Atomic(ctx, func(ctx context.Context, session store.Session) error {
		links, err := c.linksToChange(ctx, m, session)
		if err != nil {
			return err
		}
		for _, link := range links {
			if c.Email != "" {
				issuer = link.issuer
			}
			if err := c.relinkAccount(ctx, m, session, link); err != nil {
				return err
			}
		}
		changed = len(links)
		return nil
	})
	if err != nil {
		return err
	}
	c.reportRelinking(to, changed, issuer)
	return nil
}

// linksToChange returns the links that the command line names. It fails when there is none.
func (c *adminCommand) linksToChange(
	ctx context.Context, m *model.Model, session store.Session,
) ([]identityLink, error) {
	if c.FromIssuer != "" {
		links, err := findLinks(ctx, m, session, map[string]string{"issuer": c.FromIssuer})
		if err == nil && len(links) == 0 {
			err = fault.New(fault.NotFound, "No account is linked to the issuer %s. "+
				"Write it as the tokens do, with or without a slash at its end.", c.FromIssuer)
		}
		return links, err
	}
	links, err := findLinks(ctx, m, session, map[string]string{"email": c.Email})
	switch {
	case err != nil:
		return nil, err
	case len(links) == 0:
		return nil, fault.New(fault.NotFound, "No account has the address %s.", c.Email)
	case links[0].subject == "" && c.ToSubject == "":
		return nil, fault.New(fault.Conflict, "The account of %s is not linked. "+
			"The first sign-in with this verified address links it.", c.Email)
	}
	return links, nil
}

// findLinks returns the links of the accounts with the values, by the names of the fields. An account without a link
// has an empty one.
func findLinks(
	ctx context.Context, m *model.Model, session store.Session, values map[string]string,
) (links []identityLink, err error) {
	users := m.Entity("User")
	where := query.Predicate{Op: query.PredicateAnd}
	for name, value := range values {
		where.Operands = append(where.Operands, query.Predicate{
			Op: query.PredicateField, Field: users.Field(name), Values: []any{value},
		})
	}
	first := query.MaxPage
	list := query.List{
		Selection: query.Selection{
			Entity: users,
			Cells: []query.Cell{
				{Field: users.Field("version")},
				{Field: users.Field("issuer")},
				{Field: users.Field("subject")},
			},
		},
		Where:   &where,
		First:   &first,
		Rows:    true,
		Cursors: true,
	}
	for {
		page, err := session.List(ctx, &list)
		if err != nil {
			return nil, err
		}
		for _, row := range page.Rows {
			links = append(links, identityLink{row.ID, row.Cells[0].Int, row.Cells[1].Text, row.Cells[2].Text})
		}
		if !page.Next {
			return links, nil
		}
		list.After = page.EndCursor()
	}
}

// relinkAccount changes the link of one account, unless this is a dry run. It fails when another account has the link
// already, because the rights of the two would add up.
func (c *adminCommand) relinkAccount(
	ctx context.Context, m *model.Model, session store.Session, link identityLink,
) error {
	in := query.Input{"issuer": nil, "subject": nil}
	if c.ToIssuer != "" {
		if c.ToSubject != "" {
			link.subject = c.ToSubject
		}
		in = query.Input{"issuer": c.ToIssuer, "subject": link.subject}
		others, err := findLinks(ctx, m, session, map[string]string{"issuer": c.ToIssuer, "subject": link.subject})
		if err != nil {
			return err
		}
		if len(others) > 0 {
			return fault.New(fault.Conflict, "An account is linked to the issuer %s already with the same sub. "+
				"Nothing was changed. Archive that account, or remove its link first.", c.ToIssuer)
		}
	}
	if c.DryRun {
		return nil
	}
	return session.Update(ctx, m.Entity("User"), link.user, link.version, in)
}

// reportRelinking prints what was changed, or would be.
func (c *adminCommand) reportRelinking(to streams, accounts int, issuer string) {
	subject := fmt.Sprintf("%d accounts", accounts)
	switch {
	case c.Email != "":
		subject = "the account of " + c.Email
	case accounts == 1:
		subject = "1 account"
	}
	verb, end := "Unlinked ", ""
	switch {
	case c.DryRun && c.ToIssuer != "":
		verb = "Would link "
	case c.DryRun:
		verb = "Would unlink "
	case c.ToIssuer != "":
		verb = "Linked "
	}
	if c.DryRun {
		end = " (dry run, nothing changed)"
	}
	if c.ToIssuer != "" {
		fmt.Fprintf(to.out, "%s%s to the issuer %s%s.\n", verb, subject, c.ToIssuer, end)
		return
	}
	fmt.Fprintf(to.out, "%s%s from the issuer %s%s. The next sign-in with the verified address links anew.\n",
		verb, subject, issuer, end)
}
