package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/pki"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

const (
	benchBy    = "bench"
	benchDoors = 300 // of each bank of a pretend school
)

// benchSchool is a school to measure: Elmfield's timetable and Mill Lane's rules for
// devices, with as many people and devices as a bench wants, on a day whose time the
// bench sets.
type benchSchool struct {
	school roster.School
	dir    string // of the server's data
	day    school.Date
	wall   atomic.Int64    // school time, in nanoseconds since 1970
	broker *benchMosquitto // nil for the one in the server

	gateways []string // in the server's process
}

// newBenchSchool makes an empty school, at ten past eight on a school Monday.
func newBenchSchool(dir string) (*benchSchool, error) {
	folder, err := demoOptions{data: dir, school: demoSchool}.schoolFolder()
	if err != nil {
		return nil, err
	}
	b := &benchSchool{dir: filepath.Join(dir, "server")}
	if b.school, _, err = loadSchool(folder, defaultDevices); err != nil {
		return nil, err
	}
	rules, err := b.trolleyRules()
	if err != nil {
		return nil, err
	}
	b.school.Devices = &rules
	first := b.school.Calendar.Terms[0].From // the day must not depend on when the bench runs
	day, ok := b.school.Calendar.NextMonday(first)
	if !ok {
		return nil, errors.New("the calendar has no school Monday")
	}
	b.day = day
	b.set(b.at(school.Clock{Hour: 8, Minute: 10}))
	return b, os.MkdirAll(filepath.Join(b.dir, "school-ledger"), 0o700)
}

func (b *benchSchool) at(c school.Clock) time.Time { return b.day.At(c, b.school.Calendar.Zone).UTC() }

func (b *benchSchool) set(t time.Time) { b.wall.Store(t.UnixNano()) }

func (b *benchSchool) now() school.Instant {
	return school.Instant{Wall: time.Unix(0, b.wall.Load()).UTC(), Trusted: true, Boot: "bench"}
}

func (b *benchSchool) stamp() ledger.Stamp { return ledger.Stamp(b.now()) }

// open opens the school's server. It is not running yet.
func (b *benchSchool) open(ctx context.Context, clients int) (*server.Server, error) {
	c := server.Config{
		Dir: b.dir, School: b.school, Names: []string{"127.0.0.1", "localhost"}, MQTT: "127.0.0.1:0", Join: "127.0.0.1:0",
		Now: b.now, Clients: clients, Gateways: b.gateways,
	}
	if b.broker != nil {
		c.MQTT, c.External = b.broker.address, b.broker.external()
	}
	return server.Open(ctx, c)
}

