//go:build bench

package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

const (
	program = "/bellkeep-bank"
	page    = "127.0.0.1:8081"
)

const bankFile = `bank: a
allotment: fixed
kiosk: {name: front, listen: "` + page + `"}
scanners:
  - {kiosk: front, port: scanner, baud: 9600}
buses:
  - name: by-low
    driver: gpio
    trigger: active-low
    polarity: set-is-open
    pull: up
    chips: [{label: ` + lowChip + `, relays: [GPIO17, GPIO27, GPIO22, GPIO23], contacts: [GPIO5, GPIO6, GPIO12, GPIO13]}]
  - name: by-high
    driver: gpio
    trigger: active-high
    polarity: set-is-open
    pull: up
    chips: [{label: ` + highChip + `, relays: [GPIO17, GPIO27, GPIO22, GPIO23], contacts: [GPIO5, GPIO6, GPIO12, GPIO13]}]
doors:
  - {numbers: 1-4, bus: by-low, board: 0, lock: 1}
  - {numbers: 5-8, bus: by-high, board: 0, lock: 1}
`

// settling is longer than a bank takes to believe what stands as it is.
const settling = time.Second

// usualPulse is what the file above does not say.
const usualPulse = 300 * time.Millisecond

// bank is the program of a bank, with what it needs.
type bank struct {
	t    *testing.T
	dir  string
	cmd  *exec.Cmd
	said *output
}

// newBank lays out a bank at which pupil n has door n, and phones come out of
// the doors all day.
func newBank(t *testing.T, file string) *bank {
	t.Helper()
	b := &bank{t: t, dir: t.TempDir(), said: &output{}}
	b.save("bank.yaml", []byte(file))
	directory := locker.Directory{Version: 1, Badges: map[school.BadgeHash]locker.BadgeEntry{}, People: map[string]locker.Place{}}
	for n := 1; n <= 16; n++ {
		directory.Badges[token(n).Hash()] = locker.BadgeEntry{Person: pupil(n)}
		directory.People[pupil(n)] = locker.Place{Bank: "a", Door: n}
	}
	b.saveJSON("directory.json", directory)
	b.saveJSON("plan.json", school.Plan{Version: 1, Windows: []school.Window{
		{Use: school.Collection, From: time.Now().Add(-time.Hour), Until: time.Now().Add(24 * time.Hour)},
	}})
	return b
}

func pupil(n int) string             { return fmt.Sprintf("p-%03d", n) }
func token(n int) school.Token       { return school.Token{byte(n)} }
func badge(n int) string             { return token(n).Badge() }
func (b *bank) path(n string) string { return b.dir + "/" + n }

func (b *bank) saveJSON(name string, content any) {
	b.t.Helper()
	text, err := json.Marshal(content)
	if err != nil {
		b.t.Fatal(err)
	}
	b.save(name, text)
}

func (b *bank) save(name string, text []byte) {
	b.t.Helper()
	if err := os.WriteFile(b.path(name), text, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// start starts the program and waits until it has looked at every door.
func (b *bank) start() {
	b.t.Helper()
	b.cmd = exec.Command(program, "run", "--assume-time-trusted", "--config", b.path("bank.yaml"), "--data", b.dir, "--devices", byPath)
	b.cmd.Stdout, b.cmd.Stderr = b.said, b.said
	if err := b.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		if b.cmd.ProcessState == nil {
			_ = b.cmd.Process.Kill()
			_ = b.cmd.Wait()
		}
		if b.t.Failed() {
			b.t.Logf("the bank said:\n%s", b.said)
			for n := 1; n <= 8; n++ {
				if list := b.events(n); len(list) > 0 {
					b.t.Logf("on record of door %d: %+v", n, list)
				}
			}
		}
	})
	await(b.t, 20*time.Second, "the bank's page", func() bool { return b.said.says("Kiosk page") })
	time.Sleep(settling)
}

// shows waits for a screen.
func (b *bank) shows(word locker.Word, door int) {
	b.t.Helper()
	var last locker.Screen
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if now, err := b.screen(); err == nil {
			last = now
		}
		if last.Word == word && last.Door == door {
			return
		}
	}
	b.t.Fatalf("the kiosk shows %+v, not %s %d", last, word, door)
}

func (b *bank) screen() (s locker.Screen, err error) {
	res, err := http.Get("http://" + page + "/screen?after=0")
	if err != nil {
		return s, err
	}
	defer res.Body.Close()
	return s, json.NewDecoder(res.Body).Decode(&s)
}

// kill ends the program as nothing can prevent, and waits for its guard.
func (b *bank) kill() {
	b.t.Helper()
	if err := b.cmd.Process.Kill(); err != nil {
		b.t.Fatal(err)
	}
	_ = b.cmd.Wait() // ends with the last that writes to said: the guard
}

// stop ends the program in an orderly way.
func (b *bank) stop() {
	b.t.Helper()
	if err := b.end(); err != nil {
		b.t.Errorf("the bank ended with %v", err)
	}
}

func (b *bank) end() error {
	b.t.Helper()
	if err := b.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		b.t.Fatal(err)
	}
	return b.cmd.Wait()
}

// events are what the bank has on record of a door, once it has ended.
func (b *bank) events(door int) (list []locker.Event) {
	b.t.Helper()
	log, err := boltlog.Open(b.path("ledger"), boltlog.Options{Writer: "a"})
	if err != nil {
		b.t.Fatal(err)
	}
	defer log.Close()
	err = log.Read(context.Background(), 0, func(r ledger.Record) error {
		e, err := record.Event(r)
		if e.Door == door {
			list = append(list, e)
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

// tells fails the test unless the bank has these kinds on record of a door, in
// that order.
func (b *bank) tells(door int, kinds ...locker.Kind) []locker.Event {
	b.t.Helper()
	list := b.events(door)
	var got []locker.Kind
	for _, e := range list {
		got = append(got, e.Kind)
	}
	if fmt.Sprint(got) != fmt.Sprint(kinds) {
		b.t.Errorf("on record of door %d: %v, want %v", door, got, kinds)
	}
	return list
}

// output is what a program has said so far.
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

func (o *output) says(what string) bool { return strings.Contains(o.String(), what) }
