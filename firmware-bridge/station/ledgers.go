package station

import (
	"context"
	"log/slog"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
)

// openLedger claims the bank's ledger, and opens those of earlier epochs.
func (s *Station) openLedger() (err error) {
	s.Log, err = boltlog.Open(s.Data, boltlog.Options{
		Writer: s.Cabinet.Setup.Bank,
		Stamp:  func() ledger.Stamp { return ledger.Stamp(s.Now()) },
	})
	if err == nil {
		s.history, err = earlier(s.Data, s.Log.Name())
	}
	return err
}

// earlier opens the writer's ledgers before the current epoch: what lies behind
// a door may have been put there in the last one.
// One that cannot be opened fails when it is read: the bank goes on without it
// and doubts what it holds.
func earlier(dir string, current boltlog.Name) ([]past, error) {
	names, err := boltlog.List(dir)
	if err != nil {
		return nil, err
	}
	var files []past
	for _, n := range names {
		if n.Writer != current.Writer || n.Epoch >= current.Epoch {
			continue
		}
		f, err := boltlog.OpenFile(n.Path())
		files = append(files, past{n.Epoch, f, err})
	}
	return files, nil
}

// past is a ledger of an earlier epoch, or why there is none.
type past struct {
	epoch uint64
	file  *boltlog.File
	err   error
}

// Size is how many records it has.
func (p past) Size() uint64 { return p.file.Size() }

// LastCheckpoint is the newest there is.
func (p past) LastCheckpoint() []byte {
	signed, err := p.file.LastCheckpoint()
	if err != nil {
		return nil // whoever reads the ledger meets the damage
	}
	return signed
}

// Read gives the ledger's records.
func (p past) Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error {
	if p.err != nil {
		return p.err
	}
	return p.file.Read(ctx, from, fn)
}

// verify reads the whole ledger once, in the background. Doors go on working on
// a damaged record: whoever looks after the bank must know of it.
func (s *Station) verify(ctx context.Context) error {
	report, err := s.Log.VerifyAll(ctx, boltlog.VerifyOptions{})
	if err == nil && !report.OK() {
		s.damaged.Store(true)
		slog.Error("the ledger is damaged", "err", report.Err(), "next", errs.HintOf(report.Err()))
	}
	return nil // an error says that ctx ended
}

// failed waits until the ledger can no longer be written, and says why.
func (s *Station) failed(ctx context.Context) error {
	select {
	case <-s.Log.Failed():
		return s.Log.Err()
	case <-ctx.Done():
		return nil
	}
}

// Past gives the ledgers of earlier epochs, oldest first.
func (s *Station) Past() []bridge.Past {
	var list []bridge.Past
	for _, p := range s.history {
		list = append(list, p)
	}
	return list
}
