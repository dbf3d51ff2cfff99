package visit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// recordWithin is how long after it happened something may be put on record.
const recordWithin = 7 * 24 * time.Hour

// Asked is what a member of staff says who asked a visitor about a device.
type Asked struct {
	Visit   string // "" for somebody who signed nothing
	At      time.Time
	Zone    desk.Zone
	Outcome Outcome
	Text    string // what was seen and said
}

// Record puts on record that a visitor was asked about a device. A breach is told to
// the safeguarding lead by that, see Told. Errors: denied, invalid by field, those of
// vault and ledger.
func (b *Book) Record(ctx context.Context, by desk.By, a Asked) (Challenge, error) {
	b.command.Lock()
	defer b.command.Unlock()
	now := b.Stamp().Wall
	if err := by.MayInPerson(roles.ChallengeVisitor, now); err != nil {
		return Challenge{}, err
	}
	a.Text = strings.TrimSpace(a.Text)
	if err := b.check(a, now); err != nil {
		return Challenge{}, err
	}
	e := body{Challenge: ledger.NewID("v"), Visit: a.Visit, At: a.At.UTC(), Zone: a.Zone, Outcome: a.Outcome}
	kind := KindChallenged
	if a.Outcome == Breach {
		kind, e.Outcome = KindBreach, ""
	}
	if err := b.record(ctx, by, kind, e, a.Text); err != nil {
		return Challenge{}, err
	}
	return b.Challenges()[0], nil
}

func (b *Book) check(a Asked, now time.Time) error {
	var list []error
	if a.Visit != "" {
		if _, ok := b.Until(a.Visit); !ok {
			list = append(list, errs.At("visit", "Choose the visitor from the list", "Or nobody of it, and describe them."))
		}
	}
	if a.At.IsZero() || a.At.After(now.Add(5*time.Minute)) || now.Sub(a.At) > recordWithin {
		list = append(list, errs.At("at", "Enter when it was, within the last 7 days", ""))
	}
	if !slices.Contains(desk.Zones, a.Zone) {
		list = append(list, errs.At("zone", "Choose where it was", ""))
	}
	if !slices.Contains([]Outcome{Explained, Stopped, Breach}, a.Outcome) {
		list = append(list, errs.At("outcome", "Choose what came of it", ""))
	}
	if a.Text == "" || !school.Fits(a.Text, maxText) {
		list = append(list, errs.At("text", fmt.Sprintf("Write what you saw, in up to %d characters", maxText), "Describe it; nobody attaches a picture."))
	}
	return errors.Join(list...)
}

// See records that the safeguarding lead took note of a breach, and what they did.
// Errors: denied, not found, conflict, invalid (at text), those of vault and ledger.
func (b *Book) See(ctx context.Context, by desk.By, id, text string) error {
	b.command.Lock()
	defer b.command.Unlock()
	now := b.Stamp().Wall
	if err := by.MayInPerson(roles.SeeReasons, now); err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	all := b.Challenges()
	i := slices.IndexFunc(all, func(c Challenge) bool { return c.ID == id && c.Outcome == Breach })
	switch {
	case i < 0:
		return errs.New(errs.NotFound, "There is no such breach.", "Look at the list.")
	case !Leads(b.Rules(), by.Roles, now):
		return errs.New(errs.Denied, "The safeguarding lead takes note of a breach.", "Or the deputy lead does.")
	case all[i].Seen != nil:
		return errs.New(errs.Conflict, "Somebody has taken note of it already.", "")
	case text == "" || !school.Fits(text, maxText):
		return errs.At("text", fmt.Sprintf("Write what was done about it, in up to %d characters", maxText), "“Nothing more is needed” is an answer.")
	}
	return b.record(ctx, by, KindSeen, body{Challenge: id}, text)
}

// Leads reports whether somebody is the safeguarding lead by these rules, or stands
// in for them.
func Leads(r policy.Rules, held []roles.Assignment, now time.Time) bool {
	leads := []roles.Role{roles.DSL, roles.DeputyDSL}
	if r.Roles.DSL == policy.IsHead {
		leads = append(leads, roles.Head)
	}
	return slices.ContainsFunc(held, func(a roles.Assignment) bool { return a.Holds(now) && slices.Contains(leads, a.Role) })
}

// Told is who is told of a visitor's breach.
type Told struct {
	Lead   []roles.Role // the safeguarding lead, always
	Others []roles.Role // whom the rules name besides
	Decide bool         // whether parents are told, a person decides
}

// TellsOf says who is told by these rules.
func TellsOf(r policy.Rules) Told {
	t := Told{Lead: []roles.Role{roles.DSL}}
	if r.Roles.DSL == policy.IsHead {
		t.Lead = append(t.Lead, roles.Head)
	}
	for _, h := range r.Notify.Visitor {
		switch h {
		case policy.HearsHead:
			t.Others = append(t.Others, roles.Head)
		case policy.HearsLeadership:
			t.Others = append(t.Others, roles.Leadership)
		case policy.HearsOffice:
			t.Others = append(t.Others, roles.Office)
		case policy.HearsChair:
			t.Others = append(t.Others, roles.Chair)
		case policy.HearsParents:
			t.Decide = true
		}
	}
	return t
}
