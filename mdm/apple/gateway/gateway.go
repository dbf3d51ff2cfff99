// Package gateway is a gateway between the school and iPads under Apple's own device
// management: to the devices it is their management server, to the school it is the
// devices that they are. Nobody's cloud is in between but Apple's, which wakes them.
//
//	PUT  /mdm    check-ins, answers to commands; the next command comes back
//	GET  /scep   what the devices' authority knows, and its certificate
//	POST /scep   a device's first certificate: see package scep
//
// A request to /mdm carries the header Mdm-Signature: the device's signature over the
// body, CMS, detached, in base64. So TLS may end at a web server before the gateway.
//
// # Who is listened to
//
// A certificate of the devices' authority, whose common name is the school's id of a
// device on the list; it was issued for a challenge that was made for that device. It
// begins one enrolment: the serial number must be the one that was expected, if one
// was, a UDID that is enrolled as another device is refused, and a device that is
// enrolled can be enrolled anew only by an invitation that is younger than the end of
// that, and not at all while it is evidence. As one begins, the one before has ended:
// nothing is said to be kept any more, and that is an event. Beyond that only the
// certificate that began an enrolment speaks for its UDID, and uses up what a device may
// ask in a minute. What is refused is an event of the device whose certificate it is, and
// else a line in the log.
//
// # One request, one transaction
//
// What a device says and what it is given next are one durable change of its
// apple.Device. The answer is sent once that is on disk, so a device is never told
// that something is settled which a power cut could undo.
//
// # Who is there
//
// An iPad has no line to the gateway; it comes when it is woken. It counts as there
// from its first word until a wake-up has been without an answer for a while. One that
// Apple says has given up its management is believed gone until it comes all the same.
package gateway

import (
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/push"
	"github.com/bellkeep/bellkeep/mdm/apple/scep"
	"github.com/bellkeep/bellkeep/mdm/apple/store"
	"github.com/bellkeep/bellkeep/mdm/relay"
)

// Limits.
const (
	MaxCheckIn   = 64 << 10         // bytes of a check-in
	MaxSignature = 16 << 10         // bytes of its signature
	MaxRequests  = 600              // of one device in a minute
	MaxConns     = 2048             // connections at a time
	idle         = 10 * time.Second // a connection is kept without a request
	mostReading  = 256              // requests of devices being read or answered, and of others
	placesOfOne  = 8                // of one device
	atOnce       = 64               // of them being answered
	inboxAtOnce  = 64               // devices whose news are being kept
	maxOrders    = 32               // commands of one device that wait to be kept
	quiet        = 90 * time.Second // machine time without an answer to a wake-up until a device counts as away
	again        = time.Minute      // machine time between two wake-ups, doubled each time
	longestAgain = 30 * time.Minute
	lookEvery    = 30 * time.Second // machine time between two looks at a device
	tick         = time.Second      // machine time between two looks at all
	gather       = 20 * time.Millisecond
	complaints   = 60        // refusals told of in a minute; the others are counted
	complaintsOf = 30        // of one device, and departures
	inviteFor    = time.Hour // machine time a challenge holds unless said otherwise
	longInvite   = 7 * 24 * time.Hour
)

// Config is what a gateway needs. From Sign on it may be left out.
type Config struct {
	ID   string // of the gateway: the platform it speaks for
	Root wire.Root
	Dir  string           // folder of its own, made if need be
	Now  func() time.Time // school time, in the school's zone
	Open relay.Opener     // checks an envelope
	Seal store.Seal       // for what must not lie readable on the disk

	Sign      func(profile []byte) ([]byte, error) // nil leaves profiles unsigned
	PushURL   string                               // "" for Apple's
	PushRoots *x509.CertPool                       // nil for whom the system trusts
	Enrol     http.Handler                         // of /enrol/; nil for none
	Log       *slog.Logger
}

// Gateway is all devices it speaks for. It is an http.Handler, to them.
type Gateway struct {
	Config
	CA        *scep.CA
	store     *store.Store
	sender    *push.Sender
	intake    *relay.Intake
	outbox    *relay.Outbox
	handler   http.Handler
	rooms     rooms
	answering chan struct{} // one taken by each that was read
	notes     chan push.Notification

	lookDue, inboxDue chan struct{}

	mu       sync.Mutex
	members  map[string]*member // by id
	inbox    map[string]*parcel // by id
	refusals window
	health   faults
}

