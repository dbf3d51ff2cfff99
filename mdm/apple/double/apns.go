package double

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Apple is a pretend push notification service on this computer. It speaks HTTP/2
// frame by frame, so that it can end a connection with pushes on it.
type Apple struct {
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

// NewApple begins to listen; wake, if not nil, is called for each push that is taken.
func NewApple(wake func(token []byte)) (*Apple, error) {
	ca, err := NewAuthority()
	if err != nil {
		return nil, err
	}
	a := &Apple{Authority: ca, wake: wake, taken: map[string]int{}, gone: map[string]bool{}, conns: map[net.Conn]bool{}}
	cert, err := ca.server()
	if err != nil {
		return nil, err
	}
	a.listener, err = tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2"}, ClientAuth: tls.RequireAnyClientCert})
	return a, err
}

// URL is where it listens.
func (a *Apple) URL() string { return "https://" + a.listener.Addr().String() }

// Run works until ctx ends.
func (a *Apple) Run(ctx context.Context) {
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

func (a *Apple) close() {
	_ = a.listener.Close() // nothing is to be saved
	a.mu.Lock()
	defer a.mu.Unlock()
	for conn := range a.conns {
		_ = conn.Close() // likewise
	}
}

func (a *Apple) drop(conn net.Conn) {
	_ = conn.Close() // nothing is to be saved
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.conns, conn)
}

// GoAway has it end connections with GOAWAY: one after so many pushes, the next after
// so many more, and so on. What is on such a connection then is left without an
// answer.
func (a *Apple) GoAway(after ...int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.goAway = after
}

// goes reports whether the connection of a push ends before it is answered.
func (a *Apple) goes() bool {
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
func (a *Apple) Busy(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.busy = n
}

// Gone answers pushes to a token with 410 from now on.
func (a *Apple) Gone(token []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.gone[hex.EncodeToString(token)] = true
}

// Back has it know a token again.
func (a *Apple) Back(token []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.gone, hex.EncodeToString(token))
}

// Taken counts the pushes to a token that were answered 200.
func (a *Apple) Taken(token []byte) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.taken[hex.EncodeToString(token)]
}

// Connections counts those there were.
func (a *Apple) Connections() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.accepted
}

// stream is a request being read.
type stream struct {
	path, topic string
	body        bytes.Buffer
}

const maxFrame = 16 << 10 // bytes

// serve answers one connection.
func (a *Apple) serve(conn *tls.Conn) error {
	if err := conn.Handshake(); err != nil {
		return err
	}
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(conn, preface); err != nil || string(preface) != http2.ClientPreface {
		return err
	}
	f := http2.NewFramer(conn, conn)
	f.SetMaxReadFrameSize(maxFrame)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if err := f.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 100}); err != nil {
		return err
	}
	open, last := map[uint32]*stream{}, uint32(0)
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return err
		}
		var complete bool
		id := frame.Header().StreamID
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				err = f.WriteSettingsAck()
			}
		case *http2.PingFrame:
			if !frame.IsAck() {
				err = f.WritePing(true, frame.Data)
			}
		case *http2.MetaHeadersFrame:
			open[id] = begin(frame)
			complete = frame.StreamEnded()
		case *http2.DataFrame:
			if s := open[id]; s != nil {
				s.body.Write(frame.Data())
				complete = frame.StreamEnded()
			}
			if n := len(frame.Data()); n > 0 && err == nil {
				err = f.WriteWindowUpdate(0, uint32(n))
			}
		case *http2.RSTStreamFrame:
			delete(open, id)
		case *http2.GoAwayFrame:
			return nil
		}
		if err != nil {
			return err
		}
		if !complete {
			continue
		}
		if a.goes() {
			return f.WriteGoAway(last, http2.ErrCodeNo, nil)
		}
		status, reason := a.judge(open[id], conn.ConnectionState().PeerCertificates)
		delete(open, id)
		if err := respond(f, id, status, reason); err != nil {
			return err
		}
		last = id
	}
}

func begin(frame *http2.MetaHeadersFrame) *stream {
	s := &stream{}
	for _, h := range frame.Fields {
		switch h.Name {
		case ":path":
			s.path = h.Value
		case "apns-topic":
			s.topic = h.Value
		}
	}
	return s
}

// judge takes a push or says why not.
func (a *Apple) judge(s *stream, peers []*x509.Certificate) (int, string) {
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

func respond(f *http2.Framer, id uint32, status int, reason string) error {
	var block bytes.Buffer
	if err := hpack.NewEncoder(&block).WriteField(hpack.HeaderField{Name: ":status", Value: strconv.Itoa(status)}); err != nil {
		return err
	}
	if err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: reason == ""}); err != nil || reason == "" {
		return err
	}
	return f.WriteData(id, true, []byte(`{"reason":"`+reason+`"}`))
}
