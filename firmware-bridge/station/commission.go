package station

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/firmware-bridge/commission"
	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
)

// Technician is the person beside the cabinet, at a terminal or at the kiosk's
// page.
type Technician interface {
	// Show tells them what to do now. It must not block.
	Show(commission.Ask)
	// Refuse tells them why their last answer was not taken. It must not block.
	Refuse(error)
	// Answers is what they say.
	Answers() <-chan commission.Answer
}

// Commission maps the doors named, or all of them, with a technician's help, and
// keeps the map beside the bank's file. It is in force from the next Open on. What
// a power cut ended goes on where it was, unless it is to begin afresh. Errors:
// denied while something is behind one of the doors; that of the question it failed
// with; ctx's.
func (s *Station) Commission(ctx context.Context, who Technician, afresh bool, doors ...int) (cabinet.DoorMap, error) {
	return s.commission(ctx, s.Cabinet, who, afresh, doors...)
}

func (s *Station) commission(ctx context.Context, c cabinet.Cabinet, who Technician, afresh bool, doors ...int) (cabinet.DoorMap, error) {
	plan, err := c.Plan(doors...)
	if err != nil {
		return cabinet.DoorMap{}, err
	}
	if s.Log == nil { // doors are mapped before or after the bank joins its school
		if err := s.openLedger(); err != nil {
			return cabinet.DoorMap{}, err
		}
	}
	if err := s.empty(ctx, doors); err != nil {
		return cabinet.DoorMap{}, err
	}
	kept := progress{path: c.MapPath + ".part", Wiring: c.Wiring, Doors: doors}
	found, err := bridge.Commissioning{
		Bank: c.Setup.Bank, Plan: plan, Facts: kept.load(afresh), Lines: c.Outlets(plan), Log: s.Log, Now: s.Now,
		Keep: kept.save, Show: who.Show, Refuse: who.Refuse, Answers: who.Answers(), Watch: s.Watch,
	}.Run(ctx)
	if err != nil {
		return cabinet.DoorMap{}, err
	}
	if len(doors) > 0 {
		if found, err = c.Map.With(found); err != nil {
			return cabinet.DoorMap{}, err
		}
	}
	m := cabinet.DoorMap{Bank: c.Setup.Bank, Wiring: c.Wiring, Made: s.Now().Wall.UTC().Truncate(time.Second), Found: found}
	if err := s.keep(ctx, c.MapPath, m); err != nil {
		return cabinet.DoorMap{}, err
	}
	return m, kept.remove()
}

// empty refuses while something is behind one of the doors, or all.
func (s *Station) empty(ctx context.Context, doors []int) error {
	state, err := bridge.Custody(ctx, s.Cabinet.Setup, append(s.Past(), s.Log)...)
	if err != nil {
		return err
	}
	return bridge.Empty(state, s.directory(), s.Now(), doors)
}

// directory is the one in force.
func (s *Station) directory() *locker.Directory {
	if r := s.newest.Load(); r != nil {
		return r.Directory
	}
	return s.Rules.Directory
}

// keep puts a map on record, then beside the bank's file.
func (s *Station) keep(ctx context.Context, path string, m cabinet.DoorMap) error {
	if _, err := bridge.Note(ctx, s.Log, s.Now(), locker.Event{Kind: locker.Commissioned, Body: locker.Body{What: m.Sum()}}); err != nil {
		return err
	}
	return durable.WriteFile(path, m.Encode(), 0o644)
}

// progress is what a commissioning has found out so far, on disk.
type progress struct {
	path   string
	Wiring string           `json:"wiring"`
	Doors  []int            `json:"doors,omitempty"`
	Facts  commission.Facts `json:"facts"`
}

// load gives what an earlier run found out of the same wiring and doors. What
// cannot be read is found out again.
func (p progress) load(afresh bool) commission.Facts {
	text, err := os.ReadFile(p.path)
	var before progress
	if err != nil || afresh || json.Unmarshal(text, &before) != nil || before.Wiring != p.Wiring || !slices.Equal(before.Doors, p.Doors) {
		return commission.Facts{}
	}
	return before.Facts
}

func (p progress) save(f commission.Facts) error {
	p.Facts = f
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return durable.WriteFile(p.path, text, 0o600)
}

func (p progress) remove() error {
	if err := os.Remove(p.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errs.Wrap(err, errs.Unavailable, "What is left of the commissioning cannot be removed.", "Remove "+p.path)
	}
	return nil
}
