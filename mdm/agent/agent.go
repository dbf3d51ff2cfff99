package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"golang.org/x/sync/errgroup"
)

// Bus is the broker. Publish returns once the broker has the message, and may
// block for as long as it is out of reach.
type Bus interface {
	Publish(ctx context.Context, topic string, payload []byte, retain bool) error
	Subscribe(ctx context.Context, filter string, handle func(topic string, payload []byte, retained bool)) error
}

// Platform is the device itself. Neither method may block. One that can do what
// commands say is a Doer, too.
type Platform interface {
	// Apply begins to bring a setting to a value, items being what is in the lists
	// that the value names. Read tells what came of it.
	Apply(s mdm.Setting, v mdm.Value, items []string)
	// Read tells how a setting stands.
	Read(s mdm.Setting) Reading
}

// Store keeps one thing over a restart. Load gives nil when there is none yet.
type Store interface {
	Load() ([]byte, error)
	Save([]byte) error
}

// Config is what an agent needs. Commands, Changed and Tick may be left out.
type Config struct {
	Device   string
	Root     wire.Root
	Platform Platform
	Store    Store                                            // of the last document
	Commands Store                                            // of which commands were done; nil forgets them
	Open     func(t wire.Type, sealed []byte) ([]byte, error) // checks an envelope and gives what is in it
	Now      func() time.Time                                 // school time by the device's clock
	Changed  <-chan struct{}                                  // a nudge that the device was changed
	Tick     time.Duration                                    // machine time between two looks at the device; 0 for a second
}

// Agent holds one device to its document.
type Agent struct {
	Config
	core  Core
	said  mdm.Reported // last report put into the outbox
	out   outbox
	hello chan mdm.Presence
	told  chan mdm.Command // verified, in order
	again chan struct{}    // a nudge to report anew

	mu    sync.Mutex
	next  *letter // newest document not yet taken in
	nudge chan struct{}
}

// letter is a document that was verified, with its envelope.
type letter struct {
	doc    mdm.Desired
	sealed []byte
}

// New makes an agent. Call Run.
func New(c Config) *Agent {
	if c.Tick == 0 {
		c.Tick = time.Second
	}
	return &Agent{Config: c, core: Core{Device: c.Device}, out: newOutbox(), hello: make(chan mdm.Presence, 1),
		told: make(chan mdm.Command, maxTold), again: make(chan struct{}, 1), nudge: make(chan struct{}, 1)}
}

// Hello tells the agent that a connection stands, and with which birth: a
// session used once, and the time its will names too. The birth and the report
// go out on it.
func (a *Agent) Hello(birth mdm.Presence) {
	for {
		select {
		case a.hello <- birth:
			return
		case <-a.hello: // an earlier connection that is gone by now
		}
	}
}

// Run works until ctx ends. It holds the device to the stored document at once,
// whether or not the broker can be reached. Errors: that of ctx, and those of
// the first subscription.
func (a *Agent) Run(ctx context.Context, bus Bus) error {
	a.recall()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return a.work(ctx) })
	g.Go(func() error { return a.obey(ctx) })
	g.Go(func() error {
		if err := a.subscribe(ctx, bus); err != nil {
			return err
		}
		return a.post(ctx, bus) // the birth says that commands will be heard
	})
	return g.Wait()
}

func (a *Agent) subscribe(ctx context.Context, bus Bus) error {
	if err := bus.Subscribe(ctx, a.Root.Device(a.Device, wire.LeafCommand), a.command); err != nil {
		return err
	}
	return bus.Subscribe(ctx, a.Root.Device(a.Device, wire.LeafDesired), a.receive)
}

// recall takes up the document of before the restart. One that cannot be used
// is told of and done without: the broker has it too.
func (a *Agent) recall() {
	sealed, err := a.Store.Load()
	if err == nil && sealed != nil {
		var l *letter
		if l, err = a.open(sealed); err == nil {
			_, err = a.core.Accept(l.doc)
		}
	}
	if err != nil {
		a.tell("storage", fmt.Sprintf("the stored document: %v", err))
	}
}

// open reads a document only after its envelope was verified.
func (a *Agent) open(sealed []byte) (*letter, error) {
	if len(sealed) > maxSealed {
		return nil, errTooLong
	}
	payload, err := a.Open(wire.TypeDesired, sealed)
	if err != nil {
		return nil, err
	}
	doc, err := mdm.DecodeDesired(payload)
	return &letter{doc, sealed}, err
}

var errTooLong = errs.New(errs.Invalid, "An envelope is too long.", "")

// maxSealed is the longest envelope of a desired document: base64 and a
// signature around it.
const maxSealed = 2 * mdm.MaxDesired

// receive keeps the newest of the documents that wait.
func (a *Agent) receive(_ string, sealed []byte, _ bool) {
	if len(sealed) == 0 {
		return // the device was retired; what holds by its own clock goes on
	}
	l, err := a.open(sealed)
	if err == nil && l.doc.Dev != a.Device {
		err = errors.New("it is for another device")
	}
	if err != nil {
		a.tell("refused", fmt.Sprintf("a document: %v", err))
		return
	}
	a.mu.Lock()
	if a.next == nil || l.doc.Rev >= a.next.doc.Rev {
		a.next = l
	}
	a.mu.Unlock()
	nudge(a.nudge)
}

// work is the loop around Core.
func (a *Agent) work(ctx context.Context) error {
	t := time.NewTicker(a.Tick)
	defer t.Stop()
	for {
		a.take()
		a.settle()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		case <-a.nudge:
		case <-a.Changed:
		case birth := <-a.hello:
			a.said.Session = birth.Session
			a.out.birth(birth)
			a.out.report(a.said)
		case <-a.again:
			a.said.TS = a.Now().UTC().Truncate(time.Millisecond)
			a.out.report(a.said)
		}
	}
}

// take accepts the waiting document. It is on disk before it is acted on. When
// the disk refuses, acting on it still is better than not.
func (a *Agent) take() {
	a.mu.Lock()
	l := a.next
	a.next = nil
	a.mu.Unlock()
	if l == nil {
		return
	}
	news, err := a.core.Accept(l.doc)
	switch {
	case err != nil:
		a.tell("refused", err.Error())
	case news:
		if err := a.Store.Save(l.sealed); err != nil {
			a.tell("storage", err.Error())
		}
	}
}

// mostTurns bounds how often one change is followed up at once; the rest waits
// for the next tick.
const mostTurns = 3

// settle looks, acts, and looks again. What is about to change is reported
// once it has been read back, unless it is a drift.
func (a *Agent) settle() {
	for n := range mostTurns {
		turn := a.core.Turn(a.Now(), a.Platform.Read)
		for _, s := range turn.Drift {
			a.tell("drift", string(s))
		}
		if len(turn.Apply) == 0 || len(turn.Drift) > 0 || n == mostTurns-1 {
			a.say(turn.Report)
		}
		if len(turn.Apply) == 0 {
			return
		}
		for _, c := range turn.Apply {
			a.Platform.Apply(c.Setting, c.Value, c.Items)
		}
	}
}

// say reports what differs from the last report, once there has been a
// connection to report on.
func (a *Agent) say(r mdm.Reported) {
	r.Session = a.said.Session
	if r.Same(a.said) {
		return
	}
	a.said = r
	if r.Session != "" {
		a.out.report(r)
	}
}

func (a *Agent) tell(kind, detail string) { a.out.event(mdm.NewEvent(kind, detail, a.Now())) }
