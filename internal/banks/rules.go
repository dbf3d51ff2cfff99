package banks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"sort"
	"sync"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
)

// KindPublished is the record that a directory or plan was given out.
const KindPublished = "rules-published"

// published is its body. What was decided in records before Upto is in it.
type published struct {
	Directory uint64 `json:"directory,omitempty"`
	Plan      uint64 `json:"plan,omitempty"`
	Upto      uint64 `json:"upto,omitempty"`
}

// Rules give out the directory and plan that all banks go by. Versions only go
// up, over restarts too: each is on the school's ledger before a bank can see it.
type Rules struct {
	log   Log
	stamp func() ledger.Stamp
	dir   string
	key   *wire.Key

	mu              sync.Mutex
	current         locker.Rules
	directory, plan []byte      // sealed
	given           []published // in this epoch
	planned         bool        // a plan was, in this epoch
	highest         published   // versions ever given out
}

// afterRestore is more versions than banks can have been given since any backup.
const afterRestore = 1_000_000

// jump moves past all versions that a bank can have when the ledger's last records
// are lost.
func (p *published) jump() {
	if p.Directory > 0 {
		p.Directory += afterRestore
	}
	if p.Plan > 0 {
		p.Plan += afterRestore
	}
}

// NewRules makes the book. Give it every record of the school's ledger, then
// Load what is kept in dir.
func NewRules(log Log, stamp func() ledger.Stamp, dir string) *Rules {
	return &Rules{log: log, stamp: stamp, dir: dir, current: locker.Rules{Directory: &locker.Directory{}}}
}

// Behind are the records of the school's ledger that a directory's version was given
// out for: from one up to another; false for a version of an earlier epoch.
func (r *Rules) Behind(version uint64) (from, upto uint64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := slices.IndexFunc(r.given, func(p published) bool { return p.Directory == version })
	if n < 0 {
		return 0, 0, false
	}
	if n > 0 {
		from = r.given[n-1].Upto
	}
	return from, r.given[n].Upto, true
}

// Fold takes one record of the school's ledger.
func (r *Rules) Fold(rec ledger.Record) error {
	if rec.Kind == ledger.KindEpochOpened { // sequences count anew
		r.mu.Lock()
		defer r.mu.Unlock()
		r.given, r.planned = nil, false
		r.highest.jump()
		return nil
	}
	if rec.Kind != KindPublished {
		return nil
	}
	var p published
	if err := json.Unmarshal(rec.Body, &p); err != nil {
		return fmt.Errorf("record %d: %w", rec.Seq, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fold(p)
	return nil
}

func (r *Rules) fold(p published) {
	r.highest.Directory = max(r.highest.Directory, p.Directory)
	r.highest.Plan = max(r.highest.Plan, p.Plan)
	if p.Directory != 0 {
		r.given = append(r.given, p)
	}
	r.planned = r.planned || p.Plan != 0
}

// Load reads what was last given out, and signs with key from now on. What is
// missing, cannot be read or was not signed with it is given out anew under a
// higher version.
func (r *Rules) Load(key *wire.Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.key = key
	var d wire.Directory
	var p wire.Plan
	for _, part := range []struct {
		leaf   wire.Leaf
		typ    wire.Type
		into   any
		sealed *[]byte
	}{{wire.LeafDirectory, wire.TypeDirectory, &d, &r.directory}, {wire.LeafPlan, wire.TypePlan, &p, &r.plan}} {
		sealed, err := durable.ReadFile(r.path(part.leaf), wire.MaxMessage)
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				slog.Warn("the rules given out last cannot be read; they are given out anew", "leaf", string(part.leaf), "err", err)
			}
			continue
		}
		if payload, err := wire.Open(r.key.Public(), part.typ, sealed); err == nil && wire.Decode(payload, part.into) == nil {
			*part.sealed = sealed
		}
	}
	r.current = locker.Rules{Directory: &d.Directory, Plan: p.Plan}
}

