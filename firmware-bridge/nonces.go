package bridge

import (
	"encoding/hex"
	"io"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

const (
	nonceBytes   = 16
	maxNonces    = 64 // of orders, remembered; each for twice its life
	maxApprovals = 32 // of what two people sign
)

// nonces are the single-use numbers a bank hands out to whoever wants to send
// it an order. They measure how old an order is by this bank's machine time
// alone, and none outlives the program: two clocks need not agree.
type nonces struct {
	random io.Reader
	life   time.Duration
	most   int
	given  []nonce // oldest first
}

type nonce struct {
	text   string
	issued time.Time
	used   bool
}

// issue hands out a nonce, or "" when too many are about or chance fails.
func (n *nonces) issue(now time.Time) string {
	n.given = slices.DeleteFunc(n.given, func(g nonce) bool { return now.Sub(g.issued) > 2*n.life })
	var b [nonceBytes]byte
	if n.random == nil || len(n.given) == n.most {
		return ""
	}
	if _, err := io.ReadFull(n.random, b[:]); err != nil {
		return ""
	}
	text := hex.EncodeToString(b[:])
	n.given = append(n.given, nonce{text: text, issued: now})
	return text
}

// use takes a nonce that came with an order and says when it was handed out, or
// why it does not count. Expired and used ones are remembered for a while, only
// so that the record can say which it was.
func (n *nonces) use(text string, now time.Time) (issued time.Time, why locker.Answer) {
	i := slices.IndexFunc(n.given, func(g nonce) bool { return g.text == text })
	switch {
	case i < 0:
		return time.Time{}, locker.UnknownNonce
	case n.given[i].used:
		return time.Time{}, locker.Replayed
	}
	n.given[i].used = true
	if age := now.Sub(n.given[i].issued); age > n.life || age < 0 {
		return time.Time{}, locker.TooLate
	}
	return n.given[i].issued, ""
}
