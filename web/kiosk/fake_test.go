package kiosk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

// bank is a pretend runtime: screens are shown by the test.
type bank struct {
	mu    sync.Mutex
	n     uint64
	now   locker.Screen
	news  chan struct{}
	helps int
	fail  error
	staff []string      // what staff did
	acted chan struct{} // one for each of it
}

func newBank(s locker.Screen) *bank {
	return &bank{n: 1, now: s, news: make(chan struct{}), acted: make(chan struct{}, 64)}
}

func (b *bank) show(s locker.Screen) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n++
	b.now = s
	close(b.news)
	b.news = make(chan struct{})
}

func (b *bank) Next(ctx context.Context, after uint64) (uint64, locker.Screen, error) {
	for {
		b.mu.Lock()
		n, now, news := b.n, b.now, b.news
		b.mu.Unlock()
		if ctx.Err() == nil && n > after {
			return n, now, nil
		}
		select {
		case <-ctx.Done():
			return 0, locker.Screen{}, ctx.Err()
		case <-news:
		}
	}
}

func (b *bank) Help(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.helps++
	return b.fail
}

func (b *bank) PIN(_ context.Context, pin string) error { return b.did("PIN " + pin) }
func (b *bank) Wish(_ context.Context, w locker.Wish) error {
	return b.did(strings.TrimSpace(fmt.Sprintf("%s %d %s%s%s", w.Kind, w.Door, w.Reason, w.Class, w.Keys)))
}
func (b *bank) Answer(_ context.Context, kind string, number int) error {
	return b.did(fmt.Sprintf("%s %d", kind, number))
}
func (b *bank) Leave(context.Context) error { return b.did("leave") }

func (b *bank) did(what string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.staff = append(b.staff, what)
	b.acted <- struct{}{}
	return b.fail
}

// deeds is what staff did since the last time it was asked.
func (b *bank) deeds() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	did := strings.Join(b.staff, ", ")
	b.staff = nil
	return did
}

func (b *bank) asked() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.helps
}

func handler(t *testing.T, b *bank) http.Handler {
	return logged(t, b, slog.DiscardHandler)
}

func logged(t *testing.T, b *bank, log slog.Handler) http.Handler {
	t.Helper()
	h, err := New(Config{Bank: "Bank A", Screens: b, Helper: b, Staff: b, Now: time.Now, Log: slog.New(log)})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

var errBroken = errors.New("broken")

// pupilScreens is every screen a bank may show to a pupil.
var pupilScreens = []locker.Screen{
	{Word: locker.Scan},
	{Word: locker.LeaveNow},
	{Word: locker.Starting},
	{Word: locker.PutIn, Door: 12},
	{Word: locker.TakeOut, Door: 117},
	{Word: locker.Again, Door: 7},
	{Word: locker.ShutDoor, Door: 48},
	{Word: locker.AlreadyIn},
	{Word: locker.Keep},
	{Word: locker.Office},
	{Word: locker.Unreadable},
	{Word: locker.Stuck, Door: 117},
	{Word: locker.Full},
	{Word: locker.OtherBank, Bank: "B"},
	{Word: locker.Empty, Door: 12},
}

// staffScreens is every screen it may show to staff, and where they type
// nothing: they are built like the others.
var staffScreens = []locker.Screen{
	{Word: locker.PINWait},
	{Word: locker.WindowOpen},
	{Word: locker.WindowShut},
	{Word: locker.Release, Door: 88},
	{Word: locker.AlarmSounds},
	{Word: locker.NothingThere},
	{Word: locker.Wait},
}

// itemScreens is every screen about items and holds: their doors have the
// longest numbers.
var itemScreens = []locker.Screen{
	{Word: locker.PutDevice, Door: 1003},
	{Word: locker.DoorHeld, Door: 1102},
}

// joiningScreens is every screen of a bank without a school.
var joiningScreens = []locker.Screen{
	{Word: locker.Joining},
	{Word: locker.JoiningNow},
	{Word: locker.Joined},
	{Word: locker.NotReady},
	{Word: locker.JoinRefused,
		Says: "The school's server at lockers.north-campus.elmfield-academy.school.example:8443 cannot be reached.",
		Next: "Check the network cable and that the server is running, then try again; a joining code holds for 30 minutes."},
	{Word: locker.Superseded,
		Says: "Another computer has taken this one's place as bank north-campus.",
		Next: "Turn it off. To use it again, start it and hold a new joining code to its scanner."},
}

// keypads is every screen that staff type at.
var keypads = []locker.Screen{
	{Word: locker.AskPIN},
	{Word: locker.PINWrong},
	{Word: locker.StaffMenu, Offer: locker.WishWindow, Has: everyClass, Map: true, Fire: locker.WishEvacuate},
	{Word: locker.StaffMenu, Has: locker.Classes{Pupil: true}},
	{Word: locker.StaffMenu, Has: locker.Classes{Confiscation: true}},
	{Word: locker.StaffMenu, Fire: locker.WishAllClear},
	{Word: locker.StaffMenu, Offer: locker.WishEnd, Has: locker.Classes{Pupil: true}},
}

var everyClass = locker.Classes{Pupil: true, Confiscation: true, Evidence: true}
