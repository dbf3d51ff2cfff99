package bus_test

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
)

// A client is told of once in its minute, and other lines count for nobody.
func TestConnectsTooOften(t *testing.T) {
	const line = "1795337647: New client connected from 127.0.0.1:40312 as tab-1 (p2, c1, k60, u'tab-1')."
	now := time.Now()
	c := bus.NewConnects(3)
	take := func(line string, at time.Duration) string {
		client, tooOften := c.Take([]byte(line), now.Add(at))
		if !tooOften {
			return ""
		}
		return client
	}
	for _, other := range []string{
		"", "1795337647: New connection from 127.0.0.1:40312 on port 8883.",
		"New client connected from 127.0.0.1:40312 as tab-2 (p2, c1, k60, u'tab-2').",
		"1795337647: Client tab-1 closed its connection.",
		"1795337647: Client New client connected from x as tab-1 (p2, c1, k60) closed its connection.",
		"1795337647: New client connected from 127.0.0.1:40312 as TAB 1 (p2, c1, k60).",
	} {
		for range 3 {
			if got := take(other, 0); got != "" {
				t.Errorf("%q told of %s", other, got)
			}
		}
	}
	for n, want := range []string{"", "", "", "tab-1", "", ""} {
		if got := take(line, time.Duration(n)*time.Second); got != want {
			t.Errorf("connection %d told of %q, want %q", n+1, got, want)
		}
	}
	if got := take(line, time.Minute+time.Second); got != "" {
		t.Error("the next minute does not begin anew")
	}
}

func FuzzConnects(f *testing.F) {
	f.Add([]byte("1: New client connected from 127.0.0.1:1 as tab-1 (p2, c1, k60, u'tab-1')."))
	f.Add([]byte("New client connected from [::1]:1 as a (p"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if client, _ := bus.NewConnects(1).Take(line, time.Now()); len(client) > 64 {
			t.Errorf("a client of %d letters", len(client))
		}
	})
}
