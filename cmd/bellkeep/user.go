package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/cli"
	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/signin"
)

const userHelp = `Says who may sign in to the school's pages, from the server's own machine. The
school server must be running. The words:

  add NAME     make an account and its one-time link
  reset NAME   make a one-time link to choose a new password
  end NAME     end an account for good
  role NAME    give an account a role, or end one
  person NAME  say whose account it is
  list         who may sign in, and as what
  seal         print two sealed accounts for the day on which all else fails

Whoever makes an account never learns its password: its holder chooses one by the
link. Each word has --help with an example: bellkeep user add --help`

func userCommand(ctx context.Context, args []string, stdout, _ io.Writer) error {
	words := map[string]func(context.Context, []string, io.Writer) error{
		"add": userAdd, "reset": userReset, "end": userEnd, "role": userRole, "person": userPerson, "list": userList, "seal": userSeal,
	}
	word, rest := firstWord(args)
	if slices.Contains([]string{"help", "--help", "-h"}, word) {
		fmt.Fprintln(stdout, userHelp)
		return cli.ErrHelp
	}
	if run := words[word]; run != nil {
		return run(ctx, rest, stdout)
	}
	return misuse("There are: bellkeep user add, reset, end, role, person, list and seal. Run: bellkeep user --help")
}

// userFlags are the flags of a word about one account.
type userFlags struct {
	server.UserChange
	data, until, from, forms string
}

const dayLayout = "2006-01-02"

// read parses the flags of a word; its name stands before them.
func (u *userFlags) read(word, help string, args []string, stdout io.Writer, withRole bool) error {
	fs := newFlags("user "+word, help)
	fs.StringVar(&u.data, "data", "", "the school server's data `folder`")
	if withRole {
		fs.StringVar((*string)(&u.Role), "role", string(u.Role), "what the account is `for`")
		fs.StringVar(&u.forms, "forms", "", "a teacher's `forms`, as 9B,9C")
		fs.StringVar(&u.from, "from", "", "first `day` of the role, as 2026-11-23")
		fs.StringVar(&u.until, "until", "", "last `day` of the role")
	}
	switch word {
	case "add":
		fs.StringVar(&u.Person, "person", "", "whose it is: an `id` of ours or of the school's information system")
		fs.StringVar(&u.Name, "name", "", "`name` of somebody the register does not know")
		fs.BoolVar(&u.Another, "another", false, "they have an account already, and are to have one more")
	case "person":
		fs.StringVar(&u.Person, "person", "", "whose it is: an `id` of ours or of the school's information system")
		fs.BoolVar(&u.Another, "another", false, "they have an account already, and this one too")
	case "role":
		fs.StringVar(&u.End, "end", "", "end the role of this `id`; bellkeep user list shows them")
	}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		u.ID, args = args[0], args[1:]
	}
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if u.ID == "" || u.data == "" {
		return misuse("Say who and where the server keeps its data: bellkeep user %s NAME --data FOLDER", word)
	}
	return u.dates()
}

// dates reads the days a role begins and ends, by this machine's calendar.
func (u *userFlags) dates() error {
	if u.forms != "" {
		u.Forms = strings.Split(u.forms, ",")
	}
	for text, at := range map[string]*time.Time{u.from: &u.From, u.until: &u.Until} {
		if text == "" {
			continue
		}
		t, err := time.ParseInLocation(dayLayout, text, time.Local)
		if err != nil {
			return misuse("%q is not a day like 2026-11-23", text)
		}
		*at = t
	}
	if !u.Until.IsZero() {
		u.Until = u.Until.AddDate(0, 0, 1) // the whole of the last day
	}
	return nil
}

const userAddHelp = `Makes an account and prints the one-time link by which its holder chooses a password,
within an hour. Whoever may open doors, change rules or give roles is a member of
staff in the register; a teacher, exams officer or governor need not be.

Examples:
  bellkeep user add office --role office --person S0007 --data /var/lib/bellkeep
  bellkeep user add t-jones --role teacher --forms 9B --person T0042 --data /var/lib/bellkeep
  bellkeep user add visitor --role exams --name "Vera Visitor" --data /var/lib/bellkeep`

func userAdd(ctx context.Context, args []string, stdout io.Writer) error {
	u := userFlags{}
	u.Role = roles.Office
	if err := u.read("add", userAddHelp, args, stdout, true); err != nil {
		return err
	}
	return u.askLink(ctx, "/user-make", stdout)
}

const userResetHelp = `Prints a one-time link by which the holder of an account chooses a new password,
within an hour. The old one works until then.

Example: bellkeep user reset office --data /var/lib/bellkeep`

func userReset(ctx context.Context, args []string, stdout io.Writer) error {
	u := userFlags{}
	if err := u.read("reset", userResetHelp, args, stdout, false); err != nil {
		return err
	}
	return u.askLink(ctx, "/user-reset", stdout)
}

