package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// Restored is a data folder that came out of a backup, read whole.
type Restored struct {
	School boltlog.Report   // of the newest epoch of the school's own ledger
	All    []boltlog.Report // with the earlier epochs and the copies of the banks'
}

// ReadRestored reads every ledger in a data folder that no server runs on, and holds
// the school's against the vault. Errors: internal for damage, not_found, those of
// the files.
func ReadRestored(ctx context.Context, dir string) (r Restored, err error) {
	names, err := ledgersOf(dir)
	if err != nil {
		return r, err
	}
	content, err := vault.OpenReadOnly(filepath.Join(dir, "vault"))
	if err != nil {
		return r, err
	}
	defer content.Close()
	for _, n := range names {
		var o boltlog.VerifyOptions
		if n.Writer == Writer {
			o.Each = func(rec ledger.Record) error { return fits(content, rec) }
		}
		report, err := boltlog.Verify(ctx, n.Path(), o)
		if err == nil {
			err = report.Err()
		}
		if err != nil {
			return r, err
		}
		if r.All = append(r.All, report); n.Writer == Writer {
			r.School = report // the newest comes last
		}
	}
	if r.School.Size == 0 {
		return r, errs.New(errs.NotFound, "The folder holds no ledger of a school.", "Check that it is a backup of a school's server.")
	}
	return r, nil
}

// ledgersOf are the ledgers of a data folder: the school's, then its copies.
func ledgersOf(dir string) ([]boltlog.Name, error) {
	names, err := boltlog.List(filepath.Join(dir, "school-ledger"))
	if err != nil {
		return nil, errs.Wrap(err, errs.NotFound, "The folder holds no ledger of a school.", "Check the path.")
	}
	banks, err := os.ReadDir(filepath.Join(dir, "banks"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	for _, b := range banks {
		copies, err := boltlog.List(filepath.Join(dir, "banks", b.Name()))
		if err != nil {
			return nil, err
		}
		names = append(names, copies...)
	}
	return names, nil
}

// fits refuses a record whose content the vault has with other bytes, or never had.
func fits(content *vault.Vault, rec ledger.Record) error {
	state, found, err := content.CheckBody(rec.Body)
	if err == nil && found && state == vault.Differs {
		err = errs.New(errs.Internal, fmt.Sprintf("Record %d of the school's ledger speaks of content that the vault does not have.", rec.Seq), "Try an earlier backup.")
	}
	return err
}

// Continues refuses a restored folder whose ledger is not the beginning of the one
// in use. Errors: conflict, unavailable.
func (s *Server) Continues(r Restored) error {
	ours := errs.New(errs.Conflict, "The backup's ledger is not the beginning of the one in use.", "Keep both, and find out which of the two was changed.")
	if r.School.Epoch != s.Log.Name().Epoch || r.School.Size > s.Log.Size() {
		return ours
	}
	root, err := tlog.TreeHash(int64(r.School.Size), s.Log)
	if err == nil && root != r.School.Root {
		err = ours
	}
	return err
}

// GoOn makes a restored folder one that a server may run on: the school's ledger
// begins another epoch, because banks may have seen more of this one, and devices
// are given higher revisions than any they can have. Errors: those of NewEpoch and
// of the file of revisions.
func GoOn(dir, by, why string, now time.Time) (boltlog.Name, error) {
	if err := shadow.RevFile(filepath.Join(dir, "devices", "revs.json")).Jump(now); err != nil {
		return boltlog.Name{}, err
	}
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: now} }
	return boltlog.NewEpoch(filepath.Join(dir, "school-ledger"), boltlog.Options{Writer: Writer, Stamp: stamp}, boltlog.Successor{By: by, Why: why})
}
