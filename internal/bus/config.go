package bus

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// What a Config leaves out.
const (
	DefaultJitter    = time.Minute
	DefaultKeepAlive = time.Minute
	DefaultTimeout   = 10 * time.Second
	DefaultInFlight  = 64
	DefaultQueue     = 64

	maxSubscriptions = 64 // of one Client
)

// Config says how a Client reaches its broker.
type Config struct {
	Address string      // host:port
	ID      string      // client id, user name, common name of the certificate
	TLS     *tls.Config // nil is plain TCP, for loopback addresses only

	// Will, if set, is asked before every attempt to connect for the retained
	// message that the broker sends when this connection ends, however it
	// ends. So each connection can have a session of its own.
	Will func() (topic string, payload []byte)
	// OnUp, if set, is called when a connection is made and all subscriptions
	// are in place. Its context ends with the connection.
	OnUp func(context.Context)
	// OnDown, if set, is called when a connection that was up is gone, after
	// OnUp returned.
	OnDown func(error)

	// Jitter is the longest wait before a reconnect. Waits are spread over it,
	// so that a thousand devices do not all come back in the same second. 0
	// means a minute, right for devices; banks use 2 s.
	Jitter    time.Duration
	KeepAlive time.Duration // between pings, in whole seconds; 0 means a minute
	Timeout   time.Duration // for connecting, one acknowledgement, one write; 0 means 10 s
	InFlight  int           // messages sent but not yet acknowledged; 0 means 64
	Queue     int           // messages waiting for one subscription's handler; 0 means 64
	Logger    *slog.Logger  // nil logs nothing
}

// complete checks c and fills in what it leaves out.
func (c Config) complete() (Config, error) {
	host, _, err := net.SplitHostPort(c.Address)
	switch {
	case err != nil:
		return c, errs.Wrap(err, errs.Invalid, "The broker's address is not host:port.", "Write it like school.example:8883.")
	case !school.ValidID(c.ID):
		return c, errs.New(errs.Invalid, "The client id is not valid.", "Use 1 to 36 of a-z, 0-9 and hyphen.")
	case c.TLS == nil && !loopback(host):
		return c, errs.New(errs.Invalid, "Plain TCP is for loopback addresses only.", "Set up certificates for this broker.")
	case c.TLS != nil:
		c.TLS = c.TLS.Clone()
		if c.TLS.ServerName == "" {
			c.TLS.ServerName = host
		}
	}
	c.Jitter = orElse(c.Jitter, DefaultJitter)
	c.KeepAlive = orElse(c.KeepAlive, DefaultKeepAlive)
	c.Timeout = orElse(c.Timeout, DefaultTimeout)
	c.InFlight = orElse(c.InFlight, DefaultInFlight)
	c.Queue = orElse(c.Queue, DefaultQueue)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// orElse gives value, or usual when value is not positive.
func orElse[T int | time.Duration](value, usual T) T {
	if value > 0 {
		return value
	}
	return usual
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
