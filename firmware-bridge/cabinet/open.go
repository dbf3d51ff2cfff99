package cabinet

import (
	"cmp"
	"context"
	"os"
	"path/filepath"

	"github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/firmware-bridge/commission"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/scanner"
	"github.com/bellkeep/bellkeep/hardware/serialport"
	"github.com/bellkeep/bellkeep/internal/health"
)

// Lines are the cabinet's buses as the runtime opens them: none without a map that
// fits, where one is needed.
func (c Cabinet) Lines() []bridge.Line {
	if c.Unmapped != nil {
		return nil
	}
	var lines []bridge.Line
	for _, b := range c.Buses {
		lines = append(lines, bridge.Line{Name: b.Name, Open: b.open, Doors: b.Doors, Poll: b.Poll, PulseGap: b.PulseGap, Mapped: c.Map != nil, Fire: b.Fire})
	}
	return lines
}

// Outlets are the buses that a commissioning needs, with its outlets for doors, by
// their place in the plan and from 1 on. A contact that reads closed has its bit
// set. Only for a bank whose file names a map.
func (c Cabinet) Outlets(p commission.Plan) []bridge.Line {
	var lines []bridge.Line
	for _, b := range c.Buses {
		b.Boards = b.asBits
		line := bridge.Line{Name: b.Name, Open: b.open, Doors: map[int]hardware.Channel{}, Poll: b.Poll, PulseGap: b.PulseGap}
		for i, o := range p.Outlets {
			if o.Bus == b.Name {
				line.Doors[i+1] = o.Channel
			}
		}
		if len(line.Doors) > 0 {
			lines = append(lines, line)
		}
	}
	return lines
}

// Readers are the cabinet's scanners as the runtime opens them.
func (c Cabinet) Readers() []bridge.Reader {
	var readers []bridge.Reader
	for _, s := range c.Scanners {
		readers = append(readers, bridge.Reader{Kiosk: s.Kiosk, Name: s.name(), Open: s.open})
	}
	return readers
}

func (b Bus) open(context.Context) (hardware.LockBus, error) {
	if b.Line == (serialport.Config{}) {
		return b.Boards.Open(nil)
	}
	port, err := serialport.Open(b.Line)
	if err != nil {
		return nil, err
	}
	return b.Boards.Open(port)
}

func (s Scanner) open(context.Context) (hardware.Scanner, error) {
	if s.Input != "" {
		keyboard, err := scanner.OpenKeyboard(s.Input)
		if err != nil {
			return nil, err // and not a nil scanner in an interface
		}
		return keyboard, nil
	}
	port, err := serialport.Open(s.Line)
	if err != nil {
		return nil, err
	}
	return scanner.New(port), nil
}

// Away are the scanners and adapters that are not plugged in, as far as that can
// be seen without opening them: a bank at work has them to itself.
func (c Cabinet) Away() []health.Problem {
	var list []health.Problem
	for _, s := range c.Scanners {
		if _, err := os.Stat(s.path()); err != nil {
			list = append(list, health.Problem{Code: health.ScannerLost, Part: s.name()})
		}
	}
	for _, b := range c.Buses {
		if b.Line.Path == "" {
			continue // pins of the machine itself
		}
		if _, err := os.Stat(b.Line.Path); err != nil {
			list = append(list, health.Problem{Code: health.BusLost, Part: b.Name})
		}
	}
	return list
}

func (s Scanner) path() string { return cmp.Or(s.Input, s.Line.Path) }

// name is the end of the scanner's path, at most as long as may travel.
func (s Scanner) name() string {
	name := filepath.Base(s.path())
	return name[max(0, len(name)-health.MaxPart):]
}
