package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

const (
	headteacher = "s-head"
	headPIN     = "271828"
	offlineGap  = 200 * time.Millisecond // between two pupils
	pupils      = 60
	handedIn    = 20              // phones in doors when the power goes
	surelyTaken = 3 * time.Second // after that a phone is in custody on any machine
	caughtUpIn  = time.Minute     // on any machine
	oldestState = time.Minute
)

// Server, broker and bank lose their power together in the middle of the
// morning, and the bank comes back alone, with a clock that nobody vouches for.
// It takes phones at once, keeps them until a member of staff opens the window
// with badge and PIN, and once the server is back that has everything.
func TestBankAloneAfterAPowerCut(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.awaitTurn()
	r.openAllDay()
	school := r.joinSchool()
	badge := school.hire(headteacher, headPIN)
	s := r.openScene()
	r.runBank("--distrust-time")
	s.awaitScreen(locker.Scan)
	r.await("the directory with the staff at the bank", func() bool { b := school.bank(); return b.Directory == b.Given && b.fresh() })

	morning := make(chan error, 1)
	go func() { morning <- s.HandIn(t.Context(), offlineGap) }()
	r.await("the morning", func() bool { return s.told(world.Put) >= handedIn && s.since(world.Put, "p-001") > surelyTaken })
	r.kill(school.server)
	r.kill(r.bank)
	r.runBank("--distrust-time")
	r.must(<-morning)
	if put := s.told(world.Put); put != pupils {
		t.Errorf("%d of %d phones are in doors", put, pupils)
	}

	s.hold(s.badgeOf("p-001"), locker.Office)
	s.hold(badge, locker.AskPIN)
	s.press("/staff/pin", "pin=314159", locker.PINWrong)
	if menu := s.press("/staff/pin", "pin="+headPIN, locker.StaffMenu); menu.Offer != locker.WishWindow {
		t.Errorf("the menu offers %q", menu.Offer)
	}
	s.press("/staff/wish", "kind="+string(locker.WishWindow), locker.WindowOpen)
	r.must(s.Rush(t.Context(), 1, offlineGap))
	if put, took := s.told(world.Put), s.told(world.Took); put != took {
		t.Errorf("%d phones went in and %d came out", put, took)
	}

	school.startServer()
	r.await("the bank back online", func() bool { return school.bank().Online })
	r.awaitFor(caughtUpIn, "all records at the server", func() bool { b := school.bank(); return b.complete() && b.fresh() })
	r.stop()
	school.stopServer()
	school.sameLeaves()
	school.heldWithoutTime("p-001")
	if report := r.compare(); len(report.Differences()) != 0 || !report.Balanced() {
		t.Errorf("ledger and truth differ (%d frames, %d openings):\n%s", report.Frames, report.Openings, audited(report.Differences()))
	}
}

// openAllDay makes today a school day on which phones may come out at any time:
// in a zone where it is neither late nor early.
func (r *rig) openAllDay() {
	r.t.Helper()
	zone := "UTC"
	if hour := time.Now().UTC().Hour(); hour < 2 || hour > 20 {
		zone = "Asia/Tokyo" // nine hours on
	}
	text, err := os.ReadFile(r.path("school", "school.yaml"))
	r.must(err)
	for pattern, with := range map[string]string{
		`zone: .*`:               "zone: " + zone,
		`(?s)terms:.*templates:`: fmt.Sprintf("terms: [{from: %s, until: %s}]\ntemplates:", dateIn(-8), dateIn(60)),
		`gate: "[^"]*"`:          `gate: "00:01"`,
		`register: "[^"]*"`:      `register: "00:02"`,
		`collect: "[^"]*"`:       `collect: "00:03"`,
		`collect_until: "[^"]*"`: `collect_until: "23:58"`,
		`friday\]`:               "friday, saturday, sunday]",
		`(?s)grants:.*`:          "",
	} {
		text = regexp.MustCompile(pattern).ReplaceAll(text, []byte(with))
	}
	r.must(os.WriteFile(r.path("school", "school.yaml"), text, 0o600))
}

// dateIn is a date some days from now.
func dateIn(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }

// hire gives the school a member of staff, and them a badge and a PIN.
func (s *schoolRig) hire(id, pin string) (badge string) {
	s.t.Helper()
	s.stopServer()
	badge = s.listStaff(id)
	s.startServer()
	set := exec.Command(filepath.Join(s.programs, "bellkeep"), "staff", "pin", id, "--data", s.path("server"))
	set.Stdin = strings.NewReader(pin + "\n")
	if out, err := set.CombinedOutput(); err != nil {
		s.t.Fatalf("setting the PIN: %v\n%s", err, out)
	}
	return badge
}

func (s *schoolRig) listStaff(id string) (badge string) {
	s.t.Helper()
	ctx := context.Background()
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: time.Now(), Trusted: true} }
	log, err := boltlog.Open(s.path("server", "school-ledger"), boltlog.Options{Writer: "school", Stamp: stamp})
	s.must(err)
	defer log.Close()
	names, err := vault.Open(s.path("server", "vault"))
	s.must(err)
	defer names.Close()
	people, book := register.New(log, names, stamp), badges.New(log, names, rand.Reader, stamp)
	s.must(log.Read(ctx, 0, func(r ledger.Record) error {
		if err := people.Fold(r); err != nil {
			return err
		}
		return book.Fold(r)
	}))
	head := register.Entry{ID: id, Kind: register.Staff, Details: register.Details{MIS: id, Given: "Hedda", Family: "Head"}}
	s.must(people.Apply(ctx, "test", register.Changes{New: []register.Entry{head}}, register.Stated{}))
	cards, err := book.IssueTo(ctx, "test", id)
	s.must(err)
	return cards[0].Token.Badge()
}

// bankLine is what the server says of its bank.
type bankLine struct {
	Online                             bool
	Copied, Recorded, Directory, Given uint64
	Said                               time.Time
}

// fresh reports whether the list to print, were the bank to die now, is young
// enough.
func (b bankLine) fresh() bool { return !b.Said.IsZero() && time.Since(b.Said) < oldestState }

func (b bankLine) complete() bool { return b.Copied >= b.Recorded && b.Recorded > 0 }

func (s *schoolRig) bank() bankLine {
	s.t.Helper()
	var list []bankLine
	s.must(json.Unmarshal([]byte(s.bellkeep("bank", "list", "--json", "--data", s.path("server"))), &list))
	if len(list) != 1 {
		s.t.Fatalf("%d banks", len(list))
	}
	return list[0]
}

// heldWithoutTime fails unless the ledger says that somebody was refused for
// want of the time, and only that.
func (s *schoolRig) heldWithoutTime(person string) {
	s.t.Helper()
	f, err := boltlog.OpenFile(s.path("data", "ledger", "a.1.ledger"))
	s.must(err)
	defer f.Close()
	var answers []locker.Answer
	s.must(f.Read(context.Background(), 0, func(r ledger.Record) error {
		e, err := record.Event(r)
		if err == nil && e.Kind == locker.Turned && e.Person == person {
			answers = append(answers, e.Answer)
		}
		return err
	}))
	if len(answers) != 1 || answers[0] != locker.NoTime {
		s.t.Errorf("%s was turned away for %v", person, answers)
	}
}
