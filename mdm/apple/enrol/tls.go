package enrol

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/url"
	"time"

	"github.com/bellkeep/bellkeep/internal/wait"
)

// watchEvery is how often Watch looks.
const watchEvery = 6 * time.Hour

// Watch looks from time to time until when the gateway's certificate is good, so that
// LastTLS knows it, until ctx ends.
func (o *Office) Watch(ctx context.Context) error {
	for {
		o.TLS(ctx)
		if err := wait.For(ctx, watchEvery); err != nil {
			return err
		}
	}
}

// LastTLS is what TLS found last.
func (o *Office) LastTLS() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.tls
}

// TLS looks until when the gateway's certificate is good; what was found before where
// that cannot be seen.
func (o *Office) TLS(ctx context.Context) time.Time {
	until, err := o.tlsEnd(ctx)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err == nil {
		o.tls = until
	}
	return o.tls
}

func (o *Office) tlsEnd(ctx context.Context) (time.Time, error) {
	ctx, stop := context.WithTimeout(ctx, probeWithin)
	defer stop()
	u, err := url.Parse(o.URL)
	if err != nil {
		return time.Time{}, err
	}
	conn, err := o.Probe.dial(ctx, "tcp", address(u))
	if err != nil {
		return time.Time{}, err
	}
	defer conn.Close()
	line := tls.Client(conn, &tls.Config{ServerName: u.Hostname(), InsecureSkipVerify: true}) //nolint:gosec // only its end is read
	if err := line.HandshakeContext(ctx); err != nil {
		return time.Time{}, err
	}
	return line.ConnectionState().PeerCertificates[0].NotAfter, nil
}

// address is where a URL is answered.
func address(u *url.URL) string { return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "443")) }
