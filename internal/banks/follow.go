package banks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// follower keeps the copies of one bank's ledger, an epoch a file.
type follower struct {
	bank, dir string
	owner     verdicts

	mu       sync.Mutex
	epochs   map[uint64]*boltlog.Copy
	ids      map[uint64]string // of the ledgers copied, once they have a first record
	newest   uint64            // of epochs; 0 for none
	broken   error             // why the copies cannot be used, until the next start
	refused  string            // why no more is taken, for the problems on the board
	stranger stranger          // the last that came in the bank's name
	changed  chan struct{}
}

// verdicts are what those who answer for a bank have said of its ledger.
type verdicts interface {
	accepts(bank string, epoch uint64) bool // although records may be missing
	begins(bank string) uint64              // with which epoch the machine begins that is the bank now
}

// stranger is another machine that comes in the name of a bank.
type stranger struct {
	why  string
	seen time.Time // machine time
}

// strangerShown is how long it stays on the board: the two push each other off
// the line, so it is seen now and then only.
const strangerShown = 10 * time.Minute

// openFollower opens what there is of a bank's copies. One that cannot be opened
// keeps this bank from being followed, and no other.
func openFollower(dir, bank string, owner verdicts) *follower {
	f := &follower{bank: bank, owner: owner, dir: filepath.Join(dir, bank), epochs: map[uint64]*boltlog.Copy{}, ids: map[uint64]string{}, changed: make(chan struct{})}
	if f.broken = f.openAll(); f.broken != nil {
		slog.Error("a bank cannot be followed", "bank", bank, "err", f.broken, "next", errs.HintOf(f.broken))
	}
	return f
}

// openAll opens every copy it can.
func (f *follower) openAll() error {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return errs.Wrap(err, errs.Unavailable, "The folder for copies of ledgers cannot be made.", "Look at the server's data folder.")
	}
	names, err := boltlog.List(f.dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if n.Writer == f.bank {
			err = errors.Join(err, f.open(n.Epoch))
		}
	}
	return err
}

func (f *follower) open(epoch uint64) error {
	c, err := boltlog.OpenCopy(f.dir, f.bank, epoch)
	if err != nil {
		return err
	}
	f.epochs[epoch], f.newest = c, max(f.newest, epoch)
	f.signal()
	return nil
}

// copies are those of all epochs, in order.
func (f *follower) copies() []*boltlog.Copy {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []*boltlog.Copy
	for _, epoch := range slices.Sorted(maps.Keys(f.epochs)) {
		list = append(list, f.epochs[epoch])
	}
	return list
}

func (f *follower) signal() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// take stores what a journal message brings and answers how far the copy
// reaches, or why it reaches no further.
func (f *follower) take(ctx context.Context, j wire.Journal) wire.JournalAck {
	f.mu.Lock()
	defer f.mu.Unlock()
	ack := wire.JournalAck{V: wire.V, Epoch: j.Epoch, Ledger: j.Ledger}
	size, err := f.store(ctx, j)
	ack.Size = size
	switch code := errs.CodeOf(err); {
	case err == nil && len(j.Leaves) > 0:
		f.refused = ""
	case err == nil || errors.Is(err, ledger.ErrGap) || ctx.Err() != nil:
	case code == errs.Denied:
		if err.Error() != f.stranger.why || time.Since(f.stranger.seen) >= strangerShown {
			slog.Error("a machine that calls itself a bank is refused", "bank", f.bank, "epoch", j.Epoch, "err", err, "next", errs.HintOf(err))
		}
		ack.Refused, f.stranger = err.Error(), stranger{err.Error(), time.Now()}
	default:
		if err.Error() != f.refused { // once: the bank tries again all day
			slog.Error("a bank's ledger is refused", "bank", f.bank, "epoch", j.Epoch, "err", err, "next", errs.HintOf(err))
		}
		ack.Refused, f.refused = err.Error(), err.Error()
	}
	return ack
}

func (f *follower) store(ctx context.Context, j wire.Journal) (size uint64, err error) {
	if f.broken != nil {
		return 0, f.broken
	}
	c := f.epochs[j.Epoch]
	if c == nil {
		if len(j.Leaves) == 0 {
			return 0, nil // tells the bank to begin at the beginning
		}
		if err := f.begin(j); err != nil {
			return 0, err
		}
		c = f.epochs[j.Epoch]
	}
	if err := f.recognise(ctx, c, j); err != nil {
		return 0, err
	}
	if len(j.Leaves) > 0 {
		if err := f.over(c, j); err != nil {
			return c.Size(), err
		}
		if size, err := c.Append(ctx, j.From, j.Leaves); err != nil {
			return size, err
		}
	}
	if len(j.Checkpoint) > 0 {
		if err := c.Checkpoint(j.Checkpoint); err != nil {
			return c.Size(), err
		}
	}
	return c.Size(), nil
}

