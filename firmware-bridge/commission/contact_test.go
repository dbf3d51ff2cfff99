package commission

import (
	"testing"
	"time"
)

// A contact that bounces has changed once, when it has come to rest; one that falls
// back has not. One that never comes to rest is loose.
func TestContactThatBounces(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var c contact
	changes := 0
	feed := func(bits ...bool) {
		for _, bit := range bits {
			at = at.Add(100 * time.Millisecond)
			if c.look(bit, at) {
				changes++
			}
		}
	}
	rest := func(bit bool) { feed(bit, bit, bit, bit, bit, bit, bit) }
	rest(false)
	if !c.sure || c.stirs() || changes != 0 {
		t.Fatalf("at rest: %+v", c)
	}
	left := at
	feed(true, false, true, true, false, true)
	if changes != 0 || !c.stirs() {
		t.Errorf("it changed %d times while it bounced", changes)
	}
	rest(true)
	if changes != 1 || !c.rest || !c.from.Equal(left) {
		t.Errorf("%d changes, from %v, want %v", changes, c.from, left)
	}
	feed(false, false, false)
	rest(true)
	if changes != 1 {
		t.Errorf("falling back counted: %d changes", changes)
	}
	for range 60 {
		feed(true, false)
	}
	if !c.loose || changes != 1 {
		t.Errorf("a contact that never rests: %+v, %d changes", c, changes)
	}
}
