package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

const (
	fileMode = 0o600
	patience = time.Second // for another process to let go of the file
)

var (
	contentBucket    = []byte("content")
	commitmentBucket = []byte("commitments")
)

// Vault is an open vault, safe for concurrent use.
type Vault struct {
	path string

	mu sync.RWMutex // held for writing while the file is replaced
	db *bbolt.DB
}

// Open opens the vault at path, and creates it the first time.
// Errors: unavailable, conflict (open elsewhere), invalid (another kind of file).
func Open(path string) (*Vault, error) {
	if err := create(path); err != nil {
		return nil, err
	}
	return open(path, &bbolt.Options{Timeout: patience})
}

// OpenReadOnly opens a vault that no process is writing.
// Errors: unavailable, conflict (open elsewhere), invalid (another kind of file).
func OpenReadOnly(path string) (*Vault, error) {
	return open(path, &bbolt.Options{Timeout: patience, ReadOnly: true})
}

func open(path string, o *bbolt.Options) (*Vault, error) {
	db, err := bbolt.Open(path, fileMode, o)
	if err != nil {
		return nil, openFault(path, err)
	}
	err = db.View(func(tx *bbolt.Tx) error {
		if tx.Bucket(contentBucket) == nil || tx.Bucket(commitmentBucket) == nil {
			return errs.New(errs.Invalid, fmt.Sprintf("The file %s is not a vault.", path), "Check the path.")
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Vault{path: path, db: db}, nil
}

func openFault(path string, err error) error {
	if errors.Is(err, bolterrors.ErrTimeout) {
		return errs.Wrap(err, errs.Conflict, fmt.Sprintf("Another process has the vault %s open.", path),
			"Stop the other Bellkeep first, or work on a copy of the file.")
	}
	return errs.Wrap(err, errs.Unavailable, fmt.Sprintf("The vault %s cannot be opened.", path),
		"Check that the directory exists and is writable for the user that runs Bellkeep.")
}

// Close closes the file.
func (v *Vault) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.db.Close()
}

// Snapshot gives fn the vault's file as it is at one moment, for a backup, while
// others go on writing. Errors: unavailable, those of fn.
func (v *Vault) Snapshot(fn func(length int64, content io.WriterTo) error) error {
	return v.view(func(tx *bbolt.Tx) error { return fn(tx.Size(), tx) })
}

// Get gives back content. Errors: not found, unavailable.
func (v *Vault) Get(ctx context.Context, id string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var content []byte
	err := v.view(func(tx *bbolt.Tx) error {
		kept := tx.Bucket(contentBucket).Get([]byte(id))
		if len(kept) < saltSize {
			return errs.New(errs.NotFound, "The vault holds nothing under that id, or it was erased.", "")
		}
		content = append([]byte{}, kept[saltSize:]...)
		return nil
	})
	return content, err
}

// State is what the vault can say about a commitment.
type State string

// The states of a commitment.
const (
	Opens   State = "opens"          // its content is here and gives this commitment
	Erased  State = "erased"         // its content was here and has been erased
	Differs State = "does not match" // the vault never made it, or the content was changed
)

// Check compares a commitment with the content it was made for.
// Errors: unavailable.
func (v *Vault) Check(c Commitment) (State, error) {
	state := Differs
	err := v.view(func(tx *bbolt.Tx) error {
		id := tx.Bucket(commitmentBucket).Get(c[:])
		switch {
		case id == nil:
		case len(id) == 0:
			state = Erased
		case matches(tx, string(id), c):
			state = Opens
		}
		return nil
	})
	return state, err
}

// Matches tells whether c is the commitment to what id holds now.
// Errors: unavailable.
func (v *Vault) Matches(id string, c Commitment) (bool, error) {
	same := false
	err := v.view(func(tx *bbolt.Tx) error {
		same = matches(tx, id, c)
		return nil
	})
	return same, err
}

func matches(tx *bbolt.Tx, id string, c Commitment) bool {
	kept := tx.Bucket(contentBucket).Get([]byte(id))
	return len(kept) >= saltSize && commit(kept[:saltSize], id, kept[saltSize:]) == c
}

func (v *Vault) view(fn func(*bbolt.Tx) error) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return fault(v.db.View(fn))
}

func (v *Vault) update(fn func(*bbolt.Tx) error) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return fault(v.db.Update(fn))
}

// fault words what bbolt says; errors of our own pass.
func fault(err error) error {
	var own *errs.Error
	if err == nil || errors.As(err, &own) {
		return err
	}
	return errs.Wrap(err, errs.Unavailable, "The vault could not be read or written.",
		"Check the disk and its free space, then restart Bellkeep.")
}

// create makes an empty vault that survives a power cut, unless there is one.
func create(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	err := build(path, func(db *bbolt.DB) error {
		return db.Update(func(tx *bbolt.Tx) error {
			if _, err := tx.CreateBucket(contentBucket); err != nil {
				return err
			}
			_, err := tx.CreateBucket(commitmentBucket)
			return err
		})
	})
	if err != nil {
		return openFault(path, err)
	}
	return nil
}

// build makes a bbolt file under another name, fills it and puts it at path.
func build(path string, fill func(*bbolt.DB) error) error {
	tmp := path + ".new"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	db, err := bbolt.Open(tmp, fileMode, &bbolt.Options{Timeout: patience})
	if err != nil {
		return err
	}
	if err := errors.Join(fill(db), db.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
