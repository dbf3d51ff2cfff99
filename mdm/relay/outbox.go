package relay

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
)

// Outbox tells the broker what it does not have yet: of each device whether it is
// there, how it stands, and what became of commands, in that order. What does not get
// through is tried again; what is overtaken by something newer is not sent.
type Outbox struct {
	Root wire.Root
	Log  *slog.Logger

	mu     sync.Mutex
	lines  map[string]*line
	open   map[string]bool // devices of which there may be something to tell
	events []event
	due    chan struct{} // something may have to be told
}

// line is what the broker should have of a device, and what it has.
type line struct {
	life, toldLife mdm.Presence
	born           string // session of the last birth it has
	report, told   mdm.Reported
	acks           []mdm.Ack // it does not have yet
}

type event struct {
	dev string
	mdm.Event
}

// letter is something for the broker. done is called with mu held once it has it.
type letter struct {
	topic  string
	body   any
	retain bool
	done   func()
}

func (l *line) tellLife(life mdm.Presence) {
	l.toldLife = life
	if life.Online {
		l.born = life.Session
	}
}

// NewOutbox makes an empty one.
func NewOutbox(root wire.Root, log *slog.Logger) *Outbox {
	return &Outbox{Root: root, Log: log, lines: map[string]*line{}, open: map[string]bool{}, due: make(chan struct{}, 1)}
}

func (o *Outbox) nudge() {
	select {
	case o.due <- struct{}{}:
	default:
	}
}

func (o *Outbox) line(id string) *line {
	if o.lines[id] == nil {
		o.lines[id] = &line{}
	}
	o.open[id] = true
	return o.lines[id]
}

// Stand says whether a device is there and how it stands. A presence without a
// session is of one that was never seen: of that nothing is told.
func (o *Outbox) Stand(id string, life mdm.Presence, r mdm.Reported) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.line(id)
	if l.life == life && l.report.Same(r) {
		return
	}
	l.life, l.report = life, r
	o.nudge()
}

// Answer says what became of commands.
func (o *Outbox) Answer(id string, acks ...mdm.Ack) {
	if len(acks) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.line(id)
	l.acks = append(l.acks, acks...)
	l.acks = l.acks[max(0, len(l.acks)-maxAcks):]
	o.nudge()
}

// Tell says what happened. It is tried once: an event says what happened just now.
func (o *Outbox) Tell(id string, events ...mdm.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range events {
		o.events = append(o.events, event{id, e})
	}
	o.events = o.events[max(0, len(o.events)-maxEvents):]
	o.nudge()
}

// Drop forgets a device.
func (o *Outbox) Drop(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.lines, id)
	delete(o.open, id)
	o.events = slices.DeleteFunc(o.events, func(e event) bool { return e.dev == id })
}

// Again has how a device stands told once more, to a broker without a memory.
func (o *Outbox) Again(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.line(id)
	l.toldLife, l.told = mdm.Presence{}, mdm.Reported{}
	o.nudge()
}

// Run works until ctx ends.
func (o *Outbox) Run(ctx context.Context, bus Bus) error {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		o.post(ctx, bus)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		case <-o.due:
		}
	}
}

func (o *Outbox) post(ctx context.Context, bus Bus) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, list := range o.letters() {
		group.Go(func() error { return o.send(ctx, bus, list) })
	}
	if err := group.Wait(); err != nil && ctx.Err() == nil {
		o.Log.Warn("the school could not be told of a device; it is tried again", "err", err)
		_ = wait.For(ctx, tick) // the caller looks at ctx
	}
}

func (o *Outbox) send(ctx context.Context, bus Bus, list []letter) error {
	for _, l := range list {
		payload, err := json.Marshal(l.body)
		if err == nil {
			err = bus.Publish(ctx, l.topic, payload, l.retain)
		}
		if err != nil {
			return err
		}
		o.mu.Lock()
		l.done()
		o.mu.Unlock()
	}
	return nil
}

// letters are what the broker does not have of each device.
func (o *Outbox) letters() (all [][]letter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for id := range o.open {
		if list := o.lettersOf(id, o.lines[id]); len(list) > 0 {
			all = append(all, list)
		} else {
			delete(o.open, id) // it has everything
		}
	}
	for _, e := range o.events {
		all = append(all, []letter{{o.Root.Device(e.dev, wire.LeafEvent), e.Event, false, func() {}}})
	}
	o.events = nil
	return all
}

func (o *Outbox) lettersOf(id string, l *line) (list []letter) {
	life, r := l.life, l.report
	if !life.Online && l.born != "" { // the school believes a death of the last birth only
		life.Session, r.Session = l.born, l.born
	}
	if life.Session != "" {
		if life != l.toldLife {
			list = append(list, letter{o.Root.Device(id, wire.LeafPresence), life, true, func() { l.tellLife(life) }})
		}
		if !r.Same(l.told) {
			list = append(list, letter{o.Root.Device(id, wire.LeafReported), r, true, func() { l.told = r }})
		}
	}
	for _, a := range l.acks {
		list = append(list, letter{o.Root.Device(id, wire.LeafAck), a, false, func() { l.acks = slices.DeleteFunc(l.acks, func(b mdm.Ack) bool { return a == b }) }})
	}
	return list
}
