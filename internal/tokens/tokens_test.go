package tokens

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

var (
	start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	it    = Maker{school.Actor{Account: "it", Person: "s-it"}, []roles.Assignment{{Role: roles.IT}}}
	head  = school.Actor{Account: "head", Person: "s-head"}
)

type desk struct {
	*Book
	log *memlog.Log
	now time.Time

	vouch accounts
}

// accounts are what some may do now, by their names.
type accounts map[string][]roles.Assignment

func (a accounts) Holder(account string) Holder { return Holder{"Ms " + account, a[account]} }

func open(t *testing.T) *desk {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return start })
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{log: log, now: start, vouch: accounts{"it": it.Roles, "head": {{Role: roles.Head}}}}
	d.Book = New(log, d.stamp, d.vouch)
	return d
}

func (d *desk) stamp() ledger.Stamp { return ledger.Stamp{Wall: d.now, Trusted: true} }

func (d *desk) make(t *testing.T, name string, scopes ...roles.Permission) string {
	t.Helper()
	secret, _, err := d.Make(t.Context(), it, Wanted{Name: name, Scopes: scopes, Until: start.Add(30 * 24 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestLife(t *testing.T) {
	d := open(t)
	secret := d.make(t, "display", roles.SeeBoard)
	works := func(want bool) {
		t.Helper()
		again := New(d.log, d.stamp, d.vouch) // a restart knows the same
		if err := d.log.Read(t.Context(), 0, again.Fold); err != nil {
			t.Fatal(err)
		}
		for _, b := range []*Book{d.Book, again} {
			if got, ok := b.Check(secret, d.now); ok != want || ok && got.Account() != "token-display" {
				t.Errorf("at %v: %+v, %v", d.now, got, ok)
			}
		}
	}
	works(true)
	if got, _ := d.Get("display"); !got.Used.Equal(start) {
		t.Errorf("last used %v", got.Used)
	}
	d.now = start.Add(30 * 24 * time.Hour)
	works(false)
	d.now = start
	if err := d.End(t.Context(), it.Actor, "display"); err != nil {
		t.Fatal(err)
	}
	works(false)
	if err := d.End(t.Context(), it.Actor, "display"); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("ended twice: %v", err)
	}
	if err := d.End(t.Context(), it.Actor, "none"); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("ended what never was: %v", err)
	}
}

// The secret is nowhere but in the answer to its maker.
func TestSecretIsNotKept(t *testing.T) {
	d := open(t)
	secret := d.make(t, "display", roles.SeeBoard)
	if !strings.HasPrefix(secret, Prefix) || len(secret) != len(Prefix)+26 {
		t.Errorf("the secret is %q", secret)
	}
	err := d.log.Read(t.Context(), 0, func(r ledger.Record) error {
		if bytes.Contains(r.Body, []byte(strings.TrimPrefix(secret, Prefix))) {
			t.Errorf("record %d has the secret", r.Seq)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"", Prefix, secret + "x", strings.ToUpper(secret), hashOf(secret).String(), strings.Repeat("x", 1<<20)} {
		if _, ok := d.Check(wrong, start); ok {
			t.Errorf("%.50q opens", wrong)
		}
	}
}

func TestMakeRefuses(t *testing.T) {
	d := open(t)
	d.make(t, "display", roles.SeeBoard)
	good := Wanted{Name: "mis", Scopes: []roles.Permission{roles.SeeBoard}, Until: start.Add(LongestLife)}
	for field, w := range map[string]func(*Wanted){
		"name":   func(w *Wanted) { w.Name = "The MIS" },
		"name ":  func(w *Wanted) { w.Name = strings.Repeat("x", maxName+1) },
		"name  ": func(w *Wanted) { w.Name = "display" },
		"scopes": func(w *Wanted) { w.Scopes = nil },
		"until":  func(w *Wanted) { w.Until = start },
		"until ": func(w *Wanted) { w.Until = start.Add(LongestLife + time.Second) },
	} {
		wanted := good
		w(&wanted)
		size := d.log.Size()
		_, _, err := d.Make(t.Context(), it, wanted)
		if all := errs.All(err); len(all) != 1 || all[0].Field != strings.TrimSpace(field) || d.log.Size() != size {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, _, err := d.Make(t.Context(), it, good); err != nil {
		t.Errorf("the longest life: %v", err)
	}
	for n := range most - 2 {
		d.make(t, fmt.Sprint("more-", n), roles.SeeBoard)
	}
	good.Name = "one-too-many"
	if _, _, err := d.Make(t.Context(), it, good); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("token %d: %v", most+1, err)
	}
}

// What asks for a credential again, and what decides over people, is not for
// programs: not when made, and not when an old record says so.
func TestNeverForPrograms(t *testing.T) {
	for _, row := range roles.Rows() {
		p := row.Permission
		if !row.StepUp && !slices.Contains([]roles.Permission{roles.OwnAccount, roles.GiveRoles, roles.GivePasses, roles.ApproveException, roles.Countersign, roles.EndException,
			roles.EndHold, roles.ReleaseItem, roles.OpenDoor, roles.RecordSearch, roles.ManageAccounts, roles.UseAPI, roles.Correct, roles.PrintBadges,
			roles.AskDeviceChange, roles.ReviewFiltering}, p) {
			continue
		}
		if slices.Contains(Scopes(), p) {
			t.Errorf("%s is offered to programs", p)
		}
		d := open(t)
		if _, _, err := d.Make(t.Context(), it, Wanted{Name: "x", Scopes: []roles.Permission{roles.SeeBoard, p}, Until: start.Add(time.Hour)}); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("a token to %s: %v", p, err)
		}
		old := Token{Scopes: []roles.Permission{p, roles.SeeBoard}, Made: start, Until: start.Add(time.Hour)}
		if roles.May(old.Roles(), p, roles.Target{}, start) || !roles.May(old.Roles(), roles.SeeBoard, roles.Target{}, start) {
			t.Errorf("an old token may %s, or nothing at all", p)
		}
	}
}

// IT does not read pupils' pages, so a token of IT's that does waits for somebody
// who may give roles, and who is not its maker under another name.
func TestMoreThanItsMakerWaits(t *testing.T) {
	d := open(t)
	secret := d.make(t, "mis", roles.SeePerson)
	agree := func(a school.Actor, want errs.Code) {
		t.Helper()
		if err := d.Agree(t.Context(), a, "mis"); errs.CodeOf(err) != want {
			t.Errorf("agreed to by %s: %v", a.Account, err)
		}
	}
	if _, ok := d.Check(secret, start); ok {
		t.Error("it works before anybody agreed")
	}
	agree(school.Actor{Account: "it-two", Person: it.Person}, errs.Denied)
	agree(school.Actor{Account: "head", Person: head.Person, Changed: start.Add(-time.Hour)}, errs.Denied)
	agree(head, "")
	if _, ok := d.Check(secret, start); !ok {
		t.Error("it does not work although the head agreed")
	}
	agree(head, errs.Conflict)
	if err := d.Agree(context.Background(), head, "none"); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("agreed to what never was: %v", err)
	}
	if own := d.make(t, "banks", roles.SeeBoard, roles.SeeDevices); own != "" {
		if _, ok := d.Check(own, start); !ok {
			t.Error("what IT may do itself waits for somebody")
		}
	}
}

// A token may do at each moment what its maker may, and what a second person
// vouches for; it goes with both.
func TestATokenDoesNotOutliveWhoVouches(t *testing.T) {
	d := open(t)
	acting := Maker{it.Actor, []roles.Assignment{{Role: roles.IT}, {Role: roles.Office, Until: start.Add(time.Hour)}}}
	d.vouch["it"] = acting.Roles
	secret, made, err := d.Make(t.Context(), acting, Wanted{Name: "both", Scopes: []roles.Permission{roles.SeeBoard, roles.StopPerson}, Until: start.Add(48 * time.Hour)})
	if err != nil || made.Agree {
		t.Fatalf("%+v, %v", made, err)
	}
	may := func(what string, secret string, want ...roles.Permission) {
		t.Helper()
		got, _ := d.Check(secret, d.now)
		for _, p := range []roles.Permission{roles.SeeBoard, roles.StopPerson, roles.SeePerson} {
			if roles.May(got.Roles(), p, roles.Target{}, d.now) != slices.Contains(want, p) {
				t.Errorf("%s: %s is wrong", what, p)
			}
		}
	}
	may("at first", secret, roles.SeeBoard, roles.StopPerson)
	d.now = start.Add(time.Hour)
	may("after a role's last day", secret, roles.SeeBoard)
	if got, _ := d.Get("both"); got.State(d.now) != Working || got.RestsFor != "Ms it" || !slices.Equal(got.Rests, []roles.Permission{roles.StopPerson}) {
		t.Errorf("%+v", got)
	}
	d.vouch["it"] = []roles.Assignment{{Role: roles.Office}}
	may("of somebody who may have no tokens any more", secret)
	d.vouch["it"] = nil
	may("of an account that has ended", secret)
	if got, _ := d.Get("both"); got.State(d.now) != Resting {
		t.Errorf("it is %s", got.State(d.now))
	}
	d.vouch["it"] = it.Roles
	may("of somebody who may again", secret, roles.SeeBoard)

	agreed := d.make(t, "mis", roles.SeePerson)
	if err := d.Agree(t.Context(), head, "mis"); err != nil {
		t.Fatal(err)
	}
	may("agreed to", agreed, roles.SeePerson)
	d.vouch["head"] = []roles.Assignment{{Role: roles.Teacher}}
	may("agreed to by who no longer may", agreed)
	if got, _ := d.Get("mis"); got.State(d.now) != Resting || got.RestsFor != "Ms head" {
		t.Errorf("%+v", got)
	}
}

// Whoever is not in the register asks no second person for anything.
func TestAnOutsiderAsksNobody(t *testing.T) {
	d := open(t)
	ghost := Maker{school.Actor{Account: "ghost", Person: school.Unlisted + "ghost"}, it.Roles}
	_, _, err := d.Make(t.Context(), ghost, Wanted{Name: "mis", Scopes: []roles.Permission{roles.SeePerson}, Until: start.Add(time.Hour)})
	if errs.CodeOf(err) != errs.Denied || d.log.Size() != 1 {
		t.Errorf("%v", err)
	}
}
