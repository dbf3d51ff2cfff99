package boltlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"go.etcd.io/bbolt"
)

// KindRepaired is the kind of the record that tells of a damaged meta page.
const KindRepaired = "ledger-repaired"

const defaultWait = time.Second // for another process to let go

// Options say whose ledger it is.
type Options struct {
	Writer string              // required, see ledger.IsWriter
	Stamp  func() ledger.Stamp // for the records the log itself writes; nil: time.Now, not trusted
	By     string              // who opens the first epoch; "" for "bellkeep"
	Why    string              // why; "" for "first start"
	Wait   time.Duration       // how long to wait for another process to let go; 0 for a second
}

func (o Options) filled() Options {
	if o.Stamp == nil {
		o.Stamp = func() ledger.Stamp { return ledger.Stamp{Wall: time.Now()} }
	}
	if o.By == "" {
		o.By = "bellkeep"
	}
	if o.Why == "" {
		o.Why = "first start"
	}
	if o.Wait == 0 {
		o.Wait = defaultWait
	}
	return o
}

// Open opens the writer's newest ledger in dir, or creates its first. It checks
// the records since the last signed checkpoint; the whole ledger is checked by
// VerifyAll. Errors: unavailable, conflict (open elsewhere), invalid (options,
// newer format), internal (damaged).
func Open(dir string, o Options) (*Log, error) {
	o = o.filled()
	name, err := findOrCreate(dir, o)
	if err != nil {
		return nil, err
	}
	return openNamed(name, o)
}

func openNamed(n Name, o Options) (*Log, error) {
	db, err := openBolt(n, o.Wait)
	if err != nil {
		return nil, err
	}
	l, err := start(n, db, o)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return l, nil
}

func findOrCreate(dir string, o Options) (Name, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return Name{}, notWritable(dir, err)
	}
	lock, err := lockDir(dir, o.Wait)
	if err != nil {
		return Name{}, notWritable(dir, err)
	}
	defer lock.Close()
	name, err := newest(dir, o.Writer)
	if err != nil {
		return Name{}, notReadable(dir, err)
	}
	if name.Epoch > 0 {
		return name, nil
	}
	name.Epoch = 1
	return name, create(name, ledger.Opening{By: o.By, Why: o.Why}, o.Stamp())
}

// openBolt opens and locks the file.
func openBolt(n Name, wait time.Duration) (*bbolt.DB, error) {
	var db *bbolt.DB
	var fault error
	err := guard(func() error {
		db, fault = bbolt.Open(n.Path(), fileMode, boltOptions(wait))
		return nil
	})
	switch {
	case err != nil:
		return nil, damaged(n.Path(), 0, err)
	case fault != nil:
		return nil, openFault(n.Path(), n.Dir, fault)
	}
	return db, nil
}

func boltOptions(wait time.Duration) *bbolt.Options {
	return &bbolt.Options{Timeout: wait, FreelistType: bbolt.FreelistMapType, NoStatistics: true}
}

// start checks the tail of the locked file and starts the writer.
func start(n Name, db *bbolt.DB, o Options) (*Log, error) {
	l := &Log{
		store:   newStore(n, db),
		issuer:  ledger.NewIssuer(n.Writer, n.Epoch),
		reserve: reserve{n.reservePath()},
		queue:   make(chan *request, maxQueue),
		closing: make(chan struct{}),
	}
	var torn error
	err := l.inspect(func(at snapshot) error {
		torn = at.torn
		return l.take(at)
	})
	if err != nil {
		return nil, err
	}
	l.alarm = l.reserve.fill()
	go l.run()
	if torn == nil {
		return l, nil
	}
	if err := l.repair(torn, o.Stamp()); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// take loads what the file holds and the keys that belong to it.
func (l *Log) take(at snapshot) error {
	opening, err := at.openingOf(l.name)
	if err != nil {
		return err
	}
	if l.keys, err = loadKeys(l.name, opening.Key); err != nil {
		return err
	}
	last, err := at.lastCheckpoint()
	if err != nil {
		return damaged(l.name.Path(), 0, err)
	}
	return l.load(at, l.keys.verifier, last)
}

// repair goes on with a file of which one of the two meta pages is damaged.
// A power cut in the middle of a commit does that, and then nothing that was
// acknowledged is lost; a failing disk does it too, and then the last commit
// may be. Nobody can tell which, so it is put on record. The commit writes the
// damaged page anew.
func (l *Log) repair(torn error, s ledger.Stamp) error {
	from := l.Size()
	body := fmt.Sprintf(`{"from":%d}`, from)
	entry := ledger.Entry{Kind: KindRepaired, Stamp: s, Body: json.RawMessage(body)}
	if _, err := l.Append(context.Background(), entry); err != nil {
		return err
	}
	l.alarm = errors.Join(l.alarm, errs.Wrap(torn, errs.Internal,
		fmt.Sprintf("The ledger %s was repaired: records of its last moment before sequence %d may be missing.", l.name.Path(), from),
		"If there was no power cut, check the disk, and compare the doors with the board."))
	return nil
}

// openingOf reads record 0, which must belong to n.
func (s snapshot) openingOf(n Name) (ledger.Opening, error) {
	opening, err := s.opening()
	if err != nil {
		return opening, damaged(n.Path(), 0, err)
	}
	if opening.Writer != n.Writer || opening.Epoch != n.Epoch {
		return opening, errs.New(errs.Invalid,
			fmt.Sprintf("The ledger %s belongs to %s, epoch %d.", n.Path(), opening.Writer, opening.Epoch),
			"Give the file its own name back.")
	}
	return opening, nil
}
