package boltlog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
	"go.etcd.io/bbolt"
)

// failFrom makes every commit from the nth on fail with err. It must be set
// before the first append.
func failFrom(l *Log, n int, err error) {
	l.commit = func(tx *bbolt.Tx) error {
		if n--; n <= 0 {
			return err
		}
		return tx.Commit()
	}
}

func TestFailedCommitEndsTheLog(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	failFrom(l, 3, errors.New("input/output error"))
	ledgertest.Fill(t, l, 2)
	for range 3 {
		_, err := l.Append(context.Background(), ledgertest.Entry(3))
		if errs.CodeOf(err) != errs.Unavailable || !strings.Contains(err.Error(), "recorded so far is safe") || errs.HintOf(err) == "" {
			t.Fatalf("append on a dead log: %v", err)
		}
	}
	<-l.Failed()
	if l.Err() == nil || l.Size() != 3 {
		t.Fatalf("err %v, size %d", l.Err(), l.Size())
	}
	if err := l.Wait(context.Background(), 3); err == nil {
		t.Fatal("Wait does not see that the log died")
	}
	if err := l.Close(); err == nil {
		t.Fatal("Close hides the failure")
	}
	l = mustOpen(t, dir)
	defer ledgertest.MustClose(t, l)
	if l.Size() != 3 {
		t.Fatalf("size is %d after the restart", l.Size())
	}
	ledgertest.Fill(t, l, 1)
}

func TestFailureReachesAllCallers(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	failFrom(l, 5, errors.New("input/output error"))
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for {
				if _, err := l.Append(context.Background(), ledgertest.Entry(1)); err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	if l.Close() == nil {
		t.Fatal("Close hides the failure")
	}
}

func TestFullDiskReleasesTheReserve(t *testing.T) {
	for _, full := range []error{
		fmt.Errorf("write: %w", syscall.ENOSPC),
		fmt.Errorf("file resize error: %s", syscall.EFBIG), // as bbolt words it
		fmt.Errorf("write: %w", syscall.EDQUOT),
	} {
		t.Run(full.Error(), func(t *testing.T) {
			l := mustOpen(t, t.TempDir())
			failFrom(l, 1, full)
			_, err := l.Append(context.Background(), ledgertest.Entry(1))
			if err == nil || !strings.Contains(err.Error(), "disk is full") || !strings.Contains(errs.HintOf(err), "Free some space") {
				t.Fatalf("append: %v (%s)", err, errs.HintOf(err))
			}
			if _, err := os.Stat(l.Name().reservePath()); !errors.Is(err, os.ErrNotExist) {
				t.Fatalf("the reserve is still there: %v", err)
			}
			if l.Close() == nil {
				t.Fatal("Close hides the failure")
			}
		})
	}
	l := mustOpen(t, t.TempDir())
	failFrom(l, 1, syscall.EIO)
	if _, err := l.Append(context.Background(), ledgertest.Entry(1)); err == nil {
		t.Fatal("appended")
	}
	if _, err := os.Stat(l.Name().reservePath()); err != nil {
		t.Fatalf("a disk that is not full cost the reserve: %v", err)
	}
	l.Close()
}

func TestClosedLogRefuses(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	ledgertest.MustClose(t, l)
	if _, err := l.Append(context.Background(), ledgertest.Entry(1)); errs.CodeOf(err) != errs.Unavailable {
		t.Fatalf("append: %v", err)
	}
	select {
	case <-l.Failed():
		t.Fatal("a clean close counts as a failure")
	default:
	}
	if l.Err() != nil {
		t.Fatal(l.Err())
	}
}

// What was queued before Close is recorded, what comes later is refused; no
// call is left hanging.
func TestCloseUnderLoad(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	var mu sync.Mutex
	acked := uint64(0)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for {
				if _, err := l.Append(context.Background(), ledgertest.Entry(1)); err != nil {
					return
				}
				mu.Lock()
				acked++
				mu.Unlock()
			}
		})
	}
	if err := l.Wait(context.Background(), 100); err != nil {
		t.Fatal(err)
	}
	ledgertest.MustClose(t, l)
	wg.Wait()
	l = mustOpen(t, dir)
	defer ledgertest.MustClose(t, l)
	if l.Size() != 1+acked {
		t.Fatalf("%d records for %d acknowledged", l.Size()-1, acked)
	}
}
