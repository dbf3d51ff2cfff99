package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The kinds of event of a quarantine.
const (
	kindQuarantined = "device-quarantined"
	kindAdvice      = "quarantine-advice"
	kindEndAsked    = "quarantine-end-asked"
	kindEnded       = "quarantine-ended"

	kindCommandEnded = "device-command-ended" // of package command, by a quarantine
)

const (
	endLasts  = time.Hour // the first of two approvals of an end waits for the second
	maxWords  = 1000      // characters of a reason or an advice
	maxAdvice = 50        // notes of one quarantine
)

// Quarantine is that a device is kept as evidence.
type Quarantine struct {
	Since  time.Time
	By     string // account
	Holder string // whoever had the device then
	About  string // whom the allegation is about; "" when it is not known
	Why    string // "" once the vault has erased it
	Advice []Advice
	Asked  EndAsked // for its end; zero for nobody
}

// Advice is what the police advised, as somebody wrote it down.
type Advice struct {
	Mark
	Text string
}

// EndAsked is the first of the two who end a quarantine.
type EndAsked struct {
	school.Approval
	As []roles.Role `json:"as,omitempty"`
}

// Concerns reports whether somebody has a part in it: they neither act on it nor
// read why it is.
func (q Quarantine) Concerns(person string) bool {
	return person != "" && (person == q.Holder || person == q.About)
}

// For is the same book to somebody: whom a quarantine concerns finds no trace of it.
// Who is nobody of the register may be anybody.
func (b *Book) For(person string) *Book { return b.as(person) }

func (b *Book) as(viewer string) *Book {
	return &Book{Config: b.Config, shelf: b.shelf, viewer: viewer}
}

// Hides reports whether there is, or was, a quarantine that whoever looks must not
// know of.
func (b *Book) Hides() bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for device := range b.concerned {
		if b.conceals(device) {
			return true
		}
	}
	return false
}

// Conceals reports whether whoever looks must not know that a device is in quarantine,
// or was.
func (b *Book) Conceals(device string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.conceals(device)
}

// ConcealsAt reports whether whoever looks must not know how a device was at a moment,
// for a quarantine may show in it.
func (b *Book) ConcealsAt(device string, at time.Time) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.conceals(device) && !at.Before(b.evident[device])
}

// conceals is Conceals for callers that hold mu.
func (b *Book) conceals(device string) bool {
	concerned, ever := b.concerned[device]
	return ever && b.viewer != "" && (!school.Known(b.viewer) || slices.Contains(concerned, b.viewer))
}

// Shown reports whether a record may be shown to whoever looks: none about a
// quarantine that they must not know of, or what it did to a command.
func (b *Book) Shown(r ledger.Record) bool {
	if r.Kind == kindCommandEnded {
		return !b.Hides()
	}
	if !slices.Contains([]string{kindQuarantined, kindAdvice, kindEndAsked, kindEnded}, r.Kind) {
		return true
	}
	var q quarantined
	_ = json.Unmarshal(r.Body, &q) // the fold has read it
	return !b.Conceals(q.Device)
}

// quarantined is the body of all its records.
type quarantined struct {
	Device string       `json:"device"`
	By     string       `json:"by"`
	Person string       `json:"person"`
	As     []roles.Role `json:"as,omitempty"`
	Asked  *EndAsked    `json:"asked,omitempty"` // the other of two who ended it
	vault.Kept
}

// words is what the vault keeps of a record.
type words struct {
	Text  string `json:"text"`
	About string `json:"about,omitempty"`
}

// MayAlter says why nobody may wipe a device, clear its passcode, put it in lost
// mode, let it join anew or see its screen; nil if they may. Errors: denied.
func (b *Book) MayAlter(device string) error {
	return b.ask(func() error {
		if l := b.devices[device]; l != nil {
			return b.mayAlter(l)
		}
		return nil
	})
}

