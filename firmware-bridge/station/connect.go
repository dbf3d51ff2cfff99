package station

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/firmware-bridge/uplink"
	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// IdentityFolder is where a bank that has joined a school keeps who it is,
// inside its data folder.
const IdentityFolder = "identity"

// LedgerFolder is where it keeps its ledger.
const LedgerFolder = "ledger"

// The files by which a bank witnesses the school's own ledger.
const (
	schoolKeyFile = "school-ledger.pub"
	witnessFile   = "school-ledger.witness"
)

// approversFile says, in the data folder, whose passkeys the bank was told to go by
// in joining. Once that is on its ledger the file counts for nothing.
const approversFile = "approvers.json"

// reconnectWithin spreads the banks of a school when its server comes back.
const reconnectWithin = 2 * time.Second

// Membership is a bank's place in a school: its certificate, and the rules it
// was last given.
type Membership struct {
	Identity *identity.Identity
	Store    *uplink.Store
	Witness  *ledger.Witness // of the school's ledger; nil when its key was not given, or what was kept is damaged
	Told     *passkey.Set    // whose passkeys it was told to go by in joining; nil for nobody's
}

// OpenMembership reads what a bank that has joined keeps in its data folder.
// Errors: not_found when it has not joined.
func OpenMembership(data string) (*Membership, error) {
	id, err := identity.Open(filepath.Join(data, IdentityFolder), time.Now)
	if err != nil {
		return nil, err
	}
	return openMembership(data, id)
}

func openMembership(data string, id *identity.Identity) (*Membership, error) {
	store, err := uplink.OpenStore(data, id.About().Keys)
	if err != nil {
		return nil, err
	}
	witness, err := openWitness(data)
	if err != nil {
		slog.Error("the bank cannot witness the school's ledger; its doors go on", "err", err, "next", errs.HintOf(err))
	}
	told, err := readTold(data)
	if err != nil {
		slog.Error("the bank cannot read whose passkeys it was told of; it asks for them at its kiosk", "err", err)
	}
	return &Membership{Identity: id, Store: store, Witness: witness, Told: told}, nil
}

// readTold is nil without an error when the bank was told of nobody.
func readTold(data string) (*passkey.Set, error) {
	kept, err := durable.ReadFile(filepath.Join(data, approversFile), maxApprovers)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var told passkey.Set
	if err := json.Unmarshal(kept, &told); err != nil {
		return nil, err
	}
	return &told, told.Check()
}

const maxApprovers = 64 << 10 // bytes

// keepTold keeps whose passkeys the bank was told to go by, until its ledger says so.
func keepTold(data string, told *passkey.Set) error {
	if told == nil {
		return nil
	}
	if err := told.Check(); err != nil {
		return errs.Wrap(err, errs.Invalid, "The school's server says of its approvers what no bank can take.", "Bring both programs to the same version.")
	}
	kept, err := json.Marshal(told)
	if err != nil {
		return err
	}
	return durable.WriteFile(filepath.Join(data, approversFile), kept, 0o600)
}

// openWitness is nil without an error when the school's key was not given.
func openWitness(data string) (*ledger.Witness, error) {
	key, err := durable.ReadFile(filepath.Join(data, schoolKeyFile), 1024)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	witness, err := ledger.NewWitness(string(key), boltlog.WitnessFile{Path: filepath.Join(data, witnessFile)})
	if err != nil {
		return nil, err // NewWitness may give one with it, which has forgotten what it saw
	}
	return witness, nil
}

// Newcomer is a bank that joins a school.
type Newcomer struct {
	Bank  string
	Data  string // folder of its identity, rules and ledger
	Force bool   // gives up an identity at another school
	Now   func() school.Instant
}

// Join makes the bank a member of the school that made the code, and keeps the
// rules it is welcomed with. The ledger in its folder stays as it is; that of a bank
// which takes another's place begins anew, with what the school knows of its doors.
func (n Newcomer) Join(ctx context.Context, code joining.Code) (*Membership, error) {
	if code.Kind != cert.Bank || code.ID != n.Bank {
		return nil, errs.New(errs.Invalid, "This joining code is not for this bank.", "Make one with: bellkeep bank add "+n.Bank)
	}
	data, dir := n.Data, filepath.Join(n.Data, IdentityFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "The data folder cannot be made.", "Choose a folder this user may write to with --data.")
	}
	before := knownKeys(dir)
	id, welcome, err := identity.Join(ctx, code, dir, identity.Options{Now: time.Now, Force: n.Force, Welcomed: n.inherit})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(returned(data), setAside(data, before, id.About().Keys)); err != nil {
		return nil, err
	}
	if err := keep(data, id.About().Keys, welcome); err != nil {
		return nil, err
	}
	return openMembership(data, id)
}

// knownKeys are those of the school the bank belongs to so far. Joining judges
// an identity that cannot be read; here it only has no keys.
func knownKeys(dir string) wire.Keys {
	id, err := identity.Open(dir, time.Now)
	if err != nil {
		return nil
	}
	return id.About().Keys
}

