package uplink

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
)

// The files of a store: the envelopes as they came, so that whoever edits them
// on the bank's disk breaks their signature.
const (
	DirectoryFile = "directory.sealed"
	PlanFile      = "plan.sealed"
)

// Store keeps the newest directory and plan on the bank's own disk.
type Store struct {
	dir string

	mu              sync.Mutex
	rules           locker.Rules
	directory, plan []byte // as they came
}

// OpenStore reads what is kept in dir and checks its signatures. Files that
// are missing are not an error: a bank that has just joined waits for them.
func OpenStore(dir string, keys wire.Keys) (*Store, error) {
	s := &Store{dir: dir, rules: locker.Rules{Directory: &locker.Directory{}}}
	for name, put := range map[string]func(wire.Keys, []byte) error{DirectoryFile: s.readDirectory, PlanFile: s.readPlan} {
		data, err := durable.ReadFile(filepath.Join(dir, name), wire.MaxMessage)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = put(keys, data)
		}
		if err != nil {
			return nil, errs.Wrap(err, errs.Unavailable, fmt.Sprintf("%s cannot be used.", name), "Remove it: the school server sends it again once the bank is connected.")
		}
	}
	return s, nil
}

// Rules are the newest rules held. They are not ready before both halves have
// come.
func (s *Store) Rules() (rules locker.Rules, ready bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rules, s.directory != nil && s.plan != nil
}

// PutDirectory verifies a directory and keeps it. It is no news when it is held
// already. Errors: invalid, denied (signature), conflict (older, or another
// directory of the same version), unavailable (this bank's disk).
func (s *Store) PutDirectory(keys wire.Keys, sealed []byte) (news bool, err error) {
	return s.put(DirectoryFile, &s.directory, sealed, func() error { return s.readDirectory(keys, sealed) })
}

// PutPlan does for a plan what PutDirectory does for a directory.
func (s *Store) PutPlan(keys wire.Keys, sealed []byte) (news bool, err error) {
	return s.put(PlanFile, &s.plan, sealed, func() error { return s.readPlan(keys, sealed) })
}

func (s *Store) put(name string, held *[]byte, sealed []byte, read func() error) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if string(*held) == string(sealed) {
		return false, nil
	}
	before, rules := *held, s.rules
	if err := read(); err != nil {
		return false, err
	}
	if err := durable.WriteFile(filepath.Join(s.dir, name), sealed, 0o600); err != nil {
		*held, s.rules = before, rules
		return false, err
	}
	return true, nil
}

func (s *Store) readDirectory(keys wire.Keys, sealed []byte) error {
	var d wire.Directory
	if err := read(keys, wire.TypeDirectory, sealed, &d); err != nil {
		return err
	}
	if err := newer("directory", d.Version, s.rules.Directory.Version); err != nil {
		return err
	}
	s.rules.Directory, s.directory = &d.Directory, sealed
	return nil
}

func (s *Store) readPlan(keys wire.Keys, sealed []byte) error {
	var p wire.Plan
	if err := read(keys, wire.TypePlan, sealed, &p); err != nil {
		return err
	}
	if err := p.Validate(); err != nil {
		return err
	}
	if err := newer("plan", p.Version, s.rules.Plan.Version); err != nil {
		return err
	}
	s.rules.Plan, s.plan = p.Plan, sealed
	return nil
}

func read(keys wire.Keys, t wire.Type, sealed []byte, into any) error {
	payload, err := wire.Open(keys, t, sealed)
	if err != nil {
		return err
	}
	return wire.Decode(payload, into)
}

func newer(what string, version, held uint64) error {
	if version <= held {
		return errs.New(errs.Conflict, fmt.Sprintf("A %s of version %d came, and version %d is held.", what, version, held),
			"Look for a second server, or a server restored from a backup.")
	}
	return nil
}
