package station

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/locker"
)

// supersededFile says, in the data folder, that another machine is this bank now.
const supersededFile = "superseded"

const maxSuperseded = 1 << 10 // bytes

// How soon a bank without a line asks whether it is the bank still, and how often.
const (
	askFirst = 5 * time.Second
	askAgain = time.Minute
)

// ErrSuperseded says that another machine has taken this one's place: two must not
// work the same doors. Only the school's own server can say so, over a connection
// that proves it; no network that is down does.
var ErrSuperseded = errors.New("another machine is this bank now")

// watchPlace asks the school, while the line is down, whether this machine is the
// bank still. It returns once it is not, or ctx ends.
func (m *Membership) watchPlace(ctx context.Context, line *bus.Client) error {
	for pause := askFirst; wait.For(ctx, pause) == nil; pause = askAgain {
		if line.Connected() {
			continue
		}
		if err := m.Identity.Renew(ctx); errs.CodeOf(err) == errs.Conflict {
			return errs.Wrap(errors.Join(ErrSuperseded, err), errs.Conflict, err.Error(), errs.HintOf(err))
		}
	}
	return nil
}

// Superseded reports whether another machine is the bank of a data folder now, and
// what its kiosk says of it.
func Superseded(data string) (locker.Screen, bool) {
	why, err := durable.ReadFile(filepath.Join(data, supersededFile), maxSuperseded)
	if errors.Is(err, fs.ErrNotExist) {
		return locker.Screen{}, false
	}
	return farewell(string(why)), true
}

func farewell(why string) locker.Screen {
	return locker.Screen{Word: locker.Superseded, Says: shortened(why), Next: "Turn it off. To use it again, start it and hold a new joining code to its scanner."}
}

// Retire ends the work of a bank whose place another machine has taken, for good,
// and says why at its kiosk. Nobody can do anything there any more.
func (s *Station) Retire(data string, why error) error {
	err := durable.WriteFile(filepath.Join(data, supersededFile), []byte(shortened(why.Error())), 0o600)
	s.retire.Do(func() {
		s.farewell = farewell(why.Error())
		close(s.retired)
	})
	return err
}

// returned forgets that another machine was this bank once.
func returned(data string) error {
	err := os.Remove(filepath.Join(data, supersededFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errs.Wrap(err, errs.Unavailable, "The data folder cannot be written.", "Look at the disk: is it full, read-only or failing?")
	}
	return nil
}
