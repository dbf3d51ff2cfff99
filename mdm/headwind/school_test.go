package headwind

import (
	"context"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
)

// posted is how many messages a gateway has for the school.
func posted(g *Gateway) int64 {
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // after one round
	var b counted
	_ = g.outbox.Run(ctx, &b) // that of ctx
	return b.n.Load()
}

// counted is a broker that takes whatever comes.
type counted struct{ n atomic.Int64 }

func (c *counted) Publish(context.Context, string, []byte, bool) error {
	c.n.Add(1)
	return nil
}

func (c *counted) Subscribe(context.Context, string, func(string, []byte, bool)) error { return nil }

// A request of a phone that is retired while it is answered leaves nothing behind: it
// would wait for the next phone of that id.
func TestARetiredPhoneIsNotSpokenFor(t *testing.T) {
	dir := t.TempDir()
	g, err := New(Config{ID: "headwind", Root: wire.DefaultRoot, Dir: dir, Key: Key(strings.Repeat("k", MinKey)), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	school := (*schoolSide)(g)
	school.Listed([]string{"phone-7"})
	m, now := g.phones["phone-7"], time.Now()
	school.Document("phone-7", mdm.Desired{V: 1, Dev: "phone-7", Rev: 1, TS: now, Stage: mdm.Stage{Mode: mdm.Home, Set: mdm.Set{mdm.Camera: mdm.User}}}, nil)
	g.tell("phone-7", "refused", "nonsense")
	school.Listed(nil)
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	g.fetched(m)
	g.said(m, []mdm.Ack{mdm.NewAck("c-1", mdm.Done, "", now)})
	g.tell(m.id, "refused", "nonsense")
	after, err := os.ReadDir(dir)
	if err != nil || len(after) > len(before) {
		t.Errorf("there are %v, there were %v, %v", after, before, err)
	}
	if said := posted(g); said > 0 {
		t.Errorf("the school is told %d things", said)
	}
}
