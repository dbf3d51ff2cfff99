// Package watchdog vouches for a program: it tells the service manager that the
// program is ready, and from then on that it is alive, but only while each of
// the loops that the program lives by has gone round within its bound. A ticker
// of its own would go on ticking in a program that does nothing any more.
//
// What is said are datagrams of text to the socket that NOTIFY_SOCKET names, as
// sd_notify(3) has them: READY=1 once, WATCHDOG=1 four times within WATCHDOG_USEC,
// STOPPING=1 at the end.
package watchdog

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Watch is what a program's loops report to. A nil Watch watches nothing.
type Watch struct {
	mu    sync.Mutex
	loops []*Loop

	once  sync.Once
	ready chan struct{}
}

// New makes a watch of a program that is not ready yet and has no loops.
func New() *Watch { return &Watch{ready: make(chan struct{})} }

// Loop is one loop that must go round.
type Loop struct {
	name  string
	bound time.Duration
	watch *Watch

	mu   sync.Mutex
	last time.Time
}

// Loop takes a loop under watch that says Round at least once in bound, or it is
// late. name is for the log.
func (w *Watch) Loop(name string, bound time.Duration) *Loop {
	if w == nil {
		return nil
	}
	l := &Loop{name: name, bound: bound, watch: w, last: time.Now()}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.loops = append(w.loops, l)
	return l
}

// Round says that the loop has come round. A nil Loop is not watched.
func (l *Loop) Round() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = time.Now()
}

// End says that the loop has ended as it should, and is waited for no more.
func (l *Loop) End() {
	if l == nil {
		return
	}
	l.watch.mu.Lock()
	defer l.watch.mu.Unlock()
	l.watch.loops = slices.DeleteFunc(l.watch.loops, func(other *Loop) bool { return other == l })
}

func (l *Loop) late(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return now.Sub(l.last) > l.bound
}

// Late names the loops that have not come round within their bound.
func (w *Watch) Late(now time.Time) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var names []string
	for _, l := range w.loops {
		if l.late(now) {
			names = append(names, l.name)
		}
	}
	return names
}

// Ready says that the program does what it is for. Later calls change nothing.
func (w *Watch) Ready() {
	if w != nil {
		w.once.Do(func() { close(w.ready) })
	}
}

// Manager is who started the program and wants to know how it is.
type Manager struct {
	Say    func(state string) error
	Within time.Duration // in which it must hear that all is well; 0: it does not ask
}

// Systemd is the manager that the environment names. One that is not there hears
// nothing.
func Systemd() (Manager, error) {
	within, err := daemon.SdWatchdogEnabled(false)
	return Manager{Within: within, Say: func(state string) error {
		_, err := daemon.SdNotify(false, state)
		return err
	}}, err
}

// Tell keeps the manager told until ctx ends. A manager that cannot be reached
// will end the program by itself, so that is only logged.
func (w *Watch) Tell(ctx context.Context, m Manager) {
	if w == nil {
		return
	}
	defer m.say(daemon.SdNotifyStopping)
	select {
	case <-w.ready:
		m.say(daemon.SdNotifyReady)
	case <-ctx.Done():
		return
	}
	if m.Within <= 0 {
		<-ctx.Done()
		return
	}
	feeding := time.NewTicker(m.Within / 4)
	defer feeding.Stop()
	for {
		w.feed(m)
		select {
		case <-feeding.C:
		case <-ctx.Done():
			return
		}
	}
}

func (w *Watch) feed(m Manager) {
	if late := w.Late(time.Now()); len(late) > 0 {
		slog.Error("something hangs; unless it moves, the bank is about to be started again", "what", strings.Join(late, ", "))
		return
	}
	m.say(daemon.SdNotifyWatchdog)
}

func (m Manager) say(state string) {
	if err := m.Say(state); err != nil {
		slog.Warn("the service manager cannot be told", "what", state, "err", err)
	}
}
