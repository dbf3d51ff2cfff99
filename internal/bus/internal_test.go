package bus

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		filter, topic string
		want          bool
	}{
		{"a/b", "a/b", true}, {"a/b", "a/b/c", false}, {"a/b/c", "a/b", false}, {"a/b", "a/bb", false},
		{"a/+", "a/b", true}, {"a/+", "a", false}, {"a/+", "a/b/c", false}, {"a/+", "a/", true}, {"+/+", "/a", true}, {"+", "/a", false},
		{"a/+/c", "a/b/c", true}, {"a/+/c", "a/b/d", false},
		{"#", "a/b/c", true}, {"a/#", "a/b/c", true}, {"a/#", "a", true}, {"a/#", "ab", false}, {"a/+/#", "a", false},
		{"#", "$SYS/x", false}, {"+/x", "$SYS/x", false}, {"$SYS/#", "$SYS/x", true},
	} {
		if got := matches(c.filter, c.topic); got != c.want {
			t.Errorf("%s asks for %s: %v", c.filter, c.topic, got)
		}
	}
}

func TestMatchesWhatItWasMadeFrom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		levels := rapid.SliceOfN(rapid.StringMatching(`[a-c]{0,2}`), 1, 6).Draw(t, "levels")
		topic := strings.Join(levels, "/")
		for i := range levels {
			if rapid.Bool().Draw(t, "plus") {
				levels[i] = "+"
			}
		}
		filter := strings.Join(levels, "/")
		if !matches(filter, topic) || topic != "" && !validFilter(filter) {
			t.Fatalf("%q does not ask for %q", filter, topic)
		}
		if matches(filter, topic+"/more") || !matches(filter+"/#", topic) || !matches(filter+"/#", topic+"/more") {
			t.Fatalf("%q is wrong about what is below %q", filter, topic)
		}
	})
}

func TestPause(t *testing.T) {
	least, most := func(int64) int64 { return 0 }, func(n int64) int64 { return n - 1 }
	for _, c := range []struct {
		failures  int
		jitter    time.Duration
		low, high time.Duration
	}{
		{0, time.Minute, 0, time.Minute}, // a school that lost its broker is spread over all of it
		{1, time.Minute, 250 * time.Millisecond, 500 * time.Millisecond},
		{4, time.Minute, 2 * time.Second, 4 * time.Second},
		{8, time.Minute, 30 * time.Second, time.Minute},
		{1e9, time.Minute, 30 * time.Second, time.Minute},
		{9, 2 * time.Second, time.Second, 2 * time.Second},
		{0, 1, 0, 1},
		{3, 1, 0, 1},
	} {
		low, high := pause(c.failures, c.jitter, least), pause(c.failures, c.jitter, most)
		if low != c.low || high != c.high-1 {
			t.Errorf("after %d failures: %v to %v, want %v to %v", c.failures, low, high, c.low, c.high)
		}
	}
}

// What is retained is kept for good, and nothing waits without a limit.
func TestCapabilities(t *testing.T) {
	c := capabilities(7)
	if c.MaximumMessageExpiryInterval != 0 {
		t.Error("the library would forget retained messages")
	}
	if c.MaximumClients != 7 || c.MaximumPacketSize < MaxPayload+MaxTopic || c.MaximumPacketSize > MaxPayload+1024 ||
		c.MaximumInflight > 1024 || c.MaximumClientWritesPending > 1024 {
		t.Errorf("limits are %+v", c)
	}
}
