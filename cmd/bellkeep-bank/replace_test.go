package main

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
)

// A bank's computer dies with phones behind its doors. A new one with an empty card
// joins at its own scanner and goes on: the phones keep their names, in doubt until
// a person and the sensors agree, and come out for their owners' badges. Its ledger
// is an epoch of its own that names where the old one ended; both together tell what
// happened, line by line.
func TestDeadBankIsReplaced(t *testing.T) {
	t.Parallel()
	h := newRig(t).openHouse()
	h.admit(h.rig, "a", 1, 64)
	pupils := []string{"p-001", "p-002", "p-003", "p-004", "p-005", "p-006", "p-007", "p-008"}
	s := h.work(pupils...)
	h.rig.awaitFor(patience, "everybody's phone behind a door", func() bool {
		h.rig.must(s.HandIn(t.Context(), 0)) // on a busy machine somebody walks off and comes again
		return h.in() == len(pupils)
	})
	in := h.holders()
	h.died(s)
	s.hold(h.replacement("a"), locker.Joined)
	s.awaitScreen(locker.Scan)
	h.rig.await("the new ledger at the server", func() bool {
		c, _ := h.Banks.Copy("a")
		return c.Name().Epoch == 2 && len(h.events(locker.Surveyed)) == 1
	})
	h.hold(in, view.Unsure)

	for door := range in {
		h.looked(door)
		break
	}
	h.rig.awaitFor(patience, "no door with anything behind it on the board", func() bool {
		h.rig.must(s.Collect(t.Context(), 0))
		return len(h.holders()) == 0
	})
	if n := len(h.events(locker.Collected)); n != len(in) {
		t.Errorf("%d collected, of %d phones", n, len(in))
	}
	if status := h.Banks.Banks()[0]; status.Refused != "" {
		t.Errorf("the board says %s", status.Refused)
	}
	h.refused(newRig(t))
	h.rig.stop()
	h.halt()
	h.agree()
}

// refused brings the old machine back to life at a cabinet like its own: it finds
// that another is this bank, says so at its kiosk, after another
// start at once.
func (h *house) refused(r *rig) {
	r.t.Helper()
	r.must(os.RemoveAll(r.path("data")))
	r.must(os.CopyFS(r.path("data"), os.DirFS(h.rig.path("old"))))
	r.copyFrom(h.rig, "school/sheet.csv")
	copied, _ := h.Banks.Copy("a")
	identity := r.path("data", "identity", "identity.json")
	about, err := os.ReadFile(identity)
	r.must(err)
	s := r.openScene("p-001")
	for _, server := range []string{h.config.Join, "127.0.0.1:1"} { // there is none to ask the second time
		r.must(os.WriteFile(identity, bytes.ReplaceAll(about, []byte(h.config.Join), []byte(server)), 0o600))
		r.runBank("--assume-time-trusted")
		now := s.awaitScreen(locker.Superseded)
		if !strings.Contains(now.Says, "taken this one's place as bank a") || now.Next == "" {
			r.t.Errorf("the old machine says %q, %q", now.Says, now.Next)
		}
		s.scanner.Badge(r.t.Context(), s.badgeOf("p-001")) // whether the line is open or not
		r.stop()
	}
	if n := s.told(world.Frame); n != 0 {
		r.t.Errorf("the old machine moved %d latches", n)
	}
	if check, err := exec.Command(filepath.Join(r.programs, "bellkeep-bank"), "check", "--config", r.path("school", "bank-a.yaml"), "--data", r.path("data")).CombinedOutput(); err == nil || !strings.Contains(string(check), "taken this one's place") {
		r.t.Errorf("check says %s", check)
	}
	if now, _ := h.Banks.Copy("a"); now != copied {
		r.t.Error("the server follows another ledger now")
	}
}

// patience is for a school day of a few pupils on a machine with more to do.
const patience = 4 * time.Minute

// in counts those whose phones the board says are in our custody, doubtless.
func (h *house) in() (n int) {
	for _, p := range h.Banks.Banks()[0].Board.People {
		if p.State == view.In || p.State == view.StillIn {
			n++
		}
	}
	return n
}

// died kills the bank once the server has all it said, puts its card away and starts
// a new machine with an empty one.
func (h *house) died(s *scene) {
	h.rig.t.Helper()
	h.caughtUp()
	h.rig.kill(h.rig.bank)
	copied, _ := h.Banks.Copy("a")
	h.ended = string(copied.LastCheckpoint())
	h.rig.must(os.Rename(h.rig.path("data"), h.rig.path("old")))
	h.rig.must(os.Mkdir(h.rig.path("data"), 0o700))
	h.rig.runBank("--assume-time-trusted")
	s.awaitScreen(locker.Joining)
}

// holders are whose phones the board says are behind which doors.
func (h *house) holders() map[int]string {
	list := map[int]string{}
	for _, d := range h.Banks.Banks()[0].Board.Doors {
		if d.Person != "" {
			list[d.Number] = d.Person
		}
	}
	return list
}

// hold checks that the board has the same phones behind the same doors, standing
// like this.
func (h *house) hold(in map[int]string, want view.Standing) {
	h.rig.t.Helper()
	if got := h.holders(); !maps.Equal(got, in) {
		h.rig.t.Errorf("behind the doors are %v, want %v", got, in)
	}
	for door, person := range in {
		if got := h.standing(person); got != want {
			h.rig.t.Errorf("%s at door %d stands %q on the board, want %q", person, door, got, want)
		}
	}
}

// looked says of a door that somebody has looked at it, and checks that it is in
// doubt no more.
func (h *house) looked(door int) {
	h.rig.t.Helper()
	person := h.holders()[door]
	h.rig.await("the door's sensor to agree", func() bool {
		done, err := h.Banks.Order(h.rig.t.Context(), "a", locker.Order{Kind: locker.OrderLook, Doors: []int{door}, By: secretary})
		h.rig.must(err)
		return done.Refused == ""
	})
	h.rig.await("the door in doubt no more", func() bool { return h.standing(person) != view.Unsure })
}

// replacement is a code for a machine that takes a bank's place.
func (h *house) replacement(bank string) string {
	h.rig.t.Helper()
	code, _, err := h.Invite(h.rig.t.Context(), server.Invitation{By: "it", Kind: cert.Bank, ID: bank, Replace: true})
	h.rig.must(err)
	text, err := code.Text()
	h.rig.must(err)
	return text
}

// standing is how a pupil stands on bank a's board.
func (h *house) standing(person string) view.Standing {
	for _, p := range h.Banks.Banks()[0].Board.People {
		if p.ID == person {
			return p.State
		}
	}
	return ""
}

// agree holds the ledgers of both machines against the truth, and checks that the
// second begins where the server's copy of the first ended.
func (h *house) agree() {
	r := h.rig
	r.t.Helper()
	first, err := boltlog.OpenFile(r.path("old", "ledger", "a.1.ledger"))
	r.must(err)
	defer first.Close()
	second, err := boltlog.OpenFile(r.path("data", "ledger", "a.2.ledger"))
	r.must(err)
	defer second.Close()
	report := r.compareWith(first, second)
	if differ := report.Differences(); len(differ) > 0 || !report.Balanced() || report.Openings == 0 {
		r.t.Errorf("%d frames, %d openings, %d lines differ:\n%s", report.Frames, report.Openings, len(differ), audited(differ))
	}
	o, err := second.Opening()
	r.must(err)
	if o.Previous != h.ended || o.By != "it" || !strings.Contains(o.Why, "takes the place") {
		r.t.Errorf("the new ledger begins with %+v", o)
	}
	h.sameFile("a.2.ledger")
}
