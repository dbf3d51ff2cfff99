package bus

import (
	"fmt"
	"testing"
	"time"
)

func TestPacer(t *testing.T) {
	p := newPacer(3)
	now := time.Unix(1e9, 0)
	admit := func(client string, after time.Duration, want, wantFirst bool) {
		t.Helper()
		if ok, first := p.admit(client, now.Add(after)); ok != want || first != wantFirst {
			t.Errorf("%s after %v: %v, first %v", client, after, ok, first)
		}
	}
	for range 3 {
		admit("a", 0, true, false)
	}
	admit("a", time.Second, false, true)
	admit("a", time.Second, false, false)
	admit("b", time.Second, true, false)
	admit("a", time.Minute, true, false)
	for n := range 3 * maxWindows {
		p.admit(fmt.Sprint(n), now)
	}
	if len(p.windows) > maxWindows {
		t.Errorf("%d clients are remembered", len(p.windows))
	}
}