// member is a device as far as it is kept in memory.
type member struct {
	id    string
	udid  string            // "" before it enrolled
	note  push.Notification // how it is woken; without a token it cannot be
	birth mdm.Presence
	saved string // session on disk

	heard  time.Time // its last word; zero for never
	called time.Time // last wake-up since then
	calls  int       // of them
	first  time.Time // the first of them
	waking bool      // one is on its way
	asked  time.Time // for that
	looked time.Time // at what it is to do
	standing
	news             bool // it stands otherwise than the outbox knows
	recent, refusals window
	departures       window
	obeyed           time.Time // school time of the last profile it acknowledged
	refused          string    // what was refused last
	refusedAt        time.Time
	pushed           error // what came of the last wake-up
}

// standing is what follows from a device's state.
type standing struct {
	report mdm.Reported // without a session
	behind bool
	until  time.Time // school time from which on it may be otherwise
	change uint64    // of the device, that it follows from
}

// faults are what is wrong with the gateway itself.
type faults struct {
	Push   string
	PushAt time.Time
	Panics int
}

// New makes a gateway of what its folder holds. Errors: unavailable, invalid, conflict.
func New(c Config) (*Gateway, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "The gateway's folder cannot be made.", "Choose a folder this user may write to.")
	}
	ca, err := scep.OpenCA(filepath.Join(c.Dir, "device-ca.pem"), time.Now())
	if err != nil {
		return nil, err
	}
	kept, err := store.Open(filepath.Join(c.Dir, File), c.Seal, time.Now, c.Now())
	if err != nil {
		return nil, err
	}
	g := &Gateway{
		Config: c, CA: ca, store: kept, outbox: relay.NewOutbox(c.Root, c.Log),
		sender:    &push.Sender{Certs: kept, URL: c.PushURL, Roots: c.PushRoots},
		rooms:     newRooms(),
		answering: make(chan struct{}, atOnce),
		notes:     make(chan push.Notification, wire.MaxDevices),
		lookDue:   make(chan struct{}, 1), inboxDue: make(chan struct{}, 1),
		members: map[string]*member{}, inbox: map[string]*parcel{},
	}
	g.intake = &relay.Intake{ID: c.ID, Root: c.Root, Open: c.Open, Devices: (*school)(g), Log: c.Log}
	if g.handler, err = g.routes(); err == nil {
		err = g.recall()
	}
	if err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	return g, nil
}

// Close gives up the folder. Nothing may go on any more.
func (g *Gateway) Close() error {
	g.sender.Close()
	return g.store.Close()
}

// File is the name of the store in the gateway's folder.
const File = "ipads.db"

// Snapshot gives fn that file as it is at one moment, for a backup. Errors:
// unavailable, those of fn.
func (g *Gateway) Snapshot(fn func(length int64, content io.WriterTo) error) error {
	return g.store.Snapshot(fn)
}

// recall takes up the devices of before the restart.
func (g *Gateway) recall() error {
	ids, err := g.store.Devices()
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := g.add(id); err != nil {
			g.Log.Warn("what was kept of a device cannot be used; it has to enrol again", "device", id, "err", err)
		}
	}
	g.intake.Know(ids)
	return nil
}

// add makes a member of what is kept of it; the caller holds mu, or is the only one
// yet.
func (g *Gateway) add(id string) error {
	m := &member{id: id}
	g.members[id] = m
	e, err := g.store.EnrolmentOf(id)
	if err != nil {
		return err
	}
	m.enrolled(e)
	if e.Session != "" { // it was there, and may be still
		m.birth, m.saved, m.heard = mdm.NewPresence(true, e.Session, g.Now()), e.Session, time.Now()
	}
	d, err := g.store.View(id)
	if err == nil {
		m.standing = g.judge(&d, g.Now())
		m.looked, m.news = time.Now(), true
	}
	return err
}

// enrolled takes over how a device is woken.
func (m *member) enrolled(e store.Enrolment) {
	m.udid, m.note = e.UDID, push.Notification{}
	if e.Reachable() {
		m.note = push.Notification{Device: m.id, Topic: e.Topic, Magic: e.Magic, Token: e.Token}
	}
}

// judge says what follows from a device's state at now.
func (g *Gateway) judge(d *apple.Device, now time.Time) standing {
	return standing{report: d.Report("", now), behind: d.Behind(now), until: d.Want.At(now).Until, change: d.Change}
}

func ring(due chan struct{}) {
	select {
	case due <- struct{}{}:
	default:
	}
}

// stand takes over what follows from a device's state, unless something later is known
// already: of two changes the one that was kept first may be told of last.
func (m *member) stand(s standing) {
	if s.change >= m.standing.change {
		m.standing, m.news = s, true
	}
}
