// Package records is what a school's server knows, as folds of its ledger with
// names in its vault: people, badges, stops and holds, banks, devices. It is one
// list of books, so that whoever needs them all, the server or a rehearsal on
// simulated time, has the same ones. What banks may know of it is compiled here.
package records

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/corrections"
	"github.com/bellkeep/bellkeep/internal/declarations"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/figures"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/pki"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/reviews"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/rules"
	"github.com/bellkeep/bellkeep/internal/school/ban"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/staff"
	"github.com/bellkeep/bellkeep/internal/tokens"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/closure"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/locker/desk/consent"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/locker/desk/visit"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/mdm/fleet/command"
	"github.com/bellkeep/bellkeep/mdm/history"
)

// Parts is what records are made over.
type Parts struct {
	School  roster.School
	Log     ledger.Appender
	Vault   *vault.Vault
	Random  io.Reader           // of badges
	Stamp   func() ledger.Stamp // school time
	Machine func() time.Time

	Passcode func(device string) fleet.Confirmation // nil: no school device is issued
	Heard    func(device string) bool               // whether a device has reported, by a gateway too; nil: none has

	Sealed concern.Texts                // nil: safeguarding files are locked
	Behind func() map[string]desk.Place // the devices behind pupil doors, by person, as banks have it; nil: none

	Mailer notify.Mailer // nil: every notice is a slip
	Logger *slog.Logger
}

// Records are all books of a school.
type Records struct {
	school roster.School
	behind func() map[string]desk.Place
	stamp  func() ledger.Stamp

	// People, and what they may do.
	People     *register.Book
	Badges     *badges.Book
	Staff      *staff.Book
	Users      *accounts.Book // who may sign in to the pages
	Tokens     *tokens.Book   // of programs
	Attendance *attendance.Book
	Exceptions *exceptions.Book
	Agreements *agreements.Book // on acceptable use

	// Their devices.
	Desk     *desk.Book
	Custody  *desk.Custody
	Trays    *tray.Book // of classes
	Exams    *exam.Book
	Visits   *visit.Book
	Closure  *closure.Book
	Consents *consent.Book // what two people sign for a bank; its Banks are for whoever has them
	Concerns *concern.Book // safeguarding files

	// Banks and school devices.
	Roll        *pki.Roll
	List        *banks.List
	Fleet       *fleet.Book
	DeviceRules *change.Book  // what the school asks of its devices
	Commands    *command.Book // what it told them to do once
	DeviceBells *history.Book // how they stood at each bell

	// The school's paperwork.
	Policy       *rules.Book
	Reviews      *reviews.Book // prompts to look at the policy again
	Registers    *registers.Book
	Declarations *declarations.Book // of staff
	Notices      *notify.Book
	Corrected    *corrections.Book
	Figures      *figures.Book // of each day
}

