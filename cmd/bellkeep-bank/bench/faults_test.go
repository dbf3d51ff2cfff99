//go:build bench

package bench

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

// A door that opens without an order is on record with its number, also when
// its bus is at work on another.
func TestAForcedDoorIsOnRecord(t *testing.T) {
	w, g := newWall(t), newGadget(t)
	b := newBank(t, bankFile)
	b.start()
	w.move(3, true)
	time.Sleep(settling)
	w.move(3, false)
	time.Sleep(settling)
	g.scan(badge(2))
	await(t, 5*time.Second, "current in a coil", func() bool { return w.live(2) })
	w.move(4, true)
	w.shut(2)
	b.stop()
	w.inspect(2)
	b.tells(2, locker.Intent, locker.Outcome, locker.Deposited)
	b.tells(3, locker.Moved, locker.Moved)
	b.tells(4, locker.Moved)
}

// A latch that jams gets three pulses, never one that its coil cannot stand,
// and the pupil is told.
func TestAJammedDoorIsGivenUp(t *testing.T) {
	w, g := newWall(t), newGadget(t)
	b := newBank(t, bankFile)
	b.start()
	w.doors[6].jammed = true
	g.scan(badge(6))
	b.shows(locker.Stuck, 6)
	b.stop()
	w.inspect(6)
	list := w.pulses(6)
	if len(list) != 3 {
		t.Errorf("%d pulses, want 3", len(list))
	}
	for i, p := range list[1:] {
		if rest := p.from - list[i].to; rest < usualPulse {
			t.Errorf("the coil rested for %v", rest)
		}
	}
	b.tells(6, locker.Intent, locker.Outcome, locker.Intent, locker.Outcome, locker.Intent, locker.Outcome)
}

// Told to stop in the middle of a pulse, the bank ends the pulse and then
// itself. Killed in one, it leaves that to its guard, on a chip that keeps the
// level of a line that nobody has any more.
func TestThePulseEndsWithTheProgram(t *testing.T) {
	for name, end := range map[string]func(*bank){
		"told to stop": (*bank).stop,
		"killed":       (*bank).kill,
	} {
		for _, n := range []int{1, 5} {
			t.Run(name, func(t *testing.T) {
				w, g := newWall(t), newGadget(t)
				w.keeps = true
				b := newBank(t, bankFile)
				b.start()
				w.doors[n].jammed = true
				g.scan(badge(n))
				await(t, 5*time.Second, "current in a coil", func() bool { return w.live(n) })
				time.Sleep(usualPulse / 3)
				end(b)
				w.inspect(n)
				list := w.pulses(n)
				if len(list) != 1 {
					t.Fatalf("pulses %v, want one", list)
				}
				t.Logf("door %d: a pulse of %v", n, list[0].long())
				b.start() // and nothing moves until somebody asks
				b.stop()
				w.inspect(n)
				if again := w.pulses(n); len(again) != 1 {
					t.Errorf("pulses %v after another start, want one", again)
				}
				events := b.tells(n, locker.Intent, locker.Outcome)
				if r := events[1].Result; r != locker.Unverified {
					t.Errorf("the opening is %s on record, want %s", r, locker.Unverified)
				}
			})
		}
	}
}

// A phone that is in its door when the bank is killed is there when it is back.
func TestACustodyOutlivesTheProgram(t *testing.T) {
	w, g := newWall(t), newGadget(t)
	b := newBank(t, bankFile)
	b.start()
	g.scan(badge(4))
	w.shut(4)
	time.Sleep(later)
	b.kill()
	b.start()
	g.scan(badge(4))
	b.shows(locker.TakeOut, 4)
	w.shut(4)
	b.stop()
	w.inspect(4)
	b.tells(4, locker.Intent, locker.Outcome, locker.Deposited, locker.Intent, locker.Outcome, locker.Collected)
}

// A scanner that is pulled out works again when it is back in its socket, and
// doors are looked at meanwhile.
func TestAScannerComesAndGoes(t *testing.T) {
	w, g := newWall(t), newGadget(t)
	b := newBank(t, bankFile)
	b.start()
	for range 2 {
		g.pull()
		time.Sleep(3 * settling)
		g.plugIn()
		time.Sleep(6 * settling) // it is looked for every 5 s at last
	}
	g.scan(badge(8))
	b.shows(locker.PutIn, 8)
	w.shut(8)
	b.stop()
	w.inspect(8)
	b.tells(8, locker.Intent, locker.Outcome, locker.Deposited)
}

// A Pi 5 has its chip under a second name, which must not cost the program a
// file of its own.
func TestAChipWithTwoNames(t *testing.T) {
	w, g := newWall(t), newGadget(t)
	for name, of := range map[string]string{"/dev/gpiochip4": "gpiochip0", "/dev/gpiochip5": "gpiochip1"} {
		if err := os.Symlink(of, name); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Remove(name) })
	}
	b := newBank(t, bankFile)
	b.start()
	if input, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/0", b.cmd.Process.Pid)); input != os.DevNull {
		t.Errorf("the bank's standard input became %q, %v", input, err)
	}
	g.scan(badge(1))
	w.shut(1)
	b.stop()
	w.inspect(1)
	b.tells(1, locker.Intent, locker.Outcome, locker.Deposited)
}
