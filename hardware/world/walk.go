package world

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	maxScans = 5 // before one gives up and goes to the office
	maxPush  = 3 // pushes before one leaves a door that springs back

	doorPatience = 5 * time.Second // machine time before a door that stays shut

	// Hands need 3 to 8 s of school time, and never less machine time than
	// this, so that doors have time to move however fast the day is played.
	handLeast   = 3 * time.Second
	handSpan    = 5 * time.Second
	handFloor   = 400 * time.Millisecond
	secondScan  = 2 * time.Second // school time until the second scan of DoubleScan
	passerLeast = 3 * time.Minute // school time until a passer-by shuts a door
	passerSpan  = 7 * time.Minute
)

// walk is one person on the way to one aim.
type walk struct {
	*crowd
	p     Pupil
	aim   Aim
	rng   *rand.Rand
	brisk bool // hands take the least machine time, whatever school time says

	asked     bool // has stood at a kiosk before
	shutEarly bool // has shut the door on the own phone before
}

func (c *crowd) newWalk(p Pupil, aim Aim) *walk {
	return &walk{crowd: c, p: p, aim: aim, rng: dice(c.cfg.Seed, string(aim)+" of "+p.ID)}
}

// keep is what a visit of the plan comes to.
func (c *crowd) keep(v Visit) error {
	p := c.people[v.Pupil]
	k := c.newWalk(p, v.Aim)
	switch v.Aim {
	case StayAway:
		return c.truth.tell(Line{What: Absent, Pupil: p.ID})
	case TryOld:
		return k.tryOld(c.ctx)
	case GoHome:
		return k.home()
	case Collect:
		if err := k.walk(c.ctx); err != nil {
			return err
		}
		return k.home()
	}
	if err := c.truth.tell(Line{What: Arrived, Pupil: p.ID}); err != nil {
		return err
	}
	return k.walk(c.ctx)
}

// walk scans and follows the screen until the aim is reached, the bank says
// that it will not be, or patience ends.
func (k *walk) walk(ctx context.Context) error {
	for range maxScans {
		if k.reached() {
			return nil
		}
		done, err := k.try(ctx)
		if done || err != nil {
			return err
		}
		if err := rest(ctx, handFloor); err != nil {
			return err
		}
	}
	if k.reached() {
		return nil
	}
	return k.note("office: nothing helped")
}

// reached says whether nothing is left to do: all phones are in doors, or
// none are.
func (k *walk) reached() bool {
	held := len(k.hand(k.p))
	if k.aim == Collect {
		return held == len(k.p.Phones)
	}
	return held == 0
}

// try is one attempt: at the own door if it stands open, else at the kiosk.
func (k *walk) try(ctx context.Context) (done bool, err error) {
	if k.cab.look(k.p.OwnDoor).Open {
		return k.atDoor(ctx, k.p.OwnDoor, true)
	}
	v, err := k.ask(ctx)
	if err != nil {
		return false, err
	}
	return k.follow(ctx, v)
}

// follow does what the screen says.
func (k *walk) follow(ctx context.Context, v View) (done bool, err error) {
	switch v.Word {
	case SayPutIn, SayTakeOut:
		wait, cancel := context.WithTimeout(ctx, doorPatience)
		defer cancel()
		if !k.cab.waitOpen(wait, v.Door) {
			return false, context.Cause(ctx)
		}
		return k.atDoor(ctx, v.Door, v.Word == SayPutIn)
	case SayShutDoor:
		door := v.Door
		if door == 0 {
			door = k.p.OwnDoor
		}
		err := k.shut(ctx, door)
		return k.reached(), err
	case SayKeep, SayOffice, SayFull, SayOtherBank, SayLeaveNow:
		return true, k.note(string(v.Word))
	}
	return false, nil // scan again: said so, or said nothing
}

// atDoor uses an open door and shuts it.
func (k *walk) atDoor(ctx context.Context, door int, mayPut bool) (done bool, err error) {
	if err := k.handTime(ctx); err != nil {
		return false, err
	}
	switch {
	case k.aim == Collect && k.p.Habit == ShutsEarly && !k.shutEarly:
		k.shutEarly = true
	case k.aim == Collect:
		err = k.each(k.p.Phones, door, k.cab.take)
	case mayPut:
		err = k.each(k.hand(k.p), door, k.cab.put)
	}
	if err != nil {
		return false, err
	}
	if k.aim == Deposit && k.p.Habit == LeavesOpen && k.reached() {
		k.passerBy(door)
		return true, nil
	}
	err = k.shut(ctx, door)
	return k.reached(), err
}

// each moves phones at a door. One that cannot be moved stays where it is;
// reached sees it.
func (k *walk) each(phones []string, door int, move func(int, string, string) (bool, error)) error {
	for _, phone := range phones {
		if _, err := move(door, k.p.ID, phone); err != nil {
			return err
		}
	}
	return nil
}

func (k *walk) shut(ctx context.Context, door int) error { return k.pushUntilShut(ctx, door, k.p.ID) }

// pushUntilShut pushes a door a few times, then leaves it as it is.
func (c *crowd) pushUntilShut(ctx context.Context, door int, pupil string) error {
	for range maxPush {
		if ok, err := c.cab.push(door, pupil); ok || err != nil {
			return err
		}
		if err := rest(ctx, handFloor); err != nil {
			return err
		}
	}
	return nil
}

// passerBy sees to it that a door left open is shut much later.
func (k *walk) passerBy(door int) {
	when := k.cfg.Now().Add(passerLeast + part(k.rng, passerSpan))
	k.at(when, func() error { return k.pushUntilShut(k.ctx, door, "") })
}

// handTime is the time hands need at a door.
func (k *walk) handTime(ctx context.Context) error {
	began := time.Now()
	if !k.brisk {
		if err := k.cfg.Sleep(ctx, handLeast+part(k.rng, handSpan)); err != nil {
			return err
		}
	}
	return rest(ctx, cmp.Or(k.cfg.Hands, handFloor)-time.Since(began))
}

// home notes that a pupil went home, and with what.
func (k *walk) home() error {
	return k.truth.tell(Line{
		What: Gone, Pupil: k.p.ID,
		Text: fmt.Sprintf("%d of %d phones in hand", len(k.hand(k.p)), len(k.p.Phones)),
	})
}

func (k *walk) note(text string) error {
	return k.truth.tell(Line{What: Note, Pupil: k.p.ID, Text: text})
}
