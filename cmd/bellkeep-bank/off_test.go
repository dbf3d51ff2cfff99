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

// A bank on pins is killed as nothing can prevent. Its guard outlives it and
// goes for the relays, which this machine has not, and says so.
func TestGuardOutlivesABankThatIsKilled(t *testing.T) {
	t.Parallel()
	if err := built(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "bank-a.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, onPins, freeAddress(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	said := &output{}
	bank := exec.Command(filepath.Join(programsDir, "bellkeep-bank"), "run", "--config", config, "--data", filepath.Join(dir, "data"))
	bank.Stdout, bank.Stderr = said, said
	if err := bank.Start(); err != nil {
		t.Fatal(err)
	}
	await := func(what string) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !strings.Contains(said.String(), what); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				_ = bank.Process.Kill()
				t.Fatalf("%q was not said:\n%s", what, said)
			}
		}
	}
	await("Kiosk page")
	if strings.Contains(said.String(), "relays could not be switched off") {
		t.Errorf("the guard did not wait:\n%s", said)
	}
	if err := bank.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await("relays could not be switched off; a coil may have current")
	_ = bank.Wait() // ends with the last that writes to said: the guard
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
