package bridge

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/locker"
	"pgregory.net/rapid"
)

func TestNonceIsGoodOnce(t *testing.T) {
	n := orderNonces()
	text := n.issue(committed)
	if at, why := n.use(text, committed.Add(OrderLife)); why != "" || !at.Equal(committed) {
		t.Fatalf("handed out at %v, %q", at, why)
	}
	if _, why := n.use(text, committed.Add(OrderLife)); why != locker.Replayed {
		t.Errorf("again: %q", why)
	}
}

func TestNonceRefusals(t *testing.T) {
	cases := []struct {
		name string
		use  func(n *nonces, text string) locker.Answer
		want locker.Answer
	}{
		{"in time", func(n *nonces, text string) locker.Answer { return used(n, text, OrderLife) }, ""},
		{"late", func(n *nonces, text string) locker.Answer { return used(n, text, OrderLife+1) }, locker.TooLate},
		{"late, and again", func(n *nonces, text string) locker.Answer {
			used(n, text, OrderLife+1)
			return used(n, text, OrderLife+1)
		}, locker.Replayed},
		{"from the future", func(n *nonces, text string) locker.Answer { return used(n, text, -1) }, locker.TooLate},
		{"long forgotten", func(n *nonces, text string) locker.Answer {
			n.issue(committed.Add(3 * OrderLife))
			return used(n, text, 3*OrderLife)
		}, locker.UnknownNonce},
		{"none", func(n *nonces, _ string) locker.Answer { return used(n, "", 0) }, locker.UnknownNonce},
		{"of another run", func(_ *nonces, text string) locker.Answer { return used(fresh(), text, 0) }, locker.UnknownNonce},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			n := fresh()
			if got := c.use(n, n.issue(committed)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func used(n *nonces, text string, after time.Duration) locker.Answer {
	_, why := n.use(text, committed.Add(after))
	return why
}

func TestNonceLimit(t *testing.T) {
	n := orderNonces()
	for i := range maxNonces {
		if n.issue(committed) == "" {
			t.Fatalf("none after %d", i)
		}
	}
	if text := n.issue(committed.Add(2 * OrderLife)); text != "" {
		t.Errorf("one more was handed out: %s", text)
	}
	if n.issue(committed.Add(2*OrderLife+1)) == "" || len(n.given) != 1 {
		t.Errorf("%d are remembered once they are old", len(n.given))
	}
	if text := (&nonces{}).issue(committed); text != "" {
		t.Errorf("without chance there is %q", text)
	}
}

// Whatever is asked for and tried when, no nonce counts twice, none counts
// after its life, and few are remembered.
func TestNonceProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, now := orderNonces(), committed
		issued, counted := map[string]time.Time{}, map[string]bool{}
		var all []string
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "ms")) * time.Millisecond)
			if len(all) == 0 || rapid.Bool().Draw(t, "ask") {
				if text := n.issue(now); text != "" {
					issued[text], all = now, append(all, text)
				}
				continue
			}
			text := rapid.SampledFrom(all).Draw(t, "nonce")
			if _, why := n.use(text, now); why == "" {
				if counted[text] || now.Sub(issued[text]) > OrderLife {
					t.Fatalf("%s of %v counts at %v, before: %v", text, issued[text], now, counted[text])
				}
				counted[text] = true
			}
		}
		if len(n.given) > maxNonces {
			t.Fatalf("%d are remembered", len(n.given))
		}
	})
}

func orderNonces() nonces { return nonces{random: &counting{}, life: OrderLife, most: maxNonces} }

func fresh() *nonces {
	n := orderNonces()
	return &n
}