// New makes empty books. Hand them every record of the school's ledger with Fold
// before anything else.
func New(p Parts) *Records {
	r := &Records{school: p.School, behind: p.Behind, stamp: p.Stamp}
	r.Policy = rules.New(p.Log, p.Vault, p.Stamp)
	r.People = register.New(p.Log, p.Vault, p.Stamp)
	r.People.Percent = func() int { return r.Policy.Now().LeaversPercent }
	r.Badges = badges.New(p.Log, p.Vault, p.Random, p.Stamp)
	r.Staff = staff.New(p.Log, p.Vault, r.People, p.Stamp)
	r.Users = accounts.New(accounts.Config{
		Log: p.Log, Vault: p.Vault, People: r.People, Stamp: p.Stamp, Now: p.Machine, Zone: p.School.Calendar.Zone, School: p.School.Name, Visitors: visitors{r},
	})
	r.Desk = desk.New(p.Log, p.Stamp, r.Policy.Now)
	r.Roll = pki.NewRoll(p.Log, p.Stamp, p.Machine)
	r.List = banks.NewList(p.Log, p.Stamp)
	r.DeviceBells = history.NewBook(p.Log, p.Stamp)
	texts := notify.Texts{School: p.School.Name, OfficePhone: p.School.Phone, Zone: p.School.Calendar.Zone, Templates: p.School.Notices}
	r.Notices = notify.New(notify.Config{Log: p.Log, Vault: p.Vault, People: r.People, Stamp: p.Stamp,
		Texts: func() notify.Texts { return texts }, Mailer: p.Mailer, StaffEmail: r.staffEmail, Logger: p.Logger})
	r.Agreements = agreements.New(agreements.Config{Log: p.Log, Vault: p.Vault, People: r.People, Stamp: p.Stamp, Zone: p.School.Calendar.Zone,
		Years: func() int { return r.Policy.Now().Retention.VisitorYears }, Held: r.held})
	leaders := func() bool { return r.Policy.Now().FilterConsent == policy.LeadershipAgrees }
	r.DeviceRules = change.New(change.Config{Log: p.Log, Vault: p.Vault, Stamp: p.Stamp, Devices: func() []mdm.Device { return r.Fleet.Devices() }, Kinds: r.Periods, Consent: leaders})
	r.Commands = command.New(command.Config{Log: p.Log, Vault: p.Vault, Fleet: devices{r}, Lost: devices{r}.lost, Stamp: p.Stamp})
	r.Fleet = fleet.New(fleet.Config{Log: r.Commands.Follow(), Vault: p.Vault, Stamp: p.Stamp, Rules: r.Policy.Now, DeviceRules: r.DeviceRules, Consent: leaders,
		MayHave: r.Agreements.MayHave, Passcode: p.Passcode,
		Joined: func(device string) bool {
			_, ever := r.Roll.Kind(device)
			return ever || p.Heard != nil && p.Heard(device)
		}})
	r.Reviews = reviews.New(p.Log, p.Vault, p.Stamp)
	r.Closure = closure.New(p.Log, p.Vault, p.Stamp)
	r.Corrected = corrections.New(p.Log, p.Vault, p.Stamp)
	r.Attendance = attendance.New(attendance.Config{Log: p.Log, Vault: p.Vault, Desk: r.Desk, Stamp: p.Stamp, Zone: p.School.Calendar.Zone})
	r.Exceptions = exceptions.New(exceptions.Config{Log: p.Log, Vault: p.Vault, People: r.People, Rules: r.Policy.Now, Calendar: p.School.Calendar, Stamp: p.Stamp, Held: r.held})
	r.Tokens = tokens.New(p.Log, p.Stamp, holders{r.Users})
	r.Registers = registers.New(registers.Config{Log: p.Log, Vault: p.Vault, People: r.People, Rules: r.Policy.Now, Stamp: p.Stamp,
		Zone: p.School.Calendar.Zone, Kinds: p.School.Registers})
	r.Figures = figures.NewBook(p.Log, p.Stamp)
	r.Custody = desk.NewCustody(desk.Config{Log: p.Log, Vault: p.Vault, People: r.People, Bars: r.Desk, Stamp: p.Stamp,
		Rules: r.Policy.Now, Ends: r.endOfDay, Exempt: r.exempt, Banned: func(at time.Time) bool { return r.Ban(at).Holds(at) },
		Writing: func(person string) bool { return r.Exams.Writing(person) }})
	r.Consents = consent.New(consent.Config{Log: p.Log, Vault: p.Vault, Custody: r.Custody, Stamp: p.Stamp, Now: p.Machine, Rules: r.Policy.Now})
	r.Trays = tray.New(tray.Config{Log: p.Log, People: r.People, Custody: r.Custody, Stamp: p.Stamp, Zone: p.School.Calendar.Zone,
		Rules: r.Policy.Now, Ends: r.endOfDay, Leaves: r.leaves,
		Briefed: func(by desk.By) error { return r.Briefed(by.Person) }})
	r.Declarations = declarations.New(declarations.Config{Log: p.Log, Vault: p.Vault, People: r.People, Rules: r.Policy.Now, Stamp: p.Stamp, Held: r.rolesOf})
	r.Visits = visit.New(visit.Config{Log: p.Log, Vault: p.Vault, Custody: r.Custody, Random: p.Random, Stamp: p.Stamp, Rules: r.Policy.Now,
		Signed: r.Agreements.MayEnter, Until: r.visitUntil, Ends: r.endOfDay})
	r.Exams = exam.New(exam.Config{Log: p.Log, Vault: p.Vault, People: r.People, Stamp: p.Stamp, Zone: p.School.Calendar.Zone,
		Kept: r.kept, Needs: r.Exceptions.Needs, Remove: r.Custody.Confiscate})
	r.openConcerns(p)
	return r
}

