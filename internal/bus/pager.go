package bus

import (
	"cmp"
	"context"
	"crypto/subtle"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	broker "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

const (
	maxPages       = 16              // of one client, not yet acknowledged
	pagerPacket    = 4 << 10         // bytes of the largest packet taken from a client
	pagerPatience  = 2 * time.Second // for a client to take one packet
	pagerKeepAlive = 30 * 60         // seconds; the longest a phone asks for is 15 minutes

	// ConnectsAMinute is how often one client may connect. An agent that counts
	// more takes it for two phones of one number and gives up for good.
	ConnectsAMinute = 15
)

// PagerConfig says whom a Pager pages. All fields but the last four are needed.
type PagerConfig struct {
	User     string                   // the same for every client
	Password string                   // likewise, so it proves next to nothing
	Page     []byte                   // the only message there is
	Enrolled func(client string) bool // must be quick and safe for concurrent use

	Here       func(client string, here bool) // it listens, or does no longer; called one at a time for each client
	Refused    func(client, why string)       // an enrolled client was refused; may be called often
	MaxClients int                            // connected at a time; 0 means 2,048
	Logger     *slog.Logger                   // nil logs nothing
}

// Pager is an MQTT 3.1.1 broker of its own for agents that know neither TLS nor
// certificates. All of them share one password, so it is built to be worth
// nothing to whoever has that: a client may subscribe to the topic that is its
// own id, publish nothing, leave no will, and hear one constant message, which
// says that there is something to fetch. Nothing is kept for one that is away.
type Pager struct {
	cfg    PagerConfig
	server *broker.Server
	*peers
	room chan struct{}

	connects connects
}

// NewPager starts a pager that nobody can connect to until Serve is called.
func NewPager(cfg PagerConfig) (*Pager, error) {
	cfg.MaxClients = cmp.Or(cfg.MaxClients, 2048)
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Here == nil {
		cfg.Here = func(string, bool) {}
	}
	if cfg.Refused == nil {
		cfg.Refused = func(string, string) {}
	}
	limits := capabilities(cfg.MaxClients)
	limits.MaximumQos = 2
	limits.MaximumPacketSize = pagerPacket
	limits.MaximumClientWritesPending, limits.MaximumInflight = maxPages, maxPages
	limits.RetainAvailable, limits.WildcardSubAvailable = 0, 0
	// As in NewBroker, nothing here needs what the library's own Serve starts.
	server := broker.New(&broker.Options{Capabilities: limits, InlineClient: true,
		Logger: slog.New(quiet{cfg.Logger.Handler()})})
	p := &Pager{cfg: cfg, server: server, peers: newPeers(), room: make(chan struct{}, cfg.MaxClients+spareConns)}
	if err := server.AddHook(&pagerHook{Pager: p}, nil); err != nil {
		return nil, errs.Wrap(err, errs.Internal, "The pager could not be set up.", "")
	}
	return p, nil
}

// Page tells one client, if it listens, at QoS 2. It does not
// wait for the answer.
func (p *Pager) Page(client string) error {
	if err := p.server.Publish(client, slices.Clone(p.cfg.Page), false, 2); err != nil {
		return errs.Wrap(err, errs.Unavailable, "The pager did not take a message.", "")
	}
	return nil
}

// Drop ends a client's connection at once.
func (p *Pager) Drop(client string) { p.drop(client) }

// Serve accepts clients until ctx ends.
func (p *Pager) Serve(ctx context.Context, listener net.Listener) error {
	return acceptor{room: p.room, serve: p.serveConn, full: func(conn net.Conn) {
		p.cfg.Logger.Warn("the pager is full", "remote", conn.RemoteAddr().String())
	}}.run(ctx, listener)
}

// Close ends what Serve left over.
func (p *Pager) Close() error { return p.server.Close() }

func (p *Pager) serveConn(ctx context.Context, conn net.Conn) {
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(greeting)) // fails only with what the next read reports
	one := &peer{link: newLink(conn, pagerPatience), over: make(chan struct{})}
	err := p.server.EstablishConnection("pager", one)
	if p.left(one) {
		p.cfg.Here(one.admitted, false)
	}
	p.cfg.Logger.Debug("a client left the pager", "remote", conn.RemoteAddr().String(), "err", err)
}

