package push

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// connection is that with one certificate.
type connection struct {
	mark   string
	client *http.Client
	until  time.Time // the certificate's end
}

// connection gives that of a topic: a new one when the certificate was replaced.
func (s *Sender) connection(ctx context.Context, topic string) (*connection, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.connections[topic]
	if c != nil {
		stale, err := s.Certs.IsPushCertStale(ctx, topic, c.mark)
		if err != nil {
			return nil, err
		}
		if stale {
			c.client.CloseIdleConnections()
			c = nil
		}
	}
	if c == nil {
		var err error
		if c, err = s.connect(ctx, topic); err != nil {
			return nil, err
		}
		if s.connections == nil {
			s.connections = map[string]*connection{}
		}
		s.connections[topic] = c
	}
	if !s.now().Before(c.until) {
		return nil, errs.New(errs.Denied, "The push certificate ended on "+c.until.Format("2 January 2006")+".", "Renew it with the Apple Account that made it.")
	}
	return c, nil
}

func (s *Sender) connect(ctx context.Context, topic string) (*connection, error) {
	cert, mark, err := s.Certs.RetrievePushCert(ctx, topic)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		return nil, err
	}
	return &connection{mark: mark, until: leaf.NotAfter, client: &http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2:   true,
		TLSClientConfig:     &tls.Config{Certificates: []tls.Certificate{*cert}, RootCAs: s.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: patience / 2,
		IdleConnTimeout:     10 * time.Minute,
		MaxConnsPerHost:     2, // else the first wake-ups would each open one
		HTTP2:               &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: patience / 2},
	}}}, nil
}

// Close gives up all connections.
func (s *Sender) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.connections {
		c.client.CloseIdleConnections()
	}
}
