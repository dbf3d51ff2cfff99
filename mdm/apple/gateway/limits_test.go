package gateway_test

import (
	"context"
	"encoding/base64"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm/apple/cms/cmstest"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// A certificate that was valid for an enrolment before uses up nothing of what the
// device may ask now.
func TestAnOldCertificateSilencesNobody(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	r.want("ipad-1", 1, day())
	old, device := r.device(1), r.device(2) // each has a key of its own
	r.enrol("ipad-1", old)
	r.settled("ipad-1")
	r.enrol("ipad-1", device)
	r.settled("ipad-1")
	for _, udid := range []string{old.UDID, device.UDID} {
		body := report(udid, "")
		header := sign(t, old, body)
		for range gateway.MaxRequests + 10 {
			if got := r.put(body, header, false); got == http.StatusOK {
				t.Fatal("the old certificate is answered")
			}
		}
	}
	if _, err := device.Poll(t.Context()); err != nil {
		t.Errorf("the device itself is refused: %v", err)
	}
}

// Nobody's message takes much to be refused.
func TestBombsAreNotRead(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	header := base64.StdEncoding.EncodeToString(cmstest.Bomb())
	cost := cmstest.Cost(func() {
		if got := r.put(report("U", ""), header, false); got != http.StatusBadRequest {
			t.Errorf("status %d", got)
		}
	})
	if cost > cmstest.Much {
		t.Errorf("a signature took %d bytes to be refused", cost)
	}
}

// That a device leaves is told however much was refused of it before.
func TestNoiseHidesNoDeparture(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	r.want("ipad-1", 1, day())
	d := r.device(1)
	r.enrol("ipad-1", d)
	r.settled("ipad-1")
	for range 100 {
		if _, err := d.Send(t.Context(), []byte("noise"), true); err != nil {
			t.Fatal(err)
		}
	}
	must(t, d.CheckOut(t.Context()))
	var all []string
	r.until("that is an event", func() bool {
		all = append(all, r.events()...)
		return strings.Contains(strings.Join(all, "\n"), "its management was removed")
	})
}

// Who sends certificate requests slowly holds up nobody who does not.
func TestSlowRequestsForCertificatesHoldNobodyUp(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	body := begun{slow{make(chan struct{})}, make(chan bool, 50)}
	var group sync.WaitGroup
	for range cap(body.read) {
		group.Go(func() {
			req := httptest.NewRequest(http.MethodPost, base+gateway.PathSCEP+"?operation=PKIOperation", body)
			r.gate.ServeHTTP(httptest.NewRecorder(), req)
		})
	}
	for range 8 { // as many as are opened at a time
		<-body.read
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	d := r.device(1)
	if err := d.FetchIdentity(ctx, r.settings("ipad-1", d.Serial)); err != nil {
		t.Errorf("it had to wait for those who send slowly: %v", err)
	}
	close(body.come)
	group.Wait()
}

// begun is a slow body that tells when it is being read.
type begun struct {
	slow
	read chan bool
}

func (b begun) Read(p []byte) (int, error) {
	select {
	case b.read <- true:
	default:
	}
	return b.slow.Read(p)
}

// However many others send slowly, or one device does, there is room for devices.
func TestThereIsRoomForDevices(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1", "ipad-2")
	d, rude := r.device(1), r.device(2)
	r.enrol("ipad-1", d)
	r.enrol("ipad-2", rude)
	const each = 300
	body := begun{slow{make(chan struct{})}, make(chan bool, 3*each)}
	header := sign(t, rude, report(rude.UDID, ""))
	var group sync.WaitGroup
	var refused atomic.Int64
	send := func(method, path, header string) {
		group.Go(func() {
			req := httptest.NewRequest(method, base+path, body)
			req.Header.Set("Mdm-Signature", header)
			r.gate.ServeHTTP(httptest.NewRecorder(), req)
			refused.Add(1)
		})
	}
	for range each {
		send(http.MethodPut, gateway.PathMDM, "")
		send(http.MethodPut, gateway.PathMDM, header)
		send(http.MethodPost, gateway.PathSCEP+"?operation=PKIOperation", "")
	}
	r.until("each is being read or refused", func() bool { return len(body.read)+int(refused.Load()) == 3*each })
	if _, err := d.Poll(t.Context()); err != nil {
		t.Errorf("there is no room for a device: %v", err)
	}
	close(body.come)
	group.Wait()
}

// Of whom nobody knows, little is read.
func TestStrangersAreNotListenedToForLong(t *testing.T) {
	r := newRig(t)
	body := endless{&atomic.Int64{}}
	req := httptest.NewRequest(http.MethodPut, base+gateway.PathMDM, body)
	w := httptest.NewRecorder()
	r.gate.ServeHTTP(w, req)
	if read := body.n.Load(); w.Code != http.StatusRequestEntityTooLarge || read > 2*gateway.MaxCheckIn {
		t.Errorf("status %d after %d bytes", w.Code, read)
	}
}

// endless is a body without an end.
type endless struct{ n *atomic.Int64 }

func (e endless) Read(p []byte) (int, error) {
	e.n.Add(int64(len(p)))
	return len(p), nil
}

// A gateway has so many connections and no more: the process they are in has other
// things to do.
func TestConnectionsAreLimited(t *testing.T) {
	r := newRig(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	counted := &counting{Listener: listener}
	done := make(chan error, 1)
	go func() { done <- r.gate.Serve(t.Context(), counted, nil) }()
	var conns []net.Conn
	for range gateway.MaxConns + 50 {
		c, err := net.Dial("tcp", listener.Addr().String())
		must(t, err)
		conns = append(conns, c)
	}
	r.until("all that may are in", func() bool { return counted.now() >= gateway.MaxConns })
	for _, c := range conns[:100] { // each of these lets one more in
		must(t, c.Close())
	}
	r.until("the others came in then", func() bool { return counted.now() >= gateway.MaxConns+50 })
	if most := counted.most(); most > gateway.MaxConns {
		t.Errorf("%d connections at a time", most)
	}
	for _, c := range conns[100:] {
		_ = c.Close()
	}
}

// counting counts the connections that were taken from a listener.
type counting struct {
	net.Listener
	mu             sync.Mutex
	all, open, top int
}

func (l *counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all++
	l.open++
	l.top = max(l.top, l.open)
	return &counted{Conn: c, l: l}, nil
}

func (l *counting) now() int { l.mu.Lock(); defer l.mu.Unlock(); return l.all }

func (l *counting) most() int { l.mu.Lock(); defer l.mu.Unlock(); return l.top }

type counted struct {
	net.Conn
	l    *counting
	once sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() { c.l.mu.Lock(); defer c.l.mu.Unlock(); c.l.open-- })
	return c.Conn.Close()
}