func (u *userFlags) askLink(ctx context.Context, path string, stdout io.Writer) error {
	var link server.UserLink
	if err := control.Ask(ctx, u.data, path, u.UserChange, &link); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Hand this to the holder of %s. It works once, until %s:\n  %s\n", u.ID, link.Code.Until.Local().Format(time.DateTime), signin.Link(link.URL, link.Code))
	return nil
}

const userEndHelp = `Ends an account for good: its holder is signed out at once. Its lines stay in the
register.

Example: bellkeep user end t-jones --data /var/lib/bellkeep`

func userEnd(ctx context.Context, args []string, stdout io.Writer) error {
	u := userFlags{}
	if err := u.read("end", userEndHelp, args, stdout, false); err != nil {
		return err
	}
	if err := control.Ask(ctx, u.data, "/user-end", u.UserChange, new(struct{})); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s has ended.\n", u.ID)
	return nil
}

const userRoleHelp = `Gives an account a role, from a day until a day if need be, or ends one.

Examples:
  bellkeep user role deputy --role head --from 2026-11-23 --until 2026-11-27 --data /var/lib/bellkeep
  bellkeep user role deputy --end k3jx7a2mqwer --data /var/lib/bellkeep`

func userRole(ctx context.Context, args []string, stdout io.Writer) error {
	u := userFlags{}
	if err := u.read("role", userRoleHelp, args, stdout, true); err != nil {
		return err
	}
	if (u.Role == "") == (u.End == "") {
		return misuse("Say which role to give (--role) or to end (--end)")
	}
	if err := control.Ask(ctx, u.data, "/user-role", u.UserChange, new(struct{})); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "Done. It counts from the next click on.")
	return nil
}

const userPersonHelp = `Says which member of staff in the register an account belongs to. It can be said
once; until then a role by which doors are opened or roles given rests.

Example: bellkeep user person office --person S0007 --data /var/lib/bellkeep`

func userPerson(ctx context.Context, args []string, stdout io.Writer) error {
	u := userFlags{}
	if err := u.read("person", userPersonHelp, args, stdout, false); err != nil {
		return err
	}
	if u.Person == "" {
		return misuse("Say whose account it is (--person)")
	}
	if err := control.Ask(ctx, u.data, "/user-person", u.UserChange, new(struct{})); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s belongs to that member of staff from now on.\n", u.ID)
	return nil
}

const userListHelp = `Shows every account there has been: its roles with their ids, since when, until
when, and whether it may sign in now.

Example: bellkeep user list --data /var/lib/bellkeep`

func userList(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newFlags("user list", userListHelp)
	data := fs.String("data", "", "the school server's data `folder`")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if *data == "" {
		return misuse("Say where the server keeps its data: bellkeep user list --data FOLDER")
	}
	var list []server.UserLine
	if err := control.Ask(ctx, *data, "/users", struct{}{}, &list); err != nil {
		return err
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ACCOUNT\tNAME\tSIGNS IN\tROLE\tFORMS\tFROM\tUNTIL\tROLE'S ID")
	for _, a := range list {
		signs := "yes"
		if !a.Live {
			signs = "no"
		}
		if len(a.Roles) == 0 {
			a.Roles = []accounts.Grant{{}}
		}
		for _, g := range a.Roles {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", a.ID, a.Name, signs, g.Role, strings.Join(g.Forms, " "), onDay(g.From), onDay(grantEnd(g)), g.ID)
		}
	}
	return w.Flush()
}

// grantEnd is when a role ends or ended.
func grantEnd(g accounts.Grant) time.Time {
	if !g.Ended.IsZero() {
		return g.Ended
	}
	return g.Until
}

func onDay(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}

const userSealHelp = `Makes two accounts for the day on which nobody else can sign in, and prints their
passphrases: once, on this terminal. Write or print each on a sheet of its own and
seal it in an envelope, one in the school's safe and one elsewhere. With its first
use an account is headteacher and owner for four hours, everybody sees that it was
opened, and it is spent. Run this again to seal both anew.

Example: bellkeep user seal --data /var/lib/bellkeep`

func userSeal(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newFlags("user seal", userSealHelp)
	data := fs.String("data", "", "the school server's data `folder`")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if *data == "" {
		return misuse("Say where the server keeps its data: bellkeep user seal --data FOLDER")
	}
	var list []accounts.Sealed
	if err := control.Ask(ctx, *data, "/user-seal", struct{}{}, &list); err != nil {
		return err
	}
	for i, s := range list {
		if i > 0 {
			fmt.Fprintln(stdout, "\n- - - - - - - - - - cut here - - - - - - - - - -")
		}
		fmt.Fprintf(stdout, sheet, s.ID, s.Passphrase)
	}
	return nil
}

// sheet is what goes into an envelope.
const sheet = `
BELLKEEP: SEALED ACCOUNT
Open only when nobody else can sign in. Everybody will see that it was opened.

  Account     %s
  Passphrase  %s

It works for four hours from its first use, as headteacher and owner. Then have
both accounts sealed anew: bellkeep user seal
`
