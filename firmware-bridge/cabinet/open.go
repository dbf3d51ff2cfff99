package cabinet

import (
	"context"

	"github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/scanner"
	"github.com/bellkeep/bellkeep/hardware/serialport"
)

// Lines are the cabinet's buses as the runtime opens them.
func (c Cabinet) Lines() []bridge.Line {
	var lines []bridge.Line
	for _, b := range c.Buses {
		lines = append(lines, bridge.Line{Name: b.Name, Open: b.open, Doors: b.Doors, Poll: b.Poll, PulseGap: b.PulseGap})
	}
	return lines
}

// Readers are the cabinet's scanners as the runtime opens them.
func (c Cabinet) Readers() []bridge.Reader {
	var readers []bridge.Reader
	for _, s := range c.Scanners {
		readers = append(readers, bridge.Reader{Kiosk: s.Kiosk, Open: s.open})
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
