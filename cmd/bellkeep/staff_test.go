package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// hireHead puts a member of staff on the roll of a data folder.
func hireHead(t *testing.T, data string) {
	t.Helper()
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: time.Now()} }
	log, err := boltlog.Open(filepath.Join(data, "school-ledger"), boltlog.Options{Writer: "school", Stamp: stamp})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	kept, err := vault.Open(filepath.Join(data, "vault"))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	head := register.Entry{ID: "s-head", Kind: register.Staff, Details: register.Details{MIS: "m-17", Given: "Hedda", Family: "Head"}}
	if err := register.New(log, kept, stamp).Apply(t.Context(), "it", register.Changes{New: []register.Entry{head}}, register.Stated{}); err != nil {
		t.Fatal(err)
	}
}

// runServer runs the server of a data folder until the test ends.
func runServer(t *testing.T, data string) {
	t.Helper()
	s, err := roster.Load(millLane(t))
	if err != nil {
		t.Fatal(err)
	}
	srv, err := server.Open(t.Context(), server.Config{
		Dir: data, School: s, Names: []string{"127.0.0.1"}, MQTT: "127.0.0.1:0", Join: "127.0.0.1:0",
		Now: func() school.Instant { return school.Instant{Wall: time.Now(), Trusted: true, Boot: "test"} },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err = srv.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		if <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	for { // the socket is made by another goroutine
		if err := control.Ask(t.Context(), data, "/staff", struct{}{}, new([]server.StaffLine)); errs.CodeOf(err) != errs.Unavailable {
			return
		}
		select {
		case <-ended:
			t.Fatal("the server ended before it answered")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// setPIN runs staff pin with something on its standard input.
func setPIN(t *testing.T, typed string, args ...string) (stdout string, err error) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	if _, err := write.WriteString(typed); err != nil {
		t.Fatal(err)
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = staffPIN(t.Context(), args, read, &out)
	return out.String(), err
}

// A member of staff gets a badge like anybody else, and a PIN.
func TestStaffFromBadgeToPIN(t *testing.T) {
	data := schoolData(t)
	hireHead(t, data)
	if _, err := setPIN(t, "271828\n", "s-head", "--data", data); errs.CodeOf(err) != errs.Unavailable || errs.HintOf(err) == "" {
		t.Errorf("without a server: %v", err)
	}
	if code, _, stderr := bellkeep(t, "badges", "issue", "--person", "s-head", "--out", filepath.Join(data, "head.pdf"), "--name", "--data", data); code != 0 {
		t.Fatalf("issuing a badge: %s", stderr)
	}
	runServer(t, data)
	if out, err := setPIN(t, "271828\n", "m-17", "--data", data); err != nil || !strings.Contains(out, "s-head may act") || strings.Contains(out, "271828") {
		t.Errorf("%q, %v", out, err)
	}
	for typed, person := range map[string]string{"123456\n": "s-head", "": "s-head", "271828\n": "p-ann"} {
		if _, err := setPIN(t, typed, person, "--data", data); err == nil || errs.HintOf(err) == "" {
			t.Errorf("%q for %s: %v", typed, person, err)
		}
	}
	code, out, _ := bellkeep(t, "staff", "list", "--data", data)
	if code != 0 || !strings.Contains(out, "m-17") || !strings.Contains(out, "Hedda Head") || !strings.Contains(out, "1      20") || strings.Contains(out, "p-ann") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	if out, err := setPIN(t, "", "s-head", "--remove", "--data", data); err != nil || !strings.Contains(out, "no PIN any more") {
		t.Errorf("%q, %v", out, err)
	}
}

func TestStaffMisuse(t *testing.T) {
	for _, args := range [][]string{{"staff"}, {"staff", "fire"}, {"staff", "pin", "s-head"}, {"staff", "pin", "--data", "x"}, {"staff", "list"}} {
		if code, _, stderr := bellkeep(t, args...); code != 2 || stderr == "" {
			t.Errorf("%v: exit code %d, %s", args, code, stderr)
		}
	}
	if code, out, _ := bellkeep(t, "staff", "pin", "--help"); code != 0 || !strings.Contains(out, "Examples:") {
		t.Errorf("help: exit code %d\n%s", code, out)
	}
}
