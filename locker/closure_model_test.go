package locker_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	. "github.com/bellkeep/bellkeep/locker"
	"pgregory.net/rapid"
)

// Whatever comes of alarms, power cuts, keys, looks, orders and staff, by one person
// or by two: no hold is lost, evidence stays where it is, and nothing opens while the
// building is being left. What the property knows of that are these three sentences.
func TestHoldsOutliveEveryEmergency(t *testing.T) {
	steps := 0
	defer func() { t.Logf("%d steps", steps) }()
	rapid.Check(t, func(r *rapid.T) {
		b := newOffice(t)
		b.use(badge(3))
		b.put("i-1", ClassConfiscation) // behind 5
		b.put("i-2", ClassEvidence)     // behind 7
		for _, door := range []int{3, 7} {
			b.wish(Wish{Kind: WishHold, Door: door})
		}
		begun := len(b.log)
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			steps++
			b.pass(time.Duration(rapid.IntRange(0, 90).Draw(r, "minutes")) * time.Minute)
			leaving := b.state.Evacuation.On()
			from := len(b.log)
			emergency(r, b, len(b.log))
			for _, e := range b.log[from:] {
				switch {
				case e.Kind == Intent && leaving:
					r.Fatalf("door %d is told to open while the building is being left", e.Door)
				case e.Kind == Intent && (e.Door == 3 || e.Door == 7):
					r.Fatalf("door %d, which is held, is told to open: %+v", e.Door, e)
				case e.Kind == HoldEnded:
					r.Fatalf("a hold ended: %+v", e)
				}
			}
			if _, held := b.state.Holds[3]; !held || b.state.Items["i-2"] == nil || b.state.Items["i-2"].Door != 7 || b.state.Holdings["cy"] == nil {
				r.Fatalf("something that was held is not: %+v", b.log[begun:])
			}
		}
	})
	if steps < 500 {
		t.Errorf("only %d steps", steps)
	}
}

// emergency lets one thing happen.
func emergency(r *rapid.T, b *bank, n int) {
	door := rapid.IntRange(1, 8).Draw(r, "door")
	id := fmt.Sprintf("o-%d", n)
	persons := rapid.SampledFrom([][2]string{{}, {"s-1", ""}, {"s-1", "s-1"}}).Draw(r, "persons")
	switch rapid.IntRange(0, 9).Draw(r, "what") {
	case 0:
		b.rules.Plan.Version++
		b.rules.Plan.Mode = rapid.SampledFrom([]school.Mode{school.Normal, school.Evacuation, school.Normal}).Draw(r, "mode")
		b.heed()
	case 1:
		b.hear(rapid.Bool().Draw(r, "sounds"))
	case 2:
		b.wish(Wish{Kind: rapid.SampledFrom([]WishKind{WishEvacuate, WishAllClear, WishDoor, WishPut, WishWindow, WishMap}).Draw(r, "wish"), Door: door, Reason: Other, Item: "i-" + id, Class: ClassEvidence})
	case 3: // a power cut, after which doors stand open
		b.now.Boot, b.now.Mono = id, time.Minute
		b.record(Event{Kind: Started, At: b.now})
		b.survey(slices.Compact(slices.Sorted(slices.Values(rapid.SliceOfN(rapid.SampledFrom([]int{1, 2, 4, 5, 8}), 0, 3).Draw(r, "open"))))...)
		b.reconcile()
	case 4:
		b.rules.Directory.Asked = append(b.rules.Directory.Asked, Asked{ID: id, Bank: "a"})
		b.heed()
	case 5:
		b.order(Order{ID: id, Kind: OrderLook, Doors: []int{1, 2, 3, 4, 5, 6, 7, 8}, Looked: rapid.SampledFrom([][2]string{{}, {"s-1", "s-2"}}).Draw(r, "lookers"), By: "office"})
	case 6:
		b.order(Order{ID: id, Kind: OpenDoor, Door: door, By: "office"})
	case 7:
		b.order(Order{ID: id, Kind: OrderTake, Item: rapid.SampledFrom([]string{"i-1", "i-2"}).Draw(r, "item"), By: "office"})
	case 8:
		b.order(Order{ID: id, Kind: rapid.SampledFrom([]OrderKind{OrderEndHold, OrderAllClear, OrderEvidence, OrderApprovers}).Draw(r, "kind"), Door: rapid.SampledFrom([]int{3, 7}).Draw(r, "held"), Looked: persons, Approval: "n", By: "office"})
	case 9:
		b.scan(badge(byte(rapid.IntRange(1, 3).Draw(r, "badge"))))
	}
}
