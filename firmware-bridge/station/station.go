// Package station puts one bank together: its ledger on disk, its doors, and
// the page its kiosk shows. The bank's own program and the demonstration run
// the same station.
package station

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/firmware-bridge/watchdog"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/health"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/kiosk"
	"github.com/bellkeep/bellkeep/web/ui"
)

// Config is what a station runs on.
type Config struct {
	Cabinet cabinet.Cabinet
	Rules   locker.Rules
	Data    string // folder of the ledger; made if it is missing
	Version string
	Now     func() school.Instant
	PINs    bridge.PINs     // checks PINs of staff; nil: none is right
	Watch   *watchdog.Watch // of its loops; nil: nobody watches
	Machine Machine         // nil: nothing is known of it

	// JoinTo is for a bank that must join a school before it works: the folder for
	// its identity, directory and plan, which then take the place of Rules.
	JoinTo string
	Told   *passkey.Set  // whose passkeys it was told to go by in joining; nil for nobody's
	Notice locker.Screen // with JoinTo: shown instead of asking for the code; zero for none
}

// Station is one bank, opened.
type Station struct {
	Config
	Log     *boltlog.Log // nil before a bank with JoinTo has joined
	Screens *bridge.Screens

	history  []past // earlier epochs of the ledger, oldest first
	listener net.Listener
	inputs   chan bridge.Input
	joined   chan *Membership // one, once a bank with JoinTo has joined
	retire   sync.Once
	retired  chan struct{} // closed once another machine is this bank
	farewell locker.Screen // what the kiosk says then
	working  chan struct{} // closed once the bank takes inputs

	equipment *bridge.Equipment
	health    health.Book
	damaged   atomic.Bool               // a check of the ledger found damage
	trusted   atomic.Pointer[time.Time] // machine time at which somebody vouched for the clock last, or the start

	atPage atPage // whoever maps the doors at the kiosk's page
	newest atomic.Pointer[locker.Rules]
}

// Open claims everything a bank needs for itself: its data folder, its ledger
// unless it must join a school first, and the kiosk's address. Serial ports may be missing; they are waited for.
func Open(c Config) (*Station, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "The data folder cannot be made.", "Choose a folder this user may write to with --data.")
	}
	listener, err := ui.Listen(c.Cabinet.Kiosk.Listen)
	if err != nil {
		return nil, errs.Wrap(err, errs.CodeOf(err), "The kiosk's page cannot be served.", "Stop the other program, or give the kiosk another address.")
	}
	s := &Station{
		Config: c, Screens: bridge.NewScreens(), listener: listener, inputs: make(chan bridge.Input, 16),
		joined: make(chan *Membership, 1), working: make(chan struct{}), retired: make(chan struct{}),
		equipment: bridge.NewEquipment(),
	}
	start := time.Now()
	s.trusted.Store(&start)
	if c.JoinTo != "" {
		return s, nil // it may have a ledger to begin with when it joins
	}
	close(s.working)
	if err := s.openLedger(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// KioskURL is where the kiosk's page is.
func (s *Station) KioskURL() string { return "http://" + s.listener.Addr().String() }

// Rule brings a new directory and plan into force.
func (s *Station) Rule(ctx context.Context, rules locker.Rules) error {
	s.newest.Store(&rules)
	return s.put(ctx, bridge.Ruled{Rules: rules})
}

// Help records that somebody at the kiosk asked for help.
func (s *Station) Help(ctx context.Context) error {
	return s.put(ctx, bridge.HelpAsked{Kiosk: s.Cabinet.Kiosk.Name})
}

// PIN is a PIN typed at the kiosk.
func (s *Station) PIN(ctx context.Context, pin string) error {
	return s.put(ctx, bridge.PINGiven{Kiosk: s.Cabinet.Kiosk.Name, PIN: pin})
}

// Wish is what a staff member chose at the kiosk. A device they put in gets a
// fresh item id: which one it is, the office finds out afterwards.
func (s *Station) Wish(ctx context.Context, w locker.Wish) error {
	if w.Kind == locker.WishPut {
		w.Item = ledger.NewID("i")
	}
	return s.put(ctx, bridge.Wished{Kiosk: s.Cabinet.Kiosk.Name, Wish: w})
}

// Leave is a staff member leaving the kiosk.
func (s *Station) Leave(ctx context.Context) error {
	if who := s.atPage.get(); who != nil {
		who.leave(errLeft)
		return nil
	}
	return s.put(ctx, bridge.StaffLeft{Kiosk: s.Cabinet.Kiosk.Name})
}

// put hands an input to the bank's loop. Errors: not_now before the bank works,
// ctx's.
func (s *Station) put(ctx context.Context, in bridge.Input) error {
	select {
	case <-s.working:
	default:
		return errs.New(errs.NotNow, "This bank has not joined a school yet.", "Hold the joining code to its scanner.")
	}
	select {
	case s.inputs <- in:
		return nil
	case <-s.retired:
		return errs.New(errs.NotNow, "Another computer is this bank now.", "Turn this one off.")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run works the bank until ctx ends or something it cannot do without fails,
// and closes what Open opened.
func (s *Station) Run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, s.Close()) }()
	page, err := kiosk.New(kiosk.Config{
		Bank:    s.Cabinet.Label,
		Screens: s.Screens.Kiosk(s.Cabinet.Kiosk.Name),
		Helper:  s,
		Staff:   s,
		Health:  s.healthPage,
		Now:     time.Now,
		Log:     slog.Default(),
	})
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return ui.Serve(ctx, s.listener, page, slog.Default()) })
	group.Go(func() error { return s.work(ctx) })
	group.Go(func() error { s.watchHealth(ctx); return nil })
	return group.Wait()
}

