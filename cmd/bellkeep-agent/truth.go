package main

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
)

// truth is a file of what pretend devices really did, to hold beside what anybody
// says of them. Its lines are JSON, in the order in which things happened:
//
//	{"at":"2026-11-23T09:00:00.1Z","dev":"ipad-7","setting":"camera","value":"block"}
//	{"at":"2026-11-23T09:41:00Z","dev":"ipad-7","online":false}
//
// The first lines of a device are how it begins. Times are school time, whatever
// the device's own clock says. A nil truth writes nothing.
type truth struct {
	mu   sync.Mutex
	file io.WriteCloser
	err  error // the first
}

type truthLine struct {
	At      time.Time   `json:"at"`
	Dev     string      `json:"dev"`
	Setting mdm.Setting `json:"setting,omitempty"`
	Value   mdm.Value   `json:"value,omitzero"`
	Online  *bool       `json:"online,omitempty"`
}

// openTruth makes the file anew; no path makes none.
func openTruth(path string) (*truth, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "The file of the truth cannot be written.", "Choose another with --truth.")
	}
	return &truth{file: f}, nil
}

// begin writes how a device is before anybody manages it.
func (t *truth) begin(dev string, lacks map[mdm.Setting]bool, at time.Time) {
	all := mdm.Unmanaged()
	for _, s := range slices.Sorted(maps.Keys(all)) {
		if !lacks[s] {
			t.set(dev, s, all[s], at)
		}
	}
	t.online(dev, false, at)
}

func (t *truth) set(dev string, s mdm.Setting, v mdm.Value, at time.Time) {
	t.write(truthLine{At: at.UTC(), Dev: dev, Setting: s, Value: v})
}

func (t *truth) online(dev string, is bool, at time.Time) {
	t.write(truthLine{At: at.UTC(), Dev: dev, Online: &is})
}

func (t *truth) write(l truthLine) {
	if t == nil {
		return
	}
	line, err := json.Marshal(l)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil && t.err == nil {
		_, err = t.file.Write(append(line, '\n'))
	}
	if t.err == nil {
		t.err = err
	}
}

// close gives the first error there was.
func (t *truth) close() error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := errors.Join(t.err, t.file.Close()); err != nil {
		return errs.Wrap(err, errs.Unavailable, "The truth is not whole.", "Look at the disk, and play the fleet again.")
	}
	return nil
}
