package banks

import (
	"log/slog"
	"path/filepath"
	"reflect"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/bellkeep/bellkeep/internal/cache"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/locker"
)

// snapshot keeps the fold of one bank's copies in a file beside them. It is
// believed only while the copies still have the records it was folded from,
// which their Merkle trees tell.
type snapshot struct {
	path   string
	setup  locker.Setup
	newest *boltlog.Copy
	before []*boltlog.Copy
}

// basis is what a fold was made from.
type basis struct {
	Setup  locker.Setup
	Epochs []epochRoot // oldest first
}

// epochRoot is the root hash of the first Size records of an epoch.
type epochRoot struct {
	Epoch, Size uint64
	Root        tlog.Hash
}

func newSnapshot(dir string, setup locker.Setup, newest *boltlog.Copy, before []*boltlog.Copy) *snapshot {
	return &snapshot{filepath.Join(dir, "fold.cache"), setup, newest, before}
}

// Load gives the fold that was kept, if it is of these copies.
func (s *snapshot) Load() ([]byte, bool) {
	var kept basis
	data, err := cache.Get(s.path, &kept)
	if err != nil || len(kept.Epochs) == 0 {
		return nil, false // there is none, or none to be believed
	}
	size := kept.Epochs[len(kept.Epochs)-1].Size
	if size > s.newest.Size() {
		return nil, false
	}
	now, err := s.basis(size)
	return data, err == nil && reflect.DeepEqual(now, kept)
}

// Save keeps a fold of the first size records of the newest epoch.
func (s *snapshot) Save(fold []byte, size uint64) {
	now, err := s.basis(size)
	if err == nil {
		err = cache.Put(s.path, now, fold)
	}
	if err != nil { // the next start takes longer, that is all
		slog.Warn("the view of a bank could not be kept; the next start reads its whole ledger", "bank", s.setup.Bank, "err", err)
	}
}

func (s *snapshot) basis(size uint64) (basis, error) {
	b := basis{Setup: s.setup}
	for _, c := range s.before {
		r, err := rootOf(c, c.Size())
		if err != nil {
			return b, err
		}
		b.Epochs = append(b.Epochs, r)
	}
	r, err := rootOf(s.newest, size)
	b.Epochs = append(b.Epochs, r)
	return b, err
}

func rootOf(c *boltlog.Copy, size uint64) (epochRoot, error) {
	root, err := tlog.TreeHash(int64(size), c)
	return epochRoot{c.Name().Epoch, size, root}, err
}
