package main

import (
	"context"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/station"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// onlyPIN is the one PIN that is right.
type onlyPIN string

func (p onlyPIN) Verify(_, pin string) bool { return pin == string(p) }

// atKiosk runs a bank of four doors for a member of staff with a badge and a PIN.
func (b *bench) atKiosk(technician bool) *station.Station {
	b.Helper()
	o := options{config: b.path("bank-a.yaml"), data: b.path("data"), devices: b.path("devices"), rejoin: true, assumeTime: true}
	bank, err := o.load()
	b.must(err)
	bank.station.JoinTo = ""
	bank.station.PINs = onlyPIN("271828")
	bank.station.Rules.Directory = &locker.Directory{Version: 1,
		Badges: map[school.BadgeHash]locker.BadgeEntry{staffBadge.Hash(): {Person: "s-1"}},
		Staff:  map[string]locker.StaffEntry{"s-1": {PIN: "x", Technician: technician}},
	}
	s, err := station.Open(bank.station)
	b.must(err)
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	b.Cleanup(func() { stop(); b.must(<-ended) })
	return s
}

var staffBadge = school.Token{7}

// person does at the kiosk what its screen says, until it says until.
func (b *bench) person(s *station.Station, until func(locker.Screen) bool) locker.Screen {
	b.Helper()
	ctx, stop := context.WithTimeout(b.Context(), 2*time.Minute)
	defer stop()
	scanner, err := b.world.Scanner("front")
	b.must(err)
	kiosk, n := s.Screens.Kiosk("front"), uint64(0)
	for {
		var screen locker.Screen
		var err error
		n, screen, err = kiosk.Next(ctx, n)
		b.must(err)
		if until(screen) {
			return screen
		}
		switch {
		case screen.Word == locker.NotReady || screen.Word == locker.Starting || screen.Word == locker.Scan:
			time.Sleep(200 * time.Millisecond) // the way to the scanner, whose line may not be open yet
			scanner.Badge(ctx, staffBadge.Badge())
		case screen.Word == locker.AskPIN:
			b.must(s.PIN(ctx, "271828"))
		case screen.Word == locker.StaffMenu:
			b.must(s.Wish(ctx, locker.Wish{Kind: locker.WishMap}))
		case screen.Keys == "ready-go":
			for door := 1; door <= 4; door++ {
				_, err := b.world.Push(door)
				b.must(err)
			}
			b.must(s.Answer(ctx, "go", 0))
		case screen.Word == locker.Mapping && screen.Door != 0:
			_, err := b.world.Push(screen.Door)
			b.must(err)
		}
	}
}

// A technician maps the doors at the kiosk of a bank that has no map yet; the bank
// then works by it. Who it was is on record.
func TestCommissionAtTheKiosk(t *testing.T) {
	t.Parallel()
	b := newFourDoors(t)
	s := b.atKiosk(true)
	b.person(s, func(screen locker.Screen) bool { return screen.Says == "All 4 doors are mapped." })
	b.must(s.Leave(t.Context()))
	b.person(s, func(screen locker.Screen) bool { return screen.Word == locker.Scan })
	b.checkMap()
	by, ended := "", false
	b.must(s.Log.Read(t.Context(), 0, func(r ledger.Record) error {
		e, err := record.Event(r)
		if e.Kind == locker.CommissionBegun && e.By != "" {
			by = e.By
		}
		ended = ended || e.Kind == locker.Commissioned
		return err
	}))
	if by != "s-1" || !ended {
		t.Errorf("begun by %q, ended %v", by, ended)
	}
}

// Staff who are no technicians are not offered it and do not get it.
func TestOnlyATechnicianMapsDoors(t *testing.T) {
	t.Parallel()
	b := newFourDoors(t)
	s := b.atKiosk(false)
	menu := b.person(s, func(screen locker.Screen) bool { return screen.Word == locker.StaffMenu })
	b.must(s.Wish(t.Context(), locker.Wish{Kind: locker.WishMap}))
	b.person(s, func(screen locker.Screen) bool { return screen.Word == locker.Office })
	if menu.Map || b.frames() != 0 {
		t.Errorf("%+v, %d frames", menu, b.frames())
	}
}
