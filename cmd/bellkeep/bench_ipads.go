package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/mdm/apple/double"
)

// ipadsWord is the pretend iPads and their Apple, in a process of their own: what they
// use is not the server's. Its output is an ipadsSaid that says where Apple is and
// then one for each ipadsOrder, all JSON.
const ipadsWord = "ipads"

// ipadsOrder is one order to them; what is zero is not meant.
type ipadsOrder struct {
	Keys    int      // make so many iPads with their keys
	Base    string   // the gateway's address
	Certs   [][]byte // likewise, DER: the certificate of each
	CheckIn bool     // all enrol
	Poll    bool     // all come and do what there is to do
}

// ipadsSaid is what they say.
type ipadsSaid struct {
	URL              string   // of Apple
	Root, Cert, Key  []byte   // who vouches for it, and the push certificate, PEM
	Keys             [][]byte // public, PKIX
	Took             time.Duration
	Requests, Orders int64 // of iPads, and what they were told
}

const ipadsTogether = 64 // at a time: as many as the gateway answers

func runBenchIPads(ctx context.Context, in io.Reader, out io.Writer) error {
	debug.SetGCPercent(400) // five hundred iPads have their own memory, too
	apple, err := double.NewAPNs(nil)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	group := errgroup.Group{}
	group.Go(func() error { apple.Run(ctx); return nil })
	defer func() {
		stop()
		_ = group.Wait() // it says only that it was stopped
	}()
	hello := ipadsSaid{URL: apple.URL(), Root: apple.PEM()}
	if hello.Cert, hello.Key, err = apple.PushCertificate(demoTopic, time.Now().Add(time.Hour)); err != nil {
		return err
	}
	said, orders := json.NewEncoder(out), json.NewDecoder(bufio.NewReader(in))
	if err := said.Encode(hello); err != nil {
		return err
	}
	b := &benchIPads{}
	for {
		var order ipadsOrder
		if err := orders.Decode(&order); errors.Is(err, io.EOF) {
			return nil // the bench is over
		} else if err != nil {
			return err
		}
		answer, err := b.obey(ctx, order)
		if err == nil {
			err = said.Encode(answer)
		}
		if err != nil {
			return err
		}
	}
}

type benchIPads struct {
	all      []*double.Device
	keys     []*ecdsa.PrivateKey
	requests atomic.Int64
	orders   atomic.Int64
}

func (b *benchIPads) obey(ctx context.Context, o ipadsOrder) (ipadsSaid, error) {
	do := func(*double.Device) error { return nil }
	switch {
	case o.Keys > 0:
		return b.make(o.Keys)
	case o.Base != "":
		return ipadsSaid{}, b.setUp(o)
	case o.CheckIn:
		do = func(d *double.Device) error {
			if err := d.Authenticate(ctx); err != nil {
				return err
			}
			return d.TokenUpdate(ctx)
		}
	case o.Poll:
		do = func(d *double.Device) error {
			n, err := d.Poll(ctx)
			b.orders.Add(int64(n))
			return err
		}
	}
	return b.timed(do)
}

// timed has all iPads do something.
func (b *benchIPads) timed(do func(*double.Device) error) (ipadsSaid, error) {
	b.requests.Store(0)
	b.orders.Store(0)
	var group errgroup.Group
	group.SetLimit(ipadsTogether)
	began := time.Now()
	for _, d := range b.all {
		group.Go(func() error { return do(d) })
	}
	err := group.Wait()
	return ipadsSaid{Took: time.Since(began), Requests: b.requests.Load(), Orders: b.orders.Load()}, err
}

// counting counts requests.
type counting struct {
	http.RoundTripper
	n *atomic.Int64
}

func (c counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n.Add(1)
	return c.RoundTripper.RoundTrip(r)
}

// make makes iPads with keys of the kind that is quick to sign with: iPads have
// processors of their own.
func (b *benchIPads) make(n int) (said ipadsSaid, err error) {
	client := &http.Client{Transport: counting{&http.Transport{MaxIdleConnsPerHost: ipadsTogether}, &b.requests}}
	for i := range n {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return said, err
		}
		public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		if err != nil {
			return said, err
		}
		d := &double.Device{UDID: fmt.Sprintf("00008110-%016X", i), Serial: fmt.Sprintf("BENCH%06d", i), Model: "iPad13,18", OS: "18.1", Supervised: true, Client: client, Now: time.Now}
		d.SetPasscode(6)
		b.all, b.keys, said.Keys = append(b.all, d), append(b.keys, key), append(said.Keys, public)
	}
	return said, nil
}

// setUp gives each its certificate.
func (b *benchIPads) setUp(o ipadsOrder) error {
	for i, der := range o.Certs {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		b.all[i].UseIdentity(cert, b.keys[i], double.EnrolmentProfile{Server: o.Base + "/mdm", Topic: demoTopic})
	}
	return nil
}