// recognise refuses a ledger that is not the one copied, before anything of it
// is compared: two machines with the same name must not spoil the copy of one.
func (f *follower) recognise(ctx context.Context, c *boltlog.Copy, j wire.Journal) error {
	if f.ids[j.Epoch] == "" && c.Size() > 0 {
		err := c.Read(ctx, 0, func(r ledger.Record) error {
			f.ids[j.Epoch] = wire.LedgerID(r.Leaf)
			return errFirst
		})
		if !errors.Is(err, errFirst) {
			return err
		}
	}
	if id := f.ids[j.Epoch]; id != "" && j.Ledger != id {
		return errs.New(errs.Denied, fmt.Sprintf("Another machine calls itself bank %s: its ledger, epoch %d, is not the one this server follows.", f.bank, j.Epoch),
			fmt.Sprintf("Find it and turn it off. If it is to take the place of the first: bellkeep bank replace %s", f.bank))
	}
	return nil
}

// over refuses what an old machine says after another has taken its place.
func (f *follower) over(c *boltlog.Copy, j wire.Journal) error {
	if j.Epoch >= f.owner.begins(f.bank) || j.From+uint64(len(j.Leaves)) <= c.Size() {
		return nil
	}
	return errs.New(errs.Denied, fmt.Sprintf("The old machine of bank %s has more to say: its ledger, epoch %d, ended when another took its place.", f.bank, j.Epoch),
		"Turn the old machine off. What it recorded is on its card; bellkeep ledger show reads it.")
}

var errFirst = errors.New("the first record is enough")

// problem says why the bank's ledger is not followed, or who else comes in its
// name; "" when all is well.
func (f *follower) problem() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.broken != nil:
		return f.broken.Error()
	case f.refused == "" && time.Since(f.stranger.seen) < strangerShown:
		return f.stranger.why
	}
	return f.refused
}

// begin decides whether an epoch nobody knows yet may be followed. The first
// may. A later one may if nothing of the one before is missing: it names as its
// predecessor's end exactly what the copy holds. Or an owner has accepted it.
func (f *follower) begin(j wire.Journal) error {
	if len(j.Leaves) > wire.MaxLeaves || j.From != 0 {
		return errs.New(errs.Conflict, "An epoch of a ledger does not begin with its first record.", "")
	}
	r, err := ledger.Decode(j.Leaves[0])
	if err != nil {
		return err
	}
	o, err := ledger.ReadOpening(r)
	if err != nil {
		return err
	}
	if o.Writer != f.bank || o.Epoch != j.Epoch {
		return errs.New(errs.Denied, "A ledger is another bank's.", "")
	}
	if f.newest > 0 && !f.follows(o) && !(o.Epoch > f.newest && f.owner.accepts(f.bank, o.Epoch)) {
		return errs.New(errs.Conflict, fmt.Sprintf("Epoch %d of the ledger does not continue what this server holds of epoch %d: records may be missing.", o.Epoch, f.newest),
			fmt.Sprintf("If that is known: bellkeep bank accept-epoch %s --epoch %d", f.bank, o.Epoch))
	}
	return f.open(j.Epoch)
}

// follows reports whether an epoch continues the newest copy with nothing
// missing in between.
func (f *follower) follows(o ledger.Opening) bool {
	before := f.epochs[f.newest]
	return o.Epoch == f.newest+1 && o.Previous != "" && before.Checkpoint([]byte(o.Previous)) == nil && o.Previous == string(before.LastCheckpoint()) && ledger.CheckpointSize([]byte(o.Previous)) == before.Size()
}

// current is the newest copy with those before it, oldest first, and a channel
// that closes when there is a newer one.
func (f *follower) current() (newest *boltlog.Copy, before []*boltlog.Copy, changed <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n := range slices.Sorted(maps.Keys(f.epochs)) { // few, whatever numbers the bank gives them
		if n < f.newest {
			before = append(before, f.epochs[n])
		}
	}
	return f.epochs[f.newest], before, f.changed
}

// redraw has everybody who draws by these copies begin again.
func (f *follower) redraw() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.signal()
}

func (f *follower) close() error {
	var err error
	for _, c := range f.epochs {
		err = errors.Join(err, c.Close())
	}
	return err
}
