package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/firmware-bridge/commission"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/audit"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
)

var (
	boards = flag.Int("boards", 0, "CU16 boards of 16 doors that TestCommission has to map, instead of two small ones")
	step   = flag.Duration("step", 50*time.Millisecond, "that the technician of TestCommission needs to read a line and reach for a door")
)

// unmapped is a bank whose wiring nobody knows.
const unmapped = `bank: a
label: Bank A
map: bank-a.map
kiosk: {name: front, listen: "127.0.0.1:0"}
scanners:
  - {kiosk: front, port: scanner-front}
%s`

// large is a bank of CU16 boards with a door on every lock.
func large(boards int) (file string, buses []world.Bus) {
	return fmt.Sprintf("buses:\n  - {name: left, driver: kerong-cu16, port: bus-left, boards: %d, byte_order: low-first}\ndoors:\n  - {numbers: 1-%d, bus: left}\n", boards, 16*boards),
		[]world.Bus{{Name: "left", Boards: boards, Personality: world.Personality{OneIsOpen: true}, Timing: world.Timing{Byte: world.ByteTime}}}
}

// bench is a bank and its world in one process, and a technician between them.
type bench struct {
	*testing.T
	dir   string
	world *world.World
	wires []world.Wire
}

// newBench hangs doors on the locks of buses at random.
func newBench(t *testing.T, file string, buses []world.Bus, doors int) *bench {
	t.Helper()
	b := &bench{T: t, dir: t.TempDir()}
	b.must(os.Mkdir(b.path("devices"), 0o700))
	b.must(os.Mkdir(b.path("data"), 0o700))
	b.must(os.WriteFile(b.path("bank-a.yaml"), fmt.Appendf(nil, unmapped, file), 0o600))
	b.wires = world.Shuffle(world.Lay(buses, doors), uint64(time.Now().UnixNano()))
	var err error
	b.world, err = world.Open(t.Context(), world.Config{Dir: b.path("devices"), Truth: b.path("truth.jsonl"), Buses: buses, Wiring: b.wires, Kiosks: []string{"front"}})
	b.must(err)
	t.Cleanup(func() { b.must(b.world.Close()) })
	return b
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// commission runs the command with a technician at its terminal, and gives what
// it printed.
func (b *bench) commission(ctx context.Context, who world.Technician, args ...string) (string, error) {
	b.Helper()
	keys, typed, err := os.Pipe() // whose writers do not wait for readers
	b.must(err)
	screen, printed, err := os.Pipe()
	b.must(err)
	defer screen.Close()
	defer keys.Close()
	said := &output{}
	who.Screen = io.TeeReader(screen, said)
	who.Keys = func(line string) error { _, err := fmt.Fprintln(typed, line); return err }
	ended := make(chan error, 1)
	go func() { ended <- b.world.Attend(ctx, who) }()
	o := options{config: b.path("bank-a.yaml"), data: b.path("data"), devices: b.path("devices"), assumeTime: true}
	o.rejoin = true // it has no school yet
	for _, arg := range args {
		o.afresh = o.afresh || arg == "afresh"
		if doors, ok := strings.CutPrefix(arg, "doors="); ok {
			o.doors = doors
		}
	}
	err = o.commission(ctx, keys, printed)
	_ = printed.Close()
	_ = typed.Close()
	<-ended // it has read to the end, or its context has ended
	return said.String(), err
}

func (b *bench) load() cabinet.Cabinet {
	b.Helper()
	c, err := cabinet.Load(b.path("bank-a.yaml"), b.path("devices"))
	b.must(err)
	return c
}

// checkMap holds the map found against the wiring of the world.
func (b *bench) checkMap() {
	b.Helper()
	c := b.load()
	if c.Unmapped != nil {
		b.Fatal(c.Unmapped)
	}
	want := map[int]commission.Outlet{}
	for _, w := range b.wires {
		want[w.Door] = commission.Outlet{Bus: w.Bus, Channel: hardware.Channel{Board: w.Board, Index: w.Index}}
	}
	got := map[int]commission.Outlet{}
	for n, d := range c.Map.Doors {
		got[n] = d.Outlet
	}
	if !maps.Equal(got, want) {
		b.Errorf("found %v,\nwired %v", got, want)
	}
}

// The doors of a cabinet that nobody knows the wiring of are mapped by one person
// who does what the terminal says; the map is that of the world, every pulse was on
// record first, and the bank then works by it.
//
// With -boards 3 -step 3s it is the 48-door bank of a person who takes their time.
func TestCommission(t *testing.T) {
	t.Parallel()
	file, buses, doors := smallFile, smallBuses, 8
	if *boards > 0 {
		file, buses = large(*boards)
		doors = 16 * *boards
	}
	b := newBench(t, file, buses, doors)
	began := time.Now()
	said, err := b.commission(t.Context(), world.Technician{Step: *step})
	t.Logf("%d doors in %v", doors, time.Since(began).Round(time.Second))
	if err != nil || !strings.Contains(said, "bus-left  bus left") || !strings.Contains(said, "Bank A: ") {
		t.Fatalf("%v\n%s", err, said)
	}
	b.checkMap()
	b.checkRecord()
	b.checkPrinted()
	if _, err := os.Stat(b.path("bank-a.map.part")); err == nil {
		t.Error("what was found out on the way is still there")
	}
}

const smallFile = `buses:
  - {name: left, driver: modbus-relay, port: bus-left, boards: 1, locks: 4, first_slave: 1, pulse: 300ms}
  - {name: right, driver: 8a, port: bus-right, boards: 1, locks: 4, byte_order: high-first}
doors:
  - {numbers: 1-4, bus: left}
  - {numbers: 5-8, bus: right}
`

var smallBuses = []world.Bus{
	{Name: "left", Boards: 1, Personality: world.Personality{Make: world.Relay, Size: 4}},
	{Name: "right", Boards: 1, Personality: world.Personality{Make: world.EightA, Size: 4, OneIsOpen: true, HighFirst: true}},
}

// checkRecord holds the ledger against the truth.
func (b *bench) checkRecord() {
	b.Helper()
	file, err := os.Open(b.path("truth.jsonl"))
	b.must(err)
	defer file.Close()
	truth, err := world.ReadTruth(bufio.NewReader(file))
	b.must(err)
	log, err := boltlog.Open(filepath.Join(b.path("data"), "ledger"), boltlog.Options{Writer: "a"})
	b.must(err)
	defer log.Close()
	report, err := audit.Compare(b.Context(), b.load().Setup, truth, log)
	b.must(err)
	if differ := report.Differences(); len(differ) != 0 || !report.Balanced() || report.Frames == 0 {
		b.Errorf("ledger and truth differ (%d frames, %d openings):\n%s", report.Frames, report.Openings, audited(differ))
	}
}

// checkPrinted looks for door 1 on the printed map and the page.
func (b *bench) checkPrinted() {
	b.Helper()
	var at world.Wire
	for _, w := range b.wires {
		if w.Door == 1 {
			at = w
		}
	}
	for page, want := range map[bool]string{
		false: fmt.Sprintf("\n    1  %-12s %5d %5d\n", at.Bus, at.Board, at.Index+1),
		true:  fmt.Sprintf(`<th scope="row">1</th><td>%s</td><td>%d</td><td>%d</td>`, at.Bus, at.Board, at.Index+1),
	} {
		var out strings.Builder
		b.must(printMap(b.load(), page, &out))
		if !strings.Contains(out.String(), want) {
			b.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}
