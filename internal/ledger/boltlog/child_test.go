package boltlog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
)

// The test binary starts itself as a child process that may be killed or run
// out of disk. childRole chooses what the child does in childDir.
const (
	childRole = "BOLTLOG_TEST_CHILD"
	childDir  = "BOLTLOG_TEST_DIR"

	mayNotMount = 3 // the child's exit code
)

func TestMain(m *testing.M) {
	dir := os.Getenv(childDir)
	var err error
	switch os.Getenv(childRole) {
	case "":
		os.Exit(m.Run())
	case "write":
		err = writeUntilKilled(dir, func(l *Log, e ledger.Entry) error {
			if _, err := l.Append(context.Background(), e); err != nil {
				return err
			}
			return acknowledge(e)
		})
	case "acknowledge early":
		err = writeUntilKilled(dir, func(l *Log, e ledger.Entry) error {
			if err := acknowledge(e); err != nil {
				return err
			}
			_, err := l.Append(context.Background(), e)
			return err
		})
	case "copy":
		err = copyUntilKilled(dir, false)
	case "copy, acknowledge early":
		err = copyUntilKilled(dir, true)
	case "file size limit":
		err = runIntoFileSizeLimit(dir)
	case "full tmpfs":
		err = runIntoFullDisk(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// acknowledge tells the parent, in one write, that e counts as recorded.
func acknowledge(e ledger.Entry) error {
	_, err := os.Stdout.WriteString(string(e.Body) + "\n")
	return err
}

const childWriters = 8

func writeUntilKilled(dir string, write func(*Log, ledger.Entry) error) error {
	l, err := Open(dir, Options{Writer: "bank-a"})
	if err != nil {
		return err
	}
	first := int(l.Size()) * childWriters // larger than any number used before
	fault := make([]error, childWriters)
	var wg sync.WaitGroup
	for w := range childWriters {
		wg.Go(func() {
			for n := first + w; fault[w] == nil; n += childWriters {
				fault[w] = write(l, ledgertest.Entry(n))
			}
		})
	}
	wg.Wait()
	return errors.Join(fault...)
}

// fillUp appends until the log dies and acknowledges what was recorded.
func fillUp(l *Log) error {
	for n := 1; ; n++ {
		e := ledgertest.Entry(n)
		if _, err := l.Append(context.Background(), e); err != nil {
			if !strings.Contains(err.Error(), "disk is full") {
				return fmt.Errorf("append failed otherwise: %w", err)
			}
			<-l.Failed()
			if _, err := os.Stat(l.Name().reservePath()); !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("the reserve is still there: %v", err)
			}
			l.Close() // returns the failure just seen
			return nil
		}
		if err := acknowledge(e); err != nil {
			return err
		}
	}
}

func runIntoFileSizeLimit(dir string) error {
	l, err := Open(dir, Options{Writer: "bank-a"})
	if err != nil {
		return err
	}
	limit := syscall.Rlimit{Cur: 200 << 10, Max: 200 << 10}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	return fillUp(l)
}

// runIntoFullDisk plays the whole story on a small file system of its own:
// full, dead, restarted, recording on the space that the reserve gave back.
func runIntoFullDisk(dir string) error {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); errors.Is(err, os.ErrPermission) {
		os.Exit(mayNotMount)
	} else if err != nil {
		return err
	}
	l, err := Open(dir, Options{Writer: "bank-a"})
	if err != nil {
		return err
	}
	if l.Alarm() != nil {
		return l.Alarm()
	}
	free, err := freeSpace(dir)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "filler"), make([]byte, free-300<<10), 0o600); err != nil {
		return err
	}
	if err := fillUp(l); err != nil {
		return err
	}
	size := l.Size()
	if l, err = Open(dir, Options{Writer: "bank-a"}); err != nil {
		return fmt.Errorf("restart on the full disk: %w", err)
	}
	if l.Alarm() == nil || l.Size() < size {
		return fmt.Errorf("after the restart: alarm %v, size %d of %d", l.Alarm(), l.Size(), size)
	}
	for n := range 500 {
		if _, err := l.Append(context.Background(), ledgertest.Entry(n)); err != nil {
			return fmt.Errorf("record %d on the reserve's space: %w", n, err)
		}
	}
	if err := l.Close(); err != nil {
		return err
	}
	r, err := Verify(context.Background(), l.Name().Path(), VerifyOptions{})
	return errors.Join(err, r.Err())
}
