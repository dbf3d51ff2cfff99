package station

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/health"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/web/kiosk"
)

const (
	lookEvery = 10 * time.Second
	// A clock that starts takes a moment to be told the time.
	clockWithin = 2 * time.Minute
)

// Machine is the computer that a bank runs on.
type Machine interface {
	Problems() []health.Problem
	Degrees() (celsius float64, known bool) // of its processor
	Room() (bytes uint64, known bool)       // on the disk that keeps the record
}

// watchHealth notices problems that nobody asks for.
func (s *Station) watchHealth(ctx context.Context) {
	for s.lookAround(); wait.For(ctx, lookEvery) == nil; {
		s.lookAround()
	}
}

// lookAround takes down what is the matter now, and logs what is new of it.
func (s *Station) lookAround() {
	now, school := time.Now(), s.Now()
	list := s.equipment.Problems()
	if s.Cabinet.Unmapped != nil {
		list = append(list, health.Problem{Code: health.Unmapped})
	}
	if s.damaged.Load() {
		list = append(list, health.Problem{Code: health.LedgerDamaged})
	}
	if log := s.log(); log != nil && log.Alarm() != nil {
		list = append(list, health.Problem{Code: health.DiskLow})
	}
	if s.Machine != nil {
		list = append(list, s.Machine.Problems()...)
	}
	var at time.Time
	if school.Trusted {
		at = school.Wall
		s.trusted.Store(&now)
	} else if since := s.trusted.Load(); since != nil && now.Sub(*since) >= clockWithin {
		list = append(list, health.Problem{Code: health.ClockUnsure})
	}
	for _, p := range s.health.Take(list, now, at) {
		what, next := p.Words()
		slog.Warn("the bank needs attention", "code", string(p.Code), "what", what, "next", next)
	}
}

// Health is what is the matter with the bank's computer and what is plugged into
// it, besides what its doors say.
func (s *Station) Health() []health.Problem {
	s.lookAround()
	return s.health.Problems()
}

// log is the ledger, nil before the bank has one.
func (s *Station) log() *boltlog.Log {
	select {
	case <-s.working:
		return s.Log
	default:
		return nil
	}
}

// healthPage is what the bank's own page tells whoever looks after it.
func (s *Station) healthPage() kiosk.Health {
	now := s.Now()
	h := kiosk.Health{At: now.Wall, Problems: s.Health(), Facts: []kiosk.Fact{
		{Name: "Program", Value: s.Version},
		{Name: "Record", Value: "none yet: the bank waits for its joining code"},
		{Name: "Doors", Value: fmt.Sprint(s.Cabinet.Setup.Size())},
		{Name: "Buses", Value: fmt.Sprint(len(s.Cabinet.Buses))},
		{Name: "Scanners", Value: fmt.Sprint(len(s.Cabinet.Scanners))},
		{Name: "Clock", Value: "synchronised"},
	}}
	if log := s.log(); log != nil {
		h.Facts[1].Value = fmt.Sprintf("epoch %d, %d entries", log.Name().Epoch, log.Size())
	}
	if !now.Trusted {
		h.Facts[len(h.Facts)-1].Value = "nobody vouches for it"
	}
	h.Facts = append(h.Facts, s.machineFacts()...)
	return h
}

func (s *Station) machineFacts() (facts []kiosk.Fact) {
	if s.Machine == nil {
		return nil
	}
	if celsius, known := s.Machine.Degrees(); known {
		facts = append(facts, kiosk.Fact{Name: "Temperature", Value: fmt.Sprintf("%.0f °C", celsius)})
	}
	if bytes, known := s.Machine.Room(); known {
		facts = append(facts, kiosk.Fact{Name: "Room on disk", Value: fmt.Sprintf("%d MB", bytes/1e6)})
	}
	return facts
}
