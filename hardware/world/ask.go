package world

import (
	"context"
	"time"
)

const (
	scribbleLen  = 64                     // bytes of nonsense a scribbler makes
	scribbleRest = 300 * time.Millisecond // machine time before the badge follows
)

// ask waits for a turn at a kiosk, scans and reads the answer. The kiosk is
// free for the next person as soon as the answer is there.
func (k *walk) ask(ctx context.Context) (View, error) {
	kio := shortest(k.kiosks)
	if err := kio.enter(ctx); err != nil {
		return View{}, err
	}
	defer kio.leave()
	first := !k.asked && k.aim == Deposit
	k.asked = true
	if first {
		switch k.p.Habit {
		case Scribbler:
			if err := k.scribble(ctx, kio); err != nil {
				return View{}, err
			}
		case DamagedCode:
			return k.scan(ctx, kio, kio.scanner.Misread, k.p.Badge, "misread")
		case DoubleScan:
			return k.scanTwice(ctx, kio)
		}
	}
	return k.scan(ctx, kio, kio.scanner.Badge, k.p.Badge, "")
}

// reading is a way of sending a badge through a scanner.
type reading func(ctx context.Context, badge string) bool

// scan notes a scan, sends the badge and reads the answer.
func (k *walk) scan(ctx context.Context, kio *kiosk, send reading, badge, text string) (View, error) {
	before := kio.glance(ctx)
	if err := k.truth.tell(Line{What: Scan, Pupil: k.p.ID, Text: text}); err != nil {
		return View{}, err
	}
	send(ctx, badge) // one that nobody received gets no answer
	return kio.answer(ctx, before), context.Cause(ctx)
}

// scanTwice scans again 2 s of school time after the first scan. A door that
// the first answer named counts.
func (k *walk) scanTwice(ctx context.Context, kio *kiosk) (View, error) {
	began := k.cfg.Now()
	v, err := k.scan(ctx, kio, kio.scanner.Badge, k.p.Badge, "")
	if err != nil {
		return View{}, err
	}
	if err := k.cfg.Sleep(ctx, secondScan-k.cfg.Now().Sub(began)); err != nil {
		return View{}, err
	}
	again, err := k.scan(ctx, kio, kio.scanner.Badge, k.p.Badge, "second")
	if v.Door == 0 {
		v = again
	}
	return v, err
}

// scribble makes the scanner read nonsense.
func (k *walk) scribble(ctx context.Context, kio *kiosk) error {
	if err := k.truth.tell(Line{What: Garbled, Pupil: k.p.ID, Text: "scanner " + kio.name}); err != nil {
		return err
	}
	kio.scanner.Noise(ctx, scribbleLen)
	return rest(ctx, scribbleRest)
}

// tryOld is somebody else with the pupil's lost badge. A door that opens is
// shut again, and nothing is taken.
func (k *walk) tryOld(ctx context.Context) error {
	kio := shortest(k.kiosks)
	if err := kio.enter(ctx); err != nil {
		return err
	}
	v, err := k.scan(ctx, kio, kio.scanner.Badge, k.p.OldBadge, "old badge, by somebody else")
	kio.leave()
	if err != nil {
		return err
	}
	if err := k.note("old badge: " + string(v.Word)); err != nil {
		return err
	}
	if v.Word != SayPutIn && v.Word != SayTakeOut {
		return nil
	}
	wait, cancel := context.WithTimeout(ctx, doorPatience)
	defer cancel()
	if !k.cab.waitOpen(wait, v.Door) {
		return context.Cause(ctx)
	}
	return k.pushUntilShut(ctx, v.Door, "")
}
