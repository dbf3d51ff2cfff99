package double

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"net"
	"strings"
	"sync"
)

// APNs is a pretend push notification service on this computer. It speaks HTTP/2
// frame by frame, so that it can end a connection with pushes on it.
type APNs struct {
	*Authority
	listener net.Listener
	wake     func(token []byte) // of each push it took

	mu       sync.Mutex
	taken    map[string]int // by token, in hexadecimal
	gone     map[string]bool
	busy     int   // the next pushes are answered 429
	goAway   []int // after how many pushes the next connections end
	conns    map[net.Conn]bool
	accepted int // connections so far
}

// NewAPNs begins to listen; wake, if not nil, is called for each push that is taken.
func NewAPNs(wake func(token []byte)) (*APNs, error) {
	ca, err := NewAuthority()
	if err != nil {
		return nil, err
	}
	a := &APNs{Authority: ca, wake: wake, taken: map[string]int{}, gone: map[string]bool{}, conns: map[net.Conn]bool{}}
	cert, err := ca.server()
	if err != nil {
		return nil, err
	}
	a.listener, err = tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2"}, ClientAuth: tls.RequireAnyClientCert})
	return a, err
}

// URL is where it listens.
func (a *APNs) URL() string { return "https://" + a.listener.Addr().String() }

// Run works until ctx ends.
func (a *APNs) Run(ctx context.Context) {
	defer context.AfterFunc(ctx, a.close)()
	var all sync.WaitGroup
	defer all.Wait()
	for {
		conn, err := a.listener.Accept()
		if err != nil {
			return
		}
		a.mu.Lock()
		a.conns[conn] = true
		a.accepted++
		a.mu.Unlock()
		all.Go(func() {
			defer a.drop(conn)
			_ = a.serve(conn.(*tls.Conn)) // the other side has gone, or breaks the rules
		})
	}
}

func (a *APNs) close() {
	_ = a.listener.Close() // nothing is to be saved
	a.mu.Lock()
	defer a.mu.Unlock()
	for conn := range a.conns {
		_ = conn.Close() // likewise
	}
}

func (a *APNs) drop(conn net.Conn) {
	_ = conn.Close() // nothing is to be saved
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.conns, conn)
}

// GoAway has it end connections with GOAWAY: one after so many pushes, the next after
// so many more, and so on. What is on such a connection then is left without an
// answer.
func (a *APNs) GoAway(after ...int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.goAway = after
}

// goes reports whether the connection of a push ends before it is answered.
func (a *APNs) goes() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.goAway) == 0 {
		return false
	}
	if a.goAway[0] > 0 {
		a.goAway[0]--
		return false
	}
	a.goAway = a.goAway[1:]
	return true
}

// Busy answers the next n pushes with 429.
func (a *APNs) Busy(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.busy = n
}

// Gone answers pushes to a token with 410 from now on.
func (a *APNs) Gone(token []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.gone[hex.EncodeToString(token)] = true
}

// Back has it know a token again.
func (a *APNs) Back(token []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.gone, hex.EncodeToString(token))
}

// Taken counts the pushes to a token that were answered 200.
func (a *APNs) Taken(token []byte) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.taken[hex.EncodeToString(token)]
}

// Connections counts those there were.
func (a *APNs) Connections() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.accepted
}

// serve answers pushes on one connection, until that ends.
func (a *APNs) serve(conn *tls.Conn) error {
	c, err := accept(conn)
	if err != nil {
		return err
	}
	peers := conn.ConnectionState().PeerCertificates
	for {
		id, push, err := c.request()
		if err != nil {
			return err
		}
		if a.goes() {
			return c.goAway()
		}
		status, reason := a.judge(push, peers)
		if err := c.respond(id, status, reason); err != nil {
			return err
		}
	}
}

// judge takes a push or says why not.
func (a *APNs) judge(s *stream, peers []*x509.Certificate) (int, string) {
	token, ok := strings.CutPrefix(s.path, "/3/device/")
	raw, err := hex.DecodeString(token)
	var note struct {
		MDM string `json:"mdm"`
	}
	if !ok || err != nil || json.Unmarshal(s.body.Bytes(), &note) != nil || note.MDM == "" {
		return 400, "BadDeviceToken"
	}
	if topicOf(peers[0]) != s.topic {
		return 403, "BadCertificate"
	}
	a.mu.Lock()
	switch {
	case a.gone[token]:
		a.mu.Unlock()
		return 410, "Unregistered"
	case a.busy > 0:
		a.busy--
		a.mu.Unlock()
		return 429, "TooManyRequests"
	}
	a.taken[token]++
	a.mu.Unlock()
	if a.wake != nil {
		a.wake(raw)
	}
	return 200, ""
}