func (r *Rules) path(leaf wire.Leaf) string { return filepath.Join(r.dir, string(leaf)+".sealed") }

// Give compiles nothing: it gives out what it is handed, if that differs from
// what banks have. upto is how much of the school's ledger it was compiled from.
// It reports whether anything is new. Errors: conflict (ErrTooLong), and what is
// in force stays; those of the ledger; unavailable.
func (r *Rules) Give(ctx context.Context, d locker.Directory, p school.Plan, upto uint64) (news bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	note := published{Upto: upto}
	d.Version, p.Version = r.current.Directory.Version, r.current.Plan.Version
	if r.directory == nil || len(r.given) == 0 || !same(d, *r.current.Directory) {
		d.Version = r.highest.Directory + 1
		note.Directory = d.Version
	}
	if r.plan == nil || !r.planned || !same(p, r.current.Plan) {
		p.Version = r.highest.Plan + 1
		note.Plan = p.Version
	}
	if note.Directory == 0 {
		r.reaches(upto)
	}
	if note.Directory == 0 && note.Plan == 0 {
		return false, nil
	}
	directory, err := r.seal(wire.LeafDirectory, wire.TypeDirectory, wire.Directory{V: wire.V, Directory: d})
	if err != nil {
		return false, err
	}
	plan, err := r.seal(wire.LeafPlan, wire.TypePlan, wire.Plan{V: wire.V, Plan: p})
	if err != nil {
		return false, err
	}
	if err := record(ctx, r.log, r.stamp(), KindPublished, note); err != nil {
		return false, err
	}
	r.fold(note)
	if note.Directory != 0 {
		if err := durable.WriteFile(r.path(wire.LeafDirectory), directory, 0o600); err != nil {
			return false, err
		}
		r.directory, r.current.Directory = directory, &d
	}
	if note.Plan != 0 {
		if err := durable.WriteFile(r.path(wire.LeafPlan), plan, 0o600); err != nil {
			return false, err
		}
		r.plan, r.current.Plan = plan, p
	}
	return true, nil
}

// reaches notes that the directory given out last holds what was decided up to
// there: a record may be appended while the rules are compiled, and then be in
// them already. The caller holds mu and has looked that one was given out.
func (r *Rules) reaches(upto uint64) {
	last := &r.given[len(r.given)-1]
	last.Upto = max(last.Upto, upto)
}

// ErrTooLong is a directory or plan that does not fit into one message.
var ErrTooLong = errors.New("it does not fit into one message")

// same compares what travels: two values that read the same are the same.
func same(a, b any) bool {
	x, errX := wire.Encode(a)
	y, errY := wire.Encode(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func (r *Rules) seal(leaf wire.Leaf, t wire.Type, message any) ([]byte, error) {
	payload, err := wire.Encode(message)
	if err != nil {
		return nil, err
	}
	sealed, err := wire.Seal(r.key, t, payload)
	if err == nil && len(sealed) > wire.MaxMessage {
		err = errs.Wrap(ErrTooLong, errs.Conflict,
			fmt.Sprintf("The %s for the banks has %d bytes, and %d can be sent.", leaf, len(sealed), wire.MaxMessage),
			"End bars and permissions that are no longer needed, and take people off the roll who have left.")
	}
	return sealed, err
}

// Current are the rules given out last.
func (r *Rules) Current() locker.Rules {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.current
}

// Sealed are the envelopes of the rules given out last, nil before the first.
func (r *Rules) Sealed() (directory, plan []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.directory, r.plan
}

// Since is the first directory that holds what the record at seq of the
// school's ledger decided, or false while none does.
func (r *Rules) Since(seq uint64) (directory uint64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := sort.Search(len(r.given), func(i int) bool { return r.given[i].Upto > seq })
	if i == len(r.given) {
		return 0, false
	}
	return r.given[i].Directory, true
}
