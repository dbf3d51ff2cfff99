package bridge

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
	"github.com/bellkeep/bellkeep/hardware/scanner"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/health"
)

// socket is where a scanner is plugged in, and pulled out of.
type socket struct {
	mu   sync.Mutex
	line *hwtest.Line // nil while nothing is plugged in
}

func (s *socket) open(context.Context) (hardware.Scanner, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line == nil {
		return nil, errs.New(errs.NotFound, "There is no scanner.", "Plug it in.")
	}
	return scanner.New(s.line), nil
}

func (s *socket) plug() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line = hwtest.NewLine()
}

func (s *socket) pull() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line.Unplug()
	s.line = nil
}

func (s *socket) send(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line.Send([]byte(text))
}

// A bank with two scanners: what befalls one is nothing to the other, and one
// that comes back is read again, however long it was away.
func TestScannersComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &runtime{inputs: make(chan Input, 4), Config: Config{Equipment: NewEquipment()}}
		ctx, cancel := context.WithCancel(t.Context())
		left, right := &socket{}, &socket{}
		var wg sync.WaitGroup
		for name, s := range map[string]*socket{"left": left, "right": right} {
			s.plug()
			wg.Go(func() { r.scan(ctx, Reader{Kiosk: "front", Name: name, Open: s.open}) })
		}
		defer wg.Wait()
		defer cancel()
		want := func(s *socket, text string) {
			t.Helper()
			s.send(text + "\r")
			select {
			case in := <-r.inputs:
				if in.(Scanned).Line != text {
					t.Errorf("scanned %q, want %q", in.(Scanned).Line, text)
				}
			case <-time.After(time.Second):
				t.Errorf("%q was not read", text)
			}
		}
		want(left, "K7")
		want(right, "Q2")
		left.send("half a c")
		left.pull()
		want(right, "M3")
		time.Sleep(time.Hour)
		want(right, "M4")
		if away := r.Equipment.Problems(); !slices.Equal(away, []health.Problem{scannerLost("left")}) {
			t.Errorf("away are %+v", away)
		}
		left.plug()
		time.Sleep(reopenLast + time.Second)
		want(left, "K8")
		want(right, "M5")
		if away := r.Equipment.Problems(); away != nil {
			t.Errorf("away are %+v, and all are there", away)
		}
	})
}
