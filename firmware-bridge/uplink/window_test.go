package uplink

import (
	"testing"

	"pgregory.net/rapid"
)

// A server that stores what comes in order, loses messages both ways, forgets
// and is restored: whatever happens, once the line holds everything arrives.
func TestWindowDeliversEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := window{}
		have := uint64(0) // the server's
		send := func(arrives, answered bool) {
			from, until, ok := w.next(rapid.Uint64Range(1, 200).Draw(t, "batch"))
			if !ok {
				return
			}
			if from > w.size || until > w.size || from >= until || until-w.acked > inFlight {
				t.Fatalf("next gave %d to %d of %+v", from, until, w)
			}
			w.sent = until
			if arrives && from <= have && until > have {
				have = until
			}
			if answered {
				if err := w.ack(have); err != nil {
					t.Fatal(err)
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"grow":   func(t *rapid.T) { w.size += rapid.Uint64Range(1, 500).Draw(t, "records") },
			"send":   func(t *rapid.T) { send(rapid.Bool().Draw(t, "arrives"), rapid.Bool().Draw(t, "answered")) },
			"reset":  func(*rapid.T) { w.reset() },
			"ack":    func(*rapid.T) { _ = w.ack(have) },
			"forget": func(t *rapid.T) { have = rapid.Uint64Range(0, have).Draw(t, "left") },
			"": func(t *rapid.T) {
				if w.acked > w.sent || w.sent > w.size {
					t.Fatalf("acked ≤ sent ≤ size does not hold: %+v", w)
				}
			},
		})
		for range 10_000 { // the line holds now
			w.reset()
			if err := w.ack(have); err != nil {
				t.Fatal(err)
			}
			if w.complete() {
				break
			}
			send(true, true)
		}
		if have != w.size || !w.complete() {
			t.Fatalf("the server has %d of %d records", have, w.size)
		}
	})
}

func TestWindowRefusesAServerThatKnowsMore(t *testing.T) {
	w := window{size: 10}
	if err := w.ack(11); err == nil {
		t.Error("11 records of 10 were believed")
	}
	if w.known {
		t.Error("the window goes by a number it refused")
	}
}

func TestWindowWaits(t *testing.T) {
	w := window{size: 3}
	if _, _, ok := w.next(10); ok || !w.waiting() {
		t.Error("records are sent before the server has said where it stands")
	}
	if err := w.ack(1); err != nil {
		t.Fatal(err)
	}
	from, until, ok := w.next(10)
	if !ok || from != 1 || until != 3 || w.waiting() {
		t.Errorf("next gave %d to %d, %v; waiting %v", from, until, ok, w.waiting())
	}
}
