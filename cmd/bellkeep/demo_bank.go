package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/firmware-bridge/station"
	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pins"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/server"
)

// Machine time of the demonstration's cabinets and hands: ten boards on a bus
// take a while to be asked, and pupils are in a hurry.
const (
	demoPoll  = 5 * time.Millisecond
	demoHands = 800 * time.Millisecond
)

// deadFor is how long a bank that was killed stays dead, by the school's clock.
const deadFor = 30 * time.Second

// demoBank is one bank of the demonstration and the pretend corridor before it.
type demoBank struct {
	demo   *demo
	id     string
	config cabinet.Cabinet
	data   string
	card   string // folder of the card in its computer
	member *station.Membership
	world  *world.World
	cast   cast

	mu      sync.Mutex
	station *station.Station
	killed  chan struct{} // closed to kill the station that runs
}

// newBank prepares a bank. The demonstration's boards need no pause between
// pulses, and hardly any between two rounds of looks.
func (d *demo) newBank(n int, c cabinet.Cabinet) (*demoBank, error) {
	b := &demoBank{demo: d, id: c.Setup.Bank, data: filepath.Join(d.data, "bank-"+c.Setup.Bank)}
	if err := os.MkdirAll(b.devices(), 0o700); err != nil {
		return nil, err
	}
	b.card = b.cards()[0]
	path := filepath.Join(d.folder, filepath.Base(d.school.Banks[n]))
	var err error
	if b.config, err = cabinet.Load(path, b.devices()); err != nil {
		return nil, err
	}
	if b.config.Kiosk.Listen, err = nextTo(d.kiosk, n); err != nil {
		return nil, err
	}
	for i := range b.config.Buses {
		b.config.Buses[i].PulseGap, b.config.Buses[i].Poll = 0, demoPoll
	}
	return b, nil
}

// pupilBanks are the banks at which pupils hand in.
func (d *demo) pupilBanks() []*demoBank {
	return slices.DeleteFunc(slices.Clone(d.banks), func(b *demoBank) bool { return !b.config.Setup.Classes().Pupil })
}

func (b *demoBank) devices() string { return filepath.Join(b.data, "devices") }

// open opens the station with the rules the bank has on its disk.
func (b *demoBank) open() error {
	rules, _ := b.member.Store.Rules()
	return b.openWith(station.Config{Rules: rules, Told: b.member.Told})
}

// openWith opens the station on the card in the bank's computer.
func (b *demoBank) openWith(c station.Config) error {
	c.Cabinet, c.Data, c.Version, c.Now, c.PINs = b.config, filepath.Join(b.card, station.LedgerFolder), "demo", b.demo.now, pins.Checker{}
	s, err := station.Open(c)
	if err != nil {
		return fmt.Errorf("bank %s: %w", b.id, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.station, b.killed = s, make(chan struct{})
	return nil
}

// joinSchool makes the bank a member, in the same way as any bank.
func (b *demoBank) joinSchool(ctx context.Context) (err error) {
	if b.member, err = station.OpenMembership(b.card); errs.CodeOf(err) != errs.NotFound {
		return err // it is a member, or its files are damaged
	}
	setup := b.config.Setup
	doors := banks.RunOf(setup.Doors)
	code, _, err := b.demo.server.Invite(ctx, server.Invitation{
		By: "demo", Kind: cert.Bank, ID: b.id, Label: b.config.Label,
		First: doors.First, Last: doors.Last, Allotment: setup.Allotment,
		Confiscation: banks.RunOf(setup.Confiscation), Evidence: banks.RunOf(setup.Evidence), Trays: banks.RunOf(setup.Trays),
	})
	if err == nil {
		b.member, err = station.Newcomer{Bank: b.id, Data: b.card, Now: b.demo.now}.Join(ctx, code)
	}
	return err
}

// current is the station that runs now, and what kills it.
func (b *demoBank) current() (*station.Station, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.station, b.killed
}

// kill ends the station that runs. run brings it back.
func (b *demoBank) kill() {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-b.killed:
	default:
		close(b.killed)
	}
}

// run works the bank, over and over if it is killed, until ctx ends.
func (b *demoBank) run(ctx context.Context) error {
	defer func() { _ = b.world.Close() }() // its lines are pretended
	for {
		s, killed := b.current()
		working, stop := context.WithCancel(ctx)
		group, within := errgroup.WithContext(working)
		group.Go(func() error { return s.Run(within) })
		group.Go(func() error { return b.connect(within, s) })
		group.Go(func() error {
			defer stop()
			select {
			case <-killed:
			case <-within.Done():
			}
			return nil
		})
		err := group.Wait()
		stop()
		if ctx.Err() != nil || (err != nil && !errors.Is(err, context.Canceled)) {
			return err
		}
		if err := b.demo.clock.Sleep(ctx, deadFor); err != nil {
			return err
		}
		if err := b.comeBack(); err != nil {
			return err
		}
	}
}

// comeBack lets a bank go on that was killed, by itself or by another computer.
func (b *demoBank) comeBack() error {
	if b.demo.replace {
		return b.putAnother()
	}
	if err := b.open(); err != nil {
		return err
	}
	b.demo.say("bank %s is back.", b.id)
	return nil
}

// connect keeps a station in touch with the school, once it has joined.
func (b *demoBank) connect(ctx context.Context, s *station.Station) error {
	if s.JoinTo != "" {
		if err := b.takePlace(ctx, s); err != nil {
			return err
		}
	}
	return s.Connect(ctx, b.member, nil)
}

// close gives up a station that never ran.
func (b *demoBank) close() error {
	if s, _ := b.current(); s != nil {
		return s.Close()
	}
	return nil
}

// openWorld builds the pretend corridor before the bank.
func (b *demoBank) openWorld(ctx context.Context) (err error) {
	buses, known := wiring[b.demo.school.ID][b.id]
	if !known {
		return errs.New(errs.Invalid, "How the cabinets of this school are wired is not known to the demonstration.", "Play one that is built in; a world of your own: bellkeep world --help")
	}
	first := slices.Min(slices.Collect(b.config.Setup.All()))
	b.world, err = world.Open(ctx, world.Config{
		Dir: b.devices(), Truth: filepath.Join(b.data, "truth.jsonl"),
		Buses: buses.lines, Wiring: buses.doors(first), Kiosks: []string{b.config.Kiosk.Name},
		Hands: demoHands, Pupils: b.cast.pupils, Seed: b.demo.seed, Now: b.demo.clock.Now, Sleep: b.demo.clock.Sleep,
	})
	if err != nil {
		return err
	}
	eyes := world.LookFunc(func(ctx context.Context, after uint64) (world.View, error) {
		s, _ := b.current()
		n, screen, err := s.Screens.Kiosk(b.config.Kiosk.Name).Next(ctx, after)
		return world.View{N: n, Word: world.Word(screen.Word), Door: screen.Door}, err
	})
	return b.world.Watch(b.config.Kiosk.Name, eyes)
}
