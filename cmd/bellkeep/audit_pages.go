package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/rules"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/audit"
)

// auditPages show the school's record and its copies of the banks'.
func auditPages(s *server.Server) audit.Config {
	r := wholeRecord{s}
	return audit.Config{Ledgers: r, People: r, Things: r, Reasons: r, Corrections: s.Corrected, Routine: func() int { return s.Policy.Now().Retention.RoutineDays }, Held: r.held}
}

// held reports whether a hold stands against somebody.
func (r wholeRecord) held(person string) bool {
	return slices.ContainsFunc(r.Desk.Standing(), func(b desk.Bar) bool { return b.Kind == desk.Hold && b.On.Person == person })
}

// wholeRecord is a server as the pages about its record see it.
type wholeRecord struct{ *server.Server }

// kept is a ledger's file that is open.
type kept interface {
	audit.Reader
	Name() boltlog.Name
	LastCheckpoint() []byte
}

// Ledgers are the school's and the copies of the banks', each of this epoch.
func (r wholeRecord) Ledgers() []audit.Ledger {
	list := []audit.Ledger{r.ledger(r.Log, "The school", "Banks keep its newest signatures and compare them.")}
	for _, b := range r.Banks.Banks() {
		if c, ok := r.Banks.Copy(b.Setup.Bank); ok {
			where := fmt.Sprintf("This is a copy; the bank said last that it has %d.", b.State.Size)
			list = append(list, r.ledger(c, cmp.Or(b.Label, "Bank "+b.Setup.Bank), where))
		}
	}
	return list
}

func (r wholeRecord) ledger(file kept, title, elsewhere string) audit.Ledger {
	name := file.Name()
	found := r.Verified(name.Writer)
	return audit.Ledger{
		ID: fmt.Sprintf("%s.%d", name.Writer, name.Epoch), Title: title, Reader: forReader{file, r.Shown},
		Check: audit.Check{Signed: ledger.CheckpointSize(file.LastCheckpoint()), Verified: found.At, Upto: found.Size, Damage: found.Damage, Elsewhere: elsewhere},
	}
}

// forReader is a ledger without what is not for this page: what safeguarding files are
// about is in those files, and nobody finds anything here of one about themselves.
type forReader struct {
	audit.Reader
	shows func(ledger.Record) bool
}

// Read leaves records out; the others keep their numbers.
func (s forReader) Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error {
	return s.Reader.Read(ctx, from, func(r ledger.Record) error {
		if !s.shows(r) {
			return nil
		}
		return fn(r)
	})
}

// mostFound bounds the people and the accounts whom a name may mean.
const mostFound = 20

// Find gives people and accounts by name or number.
func (r wholeRecord) Find(query string) []string {
	var ids []string
	for _, a := range r.Users.List() {
		if len(ids) < mostFound && query != "" && strings.Contains(strings.ToLower(a.Name), strings.ToLower(query)) {
			ids = append(ids, a.ID)
		}
	}
	for _, p := range r.People.Search(query) {
		if len(ids) >= 2*mostFound {
			break
		}
		ids = append(ids, p.ID)
	}
	return ids
}

// Called names the holder of an account.
func (r wholeRecord) Called(account string) string {
	a, _ := r.Users.Get(account)
	return a.Name
}

// Whose is whom a thing is about that a record names by its id.
func (r wholeRecord) Whose(id string) string {
	if e, ok := r.Exceptions.Exception(id); ok {
		return e.Person
	}
	if c, err := r.Custody.Case(id); err == nil {
		return c.Whose
	}
	if i, err := r.Custody.Item(id); err == nil {
		return i.Whose
	}
	if n, err := r.Notices.Get(id); err == nil {
		return n.Pupil
	}
	return r.Desk.On(id).Person
}

// Reason is why rules were set. Other reasons are shown where they belong.
func (r wholeRecord) Reason(_ string, rec ledger.Record) string {
	if rec.Kind != rules.KindSet && rec.Kind != rules.KindProposed {
		return ""
	}
	v, ok := r.Policy.Recorded(rec)
	if !ok {
		return ""
	}
	return v.Why
}
