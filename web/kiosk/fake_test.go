package kiosk

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
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
}

func newBank(s locker.Screen) *bank {
	return &bank{n: 1, now: s, news: make(chan struct{})}
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
	h, err := New(Config{Bank: "Bank A", Screens: b, Helper: b, Now: time.Now, Log: slog.New(log)})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

var errBroken = errors.New("broken")

// allScreens is every screen a bank may show.
var allScreens = []locker.Screen{
	{Word: locker.Scan},
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
