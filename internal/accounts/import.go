package accounts

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Brought is an account that somebody brings along, with the verifier of its
// password, and perhaps a passkey.
type Brought struct {
	NewAccount
	Verifier string
	roles.Assignment
	Passkey json.RawMessage // a credential, as AddPasskey takes it; nil for none
}

// Bring takes up accounts that were kept elsewhere, as of at. Names that are
// taken already are left alone. Errors: those of Make and Give, and of the
// ledger and the vault.
func (b *Book) Bring(ctx context.Context, at ledger.Stamp, list ...Brought) error {
	b.command.Lock()
	defer b.command.Unlock()
	for _, n := range list {
		if _, taken := b.Get(n.ID); taken {
			continue
		}
		made, err := b.making(n.NewAccount)
		if err != nil {
			return err
		}
		given, err := giving(Account{ID: n.ID}, n.Assignment, at.Wall)
		if err != nil {
			return err
		}
		set := event{kind: KindPasswordSet, body: body{Account: n.ID}, content: []byte(n.Verifier)}
		events := []event{made, set, given}
		if n.Passkey != nil {
			content, err := json.Marshal(keptPasskey{"brought along", n.Passkey})
			if err != nil {
				return err
			}
			events = append(events, event{kind: KindPasskeyAdded, body: body{Account: n.ID, ID: random()[:12]}, content: content})
		}
		if err := b.recordAt(ctx, at, Console, events...); err != nil {
			return err
		}
	}
	return nil
}

// File is where versions before this book kept accounts, in the server's data
// folder.
const File = "accounts.json"

const (
	takenUp   = ".taken-up" // what the file is called afterwards
	mostBytes = 1 << 20
)

// TakeUp brings the accounts of such a file into the book, once, and renames it.
// Errors: unavailable, invalid, those of the ledger and the vault.
func (b *Book) TakeUp(ctx context.Context, path string) error {
	data, err := durable.ReadFile(path, mostBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var kept []struct{ Name, Role, Verifier string }
	if err == nil {
		err = json.Unmarshal(data, &kept)
	}
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "The list of accounts of an earlier version cannot be read.", "Restore accounts.json, or remove it and make the accounts again.")
	}
	var list []Brought
	for _, a := range kept {
		list = append(list, Brought{NewAccount: NewAccount{ID: a.Name}, Verifier: a.Verifier, Assignment: roles.Assignment{Role: roles.Role(a.Role)}})
	}
	if err := b.Bring(ctx, b.Stamp(), list...); err != nil {
		return err
	}
	return os.Rename(path, path+takenUp)
}
