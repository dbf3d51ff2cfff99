package headwind

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
)

// Bus is the school's broker. Publish returns once the broker has the message,
// and may block for as long as it is out of reach.
type Bus interface {
	Publish(ctx context.Context, topic string, payload []byte, retain bool) error
	Subscribe(ctx context.Context, filter string, handle func(topic string, payload []byte, retained bool)) error
}

// Config is what a gateway needs. From Push on it may be left out.
type Config struct {
	ID   string // of the gateway: the platform it speaks for
	Root wire.Root
	Dir  string                                           // folder of its own, made if need be
	Key  Key                                              // of the phones' projects
	Now  func() time.Time                                 // school time, in the school's zone
	Open func(t wire.Type, sealed []byte) ([]byte, error) // checks an envelope and gives what is in it

	Push     Push   // "" is ByPoll; for ByMQTT call ServeMQTT too
	Secret   Secret // built into the agents; "" for that of the published one
	MustSign bool   // a fetch or poll without a true signature is refused
	APK      string // file of the agent, for phones being set up; "" for none
	Log      *slog.Logger
}

// Gateway is all phones it speaks for. It is an http.Handler, to them.
type Gateway struct {
	Config
	folder folder
	since  time.Time // what was asked for earlier may have been done
	bus    Bus
	pager  *bus.Pager    // nil unless phones are called by MQTT
	room   chan struct{} // one taken by each request
	mux    *http.ServeMux

	callDue, postDue chan struct{} // somebody may have to be called, something to be told

	mu       sync.Mutex
	rev      uint64             // of the list of devices
	listed   bool               // there was one since the start
	phones   map[string]*member // by id
	projects map[string]*member // by project
	early    map[string][]byte  // documents that came before their phone was listed
	events   []event            // not yet told
}

// member is a phone and its line.
type member struct {
	phone
	sealed []byte
	line   line
	recent window // of its requests

	called   string    // news it was last called for
	calledAt time.Time // machine time

	told     mdm.Reported // last report the broker has
	toldLife mdm.Presence // last birth or death the broker has
	birth    mdm.Presence // of the current or last session
	acks     []mdm.Ack    // the broker does not have yet
}

type event struct {
	dev string
	mdm.Event
}

// New makes a gateway of what its folder holds. Errors: invalid, unavailable.
func New(c Config) (*Gateway, error) {
	if len(c.Key) < MinKey {
		return nil, errs.New(errs.Invalid, "The key of the phones' paths is too short.", "Use 32 random bytes or more.")
	}
	c.Secret, c.Push = cmp.Or(c.Secret, Published), cmp.Or(c.Push, ByPoll)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "The gateway's folder cannot be made.", "Choose a folder this user may write to.")
	}
	g := &Gateway{Config: c, folder: folder(c.Dir), phones: map[string]*member{}, projects: map[string]*member{}, early: map[string][]byte{},
		callDue: make(chan struct{}, 1), postDue: make(chan struct{}, 1), room: make(chan struct{}, MaxAtOnce)}
	g.mux = g.routes()
	var err error
	if g.since, err = g.folder.since(c.Now()); err != nil {
		return nil, err
	}
	return g, errors.Join(g.openPager(), g.recall())
}

// add makes a phone; the caller holds mu, or is the only one yet.
func (g *Gateway) add(id string) *member {
	m := &member{phone: phone{id: id, tasks: newTasks(g.since)}}
	g.phones[id], g.projects[g.Key.Project(id)] = m, m
	return m
}

// recall takes up the phones of before the restart. A file that cannot be used is
// told of and done without: the school's server has what matters in it too.
func (g *Gateway) recall() error {
	all, err := g.folder.load()
	if all == nil {
		return err
	}
	if err != nil {
		g.Log.Warn("what was kept of some phones is lost", "err", err)
	}
	for id, s := range all {
		m := g.add(id)
		m.took = s.Taken
		g.recallTasks(m, true)
		if s.Sealed != nil {
			if err := g.take(m, s.Sealed); err != nil {
				g.Log.Warn("what was kept of a phone is not used", "device", id, "err", err)
			}
		}
		if s.Session != "" { // it was there, and may be still
			m.birth = mdm.NewPresence(true, s.Session, g.Now())
			m.line.heard = time.Now()
		}
	}
	return nil
}

// Up says that a connection to the broker stands: a broker without a memory is to
// be told everything again. Each phone that is there begins a session: in that it is
// sent the commands that went out while nobody listened.
func (g *Gateway) Up() {
	g.mu.Lock()
	for _, m := range g.phones {
		m.told, m.toldLife = mdm.Reported{}, mdm.Presence{}
		if m.birth.Online {
			m.birth = mdm.NewPresence(true, bus.NewSession(), g.Now())
		}
	}
	g.mu.Unlock()
	g.nudge()
}

