// Package server puts a school's server together: its ledger and vault, the
// books that are folds of it, the broker, and what speaks over it to banks and
// devices. The pages and the command line are added by whoever runs it.
//
// Its folder holds
//
//	school-ledger/   the school's own ledger
//	vault            names and other personal content
//	safeguarding     sealed texts of safeguarding files; their key is in another folder
//	pki/             the school's CA and the key that signs envelopes
//	rules/           directory and plan as they were last given out
//	banks/           verbatim copies of the banks' ledgers
//	devices/         revisions given out to devices
//	device-history/  what devices did, a file a day
package server

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/pki"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/records"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// Writer is whose ledger the school's is.
const Writer = "school"

// Config is what a server runs on.
type Config struct {
	Dir    string
	School roster.School         // its name, calendar and rules
	Names  []string              // host names and addresses it is reached at, the first in joining codes
	MQTT   string                // address the broker listens on
	Join   string                // address for joining and renewal
	Now    func() school.Instant // school time
	Speed  func() float64        // of school time in a demonstration; nil outside one

	Mailer notify.Mailer // nil: every notice to parents is a slip

	Gateways []string // ids of the gateways inside this process; others join

	Breakable bool // commands may cut the lines; for tests, and as in a demonstration

	Clients int // banks and devices connected at a time; 0 for what the broker takes by itself

	External *External // the broker, when it is a program of its own

	// SafeguardingKey is the file with the key of the safeguarding texts, made at the
	// first start. It must lie where no backup takes it: "" for a folder beside Dir.
	SafeguardingKey string

	Backups Backups

	Software string // the version of this program; "" for none
}

// Server is one school's server, opened.
type Server struct {
	Config
	Log   *boltlog.Log
	Vault *vault.Vault
	*records.Records
	Rules *banks.Rules
	Banks *banks.House
	Root  wire.Root

	Authority *pki.Authority
	Registrar *pki.Registrar
	Broker    *bus.Broker // nil when there is an External
	Bus       lines
	Devices   *shadow.Shadow
	History   *history.Store // what devices did

	PagesURL string // where people find the pages, for links; set by who serves them

	Site    string   // name that passkeys are for, and
	Origins []string // the pages that may ask for them; set by who serves them

	*inner
}

// inner is what all who look at one server share.
type inner struct {
	texts *vault.Vault // sealed, of safeguarding files

	mqtt, join net.Listener
	farewells  *farewells

	external    *bus.Client   // nil without an External
	watcher     *bus.Client   // reads its log
	bars        *bars         // whom it refuses besides strangers
	changed     wait.Signal   // what it should know may have
	up          chan string   // session of a connection to it that was not announced on yet
	connections atomic.Uint64 // to it, so far
	announced   sync.Once
	probe       atomic.Value // string: of the newest access list that is in force
	admitted    atomic.Value // admission: what it goes by
	probed      wait.Signal  // one of these is new

	bells   bool // devices have been told what is desired; only announce and ringBells use it
	tooLong bool // the rules were, last time; only compile uses it

	lineMu    sync.Mutex
	cut       chan struct{}      // closed by Mend; nil while lines are up
	dropLines context.CancelFunc // of the lines that are up

	published chan struct{} // closed once banks and devices find their rules

	backups backups

	verifiedMu sync.Mutex
	verified   map[string]Verified // by writer
}

