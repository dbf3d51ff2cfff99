package world

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// World is one pretend school at work. Its methods are safe for concurrent
// use. Whatever can fail fails for one of three reasons: a thing named is not
// there (errs.NotFound), the truth cannot be written (errs.Unavailable, and
// the world ends), or ctx ended (its cause).
type World struct {
	cfg    Config
	ctx    context.Context
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup

	truth  *truth
	cab    *cabinet
	buses  []*bus
	kiosks []*kiosk
	people map[string]Pupil
	agenda agenda
}

// Open builds the world and lets its boards listen until ctx ends or Close is
// called. A truth file of an earlier run is taken up where it ended. Errors:
// errs.Invalid with all faults of cfg, errs.Conflict for something in the way
// of a link, errs.Unavailable for a folder, file or terminal.
func Open(ctx context.Context, cfg Config) (*World, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.Reaction == 0 {
		cfg.Reaction = usualReaction
	}
	if cfg.Now == nil {
		cfg.Now, cfg.Sleep = time.Now, rest
	}
	w := &World{cfg: cfg, people: map[string]Pupil{}}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	for _, p := range cfg.Pupils {
		w.people[p.ID] = p
	}
	if err := w.build(); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	w.start()
	return w, nil
}

// build opens the truth file and makes cabinet, buses and scanners.
func (w *World) build() error {
	t, before, err := openTruth(w.cfg.Truth, w.cfg.Now, func(err error) { w.cancel(err) })
	if err != nil {
		return err
	}
	w.truth = t
	w.cab = newCabinet(w.cfg.Wiring, t.tell)
	w.cab.onFrame = w.cfg.OnFrame
	if err := w.cab.remember(before); err != nil {
		return err
	}
	for _, b := range w.cfg.Buses {
		made := &bus{
			Bus: b, port: w.port("bus-" + b.Name), cab: w.cab, tell: t.tell, later: w.later,
			react: w.cfg.Reaction, rng: dice(w.cfg.Seed, "bus "+b.Name), dead: map[int]time.Time{},
			ear: ear{tongue: tongueOf(b.Personality)},
		}
		w.buses = append(w.buses, made)
		if err := made.port.plug(); err != nil {
			return err
		}
	}
	for _, name := range w.cfg.Kiosks {
		k := newKiosk(name, w.scanner(name))
		w.kiosks = append(w.kiosks, k)
		if err := k.scanner.port.plug(); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) port(name string) *port { return &port{link: filepath.Join(w.cfg.Dir, name)} }

func (w *World) scanner(kiosk string) *Scanner {
	ending := "\r"
	if w.cfg.CRLF {
		ending = "\r\n"
	}
	return &Scanner{
		port: w.port("scanner-" + kiosk), ending: ending,
		paced: w.cfg.PacedScanner, rng: dice(w.cfg.Seed, "scanner "+kiosk),
	}
}

func (w *World) start() {
	for _, b := range w.buses {
		w.wg.Go(func() {
			if err := b.serve(w.ctx); err != nil {
				w.cancel(err)
			}
		})
	}
	for _, k := range w.kiosks {
		w.wg.Go(func() { k.scanner.serve(w.ctx) })
	}
	// Pulling every line out is what ends the reads above.
	w.wg.Go(func() {
		<-w.ctx.Done()
		w.unplugAll()
	})
}

func (w *World) unplugAll() {
	for _, b := range w.buses {
		b.port.unplug()
	}
	for _, k := range w.kiosks {
		k.scanner.port.unplug()
	}
}

// Close ends the world, takes its links away and waits for its goroutines.
func (w *World) Close() error {
	w.cancel(os.ErrClosed)
	w.wg.Wait()
	w.unplugAll() // those of a world that was never started
	if w.truth == nil {
		return nil
	}
	return w.truth.close()
}

// Done is closed when the world ended; Err says why.
func (w *World) Done() <-chan struct{} { return w.ctx.Done() }

// Err gives why the world ended, nil while it goes on.
func (w *World) Err() error { return context.Cause(w.ctx) }

// later runs do after a machine time, unless the world ends first.
func (w *World) later(after time.Duration, do func() error) {
	w.wg.Go(func() {
		if rest(w.ctx, after) != nil {
			return
		}
		if err := do(); err != nil {
			w.cancel(err)
		}
	})
}

// BusPath gives the device link of a bus, ScannerPath that of a scanner.
func (w *World) BusPath(name string) string { return w.port("bus-" + name).link }

// ScannerPath gives the device link of the scanner of a kiosk.
func (w *World) ScannerPath(kiosk string) string { return w.port("scanner-" + kiosk).link }

// Scanner gives the scanner of a kiosk, for what no pupil of a plan would do.
func (w *World) Scanner(kiosk string) (*Scanner, error) {
	k, err := w.kiosk(kiosk)
	if err != nil {
		return nil, err
	}
	return k.scanner, nil
}

// Watch gives the people at a kiosk eyes for its screen.
func (w *World) Watch(kiosk string, eyes Eyes) error {
	k, err := w.kiosk(kiosk)
	if err != nil {
		return err
	}
	k.setEyes(eyes)
	return nil
}

func (w *World) kiosk(name string) (*kiosk, error) {
	for _, k := range w.kiosks {
		if k.name == name {
			return k, nil
		}
	}
	return nil, errs.New(errs.NotFound, fmt.Sprintf("There is no kiosk %q.", name), "Name one of the kiosks configured.")
}
