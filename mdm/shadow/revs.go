package shadow

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
)

// Revs keeps the last revision of every device. Load gives nil when nothing was
// ever saved, or what was is lost. Save returns once the marks survive a power
// cut: no revision travels before that.
type Revs interface {
	Load() (map[string]mdm.Mark, error)
	Save(map[string]mdm.Mark) error
}

// RevFile is Revs in a JSON file, replaced as a whole once a bell. Revisions
// are a counter, not a record, so they are not on the ledger: it would grow by
// a line per device and bell for ever and prove nothing.
type RevFile string

const (
	revFileVersion = 1
	maxRevFile     = 16 << 20 // bytes; 100,000 devices
)

// afterRestore is more revisions than devices can have seen since any backup.
const afterRestore = 1_000_000

type revFile struct {
	V       int                 `json:"v"`
	Devices map[string]mdm.Mark `json:"devices"`
}

// Load reads the file; nil when it is not there. Errors: unavailable, internal
// for a file that is damaged.
func (f RevFile) Load() (map[string]mdm.Mark, error) {
	b, err := durable.ReadFile(string(f), maxRevFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, f.name()+" cannot be read.", "Look at the disk of the school server.")
	}
	var r revFile
	if err := json.Unmarshal(b, &r); err != nil || r.V != revFileVersion {
		return nil, errs.Wrap(err, errs.Internal, f.name()+" is damaged.", "Restore it from the last backup.")
	}
	for id, m := range r.Devices {
		if !school.ValidID(id) || m.Rev == 0 || m.Rev > mdm.MaxRev {
			return nil, errs.New(errs.Internal, f.name()+" is damaged.", "Restore it from the last backup.")
		}
	}
	if r.Devices == nil {
		r.Devices = map[string]mdm.Mark{}
	}
	return r.Devices, nil
}

// Save replaces the file. Errors: unavailable.
func (f RevFile) Save(marks map[string]mdm.Mark) error {
	b, err := json.Marshal(revFile{V: revFileVersion, Devices: marks})
	if err != nil {
		return err
	}
	return durable.WriteFile(string(f), b, 0o600)
}

// Jump moves every device past all revisions it can have seen: to be called
// once after a backup was restored. A file that is not there needs none: New
// begins high without it. Errors: those of Load and Save.
func (f RevFile) Jump(now time.Time) error {
	marks, err := f.Load()
	if err != nil || marks == nil {
		return err
	}
	for id, m := range marks {
		marks[id] = mdm.Mark{Rev: m.Rev + afterRestore, TS: now} // without a sum: news to everybody
	}
	return f.Save(marks)
}

// anew gives devices that may have had revisions nobody remembers marks beyond
// them all: the seconds since 1970, for a device has far less than one revision
// a second. Without a sum they are news to everybody.
func anew(devices []mdm.Device, now time.Time) map[string]mdm.Mark {
	rev := uint64(max(now.Unix(), 1))
	marks := make(map[string]mdm.Mark, len(devices))
	for _, d := range devices {
		marks[d.ID] = mdm.Mark{Rev: rev, TS: now}
	}
	return marks
}

func (f RevFile) name() string { return filepath.Base(string(f)) }