// setAside renames what another school gave, whose versions and signatures mean
// nothing to this one. It goes by the files as well as by the keys before, for
// a try that was interrupted once the identity was new.
func setAside(data string, before, now wire.Keys) error {
	_, unusable := uplink.OpenStore(data, now)
	if unusable == nil && (len(before) == 0 || overlap(before, now)) {
		return nil
	}
	for _, name := range []string{uplink.DirectoryFile, uplink.PlanFile, schoolKeyFile, witnessFile, approversFile} {
		path := filepath.Join(data, name)
		if err := os.Rename(path, path+".before"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errs.Wrap(err, errs.Unavailable, name+" of another school cannot be put aside.", "Look at the disk: is it full, read-only or failing?")
		}
	}
	return durable.SyncDir(data)
}

// overlap reports whether some key is in both.
func overlap(a, b wire.Keys) bool {
	for id, key := range a {
		if key.Equal(b[id]) {
			return true
		}
	}
	return false
}

// keep stores the first rules, so that the bank can work from now on even if
// it never reaches the broker. What it has already is newer or the same.
func keep(data string, keys wire.Keys, welcome json.RawMessage) error {
	if len(welcome) == 0 {
		return nil
	}
	var w wire.Welcome
	if err := wire.Decode(welcome, &w); err != nil {
		return err
	}
	if err := keepTold(data, w.Approvers); err != nil {
		return err
	}
	store, err := uplink.OpenStore(data, keys)
	if err != nil {
		return err
	}
	for sealed, put := range map[*[]byte]func(wire.Keys, []byte) (bool, error){&w.Directory: store.PutDirectory, &w.Plan: store.PutPlan} {
		if len(*sealed) == 0 {
			continue
		}
		if _, err := put(keys, *sealed); err != nil && errs.CodeOf(err) != errs.Conflict {
			return err
		}
	}
	if w.Ledger == "" {
		return nil
	}
	return keepKey(data, w.Ledger)
}

// keepKey stores the key of the school's ledger. What was seen of an epoch before is
// put aside: this one's checkpoints do not continue it.
func keepKey(data, key string) error {
	path, seen := filepath.Join(data, schoolKeyFile), filepath.Join(data, witnessFile)
	before, err := durable.ReadFile(path, 1024)
	if err == nil && string(before) != key {
		if err := os.Rename(seen, seen+".before"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errs.Wrap(err, errs.Unavailable, "What was seen of the school's ledger cannot be put aside.", "Look at the disk: is it full, read-only or failing?")
		}
	}
	return durable.WriteFile(path, []byte(key), 0o600)
}

// Connect keeps a running station in touch with its school until ctx ends. It
// returns an error only when the school's address is unusable or the bank's own
// ledger cannot be read, and the doors can go on without it; or ErrSuperseded.
func (s *Station) Connect(ctx context.Context, m *Membership, heardTime func(time.Time)) error {
	about := m.Identity.About()
	bank := s.Cabinet.Setup.Bank
	presence := newSession(wire.DefaultRoot, bank)
	var link *uplink.Link
	ready := make(chan struct{}) // closed once there is a link to tell
	conn, err := bus.Dial(ctx, bus.Config{
		Address: about.MQTT, ID: bank, TLS: m.Identity.TLS(), Jitter: reconnectWithin, Logger: slog.Default(),
		Will: presence.will,
		OnUp: func(ctx context.Context) {
			<-ready
			presence.birth(ctx)
			link.Up()
		},
	})
	if err != nil {
		return err
	}
	defer conn.Close()
	presence.bus = conn
	link = uplink.New(uplink.Config{
		Bank: bank, Root: wire.DefaultRoot, Keys: about.Keys, Bus: conn, Store: m.Store,
		History: s.epochs(), Epoch: s.Log.Name().Epoch, Log: s.Log, Station: s, Witness: m.Witness, Time: heardTime, Now: s.Now, Health: s.Health, Software: s.Version,
	})
	close(ready)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return link.Run(ctx) })
	group.Go(func() error { return m.watchPlace(ctx, conn) })
	group.Go(func() error { m.Identity.KeepRenewed(ctx, slog.Default()); return nil })
	return group.Wait()
}

// epochs are the earlier epochs that can be read, for the server's copies.
func (s *Station) epochs() []uplink.Epoch {
	var list []uplink.Epoch
	for _, p := range s.history {
		if p.file != nil {
			list = append(list, uplink.Epoch{Number: p.epoch, Ledger: p})
		}
	}
	return list
}

// session is one connection to the broker after another, each with an id of its
// own, so that nobody takes the death of an old one for that of the new.
type session struct {
	topic string
	bus   *bus.Client
	id    string
}

func newSession(root wire.Root, bank string) *session {
	return &session{topic: root.Bank(bank, wire.LeafPresence)}
}

// will is asked before every connection.
func (s *session) will() (topic string, payload []byte) {
	s.id = bus.NewSession()
	return s.topic, bus.Presence{Session: s.id, TS: time.Now()}.Encode()
}

func (s *session) birth(ctx context.Context) {
	birth := bus.Presence{Online: true, Session: s.id, TS: time.Now()}
	if err := s.bus.Publish(ctx, s.topic, birth.Encode(), true); err != nil && ctx.Err() == nil {
		slog.Warn("the bank could not say that it is there", "err", err)
	}
}
