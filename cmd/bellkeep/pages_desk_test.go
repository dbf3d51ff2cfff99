package main

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/records"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/office"
)

// onePupil is a register of one.
type onePupil struct{}

func (onePupil) Person(id string) (register.Person, bool) {
	return register.Person{ID: id, Kind: register.Pupil}, id == "p-1"
}

func (onePupil) Contacts(string) []register.Contact { return nil }

// Whose a phone is that may hold an indecent image is for the safeguarding team.
func TestDeskSeesNoOwnerOfARestrictedDevice(t *testing.T) {
	w := openDeskCustody(t)
	teacher := desk.By{Actor: school.Actor{Account: "teacher", Person: "s-1"}, Roles: []roles.Assignment{{Role: roles.Teacher}}}
	for _, reason := range []desk.Reason{desk.PossibleImage, desk.Breach} {
		_, err := w.Custody.Confiscate(t.Context(), teacher, desk.Confiscation{Whose: "p-1", What: desk.Phone, Reason: reason, Zone: desk.Corridor, Taken: time.Now(), Considered: true})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		role roles.Role
		want int // restricted
	}{{roles.Office, 1}, {roles.DSL, 0}} {
		n := 0
		for _, device := range w.Devices() {
			if w.Restricted(kit.Who{Roles: []roles.Assignment{{Role: c.role}}}, device) {
				n++
			}
		}
		if n != c.want {
			t.Errorf("%d devices are restricted for %s, want %d", n, c.role, c.want)
		}
	}
}

// openDeskCustody is a custody on an empty ledger.
func openDeskCustody(t *testing.T) deskCustody {
	t.Helper()
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := vault.Open(t.TempDir() + "/vault")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kept.Close() })
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: time.Now(), Trusted: true} }
	bars := desk.New(log, stamp, policy.Default)
	now := func() school.Instant { return school.Instant(stamp()) }
	return deskCustody{&server.Server{Config: server.Config{Now: now}, Records: &records.Records{Desk: bars, Custody: desk.NewCustody(desk.Config{
		Log: log, Vault: kept, People: onePupil{}, Bars: bars, Stamp: stamp, Rules: policy.Default,
		Ends:   func(at time.Time) (time.Time, bool) { return at.Add(time.Hour), true },
		Exempt: func(string, time.Time) bool { return false }, Banned: func(time.Time) bool { return true },
	})}}}
}

// A device taken in at the desk is in the school's custody, in one place, with the
// note of its condition, until it is given back; a found one waits for an owner;
// and nothing that a stop keeps here goes out.
func TestDeskKeepsDevicesInCustody(t *testing.T) {
	d := openDeskCustody(t)
	who := kit.Who{Actor: school.Actor{Account: "office", Person: "s-1"}, Roles: []roles.Assignment{{Role: roles.Office}}}
	ctx := t.Context()

	phone, err := d.Take(ctx, who, office.Intake{What: "phone", Why: office.GivenIn, Whose: "p-1", Spot: "office-safe", Condition: "Crack, top left"})
	if err != nil {
		t.Fatal(err)
	}
	found, err := d.Take(ctx, who, office.Intake{What: "watch", Why: office.Found, Spot: "office-drawer"})
	if err != nil {
		t.Fatal(err)
	}
	list := d.Devices()
	if len(list) != 2 || list[0].ID != phone || list[0].Place.Spot != "office-safe" || list[0].By != "office" || list[1].Whose != "" || list[1].Why != office.Found {
		t.Errorf("in custody: %+v", list)
	}
	if note, err := d.Condition(ctx, phone); note != "Crack, top left" || err != nil {
		t.Errorf("its condition was %q, %v", note, err)
	}
	if err := d.GiveBack(ctx, who, found, office.ToOwner); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("a phone without an owner went to its owner: %v", err)
	}
	if err := d.Own(ctx, who, found, "p-1"); err != nil {
		t.Error(err)
	}
	stop, err := d.Desk.Place(ctx, "head", desk.Stop, lockerSubject("p-1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.GiveBack(ctx, who, found, office.ToOwner); errs.CodeOf(err) != errs.Denied {
		t.Errorf("given back against a stop: %v", err)
	}
	if _, err := d.Desk.End(ctx, desk.By{Actor: school.Actor{Account: "head", Person: "s-2"}}, stop.ID); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{phone, found} {
		if err := d.GiveBack(ctx, who, id, office.ToParent); err != nil {
			t.Error(err)
		}
		if i, err := d.Device(id); err != nil || i.Place.Gone != office.ToParent || i.Ended != "office" {
			t.Errorf("after that %+v, %v", i, err)
		}
	}
	if len(d.Devices()) != 0 {
		t.Errorf("still in custody: %+v", d.Devices())
	}
	if _, err := d.Device("i-none"); errs.CodeOf(err) != errs.NotFound {
		t.Error(err)
	}
}

func lockerSubject(person string) locker.Subject { return locker.Subject{Person: person} }
