package banks

import (
	"context"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
)

// KindReplaced says that another machine takes a bank's place: its ledger begins
// with that epoch, and no earlier one grows any more.
const KindReplaced = "bank-replaced"

// drawnWithin is how long the board of a copy that is complete may take to be drawn.
const drawnWithin = 10 * time.Second

// replace has the next epoch begin on another machine, and says where the one
// before ended. by is the account of who wants it so.
func (l *List) replace(ctx context.Context, by, bank string, newest *boltlog.Copy) (epoch uint64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := account(by); err != nil {
		return 0, err
	}
	end, err := rootOf(newest, newest.Size())
	if err != nil {
		return 0, err
	}
	body := listed{Bank: bank, Epoch: max(end.Epoch, l.replaced[bank]) + 1, Size: end.Size, Root: end.Root.String(), By: by}
	if err := record(ctx, l.log, l.stamp(), KindReplaced, body); err != nil {
		return 0, err
	}
	l.fold(KindReplaced, body)
	return body.Epoch, nil
}

// begins is the epoch with which the ledger of the machine begins that is the bank
// now; 0 for one that never took another's place.
func (l *List) begins(bank string) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.replaced[bank]
}

// Replace ends the ledger of a bank's old machine, and gives what that of the new
// one begins with: what the copy says is behind the doors. It is nil for a bank
// whose ledger nobody has ever seen, which has nothing to leave. Errors: not_found,
// unavailable while the copy cannot be read.
func (h *House) Replace(ctx context.Context, by, bank string) (*wire.Seed, error) {
	l := h.line(bank)
	if l == nil {
		return nil, errs.New(errs.NotFound, "There is no such bank.", "")
	}
	l.follower.mu.Lock() // so that the copy does not grow any more from here on
	newest := l.follower.epochs[l.follower.newest]
	if newest == nil && l.follower.broken == nil {
		l.follower.mu.Unlock()
		return nil, nil
	}
	var epoch uint64
	err := l.follower.broken
	if err == nil {
		epoch, err = h.List.replace(ctx, by, bank, newest)
	}
	l.follower.mu.Unlock()
	if err != nil {
		return nil, err
	}
	legacy, err := l.legacy(ctx, newest)
	if err != nil {
		return nil, err
	}
	return &wire.Seed{Epoch: epoch, Previous: newest.LastCheckpoint(), Size: newest.Size(), By: by, Why: l.why(newest), Legacy: legacy}, nil
}

// legacy is what the board of a copy that grows no more says.
func (l *line) legacy(ctx context.Context, of *boltlog.Copy) (locker.Legacy, error) {
	ctx, cancel := context.WithTimeout(ctx, drawnWithin)
	defer cancel()
	for {
		seen, board := l.house.News(), l.live()
		if board.Follows(of) && board.Size() >= of.Size() {
			return board.Legacy(), nil
		}
		if err := l.house.Wait(ctx, seen); err != nil { // another board may take this one's place meanwhile
			return nil, errs.Wrap(err, errs.Unavailable, "The server has not read its copy of this bank's ledger yet.", "Try again in a minute. If it stays so, look at the bank on the board.")
		}
	}
}

// why says for the new ledger what it rests on.
func (l *line) why(newest *boltlog.Copy) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	had := ""
	if n := newest.Name().Epoch; l.state.Epoch == n && l.state.Size > newest.Size() {
		had = fmt.Sprintf(" of the %d it spoke of last", l.state.Size)
	}
	return fmt.Sprintf("Another machine takes the place of the one before. The server has %d records%s of epoch %d.", newest.Size(), had, newest.Name().Epoch)
}

// BankLoss says what may be missing if a bank were replaced now.
type BankLoss struct {
	Held     int       // devices that the copy says are behind its doors, as far as whoever looks may know
	Copied   uint64    // records of its current ledger that this server has
	Recorded uint64    // that the bank last said it has
	Heard    time.Time // when the newest of those here was made, by the bank's clock
}

// Loss says what may be missing if a bank were replaced now.
func (h *House) Loss(bank string) (BankLoss, error) {
	l := h.line(bank)
	if l == nil {
		return BankLoss{}, errs.New(errs.NotFound, "There is no such bank.", "")
	}
	s, loss := l.status(), BankLoss{}
	if newest, _, _ := l.follower.current(); newest != nil {
		loss.Copied = newest.Size()
	}
	for _, d := range s.Board.Doors {
		if d.Person != "" || d.Item != "" && !h.hides(d.Item) {
			loss.Held++
		}
	}
	loss.Recorded, loss.Heard = max(s.State.Size, loss.Copied), s.Board.Heard
	return loss, nil
}
