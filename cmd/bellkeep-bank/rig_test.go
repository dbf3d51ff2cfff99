package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/audit"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/nettest"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/testdata/schools"
)

// rig is a bank and the pretend world as two processes that share nothing but
// serial lines and what a person can read on the kiosk's page.
type rig struct {
	t        *testing.T
	dir      string
	programs string
	kiosk    string // address of the page
	wiring   string // of the world's boards
	world    *exec.Cmd
	worldOut *output
	bank     *exec.Cmd
	bankErr  *output
}

// newRig lays everything out. Phones come out of the doors for a day.
func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), programs: programsDir, wiring: "left:2,right:2:open:high-first", worldOut: &output{}, bankErr: &output{}}
	r.must(built())
	for _, sub := range []string{"school", "devices", "data"} {
		r.must(os.Mkdir(r.path(sub), 0o700))
	}
	r.kiosk = nettest.Free(t)
	r.layOut()
	t.Cleanup(func() { r.kill(r.world); r.kill(r.bank) })
	return r
}

// programsDir is where both programs are built, once for all tests.
var programsDir string

var built = sync.OnceValue(func() error {
	build := exec.Command("go", "build", "-o", programsDir, "github.com/bellkeep/bellkeep/cmd/bellkeep", "github.com/bellkeep/bellkeep/cmd/bellkeep-bank")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, out)
	}
	return nil
})

