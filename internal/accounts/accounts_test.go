package accounts_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/accounts/accountstest"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

const good = "nine brown otters swim"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused wants an error of a code, with a sentence and a next step.
func refused(t *testing.T, what string, err error, want errs.Code) {
	t.Helper()
	if errs.CodeOf(err) != want {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

func open(t *testing.T) *accountstest.School {
	t.Helper()
	s := accountstest.Open(t, t.TempDir())
	t.Cleanup(func() { must(t, s.Close()) })
	s.Hire(t, "owner", "s-1", roles.Owner)
	s.Hire(t, "head", "s-2", roles.Head)
	s.Hire(t, "it", "s-3", roles.IT)
	s.Hire(t, "office", "s-5", roles.Office)
	return s
}

// in reports whether a password signs an account in.
func in(s *accountstest.School, id, password string) bool {
	return s.Password(id, password) && s.SignIn(context.Background(), id, accounts.Proof{How: accounts.ByPassword}) == nil
}

func TestWhoSignsIn(t *testing.T) {
	s := open(t)
	if !in(s, "office", accountstest.Password) {
		t.Error("the office does not get in")
	}
	for _, wrong := range [][2]string{{"office", "x"}, {"office", ""}, {"nobody", accountstest.Password}, {"", ""}} {
		if in(s, wrong[0], wrong[1]) {
			t.Errorf("%q got in with %q", wrong[0], wrong[1])
		}
	}
	must(t, s.End(t.Context(), "it", "office"))
	s.Leave("s-2")
	for _, id := range []string{"office", "head"} {
		if _, live := s.Standing(id); live || in(s, id, accountstest.Password) {
			t.Errorf("%s still gets in", id)
		}
	}
}

func TestTheLastRoleIsTheEnd(t *testing.T) {
	s := open(t)
	a, _ := s.Get("office")
	must(t, s.EndRole(t.Context(), "owner", "office", a.Grants[0].ID))
	if in(s, "office", accountstest.Password) {
		t.Error("somebody without a role got in")
	}
	must(t, s.Give(t.Context(), "owner", "office", roles.Assignment{Role: roles.Teacher, Forms: []string{"9B"}, From: s.Now().Add(time.Hour), Until: s.Now().Add(2 * time.Hour)}))
	for hours, want := range []bool{false, true, false} {
		if got := in(s, "office", accountstest.Password); got != want {
			t.Errorf("after %d hours: %v", hours, got)
		}
		s.Wait(time.Hour)
	}
}

// A line of the register is ended, never gone, and a restart reads the same.
func TestTheRegisterKeepsEveryLine(t *testing.T) {
	s := open(t)
	must(t, s.Give(t.Context(), "head", "office", roles.Assignment{Role: roles.Exams}))
	a, _ := s.Get("office")
	must(t, s.EndRole(t.Context(), "owner", "office", a.Grants[0].ID))
	must(t, s.End(t.Context(), "it", "office"))
	for name, b := range map[string]*accounts.Book{"running": s.Book, "restarted": s.Again(t)} {
		a, _ := b.Get("office")
		if len(a.Grants) != 2 || a.Grants[0].EndedBy != "owner" || a.Grants[1].By != "head" || a.Ended.IsZero() || a.By != accounts.Console {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestWhoGivesRoles(t *testing.T) {
	for _, c := range []struct {
		by, to string
		role   roles.Role
		want   errs.Code
	}{
		{"owner", "office", roles.Teacher, ""},
		{"head", "office", roles.DSL, ""},
		{"owner", "office", roles.Head, ""},
		{accounts.Console, "office", roles.Owner, ""},
		{"owner", "owner", roles.Head, errs.Denied},
		{"head", "head", roles.Teacher, errs.Denied},
		{"it", "office", roles.Head, errs.Denied},
		{"it", "office", roles.Owner, errs.Denied},
		{"it", "office", roles.DSL, errs.Denied},
		{"nobody", "office", roles.Head, errs.Denied},
		{"head", "nobody", roles.Teacher, errs.NotFound},
		{"head", "office", "wizard", errs.Invalid},
	} {
		refused(t, c.by+" makes "+c.to+" "+string(c.role), open(t).Give(t.Context(), c.by, c.to, roles.Assignment{Role: c.role}), c.want)
	}
	s := open(t)
	s.Hire(t, "head-too", "s-2", roles.Office)
	refused(t, "through a second account of one's own", s.Give(t.Context(), "head", "head-too", roles.Assignment{Role: roles.Teacher}), errs.Denied)
	refused(t, "the last owner's end", s.End(t.Context(), "it", "owner"), errs.Conflict)
	a, _ := s.Get("owner")
	refused(t, "the last owner's role", s.EndRole(t.Context(), "head", "owner", a.Grants[0].ID), errs.Conflict)
	refused(t, "one's own end", s.End(t.Context(), "it", "it"), errs.Denied)
}

func TestWhatAnAccountIsMadeOf(t *testing.T) {
	s := open(t)
	for name, n := range map[string]accounts.NewAccount{
		"capitals":    {ID: "Ann"},
		"blank":       {ID: "a b"},
		"empty":       {},
		"long":        {ID: strings.Repeat("a", accounts.MaxID+1)},
		"console":     {ID: accounts.Console},
		"taken":       {ID: "office"},
		"a program":   {ID: "token-mis"},
		"a member":    {ID: "s-1"},
		"a pupil's":   {ID: "p-ann"},
		"nobody's":    {ID: "x-ann"},
		"a day pass":  {ID: "pass-1"},
		"a seal":      {ID: "sealed-3"},
		"nobody":      {ID: accounts.Nobody},
		"a second":    {ID: "ann", Person: "s-3"},
		"a pupil":     {ID: "ann", Person: "p-1"},
		"a stranger":  {ID: "ann", Person: "s-9"},
		"a long name": {ID: "ann", Name: strings.Repeat("a", accounts.MaxName+1)},
	} {
		refused(t, name, s.Make(t.Context(), "it", n), errs.Invalid)
	}
	must(t, s.Make(t.Context(), "it", accounts.NewAccount{ID: "ann", Name: "Ann Other"}))
	if a, _ := s.Again(t).Get("ann"); a.Name != "Ann Other" || a.Person != "x-ann" || a.Live(s.Now()) {
		t.Errorf("%+v", a)
	}
	must(t, s.Link(t.Context(), "it", "ann", "s-4", false))
	refused(t, "linked twice", s.Link(t.Context(), "it", "ann", "s-3", true), errs.Conflict)
	if a, _ := s.Get("ann"); a.Person != "s-4" || a.Name != "Given-s-4 Family" {
		t.Errorf("%+v", a)
	}
}

func TestLinks(t *testing.T) {
	s := open(t)
	code, err := s.Reset(t.Context(), "head", "office")
	must(t, err)
	if strings.Contains(leaves(t, s), code.Text) {
		t.Error("the ledger tells the code")
	}
	_, err = s.UseLink(t.Context(), code.Text, accounts.NewAccount{}, "short")
	refused(t, "a weak password", err, errs.Invalid)
	typed := strings.ToLower(code.Shown())
	_, err = s.UseLink(t.Context(), typed, accounts.NewAccount{}, good)
	must(t, err)
	if !in(s, "office", good) || in(s, "office", accountstest.Password) {
		t.Error("the new password does not count, or the old one does")
	}
	_, err = s.UseLink(t.Context(), code.Text, accounts.NewAccount{}, good+"!")
	refused(t, "a code used twice", err, errs.Denied)

	old, err := s.Reset(t.Context(), "head", "office")
	must(t, err)
	_, err = s.Reset(t.Context(), "head", "office")
	must(t, err)
	_, _, err = s.Linked(old.Text)
	refused(t, "a code after a newer one", err, errs.Denied)

	late, err := s.Reset(t.Context(), "head", "office")
	must(t, err)
	s.Wait(time.Hour)
	_, _, err = s.Again(t).Linked(late.Text)
	refused(t, "a code after an hour", err, errs.Denied)

	_, err = s.Reset(t.Context(), "it", "office")
	refused(t, "IT resets somebody who opens doors", err, errs.Denied)
	must(t, s.Make(t.Context(), "it", accounts.NewAccount{ID: "later", Person: "s-6"}))
	must(t, s.Give(t.Context(), "head", "later", roles.Assignment{Role: roles.Head, From: s.Now().Add(24 * time.Hour), Until: s.Now().Add(48 * time.Hour)}))
	_, err = s.Reset(t.Context(), "it", "later")
	refused(t, "IT resets tomorrow's acting head", err, errs.Denied)
	_, err = s.Reset(t.Context(), "it", "head")
	refused(t, "IT resets the head", err, errs.Denied)
	_, err = s.Reset(t.Context(), "office", "office")
	refused(t, "one's own reset", err, errs.Denied)
}

func TestTheFirstOwner(t *testing.T) {
	s := accountstest.Open(t, t.TempDir())
	t.Cleanup(func() { must(t, s.Close()) })
	s.Register(false)
	late, err := s.FirstOwner(t.Context())
	must(t, err)
	s.Wait(24*time.Hour - time.Second)
	_, _, err = s.Linked(late.Text)
	must(t, err)
	s.Wait(time.Second)
	_, err = s.UseLink(t.Context(), late.Text, accounts.NewAccount{ID: "eve"}, good)
	refused(t, "the link after a day", err, errs.Denied)
	early, err := s.FirstOwner(t.Context())
	must(t, err)
	code, err := s.FirstOwner(t.Context()) // it was started again
	must(t, err)
	_, err = s.UseLink(t.Context(), early.Text, accounts.NewAccount{ID: "eve"}, good)
	refused(t, "the link of an earlier start", err, errs.Denied)
	_, err = s.UseLink(t.Context(), code.Text, accounts.NewAccount{ID: "s-1"}, good)
	refused(t, "an owner called like a member of staff", err, errs.Invalid)
	id, err := s.UseLink(t.Context(), code.Text, accounts.NewAccount{ID: "ann", Name: "Ann"}, good)
	must(t, err)
	if a, _ := s.Again(t).Get(id); !a.Holds(s.Now(), roles.Owner) || !in(s, "ann", good) {
		t.Errorf("%+v", a)
	}
	_, err = s.UseLink(t.Context(), code.Text, accounts.NewAccount{ID: "eve"}, good)
	refused(t, "a second owner by the same link", err, errs.Denied)
	_, err = s.FirstOwner(t.Context())
	refused(t, "a second first owner", err, errs.Conflict)
}

// Secrets lie in the vault and are erased when they no longer count; the ledger
// holds none.
func TestSecretsStayInTheVault(t *testing.T) {
	s := open(t)
	must(t, s.ChangePassword(t.Context(), "office", good))
	must(t, s.End(t.Context(), "it", "office"))
	if text := leaves(t, s); strings.Contains(text, "argon2") || strings.Contains(text, "herons") || strings.Contains(text, "otters") {
		t.Error("the ledger tells a secret")
	}
	erased := 0
	must(t, s.Ledger.Read(t.Context(), 0, func(r ledger.Record) error {
		state, found, err := s.Vault.CheckBody(r.Body)
		if found && strings.Contains(string(r.Body), `"account":"office"`) && state == "erased" {
			erased++
		}
		return err
	}))
	if erased != 2 {
		t.Errorf("%d verifiers are erased, want 2", erased)
	}
	s.Again(t) // and a restart does not miss them
}

func leaves(t *testing.T, s *accountstest.School) string {
	t.Helper()
	var all strings.Builder
	must(t, s.Ledger.Read(t.Context(), 0, func(r ledger.Record) error { all.Write(r.Leaf); return nil }))
	return all.String()
}

func TestTakingUpAnOlderFile(t *testing.T) {
	s := accountstest.Open(t, t.TempDir())
	t.Cleanup(func() { must(t, s.Close()) })
	s.Hire(t, "kept", "", roles.Office)
	path := filepath.Join(t.TempDir(), accounts.File)
	verifier := read(t, s)
	must(t, os.WriteFile(path, []byte(`[{"name":"desk","role":"office","verifier":"`+verifier+`","since":"2026-01-01T00:00:00Z"}]`), 0o600))
	must(t, s.TakeUp(t.Context(), path))
	if !in(s, "desk", accountstest.Password) {
		t.Error("an account of before does not get in")
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Error("the file was not put aside")
	}
	must(t, s.TakeUp(t.Context(), path)) // there is none any more
	must(t, os.WriteFile(path, []byte("{"), 0o600))
	refused(t, "a damaged file", s.TakeUp(t.Context(), path), errs.Unavailable)
}

// read finds the verifier of accountstest's password.
func read(t *testing.T, s *accountstest.School) string {
	t.Helper()
	var found string
	must(t, s.Ledger.Read(t.Context(), 0, func(r ledger.Record) error {
		if r.Kind == accounts.KindPasswordSet {
			_, rest, _ := strings.Cut(string(r.Body), `"content":"`)
			id, _, _ := strings.Cut(rest, `"`)
			kept, err := s.Vault.Get(t.Context(), id)
			found = string(kept)
			return err
		}
		return nil
	}))
	return found
}

func TestFoldRefusesWhatItCannotRead(t *testing.T) {
	s := open(t)
	for _, text := range []string{"no JSON", "{}", `{"account":7}`} {
		r := ledger.Record{Seq: 3, Entry: ledger.Entry{Kind: accounts.KindMade, Body: []byte(text)}}
		refused(t, text, s.Fold(r), errs.Invalid)
		r.Kind = "bar-placed"
		must(t, s.Fold(r))
	}
}

// A visitor's pass is for named forms and for today: at its end, and at no time for
// another form, its holder may do nothing of it any more.
func TestDayPassEnds(t *testing.T) {
	s := open(t)
	until := s.Now().Add(time.Hour)
	for what, end := range map[string]time.Time{"tomorrow": s.Now().AddDate(0, 0, 1), "already over": s.Now()} {
		_, err := s.GivePass(t.Context(), "office", accountstest.Visitor, []string{"7A"}, end)
		refused(t, what, err, errs.Invalid)
	}
	_, err := s.GivePass(t.Context(), "office", accountstest.Visitor, nil, until)
	refused(t, "for no form", err, errs.Invalid)
	pass, err := s.GivePass(t.Context(), "office", accountstest.Visitor, []string{"7A"}, until)
	must(t, err)
	a, _ := s.Get(pass.Account)
	for _, c := range []struct {
		form string
		at   time.Time
		may  bool
	}{{"7A", until.Add(-time.Second), true}, {"7B", until.Add(-time.Second), false}, {"7A", until, false}} {
		if may := roles.May(a.Assignments(), roles.SeeForm, roles.Target{Form: c.form}, c.at); may != c.may {
			t.Errorf("form %s at %s: %v", c.form, c.at, may)
		}
	}
}

// Nobody has a day pass who has not signed as a visitor; its holder's name is kept with
// what they signed, and nowhere else.
func TestDayPassIsForAVisitor(t *testing.T) {
	s := open(t)
	until := s.Now().Add(time.Hour)
	_, err := s.GivePass(t.Context(), "office", "x-v-nobody", []string{"7A"}, until)
	refused(t, "who has not signed", err, errs.Denied)
	_, err = s.GivePass(t.Context(), "office", "", []string{"7A"}, until)
	refused(t, "nobody", err, errs.Invalid)
	pass, err := s.GivePass(t.Context(), "office", accountstest.Visitor, []string{"7A"}, until)
	must(t, err)
	for what, b := range map[string]*accounts.Book{"the book": s.Book, "after a restart": s.Again(t)} {
		if a, _ := b.Get(pass.Account); a.Visit != accountstest.Visitor || a.Name != "Sue Supply" || !a.Pass {
			t.Errorf("%s: %+v", what, a)
		}
	}
	must(t, s.Ledger.Read(t.Context(), 0, func(r ledger.Record) error {
		if r.Kind == accounts.KindMade && strings.Contains(string(r.Body), pass.Account) && strings.Contains(string(r.Body), "content") {
			t.Errorf("a name lies in the vault for good: %s", r.Body)
		}
		return nil
	}))
}
