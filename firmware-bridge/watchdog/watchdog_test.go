package watchdog

import (
	"context"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// manager hears what it is told.
type manager struct {
	mu    sync.Mutex
	heard []string
}

func (m *manager) as(within time.Duration) Manager {
	return Manager{Within: within, Say: func(state string) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.heard = append(m.heard, state)
		return nil
	}}
}

func (m *manager) take() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	heard := m.heard
	m.heard = nil
	return heard
}

const within = 20 * time.Second

// watched is a program with one loop, which goes round every second while going
// is true.
func watched(t *testing.T, test func(w *Watch, m *manager, halt func())) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w, m := New(), &manager{}
		loop := w.Loop("left", 5*time.Second)
		going := time.NewTicker(time.Second)
		var all sync.WaitGroup
		all.Go(func() { w.Tell(ctx, m.as(within)) })
		all.Go(func() {
			for {
				select {
				case <-going.C:
					loop.Round()
				case <-ctx.Done():
					return
				}
			}
		})
		test(w, m, going.Stop)
		cancel()
		all.Wait()
		if got := m.take(); !slices.Equal(got, []string{"STOPPING=1"}) {
			t.Errorf("at the end it said %q", got)
		}
	})
}

func TestNothingIsSaidBeforeItIsReady(t *testing.T) {
	watched(t, func(w *Watch, m *manager, _ func()) {
		time.Sleep(time.Minute)
		if got := m.take(); got != nil {
			t.Errorf("said %q", got)
		}
		w.Ready()
		w.Ready()
		synctest.Wait()
		if got := m.take(); !slices.Equal(got, []string{"READY=1", "WATCHDOG=1"}) {
			t.Errorf("said %q", got)
		}
	})
}

func TestALoopThatGoesRoundIsVouchedFor(t *testing.T) {
	watched(t, func(w *Watch, m *manager, _ func()) {
		w.Ready()
		time.Sleep(within + time.Second)
		if got := m.take(); len(got) != 1+5 {
			t.Errorf("said %q in %v", got, within)
		}
	})
}

func TestALoopThatHangsIsNotVouchedFor(t *testing.T) {
	watched(t, func(w *Watch, m *manager, halt func()) {
		other := w.Loop("right", time.Hour)
		w.Ready()
		time.Sleep(time.Minute)
		halt()
		time.Sleep(5*time.Second + time.Millisecond)
		m.take()
		other.Round()
		time.Sleep(within)
		if got := m.take(); got != nil {
			t.Errorf("said %q while a loop hung", got)
		}
		if got := w.Late(time.Now()); !slices.Equal(got, []string{"left"}) {
			t.Errorf("late are %q", got)
		}
	})
}

func TestAManagerThatDoesNotAskIsNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		w, m := New(), &manager{}
		w.Ready()
		w.Tell(ctx, m.as(0))
		if got := m.take(); !slices.Equal(got, []string{"READY=1", "STOPPING=1"}) {
			t.Errorf("said %q", got)
		}
	})
}

func TestNobodyWatches(t *testing.T) {
	var w *Watch
	w.Ready()
	w.Loop("left", time.Second).Round()
	w.Loop("left", time.Second).End()
	w.Tell(t.Context(), Manager{})
}

func TestSystemdIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "20000000")
	t.Setenv("WATCHDOG_PID", "")
	m, err := Systemd()
	if err != nil || m.Within != within {
		t.Fatalf("within %v, %v", m.Within, err)
	}
	if err := m.Say("READY=1"); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	n, err := socket.Read(buf)
	if err != nil || string(buf[:n]) != "READY=1" {
		t.Errorf("heard %q, %v", buf[:n], err)
	}

	t.Setenv("NOTIFY_SOCKET", "")
	t.Setenv("WATCHDOG_USEC", "")
	if m, err = Systemd(); err != nil || m.Within != 0 || m.Say("READY=1") != nil {
		t.Errorf("without a manager: %v, %v", m.Within, err)
	}
}

// A loop that has ended as it was meant to is not late for ever.
func TestAnEndedLoopIsNotLate(t *testing.T) {
	w := New()
	l := w.Loop("bus left", time.Second)
	if late := w.Late(time.Now().Add(time.Minute)); len(late) != 1 {
		t.Errorf("late: %v", late)
	}
	l.End()
	if late := w.Late(time.Now().Add(time.Minute)); len(late) != 0 {
		t.Errorf("late after its end: %v", late)
	}
}
