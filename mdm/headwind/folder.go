package headwind

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm/relay"
)

// folder keeps a file for each phone, so that after a restart no phone is called
// for what it has, and all go on while the school's server cannot be reached.
type folder string

const (
	savedVersion = 1
	savedSuffix  = ".phone.json"
	tasksSuffix  = ".commands.json"
	maxSaved     = 2 * relay.MaxSealed // bytes
	maxTasks     = 1 << 20             // bytes; what is remembered at most is half of it
)

// since is when the folder was begun: what was asked for earlier may have been done by
// a gateway whose folder is lost. Errors: unavailable, internal.
func (f folder) since(now time.Time) (time.Time, error) {
	path := filepath.Join(string(f), "since")
	b, err := durable.ReadFile(path, 64)
	if errors.Is(err, fs.ErrNotExist) {
		now = now.UTC().Truncate(time.Millisecond)
		return now, durable.WriteFile(path, []byte(now.Format(time.RFC3339Nano)), 0o600)
	}
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		return time.Time{}, errs.Wrap(err, errs.Internal, "When the gateway's folder was begun cannot be read.", "Remove the file "+path+".")
	}
	return at, nil
}

// saved is a phone's file. The document is in its envelope, so what is read is
// verified again.
type saved struct {
	V       int    `json:"v"`
	Sealed  []byte `json:"sealed,omitempty"`
	Taken   taken  `json:"taken"`
	Session string `json:"session,omitempty"` // as long as the phone is there
}

// load reads all files. Those that cannot be read are named in the error; the
// others count.
func (f folder) load() (map[string]saved, error) {
	entries, err := os.ReadDir(string(f))
	if err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "The gateway's folder cannot be read.", "Choose a folder this user may write to.")
	}
	all := map[string]saved{}
	var faults []error
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), savedSuffix)
		if !ok || !school.ValidID(id) {
			continue
		}
		s, err := f.read(id)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		all[id] = s
	}
	return all, errors.Join(faults...)
}

func (f folder) read(id string) (saved, error) {
	var s saved
	b, err := durable.ReadFile(f.path(id, savedSuffix), maxSaved)
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil || s.V != savedVersion || len(s.Session) > 64 {
		return saved{}, errs.Wrap(err, errs.Internal, "What the gateway kept of "+id+" cannot be read.", "It is fetched from the school's server again.")
	}
	return s, nil
}

// save replaces a phone's file. Errors: unavailable.
func (f folder) save(id string, s saved) error {
	s.V = savedVersion
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return durable.WriteFile(f.path(id, savedSuffix), b, 0o600)
}

// tasks reads what a phone was told to do. Errors: fs.ErrNotExist, and others for what
// is lost.
func (f folder) tasks(id string) (t tasks, err error) {
	b, err := durable.ReadFile(f.path(id, tasksSuffix), maxTasks)
	if err == nil {
		err = json.Unmarshal(b, &t)
	}
	if err == nil && !t.Memory.Valid() {
		err = errs.New(errs.Internal, "What the phone was told to do cannot be read.", "")
	}
	return t, err
}

// saveTasks replaces them. Errors: unavailable.
func (f folder) saveTasks(id string, t tasks) error {
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return durable.WriteFile(f.path(id, tasksSuffix), b, 0o600)
}

// remove forgets a phone. Errors: unavailable.
func (f folder) remove(id string) error {
	for _, suffix := range []string{savedSuffix, tasksSuffix} {
		if err := os.Remove(f.path(id, suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errs.Wrap(err, errs.Unavailable, "A file of the gateway cannot be removed.", "Look at the disk.")
		}
	}
	return nil
}

func (f folder) path(id, suffix string) string { return filepath.Join(string(f), id+suffix) }