// work lets the bank join a school if it must, then works its doors.
func (s *Station) work(ctx context.Context) error {
	rules := s.Rules
	if s.JoinTo != "" {
		s.Watch.Ready() // for a joining code
		m, err := s.reception().await(ctx)
		if err != nil {
			return nil // ctx ended
		}
		if err := s.openLedger(); err != nil {
			return err
		}
		rules, _ = m.Store.Rules() // a bank without rules still serves whoever needs the office
		s.Told = m.Told
		close(s.working)
		s.joined <- m
	}
	if alarm := s.Log.Alarm(); alarm != nil {
		slog.Error("the ledger needs attention", "err", alarm, "next", errs.HintOf(alarm))
	}
	s.newest.CompareAndSwap(nil, &rules)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.verify(ctx) })
	group.Go(func() error { return s.failed(ctx) })
	group.Go(func() error { return s.workDoors(ctx) })
	return group.Wait()
}

// workDoors works the doors until ctx ends, or another machine is this bank. A
// technician may have them mapped meanwhile.
func (s *Station) workDoors(ctx context.Context) error {
	working, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-s.retired:
			stop()
		case <-working.Done():
		}
	}()
	var err error
	for c, again := s.Cabinet, true; again && err == nil; {
		if again, err = s.serve(working, c); again && err == nil {
			c = s.mapAtPage(working, c)
		}
	}
	select {
	case <-s.retired:
		s.Screens.Show(s.Cabinet.Kiosk.Name, s.farewell)
		<-ctx.Done()
	default:
	}
	return err
}

// serve works the doors of a cabinet until ctx ends, or a technician is to map
// them.
func (s *Station) serve(ctx context.Context, c cabinet.Cabinet) (again bool, err error) {
	if err := c.Unmapped; err != nil {
		slog.Error("the bank opens nothing", "err", err, "next", errs.HintOf(err))
	}
	within, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	err = bridge.Run(within, bridge.Config{
		Setup: c.Setup, Rules: *s.newest.Load(), Version: s.Version, History: s.Past(), Log: s.Log,
		Lines: c.Lines(), Scanners: c.Readers(),
		Now: s.Now, Display: taking{s.display(c), stop}, Inputs: s.inputs, PINs: s.PINs, Told: s.Told, Watch: s.Watch, Equipment: s.equipment,
	})
	return errors.Is(context.Cause(within), errMapping) && ctx.Err() == nil, err
}

// display is what the kiosk shows. A bank that cannot open any door for want of a
// map does not say that it takes but a moment.
func (s *Station) display(c cabinet.Cabinet) bridge.Display {
	if c.Unmapped == nil {
		return s.Screens
	}
	return notReady{s.Screens}
}

type notReady struct{ *bridge.Screens }

func (n notReady) Show(kiosk string, s locker.Screen) {
	if s.Word == locker.Starting {
		s.Word = locker.NotReady
	}
	n.Screens.Show(kiosk, s)
}

// Close gives up what Open claimed. Run does it by itself.
func (s *Station) Close() error {
	var err error
	if s.Log != nil {
		err = s.Log.Close()
	}
	for _, p := range s.history {
		if p.file != nil {
			err = errors.Join(err, p.file.Close())
		}
	}
	if closed := s.listener.Close(); !errors.Is(closed, net.ErrClosed) {
		err = errors.Join(err, closed)
	}
	return err
}
