package server

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/records"
)

// openBooks reads the school's ledger once and hands every record to every book.
func (s *Server) openBooks(ctx context.Context) error {
	sealed, err := s.openSealed(ctx)
	if err != nil {
		return err
	}
	s.Records = records.New(records.Parts{School: s.Config.School, Log: s.Log, Vault: s.Vault, Sealed: sealed, Random: rand.Reader, Stamp: s.stamp, Machine: time.Now,
		Passcode: s.passcode, Heard: s.heard, Behind: s.behind, Mailer: s.Mailer, Logger: slog.Default()})
	s.Rules = banks.NewRules(s.Log, s.stamp, filepath.Join(s.Dir, "rules"))
	fold := func(r ledger.Record) error { return errors.Join(s.Records.Fold(r), s.Rules.Fold(r)) }
	if err = s.earlier(func(f *boltlog.File) error { return readAhead(ctx, f.Read, fold) }); err == nil {
		willRead(s.Log.Name().Path())
		err = readAhead(ctx, s.Log.Read, fold)
	}
	if err != nil {
		return errs.Wrap(err, errs.Internal, "The school's ledger cannot be read.", "Run: bellkeep ledger verify")
	}
	return nil
}

// earlier goes through the epochs of the school's ledger before the current one.
func (s *Server) earlier(each func(*boltlog.File) error) error {
	names, err := boltlog.List(s.Log.Name().Dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if n.Writer != Writer || n.Epoch >= s.Log.Name().Epoch {
			continue
		}
		f, err := boltlog.OpenFile(n.Path())
		if err != nil {
			return err
		}
		if err := errors.Join(each(f), f.Close()); err != nil {
			return err
		}
	}
	return nil
}
