package record

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"pgregory.net/rapid"
)

var (
	ids     = rapid.StringMatching(`([a-z0-9-]{1,36})?`)
	kinds   = rapid.SampledFrom([]locker.Kind{locker.Intent, locker.Outcome, locker.Collected, locker.OrderRefused, locker.PINAccepted, locker.PINRefused, locker.StaffRefused, locker.WindowOpened, locker.WindowEnded, locker.Turned})
	answers = rapid.SampledFrom([]locker.Answer{"", locker.Replayed, locker.TooLate, locker.UnknownNonce, locker.WrongPIN, locker.Paused, locker.Barred})
	doors   = rapid.IntRange(0, ledger.MaxDoor)
)

func anyEvent(t *rapid.T) locker.Event {
	return locker.Event{
		Kind: kinds.Draw(t, "kind"),
		At: school.Instant{
			Wall:    time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "wall")).UTC(),
			Mono:    time.Duration(rapid.Int64Range(0, 1<<40).Draw(t, "mono")) * time.Millisecond,
			Boot:    "boot",
			Trusted: rapid.Bool().Draw(t, "trusted"),
		},
		Door:    doors.Draw(t, "door"),
		Purpose: rapid.SampledFrom([]locker.Purpose{"", locker.Deposit, locker.Collection, locker.StaffOpen}).Draw(t, "purpose"),
		Body: locker.Body{
			Person:    ids.Draw(t, "person"),
			Answer:    answers.Draw(t, "answer"),
			Attempt:   rapid.IntRange(0, 3).Draw(t, "attempt"),
			Of:        rapid.Uint64Range(0, ledger.MaxSeq).Draw(t, "of"),
			Order:     ids.Draw(t, "order"),
			By:        ids.Draw(t, "by"),
			Reason:    rapid.SampledFrom(append(locker.Reasons[:], "")).Draw(t, "reason"),
			Until:     rapid.Int64Range(0, 1<<42).Draw(t, "until"),
			OpenDoors: rapid.SliceOfN(doors, 0, 3).Draw(t, "open"),
		},
	}
}

// What is written of an event is read again, through the very bytes of a leaf.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyEvent(t)
		entry, err := Entry(want)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := ledger.Encode(7, entry)
		if err != nil {
			t.Fatal(err)
		}
		r, err := ledger.Decode(leaf)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Event(r)
		if len(want.OpenDoors) == 0 {
			want.OpenDoors = nil
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\ncame back as %+v (%v)\nwant %+v", leaf, got, err, want)
		}
	})
}

// The names under which orders and staff stand on record never change.
func TestNamesOnRecord(t *testing.T) {
	e, err := Entry(locker.Event{Kind: locker.Intent, Door: 4, Purpose: locker.StaffOpen,
		Body: locker.Body{Person: "p-1", Attempt: 1, Order: "o-1", By: "s-1", Reason: locker.LostBadge, Until: 5}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"person":"p-1","attempt":1,"order":"o-1","by":"s-1","reason":"lost-badge","until":5}`
	if string(e.Body) != want || e.Purpose != "staff-open" {
		t.Errorf("%s %s, want %s", e.Purpose, e.Body, want)
	}
}

func FuzzEvent(f *testing.F) {
	f.Add("intent", []byte(`{"person":"p-1","attempt":1,"order":"o-1","by":"s-1"}`))
	f.Add("window-opened", []byte(`{"by":"s-1","until":5400000}`))
	f.Add("pin-refused", []byte(`{"by":7}`))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		e, err := Event(ledger.Record{Entry: ledger.Entry{Kind: kind, Body: body}})
		if err != nil {
			return
		}
		state := locker.NewState(locker.Setup{Bank: "a", Doors: []int{1}})
		state.Apply(1, e) // whatever it says, it may be folded
		if _, err := json.Marshal(e.Body); err != nil {
			t.Error(err)
		}
	})
}