// Run works until ctx ends. Errors: that of ctx, and those of the first
// subscriptions.
func (g *Gateway) Run(ctx context.Context, bus Bus) error {
	if g.pager != nil {
		defer g.pager.Close()
	}
	g.bus = bus
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return bus.Subscribe(ctx, g.Root.Gateway(g.ID, wire.LeafDevices), g.receiveList) })
	group.Go(func() error { return bus.Subscribe(ctx, g.Root.Device(wire.Any, wire.LeafDesired), g.receive) })
	group.Go(func() error { return g.work(ctx, g.callDue, func() { g.call(time.Now()) }) })
	group.Go(func() error {
		if err := bus.Subscribe(ctx, g.Root.Device(wire.Any, wire.LeafCommand), g.receiveCommand); err != nil {
			return err
		}
		return g.work(ctx, g.postDue, func() { g.post(ctx, time.Now()) }) // a birth says that commands will be heard
	})
	return group.Wait()
}

func (g *Gateway) nudge() {
	for _, due := range []chan struct{}{g.callDue, g.postDue} {
		select {
		case due <- struct{}{}:
		default:
		}
	}
}

// receiveList takes in which phones there are. Those no longer named are gone for
// good, those named first are made.
func (g *Gateway) receiveList(_ string, sealed []byte, _ bool) {
	payload, err := g.open(wire.TypeDevices, sealed)
	var list wire.Devices
	if err == nil {
		list, err = wire.DecodeDevices(payload)
	}
	if err != nil {
		g.Log.Warn("a list of devices is refused", "err", err)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listed && list.Rev < g.rev {
		g.Log.Warn("an older list of devices is refused", "rev", list.Rev)
		return
	}
	g.listed, g.rev = true, list.Rev
	named := map[string]bool{}
	for _, id := range list.Devices {
		named[id] = true
		if g.phones[id] == nil {
			g.recallTasks(g.add(id), false)
			if sealed := g.early[id]; sealed != nil {
				g.accept(g.phones[id], sealed)
				delete(g.early, id)
			}
		}
	}
	for id, m := range g.phones {
		if !named[id] {
			g.retire(m)
		}
	}
	g.nudge()
}

// retire forgets a phone; the caller holds mu.
func (g *Gateway) retire(m *member) {
	delete(g.phones, m.id)
	delete(g.projects, g.Key.Project(m.id))
	m.line.end()
	if g.pager != nil {
		g.pager.Drop(m.id)
	}
	if err := g.folder.remove(m.id); err != nil {
		g.Log.Warn("a retired phone's file stays", "device", m.id, "err", err) // it is removed with the next list
	}
}

// receive takes in a document. One that was cleared says nothing: the list does.
func (g *Gateway) receive(topic string, sealed []byte, _ bool) {
	id, leaf, ok := g.Root.Whose(topic)
	if !ok || leaf != wire.LeafDesired || len(sealed) == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.phones[id]
	if m == nil { // it may be on the next list
		if len(g.early) >= maxEarly {
			clear(g.early)
		}
		if len(sealed) <= maxSealed {
			g.early[id] = sealed
		}
		return
	}
	g.accept(m, sealed)
}

// accept takes a document in and keeps it; the caller holds mu.
func (g *Gateway) accept(m *member, sealed []byte) {
	if err := g.take(m, sealed); err != nil {
		g.tell(m.id, "refused", "a document: "+err.Error())
		return
	}
	g.save(m)
	g.nudge()
}

// take verifies and accepts a document.
func (g *Gateway) take(m *member, sealed []byte) error {
	payload, err := g.open(wire.TypeDesired, sealed)
	if err != nil {
		return err
	}
	d, err := mdm.DecodeDesired(payload)
	if err != nil {
		return err
	}
	news, err := m.accept(d)
	if news {
		m.sealed = sealed
	}
	return err
}

func (g *Gateway) open(t wire.Type, sealed []byte) ([]byte, error) {
	if len(sealed) > maxSealed {
		return nil, errs.New(errs.Invalid, "An envelope is too long.", "")
	}
	return g.Open(t, sealed)
}

// save keeps a phone; the caller holds mu. When the disk refuses, going on still
// is better than not: what is lost is fetched once more.
func (g *Gateway) save(m *member) {
	s := saved{Sealed: m.sealed, Taken: m.took}
	if m.birth.Online {
		s.Session = m.birth.Session
	}
	if err := g.folder.save(m.id, s); err != nil {
		g.Log.Error("a phone could not be kept on disk", "device", m.id, "err", err)
	}
}

// tell puts an event where the next post finds it; the caller holds mu.
func (g *Gateway) tell(dev, kind, detail string) {
	g.events = append(g.events, event{dev, mdm.NewEvent(kind, detail, g.Now())})
	g.events = g.events[max(0, len(g.events)-maxEvents):]
	g.nudge()
}
