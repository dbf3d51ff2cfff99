package boltlog

import (
	"bufio"
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
)

func child(role, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"="+role, childDir+"="+dir)
	return cmd
}

// killOnce lets the child write for a moment, kills it and returns what it had
// acknowledged.
func killOnce(t *testing.T, role, dir string, after time.Duration) (acked []string) {
	t.Helper()
	cmd := child(role, dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if acked = append(acked, lines.Text()); len(acked) == 1 {
			time.AfterFunc(after, func() { cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); len(acked) == 0 || cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the child was not killed at work: %v\n%s", err, &stderr)
	}
	return acked
}

// missing verifies the ledger, opens it as a restart would, and counts the
// acknowledged entries that are not in it.
func missing(t *testing.T, dir string, acked []string) int {
	t.Helper()
	n := Name{Dir: dir, Writer: "bank-a", Epoch: 1}
	if r := mustVerify(t, n, VerifyOptions{}); !r.OK() || r.Good != r.Size {
		t.Fatalf("after a kill: %+v", r)
	}
	l := mustOpen(t, dir)
	defer ledgertest.MustClose(t, l)
	there := map[string]bool{}
	for _, r := range ledgertest.MustRead(t, l, 0) {
		there[string(r.Body)] = true
	}
	lost := 0
	for _, body := range acked {
		if !there[body] {
			lost++
		}
	}
	return lost
}

const kills, killsPerLedger = 40, 5

func TestKillLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	var dir string
	var acked []string
	total := 0
	for i := range kills {
		if i%killsPerLedger == 0 {
			dir, acked = t.TempDir(), nil
		}
		acked = append(acked, killOnce(t, "write", dir, rand.N(20*time.Millisecond))...)
		if lost := missing(t, dir, acked); lost > 0 {
			t.Fatalf("kill %d: %d of %d acknowledged entries are missing", i, lost, len(acked))
		}
		total += len(acked)
	}
	t.Logf("%d kills, %d acknowledged entries looked for", kills, total)
}

// The test above would notice a writer that acknowledges before it commits.
func TestKillFindsEarlyAcknowledgement(t *testing.T) {
	t.Parallel()
	for range kills {
		dir := t.TempDir()
		acked := killOnce(t, "acknowledge early", dir, rand.N(10*time.Millisecond))
		if missing(t, dir, acked) > 0 {
			return
		}
	}
	t.Fatalf("%d kills and nothing was missing", kills)
}

// A limit on the size of files makes a real failed commit for every user.
func TestFullDiskStopsAndARestartRecovers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := child("file size limit", dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	var acked []string
	for line := range bytes.Lines(out) {
		acked = append(acked, string(bytes.TrimSpace(line)))
	}
	if lost := missing(t, dir, acked); lost > 0 || len(acked) < 10 {
		t.Fatalf("%d of %d acknowledged entries are missing", lost, len(acked))
	}
	l := mustOpen(t, dir)
	defer ledgertest.MustClose(t, l)
	if l.Alarm() != nil {
		t.Fatal(l.Alarm())
	}
	ledgertest.Fill(t, l, 500)
}

// The same with a disk that is really full, where the kernel lets this user
// mount one in a namespace of its own. Where it does not, the test above has
// shown all but the recording on the reserve's space.
func TestReallyFullDisk(t *testing.T) {
	t.Parallel()
	cmd := child("full tmpfs", t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Start()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL) {
		t.Logf("no namespace for this user: %v", err)
		return
	}
	if err == nil {
		err = cmd.Wait()
	}
	if err != nil && cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == mayNotMount {
		t.Log("this user may not mount, even in a namespace")
		return
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
}
