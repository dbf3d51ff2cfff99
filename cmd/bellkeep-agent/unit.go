package main

import (
	"context"
	"flag"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm/agent/member"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
)

// demoTick is how often an agent looks at its device when school time runs
// faster than the machine's.
const demoTick = 100 * time.Millisecond

// options are the flags of run and fleet.
type options struct {
	root      string
	demoClock bool
	jitter    time.Duration
}

func (o *options) declare(fs *flag.FlagSet) {
	fs.StringVar(&o.root, "root", string(wire.DefaultRoot), "what every `topic` begins with")
	fs.BoolVar(&o.demoClock, "demo-clock", false, "follow the school time of a demonstration instead of this machine's clock")
	fs.DurationVar(&o.jitter, "jitter", bus.DefaultJitter, "longest wait before a reconnect")
}

// unit is one pretend device that belongs to the school.
type unit struct {
	*member.Member
	clock *follower // nil without --demo-clock
}

// newUnit takes up the identity in dir and begins to connect.
func newUnit(ctx context.Context, dir string, nature pretend.Nature, o options, log *slog.Logger) (*unit, error) {
	device := pretend.New(nature, time.Now)
	c := member.Config{Dir: dir, Root: wire.Root(o.root), Platform: device, Changed: device.Changed(), Now: time.Now, Jitter: o.jitter, Log: log}
	var clock *follower
	if o.demoClock {
		clock = newFollower()
		c.Now, c.Tick = clock.Now, demoTick
	}
	m, err := member.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	return &unit{m, clock}, nil
}

// run works until ctx ends, in a demonstration once its time is known.
func (u *unit) run(ctx context.Context) error {
	if u.clock != nil {
		if err := u.clock.follow(ctx, u.Client, u.Root); err != nil {
			return err
		}
	}
	return u.Run(ctx)
}