// Open claims everything a server needs for itself and reads its ledger once.
// Errors: conflict when another process has it open, unavailable.
func Open(ctx context.Context, c Config) (s *Server, err error) {
	s = &Server{Config: c, Root: wire.DefaultRoot, inner: &inner{published: make(chan struct{}), up: make(chan string, 1), backups: backups{since: time.Now()}}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	for _, dir := range []string{"", "school-ledger", "rules", "banks", "devices", "device-history"} {
		if err := os.MkdirAll(filepath.Join(c.Dir, dir), 0o700); err != nil {
			return s, errs.Wrap(err, errs.Unavailable, "The server's data folder cannot be made.", "Choose a folder this user may write to with --data.")
		}
	}
	if s.Log, err = boltlog.Open(filepath.Join(c.Dir, "school-ledger"), boltlog.Options{Writer: Writer, Stamp: s.stamp}); err != nil {
		return s, err
	}
	if s.Vault, err = vault.Open(filepath.Join(c.Dir, "vault")); err != nil {
		return s, err
	}
	if err := s.openBooks(ctx); err != nil {
		return s, err
	}
	if s.School.Policy != nil {
		if err := s.Policy.Begin(ctx, *s.School.Policy, s.School.Calendar.Zone); err != nil {
			return s, err
		}
	}
	if err := s.beginDeviceRules(ctx); err != nil {
		return s, err
	}
	if err := s.openAuthority(); err != nil {
		return s, err
	}
	return s, s.openLines()
}

func (s *Server) stamp() ledger.Stamp { return ledger.Stamp(s.Now()) }

// openBooks reads the school's ledger once and hands every record to every book.
func (s *Server) openBooks(ctx context.Context) error {
	sealed, err := s.openSealed(ctx)
	if err != nil {
		return err
	}
	s.Records = records.New(records.Parts{School: s.Config.School, Log: s.Log, Vault: s.Vault, Sealed: sealed, Random: rand.Reader, Stamp: s.stamp, Machine: time.Now,
		Passcode: s.passcode, Heard: s.heard, Behind: s.behind, Mailer: s.Mailer, Logger: slog.Default()})
	s.Rules = banks.NewRules(s.Log, s.stamp, filepath.Join(s.Dir, "rules"))
	fold := func(r ledger.Record) error { return errors.Join(s.Records.Fold(r), s.Rules.Fold(r)) }
	if err = s.foldEarlier(ctx, fold); err == nil {
		willRead(s.Log.Name().Path())
		err = readAhead(ctx, s.Log.Read, fold)
	}
	if err != nil {
		return errs.Wrap(err, errs.Internal, "The school's ledger cannot be read.", "Run: bellkeep ledger verify")
	}
	return nil
}

// openAuthority opens the school's CA, or makes it for a new school. Where banks
// have joined it is never made anew: they would all be locked out in silence.
func (s *Server) openAuthority() (err error) {
	dir := filepath.Join(s.Dir, "pki")
	if _, missing := os.Stat(dir); errors.Is(missing, fs.ErrNotExist) && len(s.Roll.Members()) > 0 {
		return errs.New(errs.Unavailable, "The school's keys are gone, and banks or devices rely on them.",
			"Restore "+dir+" from a backup. Without one, start a new data folder and let everything join again.")
	}
	s.Authority, err = pki.OpenAuthority(pki.Config{Dir: dir, School: s.School.Name, Names: s.Names, Now: time.Now, Log: slog.Default()})
	if err != nil {
		return err
	}
	s.Rules.Load(s.Authority.SigningKey())
	return nil
}

// foldEarlier reads the epochs before the current one.
func (s *Server) foldEarlier(ctx context.Context, fold func(ledger.Record) error) error {
	names, err := boltlog.List(s.Log.Name().Dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if n.Writer != Writer || n.Epoch >= s.Log.Name().Epoch {
			continue
		}
		f, err := boltlog.OpenFile(n.Path())
		if err != nil {
			return err
		}
		if err := errors.Join(readAhead(ctx, f.Read, fold), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// openLines opens the copies of the banks' ledgers and claims the two addresses.
func (s *Server) openLines() (err error) {
	if err := s.openBroker(); err != nil {
		return err
	}
	s.farewells = newFarewells(s.Root, s.Bus, s.belongs)
	s.Roll.OnRevoked(func(client string) {
		if s.Broker != nil {
			s.Broker.Drop(client)
		} else {
			s.bars.end(client)
			s.changed.Ring()
		}
		s.farewells.look()
	})
	s.Banks = banks.Open(banks.Config{
		List: s.List, Rules: s.Rules, Copies: filepath.Join(s.Dir, "banks"), Root: s.Root, Key: s.Authority.SigningKey(),
		Bus: s.Bus, School: s.Log, Now: s.Now, Zone: s.School.Calendar.Zone, ItemBook: itemBook{s.Records},
	})
	s.Consents.Banks = consentBanks{s.Banks}
	if err := s.openDevices(); err != nil {
		return err
	}
	if s.join, err = listen("joining", s.Join); err != nil {
		return err
	}
	s.Registrar = &pki.Registrar{
		Authority: s.Authority, Roll: s.Roll, Log: slog.Default(), Welcome: s.welcome,
		Server: s.reached(s.join.Addr().String()), MQTT: s.reached(s.brokerAddress()),
	}
	return nil
}

// openBroker starts the broker inside this process, or connects to the other one.
func (s *Server) openBroker() (err error) {
	if s.External != nil {
		return s.openExternal()
	}
	if s.mqtt, err = listen("MQTT", s.MQTT); err != nil {
		return err
	}
	s.Broker, err = bus.NewBroker(bus.BrokerConfig{
		Rights:     s.rights(),
		MaxClients: s.Clients, Logger: slog.Default(), Refused: s.refused,
	})
	if err == nil {
		s.Bus = s.Broker.Conn()
	}
	return err
}

// brokerAddress is where the broker listens.
func (s *Server) brokerAddress() string {
	if s.mqtt == nil {
		return s.MQTT
	}
	return s.mqtt.Addr().String()
}

// refused puts on record that the broker did not let a device in.
func (s *Server) refused(client, reason string) {
	if kind, _ := s.Roll.Kind(client); kind == cert.Device {
		s.Devices.Refuse(client, reason)
	}
}

// kind is what a client may do on the broker: nothing any more once it is revoked.
func (s *Server) kind(client string) (string, bool) {
	kind, ok := s.Roll.Belongs(client)
	return string(kind), ok
}

func (s *Server) rights() bus.SchoolRights {
	return bus.SchoolRights{Root: string(s.Root), Kind: s.kind, Valid: s.Roll.Known, Speaks: s.speaks}
}

// belongs reports whether a client is of the school, by itself or by a gateway
// that speaks for it.
func (s *Server) belongs(client string) bool {
	_, ok := s.Roll.Belongs(client)
	return ok || s.spokenFor(client)
}

// reached is the address of a listener as others see it.
func (s *Server) reached(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return net.JoinHostPort(s.Names[0], port)
}

func listen(what, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, errs.Wrap(err, errs.Conflict, "The address for "+what+" cannot be used.", "Stop the other program, or choose another address.")
	}
	return l, nil
}

// Close gives up what Open claimed.
func (s *Server) Close() error {
	var err error
	for _, l := range []net.Listener{s.mqtt, s.join} {
		if l != nil {
			if closed := l.Close(); !errors.Is(closed, net.ErrClosed) {
				err = errors.Join(err, closed)
			}
		}
	}
	for _, c := range []*bus.Client{s.external, s.watcher} {
		if c != nil {
			err = errors.Join(err, c.Close())
		}
	}
	if s.Broker != nil {
		err = errors.Join(err, s.Broker.Close())
	}
	if s.Banks != nil {
		err = errors.Join(err, s.Banks.Close())
	}
	for _, v := range []*vault.Vault{s.Vault, s.texts} {
		if v != nil {
			err = errors.Join(err, v.Close())
		}
	}
	if s.Log != nil {
		err = errors.Join(err, s.Log.Close())
	}
	return err
}
