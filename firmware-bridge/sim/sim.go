package sim

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// Config is one run. The same Seed and Days give the same run, to the byte of
// its ledger.
type Config struct {
	Seed  uint64
	Days  int       // school days; weekends between them come for free
	Story io.Writer // is told everything that happens; nil for nobody
}

// Result is what a run came to.
type Result struct {
	Config
	Count
	Ledger  [sha256.Size]byte // hash of all records
	Failure *Failure          // nil when every rule held
}

// Count is how much happened.
type Count struct {
	Steps, Records, Scans, Openings, PutIn, TakenOut        int
	PowerCuts, Crashes, Jams, ClockSteps, Silences, Replays int
	Orders, Refusals, Windows, StaffDoors, Evacuations      int
}

// Add sums up two runs.
func (c *Count) Add(d Count) {
	c.Steps += d.Steps
	c.Records += d.Records
	c.Scans += d.Scans
	c.Openings += d.Openings
	c.PutIn += d.PutIn
	c.TakenOut += d.TakenOut
	c.PowerCuts += d.PowerCuts
	c.Crashes += d.Crashes
	c.Jams += d.Jams
	c.ClockSteps += d.ClockSteps
	c.Silences += d.Silences
	c.Replays += d.Replays
	c.Orders += d.Orders
	c.Refusals += d.Refusals
	c.Windows += d.Windows
	c.StaffDoors += d.StaffDoors
	c.Evacuations += d.Evacuations
}

// Run plays one seed. When a rule is broken it plays the seed once more, with
// somebody taking notes, so that the failure can tell its story.
func Run(cfg Config) Result {
	result := play(cfg, &narrator{out: cfg.Story})
	if result.Failure != nil {
		notes := &narrator{keep: true}
		play(cfg, notes)
		result.Failure.Story = notes.about(result.Failure.involved)
	}
	return result
}

// sim is one school, its bank of lockers, and the days they live through.
type sim struct {
	rand  *rand.Rand
	queue queue
	now   time.Duration // since midnight
	count Count

	calendar school.Calendar
	midnight time.Time // of the first day, UTC
	days     []school.Date
	weather  weather

	office  office
	server  server
	staff   []*staffer
	pupils  []*pupil
	byID    map[string]*pupil
	kiosks  []*kiosk
	waiting []scan
	doors   []*door
	boards  []*board
	byDoor  map[int]*door
	setup   locker.Setup
	spares  int
	auditor auditor

	// The bank's computer and its buses, see machine.go and bus.go.
	clock   clock
	lit     bool // there is power and the program runs
	boots   int
	runs    int
	log     *memlog.Log
	bank    *bridge.Bank
	gate    *bridge.Gate
	cut     cut
	handled *handling
	deed    *deed          // what a staff member does in the call under way
	wire    []bridge.Order // orders that somebody could have written down

	sounding bool // the fire alarm
	cleared  int  // orders that said all clear

	narrator *narrator
	failure  *Failure
}

// step plays what comes next, and says whether there is more.
func (s *sim) step() bool {
	if s.queue.Len() == 0 || s.failure != nil {
		return false
	}
	e := s.queue.next()
	s.now = e.at
	s.count.Steps++
	e.do()
	s.checkCustody()
	return true
}

func play(cfg Config, n *narrator) (r Result) {
	s := open(cfg, n)
	defer func() {
		if wrong := recover(); wrong != nil {
			s.violated("the product does not panic", nil, 0, "%v", wrong)
		}
		s.count.Records = int(s.log.Size())
		r = Result{Config: cfg, Count: s.count, Failure: s.failure}
		if s.failure != nil {
			s.failure.Command = fmt.Sprintf("bellkeep sim --seed %d --days %d", cfg.Seed, cfg.Days)
			return
		}
		r.Ledger = s.hash()
	}()
	for s.step() {
	}
	return r
}

func (s *sim) hash() (sum [sha256.Size]byte) {
	h := sha256.New()
	err := s.log.Read(context.Background(), 0, func(r ledger.Record) error {
		h.Write(r.Leaf)
		return nil
	})
	if err != nil {
		s.violated("the ledger can be read", nil, 0, "%v", err)
	}
	h.Sum(sum[:0])
	return sum
}

// at plans something for a moment, to the millisecond, as the ledger keeps it.
func (s *sim) at(moment time.Duration, do func()) {
	s.queue.plan(max(moment, s.now).Truncate(time.Millisecond), do)
}

func (s *sim) after(d time.Duration, do func()) { s.at(s.now+d, do) }

func (s *sim) chance(p float64) bool { return s.rand.Float64() < p }

// between draws a time from a to b, to the millisecond.
func (s *sim) between(a, b time.Duration) time.Duration {
	return (a + time.Duration(s.rand.Int64N(int64(b-a)))).Truncate(time.Millisecond)
}

// oclock is a time of day at the school.
func (s *sim) oclock(d school.Date, hour, minute int) time.Duration {
	return d.At(school.Clock{Hour: hour, Minute: minute}, s.calendar.Zone).Sub(s.midnight)
}
