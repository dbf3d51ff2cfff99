package bus

import (
	"cmp"
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	broker "github.com/mochi-mqtt/server/v2"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	greeting   = 10 * time.Second // for TLS handshake and CONNECT
	spareConns = 64               // connections beyond MaxClients that may be greeting
)

// BrokerConfig says whom an embedded broker serves.
type BrokerConfig struct {
	Rights           Rights        // who may connect, read and write; required
	MaxClients       int           // connected at a time; 0 means 2,048
	MaxSubscriptions int           // of one client; 0 means 32
	MaxConnects      int           // of one client in a minute; 0 means 60
	WriteTimeout     time.Duration // for a client to take one packet; 0 means 2 s
	// Refused, if set, is told who was refused, by their certificate, and why. It
	// must be quick.
	Refused func(client, reason string)
	Logger  *slog.Logger // nil logs nothing
}

// Broker is an MQTT broker inside this process. It keeps everything in
// memory: whoever owns retained messages publishes them through Conn before
// the first Serve.
type Broker struct {
	cfg    BrokerConfig
	server *broker.Server
	gate   *gate
	local  *Local
	room   chan struct{} // one taken by each connection
	ctx    context.Context
	stop   context.CancelFunc

	mu     sync.Mutex // no task begins once closed
	closed bool
	tasks  sync.WaitGroup // listeners and local handlers
}

// Health are counters since the start, Clients and Retained as of now.
type Health struct {
	Clients  int64 // connected
	Retained int64 // messages kept
	Received int64 // messages published by clients and by this process
	Sent     int64 // messages delivered to clients
	Dropped  int64 // messages a slow client lost; more than 0 is a fault
	Refused  int64 // connections refused
}

// NewBroker starts a broker that nobody can connect to until Serve is called.
func NewBroker(cfg BrokerConfig) (*Broker, error) {
	if cfg.Rights == nil {
		return nil, errs.New(errs.Internal, "The broker was given no rights.", "")
	}
	cfg.MaxClients = cmp.Or(cfg.MaxClients, 2048)
	cfg.MaxSubscriptions = cmp.Or(cfg.MaxSubscriptions, 32)
	cfg.MaxConnects = cmp.Or(cfg.MaxConnects, maxConnects)
	cfg.WriteTimeout = cmp.Or(cfg.WriteTimeout, 2*time.Second)
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Refused == nil {
		cfg.Refused = func(string, string) {}
	}
	// The library's own Serve is never called: connections come from Serve below,
	// and what it starts besides copies every retained message and every client
	// once a second, in search of what has expired. Nothing here expires.
	server := broker.New(&broker.Options{
		Capabilities: capabilities(cfg.MaxClients),
		InlineClient: true,
		Logger:       slog.New(quiet{cfg.Logger.Handler()}),

		ClientNetReadBufferSize: readBuffer,
	})
	g := &gate{rights: cfg.Rights, log: cfg.Logger, server: server, maxSubs: cfg.MaxSubscriptions, pace: newPacer(cfg.MaxConnects), told: cfg.Refused, peers: newPeers()}
	if err := server.AddHook(g, nil); err != nil {
		return nil, errs.Wrap(err, errs.Internal, "The broker could not be set up.", "")
	}
	ctx, stop := context.WithCancel(context.Background())
	b := &Broker{cfg: cfg, server: server, gate: g, room: make(chan struct{}, cfg.MaxClients+spareConns), ctx: ctx, stop: stop}
	b.local = &Local{broker: b}
	return b, nil
}

// Conn gives this process's own client, which may read and write everything
// and loses nothing.
func (b *Broker) Conn() *Local { return b.local }

// Drop disconnects a client at once, and nothing more is delivered to it. The
// caller first makes Rights refuse the client, or it simply comes back.
func (b *Broker) Drop(client string) { b.gate.drop(client) }

// Health gives the counters.
func (b *Broker) Health() Health {
	info := b.server.Info
	return Health{
		Clients:  atomic.LoadInt64(&info.ClientsConnected),
		Retained: atomic.LoadInt64(&info.Retained),
		Received: atomic.LoadInt64(&info.MessagesReceived),
		Sent:     atomic.LoadInt64(&info.MessagesSent),
		Dropped:  atomic.LoadInt64(&info.MessagesDropped) + atomic.LoadInt64(&info.InflightDropped),
		Refused:  b.gate.refused.Load(),
	}
}

// Close ends all connections, listeners and handlers and waits for them.
func (b *Broker) Close() error {
	b.mu.Lock()
	again := b.closed
	b.closed = true
	b.mu.Unlock()
	b.stop()
	b.tasks.Wait()
	if again {
		return nil
	}
	return b.server.Close()
}

// begin counts a task in, unless the broker is closed.
func (b *Broker) begin() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return errs.New(errs.Unavailable, "The broker is closed.", "Start the server again.")
	}
	b.tasks.Add(1)
	return nil
}

// Serve accepts clients until ctx or the broker ends, then closes the listener
// and all its connections. secure must require and verify client certificates;
// nil, for plain TCP, is accepted on a loopback address only, where a client
// is who it says it is. It may be called for several listeners.
func (b *Broker) Serve(ctx context.Context, listener net.Listener, secure *tls.Config) error {
	defer listener.Close()
	if err := checkListener(listener, secure); err != nil {
		return err
	}
	if err := b.begin(); err != nil {
		return err
	}
	defer b.tasks.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(b.ctx, cancel)()
	return acceptor{
		room:  b.room,
		serve: func(ctx context.Context, conn net.Conn) { b.serveConn(ctx, conn, secure) },
		full: func(conn net.Conn) {
			b.gate.refused.Add(1)
			b.cfg.Logger.Warn("the broker is full", "remote", conn.RemoteAddr().String())
		},
	}.run(ctx, listener)
}

func checkListener(listener net.Listener, secure *tls.Config) error {
	if secure != nil {
		// A configuration may verify by itself, which it must then do for everybody.
		verifies := secure.ClientAuth == tls.RequireAndVerifyClientCert ||
			secure.ClientAuth == tls.RequireAnyClientCert && secure.VerifyConnection != nil
		if !verifies || secure.ClientCAs == nil {
			return errs.New(errs.Invalid, "The broker must verify client certificates.", "Give it the school's authority.")
		}
		return nil
	}
	host, _, err := net.SplitHostPort(listener.Addr().String())
	if err != nil || !loopback(host) {
		return errs.Wrap(err, errs.Invalid, "Without TLS the broker listens on loopback addresses only.", "Set up certificates.")
	}
	return nil
}

// serveConn serves one connection to its end.
func (b *Broker) serveConn(ctx context.Context, conn net.Conn, secure *tls.Config) {
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(greeting)) // fails only with what the next read reports
	p := &peer{over: make(chan struct{})}
	if secure != nil {
		secured := tls.Server(conn, secure)
		if err := secured.HandshakeContext(ctx); err != nil {
			b.gate.refused.Add(1)
			b.cfg.Logger.Warn("the broker refused a connection", "remote", conn.RemoteAddr().String(), "err", err)
			return
		}
		leaf := secured.ConnectionState().PeerCertificates[0]
		p.certified, p.client, p.serial = true, leaf.Subject.CommonName, leaf.SerialNumber.Text(16)
		conn = secured
	}
	p.link = newLink(conn, b.cfg.WriteTimeout)
	err := b.server.EstablishConnection("bus", p)
	b.gate.left(p)
	b.cfg.Logger.Debug("a client left the broker", "remote", p.RemoteAddr().String(), "err", err)
}