// Briefed says what somebody who works here for a day has to read before they have a
// class's tray; nil for whoever is in the register. Errors: denied.
func (r *Records) Briefed(person string) error {
	if _, ofTheRegister := r.People.Person(person); ofTheRegister {
		return nil
	}
	return r.Agreements.Briefed(person)
}

// TellItem hands what a bank's ledger says of an item, or of a class's tray, to the book
// that keeps it. Errors: those of the ledger.
func (r *Records) TellItem(ctx context.Context, ref desk.Ref, e locker.Event) error {
	if r.Trays.Owns(e.Item) {
		return r.Trays.Tell(ctx, ref, e)
	}
	return r.Custody.Tell(ctx, ref, e)
}

// devices are those of the book that is made after the book of commands.
type devices struct{ *Records }

func (d devices) Devices() []mdm.Device { return d.Fleet.Devices() }

func (d devices) lost(id string) bool {
	l, ok := d.Fleet.Device(id)
	return ok && !l.Lost.At.IsZero()
}

// Periods are the kinds of period that the calendar has.
func (r *Records) Periods() []mdm.Mode {
	var list []mdm.Mode
	for _, t := range r.school.Calendar.Templates {
		for _, p := range t.Bells {
			list = append(list, mdm.Mode(p.Kind))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// staffEmail is where a member of staff has e-mail at the school, "" for nowhere.
func (r *Records) staffEmail(person string) string {
	p, _ := r.People.Person(person)
	return p.Email
}

// Ban is when phones are banned on the day of a moment, by the rules in force then.
func (r *Records) Ban(at time.Time) ban.Hours {
	return ban.On(r.Policy.At(at), r.school.Calendar, at)
}

// held reports whether a hold stands against somebody, a visitor too, or against a
// device of theirs.
func (r *Records) held(person string) bool {
	return person != "" && slices.ContainsFunc(r.Desk.Standing(), func(b desk.Bar) bool {
		i, _ := r.Custody.Item(b.On.Item)
		return b.Kind == desk.Hold && (b.On.Person == person || i.Whose == person)
	})
}

// Fold takes one record of the school's ledger into every book.
func (r *Records) Fold(rec ledger.Record) error {
	for _, book := range []interface{ Fold(ledger.Record) error }{
		r.People,
		r.Badges,
		r.Staff,
		r.Users,
		r.Desk,
		r.Custody,
		r.Consents,
		r.Concerns,
		r.Trays,
		r.Exams,
		r.Visits,
		r.Declarations,
		r.Roll,
		r.List,
		r.Fleet,
		r.Agreements,
		r.Reviews,
		r.DeviceRules,
		r.DeviceBells,
		r.Commands,
		r.Policy,
		r.Corrected,
		r.Notices,
		r.Attendance,
		r.Exceptions,
		r.Tokens,
		r.Registers,
		r.Figures,
		r.Closure,
	} {
		if err := book.Fold(rec); err != nil {
			return err
		}
	}
	return nil
}

// Settle waits for commands that are running. What was on the ledger when it was
// called has then been folded in: the ledger grows before a book does.
func (r *Records) Settle() {
	for _, book := range []interface{ Settle() }{
		r.People,
		r.Badges,
		r.Staff,
		r.Users,
		r.Custody,
		r.Consents,
		r.Concerns,
		r.Trays,
		r.Reviews,
		r.Exams,
		r.Visits,
		r.Declarations,
		r.Roll,
		r.Policy,
		r.Notices,
		r.Attendance,
		r.Exceptions,
		r.Tokens,
		r.Closure,
		r.DeviceRules,
		r.DeviceBells,
		r.Commands,
		r.Registers,
		r.Figures,
	} {
		book.Settle()
	}
}
