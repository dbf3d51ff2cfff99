package headwind

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/relay"
)

// Config is what a gateway needs. From Push on it may be left out.
type Config struct {
	ID   string // of the gateway: the platform it speaks for
	Root wire.Root
	Dir  string           // folder of its own, made if need be
	Key  Key              // of the phones' projects
	Now  func() time.Time // school time, in the school's zone
	Open relay.Opener     // checks an envelope

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
	intake *relay.Intake
	outbox *relay.Outbox
	pager  *bus.Pager    // nil unless phones are called by MQTT
	room   chan struct{} // one taken by each request
	due    chan struct{} // somebody may have to be called, or stand otherwise
	mux    *http.ServeMux

	mu       sync.Mutex
	phones   map[string]*member // by id
	projects map[string]*member // by project
}

// member is a phone and its line.
type member struct {
	phone
	sealed []byte
	line   line
	recent window // of its requests

	called   string    // news it was last called for
	calledAt time.Time // machine time

	birth mdm.Presence // of the current or last session
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
	g := &Gateway{Config: c, folder: folder(c.Dir), outbox: relay.NewOutbox(c.Root, c.Log), phones: map[string]*member{}, projects: map[string]*member{},
		due: make(chan struct{}, 1), room: make(chan struct{}, MaxAtOnce)}
	g.intake = &relay.Intake{ID: c.ID, Root: c.Root, Open: c.Open, Devices: (*schoolSide)(g), Log: c.Log}
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
			if err := g.remind(m, s.Sealed); err != nil {
				g.Log.Warn("what was kept of a phone is not used", "device", id, "err", err)
			}
		}
		if s.Session != "" { // it was there, and may be still
			m.birth = mdm.NewPresence(true, s.Session, g.Now())
			m.line.heard = time.Now()
		}
	}
	g.intake.Know(slices.Collect(maps.Keys(g.phones)))
	return nil
}

// Up says that a connection to the broker stands: a broker without a memory is to
// be told everything again. Each phone that is there begins a session: in that it is
// sent the commands that went out while nobody listened.
func (g *Gateway) Up() {
	school := g.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range g.phones {
		if !m.birth.Online {
			g.outbox.Again(m.id)
			continue
		}
		m.birth = mdm.NewPresence(true, bus.NewSession(), school)
		g.stand(m, m.order(school, g.Push), school) // of a new session all is news
	}
}

// Run works until ctx ends. Errors: that of ctx, and those of the first
// subscriptions.
func (g *Gateway) Run(ctx context.Context, broker relay.Bus) error {
	if g.pager != nil {
		defer g.pager.Close()
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return g.intake.Run(ctx, broker) })
	group.Go(func() error { return g.work(ctx) })
	group.Go(func() error {
		if err := g.intake.Commands(ctx, broker); err != nil {
			return err
		}
		return g.outbox.Run(ctx, broker) // a birth says that commands will be heard
	})
	return group.Wait()
}

func (g *Gateway) nudge() {
	select {
	case g.due <- struct{}{}:
	default:
	}
}

// remind gives a phone the document that was kept of it.
func (g *Gateway) remind(m *member, sealed []byte) error {
	d, err := g.Open.Document(sealed)
	if err != nil {
		return err
	}
	return m.take(d, sealed)
}

// take takes a verified document in, with its envelope.
func (m *member) take(d mdm.Desired, sealed []byte) error {
	news, err := m.accept(d)
	if news {
		m.sealed = sealed
	}
	return err
}

// gone reports whether a phone was retired while it was being answered; the caller
// holds mu.
func (g *Gateway) gone(m *member) bool { return g.phones[m.id] != m }

// save keeps a phone; the caller holds mu. When the disk refuses, going on still
// is better than not: what is lost is fetched once more.
func (g *Gateway) save(m *member) {
	if g.gone(m) {
		return
	}
	s := saved{Sealed: m.sealed, Taken: m.took}
	if m.birth.Online {
		s.Session = m.birth.Session
	}
	if err := g.folder.save(m.id, s); err != nil {
		g.Log.Error("a phone could not be kept on disk", "device", m.id, "err", err)
	}
}

// tell says what happened to a phone; the caller holds mu.
func (g *Gateway) tell(id, kind, detail string) {
	if g.phones[id] != nil { // it may have been retired meanwhile
		g.outbox.Tell(id, mdm.NewEvent(kind, detail, g.Now()))
	}
}