// settle fills the school's ledger and vault as years of work would have, and
// gives devices their keys.
func (b *benchSchool) settle(ctx context.Context, pupils, devices int) (keys []deviceKey, err error) {
	log, err := boltlog.Open(filepath.Join(b.dir, "school-ledger"), boltlog.Options{Writer: server.Writer, Stamp: b.stamp})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	v, err := vault.Open(filepath.Join(b.dir, "vault"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	if err := b.enlist(ctx, log, v, pupils); err != nil {
		return nil, err
	}
	return b.enrol(ctx, log, devices)
}

// enlist puts pupils with contacts, places and badges in the books, and the
// banks they need.
func (b *benchSchool) enlist(ctx context.Context, log *boltlog.Log, v *vault.Vault, pupils int) error {
	people := register.New(log, v, b.stamp)
	var changes register.Changes
	for n := range pupils {
		id := fmt.Sprintf("p-%04d", n)
		changes.New = append(changes.New, register.Entry{ID: id, Kind: register.Pupil, Details: register.Details{
			MIS: "mis-" + id, Given: fmt.Sprint("Given", n), Family: fmt.Sprint("Family", n%700),
			Form: fmt.Sprint(7+n%5, "ABCDEFGH"[n/5%8:n/5%8+1]), Year: fmt.Sprint(7 + n%5), Groups: []string{"maths-1", "science-2", "french-3"},
		}})
		changes.Contacts = append(changes.Contacts, register.ContactChange{MIS: "mis-" + id, After: []register.Contact{
			{ID: "c1-" + id, Given: "First", Family: "Parent", Relationship: "mother", Priority: 1, ParentalResponsibility: true, Mobile: "07700 900123", Email: "first@home.example"},
			{ID: "c2-" + id, Given: "Second", Family: "Parent", Relationship: "father", Priority: 2, ParentalResponsibility: true, Mobile: "07700 900456"},
		}})
	}
	if err := people.Apply(ctx, benchBy, changes, register.Stated{}); err != nil {
		return err
	}
	list := banks.NewList(log, b.stamp)
	var places []register.Placement
	book := badges.New(log, v, rand.Reader, b.stamp)
	for first := 0; first < pupils; first += benchDoors {
		bank := pretendBank(first / benchDoors)
		if err := list.Add(ctx, benchBy, bank); err != nil {
			return err
		}
		var holders []string
		for n := first; n < min(first+benchDoors, pupils); n++ {
			holders = append(holders, fmt.Sprintf("p-%04d", n))
			places = append(places, register.Placement{Person: holders[n-first], Place: locker.Place{Bank: bank.Setup.Bank, Door: n + 1}})
		}
		if _, err := book.IssueTo(ctx, benchBy, holders...); err != nil {
			return err
		}
	}
	return people.Assign(ctx, benchBy, places)
}

// pretendBank is the n-th bank, from 0: a, b, c and so on, with the next doors.
func pretendBank(n int) banks.Bank {
	b := banks.Bank{Label: fmt.Sprint("Bank ", n+1), Setup: locker.Setup{Bank: string(rune('a' + n)), Allotment: locker.Fixed}}
	for door := n*benchDoors + 1; door <= (n+1)*benchDoors; door++ {
		b.Setup.Doors = append(b.Setup.Doors, door)
	}
	return b
}

// deviceKey is a device's identity, which nobody keeps beyond the bench.
type deviceKey struct {
	ID        string
	Cert, Key []byte // PEM
}

// enrol lists devices and certifies their keys, on record as after joining one
// by one.
func (b *benchSchool) enrol(ctx context.Context, log *boltlog.Log, devices int) ([]deviceKey, error) {
	book := fleet.New(fleet.Config{Log: log, Stamp: b.stamp})
	if err := change.New(change.Config{Log: log, Stamp: b.stamp}).Begin(ctx, benchBy, *b.school.Devices); err != nil {
		return nil, err
	}
	list := make([]mdm.Device, devices)
	for n := range list {
		list[n] = mdm.Device{ID: fmt.Sprintf("pad-%05d", n+1), Groups: []string{deviceGroup}, Platform: "pretend"}
	}
	if err := book.List(ctx, benchBy, list...); err != nil {
		return nil, err
	}
	c, err := b.certifier()
	if err != nil {
		return nil, err
	}
	// Codes are bounded by the week: a week passes after every thousand.
	week := time.Now().AddDate(0, 0, -8*(devices/codesAWeek+1))
	batch := &batch{log: log}
	roll := pki.NewRoll(batch, b.stamp, func() time.Time { return week })
	keys := make([]deviceKey, devices)
	for n, d := range list {
		if n%codesAWeek == 0 {
			week = week.AddDate(0, 0, 8)
		}
		if keys[n], err = c.join(ctx, roll, d.ID); err != nil {
			return nil, err
		}
	}
	return keys, batch.flush(ctx)
}

// trolleyRules are Mill Lane's rules for devices: one trolley, quiet in lessons.
func (b *benchSchool) trolleyRules() (mdm.Rules, error) {
	folder, err := schoolFolder("mill-lane", b.dir+"-rules")
	if err != nil {
		return mdm.Rules{}, err
	}
	var faults config.Faults
	rules := change.ReadFile(filepath.Join(folder, change.FileName), &faults)
	return rules, faults.Err()
}

const codesAWeek = 1000

// batch is a ledger for things that may be lost together: it commits as many
// entries at once as it can.
type batch struct {
	log     *boltlog.Log
	entries []ledger.Entry
}

// Append gives receipts that open nothing.
func (b *batch) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	b.entries = append(b.entries, entries...)
	if len(b.entries) < ledger.MaxEntries {
		return make([]ledger.Receipt, len(entries)), nil
	}
	return make([]ledger.Receipt, len(entries)), b.flush(ctx)
}

func (b *batch) flush(ctx context.Context) error {
	for part := range slices.Chunk(b.entries, ledger.MaxEntries) {
		if _, err := b.log.Append(ctx, part...); err != nil {
			return err
		}
	}
	b.entries = b.entries[:0]
	return nil
}

// certifier signs as the school's authority does.
type certifier struct {
	root *x509.Certificate
	key  crypto.Signer
}

func (b *benchSchool) certifier() (c certifier, err error) {
	dir := filepath.Join(b.dir, "pki")
	a, err := pki.OpenAuthority(pki.Config{Dir: dir, School: b.school.Name, Names: []string{"127.0.0.1", "localhost"}, Now: time.Now, Log: slog.Default()})
	if err != nil {
		return c, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "ca-key.pem"))
	if err != nil {
		return c, err
	}
	c.root = a.CA()
	c.key, err = cert.ParseKey(text)
	return c, err
}

// join lets one device in, without the network in between.
func (c certifier) join(ctx context.Context, roll *pki.Roll, id string) (deviceKey, error) {
	key, err := cert.NewKey()
	if err != nil {
		return deviceKey{}, err
	}
	subject := cert.Subject{Kind: cert.Device, ID: id}
	token, _, err := roll.Invite(ctx, benchBy, subject, false)
	if err != nil {
		return deviceKey{}, err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return deviceKey{}, err
	}
	_, leaf, err := roll.Redeem(ctx, token, cert.KeyHash(public), func(s cert.Subject) (*x509.Certificate, error) { return c.certify(s, key.Public()) })
	if err != nil {
		return deviceKey{}, err
	}
	text, err := cert.EncodeKey(key)
	return deviceKey{id, cert.EncodeChain(leaf), text}, err
}

func (c certifier) certify(s cert.Subject, public crypto.PublicKey) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: s.ID}, URIs: []*url.URL{s.URI()}, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, c.root, public, c.key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
