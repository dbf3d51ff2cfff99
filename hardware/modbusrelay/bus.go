package modbusrelay

import (
	"bytes"
	"context"
	"fmt"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/halfduplex"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// Bus is one bus of relay boards. One goroutine owns it.
type Bus struct {
	line *halfduplex.Bus
	cfg  Config
	off  map[int]bool // boards whose relays were switched off once
}

var _ hardware.LockBus = (*Bus)(nil)

// New gives the bus on line, which it then owns. It fails with every fault of
// cfg.
func New(line hardware.Line, cfg Config) (*Bus, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	talk := halfduplex.New(line, format(cfg.inputBytes()), cfg.Reply, silence(cfg.Baud))
	return &Bus{line: talk, cfg: cfg, off: map[int]bool{}}, nil
}

// Unlock lets a board pulse one relay and waits for its answer, usually 20 ms.
// An error means that nobody knows, except where it says that the board
// refused.
func (b *Bus) Unlock(ctx context.Context, ch hardware.Channel) error {
	if err := b.cfg.Size().Check(ch); err != nil {
		return err
	}
	pulse := request(b.cfg.slave(ch.Board), writeCoil, flashOn+uint16(ch.Index), uint16(b.cfg.Pulse/pulseUnit))
	answer, err := b.line.OrderEchoed(ctx, ch, pulse, answers(pulse))
	if err != nil {
		return err
	}
	if answer[1]&refused != 0 {
		return errs.New(errs.Unavailable,
			fmt.Sprintf("Relay board %d refused to pulse relay %d (reason %d): the door stays as it is.", ch.Board, ch.Index+1, answer[2]),
			"Use a board that times the pulse itself, like the Waveshare Modbus RTU Relay (D), or correct how many relays it has.")
	}
	return nil
}

// answers tells the echo of a frame of function 05, or its refusal.
func answers(sent []byte) func([]byte) bool {
	return func(f []byte) bool {
		return bytes.Equal(f, sent) || f[0] == sent[0] && f[1] == sent[1]|refused
	}
}

// Read asks a board for its inputs, up to three times, and gives as many
// readings as it has relays. Before the first look it switches off all relays
// of the board: what held one on while nobody was here is not known. A context
// that ends is obeyed within hardware.ReadTimeout.
func (b *Bus) Read(ctx context.Context, board int) ([]hardware.Reading, error) {
	if err := b.cfg.Size().CheckBoard(board); err != nil {
		return nil, err
	}
	slave := b.cfg.slave(board)
	if err := b.switchOff(ctx, board, slave); err != nil {
		return nil, silent(board, err)
	}
	question := request(slave, readInputs, 0, uint16(b.cfg.Relays))
	f, err := b.line.Ask(ctx, question, func(f []byte) bool { return f[0] == slave && f[1]&^refused == readInputs })
	switch {
	case err != nil:
		return nil, silent(board, err)
	case f[1]&refused != 0: // one board's trouble, like a silent one's: no reason to give up the bus
		return nil, errs.Wrap(hardware.ErrTimeout, errs.Unavailable,
			fmt.Sprintf("Relay board %d refuses to read its inputs (reason %d).", board, f[2]),
			"Use a board with an input for each relay: without door contacts nobody sees a door open.")
	}
	return b.cfg.readings(f[3 : len(f)-2]), nil
}

// switchOff is done once a board. A board that refuses it has no such order.
func (b *Bus) switchOff(ctx context.Context, board int, slave byte) error {
	if b.off[board] {
		return nil
	}
	off := request(slave, writeCoil, allRelays, 0)
	_, err := b.line.Ask(ctx, off, answers(off))
	b.off[board] = err == nil
	return err
}

func silent(board int, err error) error {
	return halfduplex.Silent(board, err,
		"Look at its power, the bus cable (A and B the right way round), its slave id (no two boards alike) and speed.")
}

// readings explains inputs, door by door.
func (c Config) readings(inputs []byte) []hardware.Reading {
	all := make([]hardware.Reading, c.Relays)
	for i := range all {
		all[i].Contact = c.Polarity.Contact(inputs[i/8]>>(i%8)&1 == 1)
	}
	return all
}

// Stats gives the counters. Its caller is the goroutine that owns the bus.
func (b *Bus) Stats() halfduplex.Stats { return b.line.Stats() }

// Strays implements hardware.Listener.
func (b *Bus) Strays() uint64 { return b.Stats().Strays() }

// Close closes the line.
func (b *Bus) Close() error { return b.line.Close() }
