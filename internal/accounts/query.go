package accounts

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Get finds an account, ended or not.
func (b *Book) Get(id string) (Account, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	a := b.accounts[id]
	if a == nil {
		return Account{}, false
	}
	return b.shown(a), true
}

// List is all accounts by id, ended ones too.
func (b *Book) List() []Account {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var list []Account
	for _, id := range slices.Sorted(maps.Keys(b.accounts)) {
		list = append(list, b.shown(b.accounts[id]))
	}
	return list
}

// shown is what a list says of an account. The caller holds mu.
func (b *Book) shown(a *account) Account {
	s := a.Account
	s.Grants = slices.Clone(a.Grants)
	for i, g := range s.Grants {
		s.Grants[i].Rests = a.Seal.Sealed.IsZero() && b.needsPerson(a.Person, g.Role)
	}
	s.Passkeys = nil
	for _, id := range slices.Sorted(maps.Keys(a.passkeys)) {
		s.Passkeys = append(s.Passkeys, a.passkeys[id].Passkey)
	}
	if a.recovery.value != "" {
		s.Recovery = len(strings.Fields(a.recovery.value)) - len(a.spent)
	}
	if b.Visitors != nil && s.Visit != "" {
		s.Name = cmp.Or(b.Visitors.Called(s.Visit), s.ID)
	}
	if p, known := b.People.Person(s.Person); known {
		s.Left = p.Kind != register.Staff || !p.OnRoll()
		if p.Name() != "" {
			s.Name = p.Name()
		}
	}
	return s
}

// Empty reports whether nobody could ever sign in yet: a school before its first
// owner.
func (b *Book) Empty() bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.accounts) == 0
}

// Standing is what a session needs to know of an account with every request.
type Standing struct {
	school.Actor
	Name   string
	Roles  []roles.Assignment
	Second bool   // a role needs a second factor, and there is none
	Idle   bool   // every role rests until it is said whose account it is; Roles is one's own account alone
	Ended  uint64 // grows when all its sessions are to end
}

// Standing tells how an account stands now. It is false for one that may not be
// signed in.
func (b *Book) Standing(id string) (Standing, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	a := b.accounts[id]
	if a == nil {
		return Standing{}, false
	}
	shown, now := b.shown(a), b.Stamp().Wall
	s := Standing{Actor: shown.actor(), Name: shown.Name, Roles: shown.Assignments(), Second: shown.NeedsSecond(now), Ended: a.endedSess}
	s.Changed = b.changed(a.Person)
	if s.Idle = shown.Idle(now); s.Idle {
		s.Roles = []roles.Assignment{{Permissions: []roles.Permission{roles.OwnAccount}}}
	}
	return s, shown.Live(now)
}

// changed is when any account of a person last changed: nobody gets round the
// wait after a change by a second account. The caller holds mu.
func (b *Book) changed(person string) time.Time {
	var last time.Time
	for _, a := range b.accounts {
		if a.Person == person && len(a.Grants) > 0 && a.Changed.After(last) { // one that never had a role approves nothing
			last = a.Changed
		}
	}
	return last
}

// owners are the accounts that may give roles without end, other than except.
func (b *Book) owners(now time.Time, except string) int {
	n := 0
	for _, a := range b.List() {
		if a.ID != except && a.Live(now) && a.Seal.Sealed.IsZero() && slices.ContainsFunc(a.Assignments(), func(g roles.Assignment) bool {
			return g.Role == roles.Owner && g.Until.IsZero() && g.Holds(now)
		}) {
			n++
		}
	}
	return n
}