func TestMain(m *testing.M) {
	var err error
	if programsDir, err = os.MkdirTemp("", "bellkeep-programs-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(programsDir) // the system clears what is left there
	os.Exit(code)
}

// layOut writes the files of a bank.
func (r *rig) layOut() {
	r.t.Helper()
	for _, name := range []string{"school.yaml", "roll.csv", "badges.csv", "sheet.csv", "bank-a.yaml"} {
		text, err := schools.Files.ReadFile("mill-lane/" + name)
		r.must(err)
		text = bytes.ReplaceAll(text, []byte("127.0.0.1:8081"), []byte(r.kiosk))
		text = bytes.ReplaceAll(text, []byte("pulse_gap: 300ms"), []byte("pulse_gap: 0s"))
		r.must(os.WriteFile(r.path("school", name), text, 0o600))
	}
	s, err := roster.Load(r.path("school"))
	r.must(err)
	r.writeJSON("directory.json", s.Directory(1))
	now := time.Now()
	r.writeJSON("plan.json", school.Plan{Version: 1, Windows: []school.Window{{Use: school.Collection, From: now, Until: now.Add(24 * time.Hour)}}})
}

func (r *rig) writeJSON(name string, content any) {
	r.t.Helper()
	data, err := json.Marshal(content)
	r.must(err)
	r.must(os.WriteFile(r.path("data", name), data, 0o600))
}

func (r *rig) path(parts ...string) string {
	return filepath.Join(append([]string{r.dir}, parts...)...)
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// rush is held by the one test that plays one: pupils are quicker than a bank that
// shares its processor with other rushes can look.
var rush sync.Mutex

// awaitTurn waits until no other test plays a rush.
func (r *rig) awaitTurn() {
	rush.Lock()
	r.t.Cleanup(rush.Unlock)
}

// startWorld lets all pupils deposit and collect, rounds times, gap apart.
func (r *rig) startWorld(rounds int, gap time.Duration) {
	r.t.Helper()
	r.awaitTurn()
	r.world = exec.Command(filepath.Join(r.programs, "bellkeep"), "world",
		"--truth", r.path("truth.jsonl"), "--dir", r.path("devices"), "--badges", r.path("school", "sheet.csv"),
		"--wiring", r.wiring, "--doors", "64", "--kiosk", "front=http://"+r.kiosk,
		"--rush", fmt.Sprint(rounds), "--gap", gap.String())
	r.world.Stdout, r.world.Stderr = r.worldOut, r.worldOut
	r.must(r.world.Start())
	r.await("the scanner's line", func() bool {
		_, err := os.Stat(r.path("devices", "scanner-front"))
		return err == nil
	})
}

func (r *rig) bankArgs() []string {
	return []string{filepath.Join(r.programs, "bellkeep-bank"), "run", "--assume-time-trusted",
		"--config", r.path("school", "bank-a.yaml"), "--data", r.path("data"), "--devices", r.path("devices")}
}

// startBank starts the bank, behind another program where one is named.
func (r *rig) startBank(behind ...string) {
	r.t.Helper()
	args := append(behind, r.bankArgs()...)
	r.bank = exec.Command(args[0], args[1:]...)
	r.bank.Stderr = r.bankErr
	r.must(r.bank.Start())
}

// kill ends a process of the rig as a power cut would.
func (r *rig) kill(c *exec.Cmd) {
	if c == nil || c.ProcessState != nil {
		return
	}
	_ = c.Process.Kill() // it may have ended by itself
	_ = c.Wait()
}

// killRunning ends the bank as a power cut would, and reports whether it was
// still running by then.
func (r *rig) killRunning() bool {
	_ = r.bank.Process.Kill() // whether it was there is told by how it ended
	var exit *exec.ExitError
	if !errors.As(r.bank.Wait(), &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// stop ends the bank in an orderly way.
func (r *rig) stop() {
	r.t.Helper()
	r.must(r.bank.Process.Signal(syscall.SIGTERM))
	if err := r.bank.Wait(); err != nil {
		r.t.Fatalf("the bank ended with %v\n%s", err, r.bankErr)
	}
}

// rushEnds waits until everybody is done and the bank has seen the last door
// shut.
func (r *rig) rushEnds(within time.Duration) {
	r.t.Helper()
	r.awaitFor(within, "the end of the rush", func() bool { return strings.Contains(r.worldOut.String(), "played;") })
	time.Sleep(2 * time.Second) // for the last door to be read: the bank is another process
}

func (r *rig) await(what string, ready func() bool) {
	r.t.Helper()
	r.awaitFor(time.Minute, what, ready)
}

func (r *rig) awaitFor(within time.Duration, what string, ready func() bool) {
	r.t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); {
		if ready() {
			return
		}
		time.Sleep(25 * time.Millisecond) // another process: there is no clock to fake
	}
	r.t.Fatalf("%s did not come\n%s\n%s", what, r.worldOut, r.bankErr)
}

// compare holds the bank's ledger against the truth.
func (r *rig) compare() audit.Report {
	r.t.Helper()
	log, err := boltlog.Open(r.path("data", "ledger"), boltlog.Options{Writer: "a"})
	r.must(err)
	defer log.Close()
	return r.compareWith(log)
}

// compareWith holds ledgers against the truth, the oldest first.
func (r *rig) compareWith(logs ...audit.Log) audit.Report {
	r.t.Helper()
	file, err := os.Open(r.path("truth.jsonl"))
	r.must(err)
	defer file.Close()
	truth, err := world.ReadTruth(file)
	r.must(err)
	c, err := cabinet.Load(r.path("school", "bank-a.yaml"), r.path("devices"))
	r.must(err)
	report, err := audit.Compare(context.Background(), c.Setup, truth, logs...)
	r.must(err)
	return report
}

// story tells what truth and ledger say of one pupil.
func (r *rig) story(pupil string) string {
	var text strings.Builder
	truth, err := os.ReadFile(r.path("truth.jsonl"))
	r.must(err)
	for line := range strings.Lines(string(truth)) {
		if strings.Contains(line, pupil) {
			text.WriteString(line)
		}
	}
	log, err := boltlog.Open(r.path("data", "ledger"), boltlog.Options{Writer: "a"})
	r.must(err)
	defer log.Close()
	r.must(log.Read(context.Background(), 0, func(rec ledger.Record) error {
		if strings.Contains(string(rec.Leaf), pupil) || rec.Kind == "started" {
			fmt.Fprintf(&text, "%s\n", rec.Leaf)
		}
		return nil
	}))
	return text.String()
}

// output is what a process has printed so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func audited(rows []audit.Row) string {
	var text strings.Builder
	for _, row := range rows {
		fmt.Fprintln(&text, row)
	}
	return text.String()
}
