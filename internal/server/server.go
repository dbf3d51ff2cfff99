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
	School   roster.School         // its name, calendar and rules
	Now      func() school.Instant // school time
	Software string                // the version of this program; "" for none

	Dir string // of all that it keeps
	// SafeguardingKey is the file with the key of the safeguarding texts, made at the
	// first start. It must lie where no backup takes it: "" for a folder beside Dir.
	SafeguardingKey string
	Backups         Backups

	Names    []string  // host names and addresses it is reached at, the first in joining codes
	MQTT     string    // address the broker listens on
	Join     string    // address for joining and renewal
	External *External // the broker, when it is a program of its own
	Clients  int       // banks and devices connected at a time; 0 for what the broker takes by itself
	Gateways []string  // ids of the gateways inside this process; others join

	Mailer notify.Mailer // nil: every notice to parents is a slip

	// For demonstrations and tests.
	Speed     func() float64 // of school time; nil: as fast as any
	Breakable bool           // commands may cut the lines
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

	rehearsals *rehearsals

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
