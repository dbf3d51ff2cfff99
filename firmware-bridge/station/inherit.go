package station

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// inherit begins the ledger of a bank that takes a dead one's place, with what the
// school knows of its doors. It does so before the bank has an identity: whatever
// interrupts it, no bank ever works by a ledger that knows nothing.
func (n Newcomer) inherit(welcome json.RawMessage) error {
	var w wire.Welcome
	if len(welcome) == 0 {
		return nil
	}
	if err := wire.Decode(welcome, &w); err != nil {
		return err
	}
	if w.Seed == nil {
		return nil
	}
	dir := filepath.Join(n.Data, LedgerFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return errs.Wrap(err, errs.Unavailable, "The data folder cannot be made.", "Choose a folder this user may write to with --data.")
	}
	next, err := n.successor(*w.Seed, dir)
	if err != nil {
		return err
	}
	_, err = boltlog.NewEpoch(dir, boltlog.Options{Writer: n.Bank, Stamp: func() ledger.Stamp { return ledger.Stamp(n.Now()) }}, next)
	return err
}

// successor is how the ledger begins that s asks for, behind those that lie in dir.
func (n Newcomer) successor(s wire.Seed, dir string) (boltlog.Successor, error) {
	next := boltlog.Successor{By: s.By, Why: s.Why, Epoch: s.Epoch, Previous: s.Previous}
	if len(s.Legacy) > locker.MaxLegacy {
		return next, errs.New(errs.Invalid, "The school's server says more of this bank's doors than a bank can have.", "Bring both programs to the same version.")
	}
	for _, e := range s.Legacy.Events(s.Size, n.Now()) {
		entry, err := record.Entry(e)
		if err != nil {
			return next, err
		}
		next.Entries = append(next.Entries, entry)
	}
	here, err := boltlog.List(dir)
	if err != nil {
		return next, err
	}
	for _, name := range here {
		if name.Writer == n.Bank { // a machine that has worked as this bank before
			next.Epoch = max(next.Epoch, name.Epoch+1)
		}
	}
	return next, nil
}
