package view

import (
	"context"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// What a bank went by before it fell back to an older version counts no more,
// and since when it holds is told from the last time it came into force.
func TestReached(t *testing.T) {
	var list []InForce
	for i, version := range []uint64{3, 5, 6, 4, 6, 7} {
		list = append(list, InForce{version, dawn.Add(time.Duration(i) * time.Hour)})
	}
	for _, c := range []struct {
		entries int
		version uint64
		since   int // index of the entry; -1 for not in force
	}{
		{0, 0, -1}, {3, 3, 0}, {3, 4, 1}, {3, 6, 2}, {3, 7, -1},
		{4, 5, -1}, {4, 4, 1}, {6, 5, 4}, {6, 6, 4}, {6, 7, 5}, {6, 3, 0},
	} {
		got, ok := reached(list[:c.entries], c.version)
		if ok != (c.since >= 0) || ok && got != list[c.since] {
			t.Errorf("version %d after %d entries: %v, %v", c.version, c.entries, got, ok)
		}
	}
}

// A record that nobody can understand is counted, over a snapshot too, and does
// not hide what comes after it.
func TestAlienRecordIsPassedOver(t *testing.T) {
	log, err := memlog.New("a", func() time.Time { return dawn })
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []ledger.Entry{
		{Kind: string(locker.InForce), Body: []byte(`{"directory":"the newest"}`)},
		{Kind: string(locker.InForce), Body: []byte(`{"directory":7}`)},
	} {
		e.Stamp.Wall = dawn
		if _, err := log.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	rules := locker.Rules{Directory: &locker.Directory{}}
	setup := locker.Setup{Bank: "a", Doors: []int{1}}
	now := func() school.Instant { return school.Instant{Wall: dawn} }
	live := NewLive(setup, rules, nil, log, now, time.UTC)
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- live.Run(ctx) }()
	if err := live.Wait(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if b := live.Board(); b.Size != 3 || b.Alien != 1 || b.Directory.Version != 7 {
		t.Errorf("%d records, %d passed over, directory %d", b.Size, b.Alien, b.Directory.Version)
	}
	stop()
	if err := <-ended; ctx.Err() == nil {
		t.Error(err)
	}
	saved, err := live.fold.Save()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Load(setup, saved); err != nil || again.alien != 1 {
		t.Errorf("from a snapshot: %d passed over, %v", again.alien, err)
	}
}