// mayAlter is MayAlter for callers that hold mu. Whom the quarantine concerns is not
// told of it.
func (b *Book) mayAlter(l *Listing) error {
	switch {
	case l.Quarantine == nil:
		return nil
	case b.conceals(l.Device.ID):
		return errs.New(errs.Denied, fmt.Sprintf("Device %s stays as it is for now.", l.Device.ID), "Ask the headteacher.")
	}
	return errs.New(errs.Denied, fmt.Sprintf("Device %s is in quarantine since %s: it is kept as evidence, so nothing about it is changed.", l.Device.ID, l.Quarantine.Since.Format("2 January 2006")),
		"Two people end a quarantine: the headteacher can say who.")
}

// Quarantine keeps a device as evidence from now on, for a reason. subject is whom
// the allegation is about, if that is known. Errors: invalid (at why), not found,
// conflict, denied to whom it concerns, those of ledger and vault.
func (b *Book) Quarantine(ctx context.Context, who school.Actor, device, why, subject string) error {
	b.command.Lock()
	defer b.command.Unlock()
	l, ok := b.as("").Device(device)
	switch {
	case !ok:
		return errs.New(errs.NotFound, fmt.Sprintf("There is no device %.40q.", device), "Look at the list of devices.")
	case l.Quarantine != nil && l.Quarantine.Concerns(who.Person):
		return errHasPart()
	case l.Quarantine != nil:
		return errs.New(errs.Conflict, "Device "+device+" is in quarantine already.", "")
	case who.Person == subject && subject != "":
		return errs.New(errs.Denied, "Somebody else must do this: it is about you.", "Tell the headteacher, or the chair of governors.")
	}
	if err := checkWords("why", why); err != nil {
		return err
	}
	return b.put(ctx, kindQuarantined, who, quarantined{Device: device}, &words{Text: strings.TrimSpace(why), About: subject})
}

// Advise puts down what the police advised about a device in quarantine. Errors:
// as Quarantine, at advice.
func (b *Book) Advise(ctx context.Context, who school.Actor, device, text string) error {
	b.command.Lock()
	defer b.command.Unlock()
	q, err := b.inQuarantine(device)
	switch {
	case err != nil:
		return err
	case q.Concerns(who.Person):
		return errHasPart()
	case len(q.Advice) >= maxAdvice:
		return errs.New(errs.Conflict, "There are too many notes already.", "")
	}
	if err := checkWords("advice", text); err != nil {
		return err
	}
	return b.put(ctx, kindAdvice, who, quarantined{Device: device}, &words{Text: strings.TrimSpace(text)})
}

// EndQuarantine is one person's consent to the end of a quarantine, as holder of
// some roles; see package approvers. The first asks; a second one ends it. Errors: not
// found, not now before the police's advice is on record, denied.
func (b *Book) EndQuarantine(ctx context.Context, who school.Actor, held []roles.Assignment, device string) (ended bool, err error) {
	b.command.Lock()
	defer b.command.Unlock()
	q, err := b.inQuarantine(device)
	if err != nil {
		return false, err
	}
	now, rules := b.Stamp().Wall, b.Rules()
	first, wanted := q.asked(rules, now)
	if len(q.Advice) == 0 {
		return false, errs.New(errs.NotNow, "What the police advised is not on record yet.", "Write it down on the device's page first.")
	}
	parties := slices.DeleteFunc([]string{q.Holder, q.About, b.Holder(device), first.Person}, func(p string) bool { return p == "" })
	if _, err := who.Approve(now, parties...); err != nil {
		return false, err
	}
	as := approvers.Posts(held, now)
	if !approvers.Any(rules, wanted, as) {
		return false, errs.New(errs.Denied, "By the school's rules others end a quarantine.", "Now it is for "+approvers.Words(wanted, "or")+".")
	}
	body := quarantined{Device: device, As: as}
	if first.Person == "" {
		return false, b.put(ctx, kindEndAsked, who, body, nil)
	}
	body.Asked = &first
	return true, b.put(ctx, kindEnded, who, body, nil)
}

