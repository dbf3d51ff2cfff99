package main

import (
	"context"
	"flag"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent"
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

// unit is one device that belongs to the school.
type unit struct {
	*member.Member
	clock *follower // nil without --demo-clock
}

// surroundings are what a unit runs on.
type surroundings struct {
	platform agent.Platform
	changed  <-chan struct{}
	skew     time.Duration // its clock runs ahead by
	online   func(bool)    // nil for nobody who wants to know
}

// newUnit takes up the identity in dir and begins to connect.
func newUnit(ctx context.Context, dir string, s surroundings, clock *follower, o options, log *slog.Logger) (*unit, error) {
	c := member.Config{Dir: dir, Root: wire.Root(o.root), Platform: s.platform, Changed: s.changed, Jitter: o.jitter, Log: log, Online: s.online}
	now := schoolTime(clock)
	c.Now = func() time.Time { return now().Add(s.skew) }
	if clock != nil {
		c.Tick = demoTick
	}
	m, err := member.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	return &unit{m, clock}, nil
}

// newClock is nil without --demo-clock.
func (o options) newClock() *follower {
	if o.demoClock {
		return newFollower()
	}
	return nil
}

// schoolTime is this machine's time unless there is a demonstration's.
func schoolTime(clock *follower) func() time.Time {
	if clock == nil {
		return time.Now
	}
	return clock.Now
}

// newPretend is newUnit for a pretend device, of which t is told the truth.
func newPretend(ctx context.Context, dir string, p part, o options, t *truth, log *slog.Logger) (*unit, error) {
	dev, clock := filepath.Base(dir), o.newClock()
	now := schoolTime(clock)
	p.Witness = func(s mdm.Setting, v mdm.Value, _ time.Time) { t.set(dev, s, v, now()) }
	device := pretend.New(p.Nature, time.Now)
	t.begin(dev, p.Lack, now())
	return newUnit(ctx, dir, surroundings{platform: device, changed: device.Changed(), skew: p.skew,
		online: func(is bool) { t.online(dev, is, now()) }}, clock, o, log)
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
