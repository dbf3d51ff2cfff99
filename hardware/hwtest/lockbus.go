package hwtest

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// LockBus is the suite that every lock driver passes.
func LockBus(t *testing.T, open Open) {
	for _, tc := range []struct {
		name string
		test func(*testing.T, hardware.LockBus, Bench)
	}{
		{"reads every contact", readsEveryContact},
		{"reads through a poor line", readsThroughAPoorLine},
		{"takes no wrong checksum", takesNoWrongChecksum},
		{"takes no stale reply", takesNoStaleReply},
		{"takes no late reply to an unlock", takesNoLateReplyToAnUnlock},
		{"keeps boards apart", keepsBoardsApart},
		{"unlocks one channel once", unlocksOneChannelOnce},
		{"never repeats an unlock", neverRepeatsAnUnlock},
		{"refuses a channel that is not there", refusesAChannelThatIsNotThere},
		{"does nothing for an ended context", doesNothingForAnEndedContext},
		{"ends with its context", endsWithItsContext},
		{"sees a jam", seesAJam},
		{"sees a door ajar", seesADoorAjar},
		{"sees a forced door", seesAForcedDoor},
		{"takes no swapped address", takesNoSwappedAddress},
		{"says when the adapter is gone", saysWhenTheAdapterIsGone},
		{"starts afresh when the adapter is back", startsAfreshWhenTheAdapterIsBack},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bus, bench := open(t)
				tc.test(t, bus, bench)
			})
		})
	}
}

// channels gives every channel of the bench.
func channels(b Bench) []hardware.Channel {
	var all []hardware.Channel
	boards, per := b.Size()
	for board := range boards {
		for index := range per {
			all = append(all, hardware.Channel{Board: board, Index: index})
		}
	}
	return all
}

// wantContacts reads a board and compares it, channel by channel.
func wantContacts(t *testing.T, bus hardware.LockBus, b Bench, board int, want func(index int) hardware.Contact) {
	t.Helper()
	got, err := bus.Read(t.Context(), board)
	if err != nil {
		t.Errorf("Read(%d) = %v", board, err)
		return
	}
	_, per := b.Size()
	if len(got) != per {
		t.Fatalf("Read(%d) gave %d channels, want %d", board, len(got), per)
	}
	for i, reading := range got {
		if reading.Contact != want(i) {
			t.Errorf("channel %d/%d is %v, want %v", board, i, reading.Contact, want(i))
		}
	}
}

// only gives a board with one contact open.
func only(open int) func(int) hardware.Contact {
	return func(i int) hardware.Contact {
		if i == open {
			return hardware.Open
		}
		return hardware.Closed
	}
}

func all(c hardware.Contact) func(int) hardware.Contact {
	return func(int) hardware.Contact { return c }
}

func setAll(b Bench, c hardware.Contact) {
	for _, ch := range channels(b) {
		b.SetContact(ch, c)
	}
}

func readsEveryContact(t *testing.T, bus hardware.LockBus, b Bench) {
	setAll(b, hardware.Closed)
	for _, ch := range channels(b) {
		b.SetContact(ch, hardware.Open)
		wantContacts(t, bus, b, ch.Board, only(ch.Index))
		b.SetContact(ch, hardware.Closed)
	}
}

func readsThroughAPoorLine(t *testing.T, bus hardware.LockBus, b Bench) {
	setAll(b, hardware.Closed)
	b.SetContact(hardware.Channel{Index: 1}, hardware.Open)
	for _, f := range []Fault{
		{Bytewise: true},
		{Delay: 30 * time.Millisecond},
		{Garbage: []byte{0xFB, 0x00, 0xF2}},
		{Garbage: []byte{0x02, 0x00}, Bytewise: true},
		{Garbage: []byte{0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02}},
		{Garbage: []byte{0x80, 0x80, 0x01}, Bytewise: true},
		{Garbage: []byte{0x01, 0x02, 0x01}},
		{Foreign: true},
	} {
		b.SetFault(0, f)
		wantContacts(t, bus, b, 0, only(1))
	}
}

func takesNoWrongChecksum(t *testing.T, bus hardware.LockBus, b Bench) {
	b.SetFault(0, Fault{Corrupt: true})
	if got, err := bus.Read(t.Context(), 0); err == nil {
		t.Errorf("Read took %v from a reply with a wrong checksum", got)
	}
	b.SetFault(0, Fault{})
	setAll(b, hardware.Open)
	wantContacts(t, bus, b, 0, all(hardware.Open))
}

func takesNoStaleReply(t *testing.T, bus hardware.LockBus, b Bench) {
	setAll(b, hardware.Open)
	b.Speak(0)
	synctest.Wait()
	setAll(b, hardware.Closed)
	wantContacts(t, bus, b, 0, all(hardware.Closed))
}

