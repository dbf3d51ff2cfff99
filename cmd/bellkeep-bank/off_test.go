package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/nettest"
)

const onPins = `bank: a
kiosk: {name: front, listen: "%s"}
scanners:
  - {kiosk: front, input: /dev/input/by-id/none}
buses:
  - name: pins
    driver: gpio
    trigger: active-low
    polarity: set-is-open
    pull: up
    chips: [{label: no-such-chip, relays: [GPIO17], contacts: [GPIO5]}]
doors:
  - {numbers: 1, bus: pins, board: 0, lock: 1}
`

// bankOnPins starts a bank on pins, which this machine has not, and gives the
// process with what it and its guard say.
func bankOnPins(t *testing.T) (*exec.Cmd, *output) {
	t.Helper()
	if err := built(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "bank-a.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, onPins, nettest.Free(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	said := &output{}
	bank := exec.Command(filepath.Join(programsDir, "bellkeep-bank"), "run", "--config", config, "--data", filepath.Join(dir, "data"))
	bank.Stdout, bank.Stderr = said, said
	if err := bank.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); !strings.Contains(said.String(), "Kiosk page"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			_ = bank.Process.Kill()
			t.Fatalf("the bank did not start:\n%s", said)
		}
	}
	if strings.Contains(said.String(), unswitched) {
		t.Errorf("the guard did not wait:\n%s", said)
	}
	return bank, said
}

const unswitched = "The bank has ended and its relays could not be switched off"

// A bank is killed as nothing can prevent. Its guard outlives it and goes for
// the relays.
func TestGuardOutlivesABankThatIsKilled(t *testing.T) {
	t.Parallel()
	bank, said := bankOnPins(t)
	if err := bank.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = bank.Wait() // ends with the last that writes to said: the guard
	if !strings.Contains(said.String(), unswitched) {
		t.Errorf("the guard did nothing:\n%s", said)
	}
}

// A bank that ends as it should sends its guard home, and fails where that did.
func TestBankSendsItsGuardHome(t *testing.T) {
	t.Parallel()
	bank, said := bankOnPins(t)
	if err := bank.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := bank.Wait(); err == nil || !strings.Contains(said.String(), unswitched) {
		t.Errorf("the bank ended with %v:\n%s", err, said)
	}
}

func TestOffSaysWhatItCannotDo(t *testing.T) {
	config := filepath.Join(t.TempDir(), "bank-a.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, onPins, "127.0.0.1:0"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := options{config: config, devices: "/dev/serial/by-path"}
	if err := o.off(t.Context(), strings.NewReader("")); errs.CodeOf(err) == "" || errs.HintOf(err) == "" {
		t.Errorf("off = %v", err)
	}
	taken, broken := errs.New(errs.Conflict, "Taken.", ""), errs.New(errs.Unavailable, "Broken.", "")
	for err, want := range map[error]bool{taken: true, errors.Join(taken, taken): true, errors.Join(taken, broken): false, broken: false, io.EOF: false} {
		if inUse(err) != want {
			t.Errorf("%v: in use %v, want %v", err, !want, want)
		}
	}
}