// pagerHook decides in the pager's broker. It embeds the library's base hook,
// which refuses everything that is not overridden.
type pagerHook struct {
	broker.HookBase
	*Pager
}

// ID implements the library's Hook.
func (h *pagerHook) ID() string { return "pager" }

// Provides implements the library's Hook.
func (h *pagerHook) Provides(b byte) bool {
	return slices.Contains([]byte{broker.OnPacketRead, broker.OnConnect, broker.OnConnectAuthenticate, broker.OnACLCheck, broker.OnSubscribed}, b)
}

// OnPacketRead ends the connection of a client that publishes.
func (h *pagerHook) OnPacketRead(cl *broker.Client, pk packets.Packet) (packets.Packet, error) {
	freeNumber(h.server, cl, pk)
	if pk.FixedHeader.Type == packets.Publish {
		return pk, packets.ErrRejectPacket
	}
	return pk, nil
}

// OnConnect refuses what is not of our protocol.
func (h *pagerHook) OnConnect(cl *broker.Client, pk packets.Packet) error {
	if pk.ProtocolVersion != version311 || pk.Connect.WillFlag {
		_ = h.server.SendConnack(cl, packets.Err3NotAuthorized, false, nil) // the connection ends either way
		return packets.Err3NotAuthorized
	}
	cl.Properties.Clean = true // nothing waits for one that is away: it asks when it comes back
	if cl.State.Keepalive == 0 || cl.State.Keepalive > pagerKeepAlive {
		cl.State.Keepalive = pagerKeepAlive
	}
	return nil
}

// OnConnectAuthenticate lets in an enrolled client that does not come too often.
func (h *pagerHook) OnConnectAuthenticate(cl *broker.Client, pk packets.Packet) bool {
	p, ok := cl.Net.Conn.(*peer)
	right := subtle.ConstantTimeCompare(pk.Connect.Username, []byte(h.cfg.User)) &
		subtle.ConstantTimeCompare(pk.Connect.Password, []byte(h.cfg.Password))
	if !ok || right != 1 || !school.ValidID(cl.ID) || cl.ID == broker.InlineClientId || !h.cfg.Enrolled(cl.ID) {
		h.cfg.Logger.Warn("the pager refused a client", "client", clip(cl.ID), "reason", "unknown number or wrong password", "remote", cl.Net.Remote)
		return false
	}
	if !h.connects.take(cl.ID, time.Now()) {
		h.cfg.Refused(cl.ID, "it connects more than 15 times a minute: two phones may have the same number")
		return false
	}
	return h.succeed(cl.ID, p)
}

// OnACLCheck lets a client read its own topic. The library asks for the filter
// of a subscription too, so a wildcard is refused like any other's topic.
func (h *pagerHook) OnACLCheck(cl *broker.Client, topic string, write bool) bool {
	return cl.Net.Inline || !write && topic == cl.ID
}

// OnSubscribed tells that a client can be paged now.
func (h *pagerHook) OnSubscribed(cl *broker.Client, pk packets.Packet, codes []byte) {
	for i, sub := range pk.Filters {
		if sub.Filter == cl.ID && i < len(codes) && codes[i] <= packets.CodeGrantedQos2.Code {
			h.cfg.Here(cl.ID, true)
		}
	}
}

// connects counts who connected within the last minute. Only enrolled clients
// are counted, so it has a line for each of them at most.
type connects struct {
	mu   sync.Mutex
	last map[string][]time.Time
}

// take counts one more, unless it is one too many.
func (c *connects) take(client string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		c.last = map[string][]time.Time{}
	}
	recent := slices.DeleteFunc(c.last[client], func(t time.Time) bool { return now.Sub(t) >= time.Minute })
	allowed := len(recent) < ConnectsAMinute
	if allowed {
		recent = append(recent, now)
	}
	c.last[client] = recent
	return allowed
}