// EndWanted is who has asked for the end of a quarantine and still waits, and who
// has the next word.
func (b *Book) EndWanted(q Quarantine) (EndAsked, []policy.Approver) {
	return q.asked(b.Rules(), b.Stamp().Wall)
}

func errHasPart() error {
	return errs.New(errs.Denied, "Somebody else must do this: you have a part in it.", "Ask another person who may.")
}

func (b *Book) inQuarantine(device string) (Quarantine, error) {
	l, _ := b.as("").Device(device)
	if l.Quarantine == nil || l.Quarantine.Concerns(b.viewer) {
		return Quarantine{}, errs.New(errs.NotFound, fmt.Sprintf("Device %.40q is not in quarantine.", device), "Look at the device's page.")
	}
	return *l.Quarantine, nil
}

// asked is who has asked for the end and still waits for a second person, and who has
// the next word. An approval waits an hour, and only while the rules want it.
func (q Quarantine) asked(rules policy.Rules, now time.Time) (EndAsked, []policy.Approver) {
	wanted := approvers.Wanted(rules, q.Asked.As)
	if q.Asked.As == nil || len(wanted) == 0 || now.Sub(q.Asked.At) >= endLasts {
		return EndAsked{}, approvers.Wanted(rules, nil)
	}
	return q.Asked, wanted
}

func checkWords(field, text string) error {
	switch n := utf8.RuneCountInString(strings.TrimSpace(text)); {
	case n < 3 || !utf8.ValidString(text):
		return errs.At(field, "Write it down", "One or two sentences are enough.")
	case n > maxWords:
		return errs.At(field, fmt.Sprintf("That is longer than %d characters", maxWords), "Shorten it.")
	}
	return nil
}

// put records one event. The caller holds command.
func (b *Book) put(ctx context.Context, kind string, who school.Actor, body quarantined, content *words) error {
	body.By, body.Person = who.Account, who.Person
	if !school.ValidID(body.By) || !school.ValidID(body.Person) {
		return errs.New(errs.Invalid, "Somebody must answer for it.", "Sign in and try again.")
	}
	if content != nil {
		var err error
		if body.Kept, err = vault.Write(ctx, b.Vault, ledger.NewID("quarantine"), content); err != nil {
			return err
		}
	}
	return b.record(ctx, kind, body.By, body)
}

// quarantine folds one of its events in.
func (b *Book) quarantine(kind string, q quarantined, at time.Time) error {
	l := b.devices[q.Device]
	if l == nil || (l.Quarantine == nil) != (kind == kindQuarantined) {
		return fmt.Errorf("a %s of device %.40q, which stands otherwise", kind, q.Device)
	}
	var said words
	if q.Content != "" {
		if err := vault.Read(context.Background(), b.Vault, q.Content, &said); err != nil { // one local file: there is nothing to wait for
			return err
		}
	}
	switch kind {
	case kindQuarantined:
		l.Quarantine = &Quarantine{Since: at, By: q.By, Holder: l.Holder, About: said.About, Why: said.Text}
		if _, before := b.evident[q.Device]; !before {
			b.evident[q.Device] = at
		}
		b.concerned[q.Device] = append(b.concerned[q.Device], l.Holder, said.About)
	case kindAdvice:
		l.Quarantine.Advice = append(l.Quarantine.Advice, Advice{Mark{at, q.By}, said.Text})
	case kindEndAsked:
		l.Quarantine.Asked = EndAsked{school.Approval{By: q.By, Person: q.Person, At: at}, q.As}
	case kindEnded:
		if q.Asked == nil || q.Asked.Person == q.Person {
			return fmt.Errorf("one person ended the quarantine of device %s", l.Device.ID)
		}
		l.Quarantine = nil
	}
	b.version++
	return nil
}
