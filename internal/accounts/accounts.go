// Package accounts keeps who may sign in to the school's pages: a file of names,
// roles and argon2id verifiers of their passwords, mode 0600.
package accounts

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/phc"
	"github.com/bellkeep/bellkeep/internal/school"
)

// FileName is the file in the server's data folder.
const FileName = "accounts.json"

// The limits of an account.
const (
	MinPassword = 12 // characters
	MaxPassword = 128
	mostBytes   = 1 << 20
	atOnce      = 2               // passwords checked at a time: each takes 19 MiB
	patience    = 5 * time.Second // for a password's turn to be checked
)

// account is one line of the file.
type account struct {
	Name     string    `json:"name"`
	Role     string    `json:"role"`
	Verifier string    `json:"verifier"`
	Since    time.Time `json:"since"`
}

// Book checks sign-ins. It sees changes that another process makes to the file.
type Book struct {
	path  string
	room  chan struct{}
	dummy string // what a name nobody has is checked against, to take as long

	mu   sync.Mutex
	seen time.Time // of the file as it was read
	list map[string]account
	told bool // that the file cannot be read
}

// Open reads the file; there may be none yet.
func Open(path string) (*Book, error) {
	dummy, err := phc.Hash(rand.Text(), rand.Reader)
	if err != nil {
		return nil, err
	}
	b := &Book{path: path, room: make(chan struct{}, atOnce), dummy: dummy}
	return b, b.read()
}

// read takes the file up if it has changed.
func (b *Book) read() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	info, err := os.Stat(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		b.list, b.seen = map[string]account{}, time.Time{}
		return nil
	}
	if err != nil {
		return unreadable(err)
	}
	if b.list != nil && info.ModTime().Equal(b.seen) {
		return nil
	}
	data, err := durable.ReadFile(b.path, mostBytes)
	if err != nil {
		return unreadable(err)
	}
	var accounts []account
	if err := json.Unmarshal(data, &accounts); err != nil {
		return unreadable(err)
	}
	b.list, b.seen = map[string]account{}, info.ModTime()
	for _, a := range accounts {
		b.list[a.Name] = a
	}
	return nil
}

func unreadable(err error) error {
	return errs.Wrap(err, errs.Unavailable, "The list of accounts cannot be read.", "Restore it, or remove it and make the accounts again.")
}

// Empty reports whether nobody can sign in.
func (b *Book) Empty() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.list) == 0
}

// usable takes the file up if it has changed, and logs once when it cannot.
func (b *Book) usable() bool {
	err := b.read()
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil && !b.told {
		slog.Error("nobody can sign in: the list of accounts cannot be read", "err", err, "next", errs.HintOf(err))
	}
	b.told = err != nil
	return err == nil
}

// Check gives the role of an account whose password is right. A name nobody
// has takes as long as a wrong password. When too many sign in at once, some
// are refused rather than kept waiting.
func (b *Book) Check(user, password string) (role string, ok bool) {
	if !b.usable() {
		return "", false
	}
	b.mu.Lock()
	a, known := b.list[user]
	b.mu.Unlock()
	if !known {
		a.Verifier = b.dummy
	}
	select {
	case b.room <- struct{}{}:
	case <-time.After(patience):
		return "", false
	}
	defer func() { <-b.room }()
	right := len(password) <= 4*MaxPassword && phc.Verify(a.Verifier, password)
	return a.Role, known && right
}

// Add makes an account, or gives one another role and password. Errors:
// invalid, unavailable.
func (b *Book) Add(name, role, password string, now time.Time) error {
	if err := b.read(); err != nil {
		return err
	}
	switch n := utf8.RuneCountInString(password); {
	case !school.ValidID(name) || !school.ValidID(role):
		return errs.New(errs.Invalid, "Names and roles have small letters, digits and hyphens.", "For example: bellkeep user add j-smith --role office")
	case n < MinPassword || n > MaxPassword:
		return errs.New(errs.Invalid, fmt.Sprintf("A password has %d to %d characters.", MinPassword, MaxPassword), "A few words in a row are easy to remember.")
	}
	verifier, err := phc.Hash(password, rand.Reader)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []account
	for _, a := range b.list {
		if a.Name != name {
			list = append(list, a)
		}
	}
	list = append(list, account{Name: name, Role: role, Verifier: verifier, Since: now.UTC()})
	slices.SortFunc(list, func(x, y account) int { return strings.Compare(x.Name, y.Name) })
	data, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	b.list = nil // read again when it is asked for
	return durable.WriteFile(b.path, data, 0o600)
}
