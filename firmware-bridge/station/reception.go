package station

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/locker"
)

// How long the kiosk speaks of what has just happened before it asks for the
// joining code again, or the bank begins to work.
const (
	refusalStays = time.Minute
	politeStays  = 5 * time.Second
	joinedStays  = 3 * time.Second
)

const (
	reopenAfter = time.Second // a scanner that is not there
	longestSaid = 240         // bytes of a sentence on the kiosk
)

// reception is a bank that must join a school before it works: it has scanners
// and a kiosk, and no doors.
type reception struct {
	readers []bridge.Reader
	show    func(locker.Screen)
	asks    locker.Screen // for a code
	join    func(context.Context, joining.Code) (*Membership, error)
}

func (s *Station) reception() reception {
	asks := s.Notice
	if asks.Word == "" {
		asks = locker.Screen{Word: locker.Joining}
	}
	return reception{
		asks:    asks,
		readers: s.Cabinet.Readers(),
		show:    func(screen locker.Screen) { s.Screens.Show(s.Cabinet.Kiosk.Name, screen) },
		join: func(ctx context.Context, code joining.Code) (*Membership, error) {
			return Newcomer{Bank: s.Cabinet.Setup.Bank, Data: s.JoinTo, Now: s.Now}.Join(ctx, code)
		},
	}
}

// Joined waits until a bank with JoinTo has joined its school and works; one
// caller gets the membership, for Connect. Its error is ctx's.
func (s *Station) Joined(ctx context.Context) (*Membership, error) {
	select {
	case m := <-s.joined:
		return m, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// await waits until a code held to a scanner has made the bank a member of a
// school. Its error is ctx's.
func (r reception) await(ctx context.Context) (*Membership, error) {
	var scanners sync.WaitGroup
	defer scanners.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	lines := make(chan string, 1)
	for _, reader := range r.readers {
		scanners.Go(func() { listen(ctx, reader, lines) })
	}
	r.show(r.asks)
	var again <-chan time.Time
	for {
		select {
		case line := <-lines:
			m, stays := r.scanned(ctx, line)
			again = time.After(stays)
			if m != nil {
				return m, pause(ctx, again)
			}
			drain(lines) // what was held to the scanner meanwhile was meant for the question before
		case <-again:
			r.show(r.asks)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// scanned answers one line, and says how long the answer stays.
func (r reception) scanned(ctx context.Context, line string) (*Membership, time.Duration) {
	if !joining.IsCode(line) {
		r.show(locker.Screen{Word: locker.NotReady})
		return nil, politeStays
	}
	r.show(locker.Screen{Word: locker.JoiningNow})
	code, err := joining.ParseCode(line)
	var m *Membership
	if err == nil {
		m, err = r.join(ctx, code)
	}
	if err != nil {
		slog.Warn("the bank could not join a school", "code", errs.CodeOf(err), "err", err, "next", errs.HintOf(err))
		r.show(refusal(err))
		return nil, refusalStays
	}
	slog.Info("the bank has joined a school", "server", code.Server)
	r.show(locker.Screen{Word: locker.Joined})
	return m, joinedStays
}

// refusal is what the kiosk says of an error: never its cause.
func refusal(err error) locker.Screen {
	screen := locker.Screen{Word: locker.JoinRefused, Says: "The bank could not join.", Next: "Look into the bank's log, then try again."}
	if known := (*errs.Error)(nil); errors.As(err, &known) {
		screen.Says, screen.Next = shortened(known.Message), shortened(known.Hint)
	}
	return screen
}

// shortened bounds what a server can write on the kiosk.
func shortened(text string) string {
	if len(text) <= longestSaid {
		return text
	}
	end := longestSaid
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// listen hands on what a scanner reads until ctx ends. A line that comes while
// the one before is dealt with is lost; somebody will scan again.
func listen(ctx context.Context, reader bridge.Reader, lines chan<- string) {
	for ctx.Err() == nil {
		err := follow(ctx, reader, lines)
		if ctx.Err() != nil {
			return
		}
		slog.Warn("scanner not available, trying again", "kiosk", reader.Kiosk, "in", reopenAfter.String(), "err", err, "next", errs.HintOf(err))
		_ = pause(ctx, time.After(reopenAfter)) // the loop sees that ctx ended
	}
}

func follow(ctx context.Context, reader bridge.Reader, lines chan<- string) (err error) {
	scanner, err := reader.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, scanner.Close()) }()
	for {
		line, err := scanner.Scan(ctx)
		if err != nil {
			return err
		}
		select {
		case lines <- line:
		default:
		}
	}
}

func drain(lines <-chan string) {
	for {
		select {
		case <-lines:
		default:
			return
		}
	}
}

func pause(ctx context.Context, over <-chan time.Time) error {
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
