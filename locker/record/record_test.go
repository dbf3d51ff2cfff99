package record

import (
	"encoding/json"
	"fmt"
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
	kinds   = rapid.SampledFrom([]locker.Kind{locker.Intent, locker.Outcome, locker.Collected, locker.OrderRefused, locker.PINAccepted, locker.PINRefused, locker.StaffRefused, locker.WindowOpened, locker.WindowEnded, locker.Turned, locker.HoldPlaced, locker.HoldEnded})
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
		Purpose: rapid.SampledFrom([]locker.Purpose{"", locker.Deposit, locker.Collection, locker.StaffOpen, locker.PutItem, locker.TakeItem}).Draw(t, "purpose"),
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
			Item:      ids.Draw(t, "item"),
			Class:     rapid.SampledFrom([]locker.Class{"", locker.ClassConfiscation, locker.ClassEvidence}).Draw(t, "class"),
			Sensed:    rapid.SampledFrom([]locker.Sensed{locker.NoSensor, locker.Absent, locker.Present}).Draw(t, "sensed"),
			Approvals: [2]string{ids.Draw(t, "first"), ids.Draw(t, "second")},
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

// Nor do those under which items and holds stand there, or what sensors said.
func TestItemsOnRecord(t *testing.T) {
	for _, c := range []struct {
		event locker.Event
		want  string
	}{
		{locker.Event{Kind: locker.Intent, Door: 1003, Purpose: locker.PutItem, Body: locker.Body{Item: "i-1", Class: locker.ClassConfiscation, Attempt: 1, Order: "o-1", By: "s-1"}},
			`intent put-item {"attempt":1,"order":"o-1","by":"s-1","item_id":"i-1","class":"confiscation"}`},
		{locker.Event{Kind: locker.Intent, Door: 1003, Purpose: locker.TakeItem, Body: locker.Body{Item: "i-1", Attempt: 1}}, `intent take-item {"attempt":1,"item_id":"i-1"}`},
		{locker.Event{Kind: locker.Collected, Door: 1003, Body: locker.Body{Item: "i-1", Of: 7, Sensed: locker.Absent}}, `collected  {"of":7,"item":"absent","item_id":"i-1"}`},
		{locker.Event{Kind: locker.HoldPlaced, Door: 1102, Body: locker.Body{By: "s-1"}}, `hold-placed  {"by":"s-1"}`},
		{locker.Event{Kind: locker.HoldEnded, Door: 1102, Body: locker.Body{Order: "o-2", By: "head", Approvals: [2]string{"p-1", "p-2"}}},
			`hold-ended  {"order":"o-2","by":"head","approvals":["p-1","p-2"]}`},
	} {
		e, err := Entry(c.event)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%s %s %s", e.Kind, e.Purpose, e.Body); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// A record that names an item or an approver by what can be no id is refused.
func TestRecordNamesIDs(t *testing.T) {
	for _, body := range []string{`{"item_id":"A phone"}`, `{"approvals":["p-1","Ada Head"]}`, `{"by":"Ö"}`} {
		if _, err := Event(ledger.Record{Entry: ledger.Entry{Kind: "hold-ended", Body: []byte(body)}}); err == nil {
			t.Errorf("%s was taken", body)
		}
	}
}

func FuzzEvent(f *testing.F) {
	f.Add("intent", []byte(`{"person":"p-1","attempt":1,"order":"o-1","by":"s-1"}`))
	f.Add("window-opened", []byte(`{"by":"s-1","until":5400000}`))
	f.Add("pin-refused", []byte(`{"by":7}`))
	f.Add("deposited", []byte(`{"item_id":"i-1","of":1}`))
	f.Add("hold-ended", []byte(`{"approvals":["p-1","p-2"]}`))
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
