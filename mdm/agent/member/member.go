// Package member is an agent that belongs to a school: its identity, and its
// connection to the school's broker.
package member

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent"
)

// Where in the identity's folder the agent keeps what it remembers.
const (
	storeFile    = "desired"  // the last document
	commandsFile = "commands" // which commands were done
)

// Config says which device it is and what it runs on.
type Config struct {
	Dir      string // of the device's identity
	Root     wire.Root
	Platform agent.Platform
	Changed  <-chan struct{}  // a nudge that the device was changed; may be nil
	Now      func() time.Time // school time by the device's clock
	Tick     time.Duration    // machine time between two looks at the device; 0 for a second
	Jitter   time.Duration    // longest wait before a reconnect; 0 for what suits devices
	Online   func(bool)       // told when the connection comes and goes; may be nil
	Log      *slog.Logger
}

// Member is one device with its connection.
type Member struct {
	Config
	Client *bus.Client

	id    *identity.Identity
	agent *agent.Agent
}

// Open takes up the identity and begins to connect. Errors: those of
// identity.Open; invalid for the identity of something else than a device.
func Open(ctx context.Context, c Config) (*Member, error) {
	id, err := identity.Open(c.Dir, time.Now)
	if err != nil {
		return nil, err
	}
	about := id.About()
	if about.Kind != cert.Device {
		return nil, errs.New(errs.Invalid, "The identity in "+c.Dir+" is not a device's.", "Join with the code of a device.")
	}
	c.Log = c.Log.With("device", about.ID)
	m := &Member{Config: c, id: id, agent: agent.New(agent.Config{
		Device: about.ID, Root: c.Root, Platform: c.Platform, Store: agent.File(filepath.Join(c.Dir, storeFile)),
		Commands: agent.File(filepath.Join(c.Dir, commandsFile)),
		Open:     func(t wire.Type, b []byte) ([]byte, error) { return wire.Open(id.About().Keys, t, b) },
		Now:      c.Now, Changed: c.Changed, Tick: c.Tick,
	})}
	m.Client, err = bus.Dial(ctx, m.connection())
	return m, err
}

// ID is the device's id.
func (m *Member) ID() string { return m.id.About().ID }

// connection gives each connection a session of its own. A client asks for the
// will and says that it is up one after the other, so birth needs no lock.
func (m *Member) connection() bus.Config {
	about := m.id.About()
	var birth mdm.Presence
	return bus.Config{
		Address: about.MQTT, ID: about.ID, TLS: m.id.TLS(), Jitter: m.Jitter, Logger: m.Log,
		Will: func() (string, []byte) {
			death := bus.Presence{Session: bus.NewSession(), TS: time.Now()}
			birth = mdm.NewPresence(true, death.Session, death.TS)
			return m.Root.Device(about.ID, wire.LeafPresence), death.Encode()
		},
		OnUp: func(context.Context) {
			m.told(true)
			m.agent.Hello(birth)
		},
		OnDown: func(error) { m.told(false) },
	}
}

func (m *Member) told(online bool) {
	if m.Online != nil {
		m.Online(online)
	}
}

// Run works until ctx ends, and closes the connection.
func (m *Member) Run(ctx context.Context) error {
	defer m.Client.Close()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { m.id.KeepRenewed(ctx, m.Log); return nil })
	g.Go(func() error { return m.agent.Run(ctx, m.Client) })
	return g.Wait()
}
