package world

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// SetFaults breaks or mends a door.
func (w *World) SetFaults(door int, f Faults) error {
	w.cab.mu.Lock()
	defer w.cab.mu.Unlock()
	d, err := w.cab.find(door)
	if err != nil {
		return err
	}
	l := d.line(Note)
	l.Text = fmt.Sprintf("latch %v, contact %v, ajar %d", f.Latch, f.Contact, f.Ajar)
	if err := w.truth.tell(l); err != nil {
		return err
	}
	d.faults = f
	return nil
}

// Force breaks a shut door open without a pulse.
func (w *World) Force(door int) error { return w.cab.force(door) }

// Push shuts a door as a passer-by does; false means that it sprang back.
func (w *World) Push(door int) (bool, error) { return w.cab.push(door, "") }

// Door gives the true state of a door.
func (w *World) Door(door int) Door { return w.cab.look(door) }

// PutIn lays a phone that is no pupil's behind a door and shuts it, as soon as it
// stands open. It says false when the door stays shut, or springs back.
func (w *World) PutIn(ctx context.Context, door int, phone string) (bool, error) {
	return w.move(ctx, door, phone, w.cab.put)
}

// TakeOut takes it from there.
func (w *World) TakeOut(ctx context.Context, door int, phone string) (bool, error) {
	return w.move(ctx, door, phone, w.cab.take)
}

func (w *World) move(ctx context.Context, door int, phone string, hand func(door int, pupil, phone string) (bool, error)) (bool, error) {
	within, cancel := context.WithTimeout(ctx, doorPatience)
	defer cancel()
	if !w.cab.waitOpen(within, door) {
		return false, context.Cause(ctx)
	}
	if err := rest(ctx, cmp.Or(w.cfg.Hands, handFloor)); err != nil {
		return false, err
	}
	moved, err := hand(door, "", phone)
	if err != nil {
		return false, err
	}
	shut, err := w.cab.push(door, "")
	return moved && shut, err
}

// Unplug pulls a bus out of its adapter until Replug.
func (w *World) Unplug(bus string) error {
	b, err := w.bus(bus)
	if err != nil {
		return err
	}
	if err := w.truth.tell(Line{What: Note, Bus: bus, Text: "unplugged"}); err != nil {
		return err
	}
	b.port.unplug()
	return nil
}

// Replug puts a bus back under the same link, as another terminal.
func (w *World) Replug(bus string) error {
	b, err := w.bus(bus)
	if err != nil {
		return err
	}
	if err := w.truth.tell(Line{What: Note, Bus: bus, Text: "plugged in"}); err != nil {
		return err
	}
	return b.port.plug()
}

// CutPower takes the power from one board for d of machine time: it neither
// hears nor answers. Latches that are already moving go on.
func (w *World) CutPower(bus string, board int, d time.Duration) error {
	b, err := w.bus(bus)
	if err != nil {
		return err
	}
	if board < 0 || board >= b.Boards {
		return errs.New(errs.NotFound, fmt.Sprintf("Bus %q has no board %d.", bus, board), "Boards count from 0.")
	}
	l := Line{What: Note, Bus: bus, Board: board, Text: "without power for " + d.String()}
	if err := w.truth.tell(l); err != nil {
		return err
	}
	b.kill(board, d)
	return nil
}

func (w *World) bus(name string) (*bus, error) {
	for _, b := range w.buses {
		if b.Name == name {
			return b, nil
		}
	}
	return nil, errs.New(errs.NotFound, fmt.Sprintf("There is no bus %q.", name), "Name one of the buses configured.")
}