func takesNoLateReplyToAnUnlock(t *testing.T, bus hardware.LockBus, b Bench) {
	setAll(b, hardware.Closed)
	b.SetFault(0, Fault{UnlockReply: true, Delay: 20 * time.Millisecond})
	for _, ch := range channels(b)[:2] {
		if err := bus.Unlock(t.Context(), ch); err != nil {
			t.Fatal(err)
		}
		b.Unlocks()
		b.SetContact(ch, hardware.Open)
		wantContacts(t, bus, b, 0, only(ch.Index))
		b.SetContact(ch, hardware.Closed)
	}
}

func keepsBoardsApart(t *testing.T, bus hardware.LockBus, b Bench) {
	setAll(b, hardware.Closed)
	b.SetFault(0, Fault{Silent: true})
	if _, err := bus.Read(t.Context(), 0); err == nil || errs.CodeOf(err) != errs.Unavailable || errs.HintOf(err) == "" {
		t.Errorf("Read of a silent board = %v, want code unavailable and a hint", err)
	}
	wantContacts(t, bus, b, 1, all(hardware.Closed))
	b.SetFault(0, Fault{})
	wantContacts(t, bus, b, 0, all(hardware.Closed))
	wantUnlocks(t, b, nil)
}

func unlocksOneChannelOnce(t *testing.T, bus hardware.LockBus, b Bench) {
	want := map[hardware.Channel]int{}
	for _, ch := range channels(b) {
		if err := bus.Unlock(t.Context(), ch); err != nil {
			t.Errorf("Unlock(%v) = %v", ch, err)
		}
		want[ch]++
		wantUnlocks(t, b, want)
	}
}

// neverRepeatsAnUnlock leaves open whether an unlock fails that the board
// might have confirmed: only the frames count.
func neverRepeatsAnUnlock(t *testing.T, bus hardware.LockBus, b Bench) {
	ch := hardware.Channel{Board: 1, Index: 2}
	want := map[hardware.Channel]int{}
	for _, f := range []Fault{{Silent: true}, {Corrupt: true, UnlockReply: true}, {Foreign: true, UnlockReply: true}} {
		b.SetFault(1, f)
		_ = bus.Unlock(t.Context(), ch)
		_, _ = bus.Read(t.Context(), 1)
		want[ch]++
		wantUnlocks(t, b, want)
	}
}

func wantUnlocks(t *testing.T, b Bench, want map[hardware.Channel]int) {
	t.Helper()
	got := b.Unlocks()
	for _, ch := range channels(b) {
		if got[ch] != want[ch] {
			t.Errorf("board saw %d unlock frames for channel %v, want %d", got[ch], ch, want[ch])
		}
	}
	if len(got) > len(want) {
		t.Errorf("board saw unlock frames for %v, want %v", got, want)
	}
}

func refusesAChannelThatIsNotThere(t *testing.T, bus hardware.LockBus, b Bench) {
	boards, per := b.Size()
	for _, ch := range []hardware.Channel{
		{Board: -1}, {Board: boards}, {Board: 1 << 20}, {Index: -1}, {Index: per}, {Index: 1 << 20},
	} {
		if err := bus.Unlock(t.Context(), ch); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("Unlock(%v) = %v, want code invalid", ch, err)
		}
	}
	for _, board := range []int{-1, boards} {
		if _, err := bus.Read(t.Context(), board); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("Read(%d) = %v, want code invalid", board, err)
		}
	}
	wantUnlocks(t, b, nil)
}

func doesNothingForAnEndedContext(t *testing.T, bus hardware.LockBus, b Bench) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := bus.Unlock(ctx, hardware.Channel{}); !errors.Is(err, context.Canceled) || errs.CodeOf(err) != errs.Denied {
		t.Errorf("Unlock = %v, want context.Canceled, and denied", err)
	}
	if _, err := bus.Read(ctx, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("Read = %v, want context.Canceled", err)
	}
	wantUnlocks(t, b, nil)
}

// endsWithItsContext ends it at many moments of a read, the last try included.
func endsWithItsContext(t *testing.T, bus hardware.LockBus, b Bench) {
	b.SetFault(0, Fault{Silent: true})
	for patience := 11 * time.Millisecond; patience < time.Second; patience += 30 * time.Millisecond {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		began := time.Now()
		_, err := bus.Read(ctx, 0)
		if ctx.Err() != nil && !errors.Is(err, context.DeadlineExceeded) || err == nil {
			t.Errorf("Read = %v with %v of patience, want context.DeadlineExceeded", err, patience)
		}
		if took := time.Since(began); took > patience+hardware.ReadTimeout {
			t.Errorf("Read ended after %v with %v of patience, want at most one read timeout more", took, patience)
		}
		cancel()
	}
}

func saysWhenTheAdapterIsGone(t *testing.T, bus hardware.LockBus, b Bench) {
	b.Unplug()
	if err := bus.Unlock(t.Context(), hardware.Channel{}); !errors.Is(err, hardware.ErrGone) {
		t.Errorf("Unlock = %v, want hardware.ErrGone", err)
	}
	if _, err := bus.Read(t.Context(), 0); !errors.Is(err, hardware.ErrGone) {
		t.Errorf("Read = %v, want hardware.ErrGone", err)
	}
	if err := bus.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
}
