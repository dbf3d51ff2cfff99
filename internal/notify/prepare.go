package notify

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// Request says what a notice is to be. It goes to a contact of a pupil, or to a
// member of staff.
type Request struct {
	About    string // id of the case or the item
	Template string
	Pupil    string
	Contact  string // one of the pupil's, by the register's id
	Staff    string
	Time     time.Time // for {time}
	Paper    bool      // on a slip even if there is an address
}

// Prepare makes a notice and sends nothing. It is on a slip where there is no
// address that can be used. One notice about one thing is open for one person
// and template at a time.
// Errors: invalid, not_found, denied (must not be contacted), conflict (one is
// open already), not_now (too many are open), those of the vault and the ledger.
func (b *Book) Prepare(ctx context.Context, by string, r Request) (Notice, error) {
	b.command.Lock()
	defer b.command.Unlock()
	if err := cmp.Or(checkIDs(by, r.About), b.fresh(r)); err != nil {
		return Notice{}, err
	}
	l, err := b.write(r)
	if err != nil {
		return Notice{}, err
	}
	e := body{By: by, Notice: ledger.NewID("n"), About: r.About, Template: r.Template, Way: Email, Pupil: r.Pupil, Staff: r.Staff}
	if l.Address == "" {
		e.Way = Slip
	}
	if e.Kept, err = vault.Write(ctx, b.Vault, ledger.NewID("notice"), l); err != nil {
		return Notice{}, err
	}
	if err := b.record(ctx, KindPrepared, e); err != nil {
		return Notice{}, err
	}
	return b.Get(e.Notice)
}

// checkIDs keeps names out of the ledger, which is for ever.
func checkIDs(by, about string) error {
	for _, id := range []string{by, about} {
		if !school.ValidID(id) {
			return errs.New(errs.Invalid, "A notice names whoever prepares it and what it is about by their ids.", "Give ids of small letters, digits and hyphens.")
		}
	}
	return nil
}

// fresh refuses what is open already: a second click, a second tab.
func (b *Book) fresh(r Request) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	open := 0
	for _, n := range b.order {
		if !n.State.Open() {
			continue
		}
		if open++; open == MaxOpen {
			return errs.New(errs.NotNow, "Too many notices are open.", "Send or cancel some first.")
		}
		if n.About == r.About && n.Template == r.Template && n.Pupil == r.Pupil && n.Contact == r.Contact && n.Staff == r.Staff {
			return errs.New(errs.Conflict, "The same notice is prepared already.", "Send or cancel that one.")
		}
	}
	return nil
}

// write makes the letter of a request.
func (b *Book) write(r Request) (letter, error) {
	texts := b.Texts()
	t, ok := texts.template(r.Template)
	if !ok {
		return letter{}, errs.At("template", "There is no such template.", "Choose another one.")
	}
	if err := t.Check(); err != nil {
		return letter{}, err
	}
	address, err := b.address(r, t.For)
	if err != nil {
		return letter{}, err
	}
	if r.Paper || b.Mailer == nil {
		address = ""
	}
	f := fields{School: texts.School, OfficePhone: texts.OfficePhone, Time: clock(r.Time, cmp.Or(texts.Zone, time.UTC)), Child: anyChild}
	if address == "" && r.Staff == "" {
		f.Child = b.given(r.Pupil)
	}
	l := letter{Contact: r.Contact, Address: address}
	l.Subject, l.Text, err = t.render(f)
	return l, err
}

// given is how a slip names a pupil.
func (b *Book) given(pupil string) string {
	p, _ := b.People.Person(pupil)
	if p.Given == "" || len(p.Given) > maxField || !printable(p.Given) {
		return anyChild
	}
	return p.Given
}

// address finds where a notice goes, "" for on paper, and refuses whoever must
// not be contacted.
func (b *Book) address(r Request, audience Audience) (string, error) {
	switch {
	case audience == ToContact && r.Pupil != "" && r.Contact != "" && r.Staff == "":
		return b.contactAddress(r.Pupil, r.Contact)
	case audience == ToStaff && r.Staff != "" && r.Pupil == "" && r.Contact == "":
		return b.staffAddress(r.Staff)
	}
	return "", errs.At("to", "This template does not suit whom the notice is to.", "Choose a template for parents, or one for staff.")
}

func (b *Book) contactAddress(pupil, contact string) (string, error) {
	list := b.People.Contacts(pupil)
	i := slices.IndexFunc(list, func(c register.Contact) bool { return c.ID == contact })
	switch {
	case i < 0:
		return "", errs.New(errs.NotFound, "This person is not among the pupil's contacts.", "Choose one of the contacts listed.")
	case list[i].NoContact:
		return "", errs.New(errs.Denied, "This person must not be contacted.", "Ask the safeguarding lead.")
	}
	return usable(list[i].Email), nil
}

func (b *Book) staffAddress(id string) (string, error) {
	p, known := b.People.Person(id)
	switch {
	case !known || p.Kind != register.Staff || !p.OnRoll():
		return "", errs.New(errs.NotFound, "No member of staff has that id.", "Choose one from the list of staff.")
	case b.StaffEmail == nil:
		return "", nil
	}
	return usable(b.StaffEmail(id)), nil
}

func usable(address string) string {
	if !ValidAddress(address) {
		return ""
	}
	return address
}
