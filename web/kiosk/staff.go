package kiosk

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/labstack/echo/v4"
)

// Staff takes what a staff member does at the keypad, after their badge was
// scanned. What comes of it is shown as a screen, like everything else.
type Staff interface {
	PIN(ctx context.Context, pin string) error
	Wish(ctx context.Context, w locker.Wish) error
	Leave(ctx context.Context) error
	// Answer answers what is asked while the doors are mapped.
	Answer(ctx context.Context, kind string, number int) error
}

// Somebody hammering on the keypad must not keep the bank from its doors.
const (
	keyBurst = 5
	keyEvery = time.Second
)

const maxDoor = 9999

// staffRoutes lets staff use the page. A PIN travels in the body of a request
// on loopback, and is neither shown, kept nor logged here.
func (k *kiosk) staffRoutes(e *echo.Echo) {
	if k.Staff == nil {
		return
	}
	e.POST("/staff/pin", k.limited(k.givePIN))
	e.POST("/staff/wish", k.limited(k.wish))
	e.POST("/staff/leave", k.limited(k.leave))
	e.POST("/staff/map", k.limited(k.answer))
}

func (k *kiosk) limited(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !k.keys.Allow("staff") {
			return errs.New(errs.NotNow, "That was too fast.", "Try again in a few seconds.")
		}
		if err := next(c); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}
}

// givePIN hands a PIN on. Errors: invalid for what cannot be one: that costs
// nobody a try.
func (k *kiosk) givePIN(c echo.Context) error {
	pin := c.FormValue("pin")
	if len(pin) < locker.MinPIN || len(pin) > locker.MaxPIN || strings.Trim(pin, "0123456789") != "" {
		return errs.New(errs.Invalid, "A PIN has 6 to 12 digits.", "Type it again.")
	}
	return k.Staff.PIN(c.Request().Context(), pin)
}

// wish hands a choice from the menu on. Errors: invalid for one that is not
// there.
func (k *kiosk) wish(c echo.Context) error {
	w, ok := wishOf(c)
	if !ok {
		return errs.New(errs.Invalid, "There is no such choice, or no such door.", "Type the door's number, then tap what you want; or scan your badge again.")
	}
	return k.Staff.Wish(c.Request().Context(), w)
}

// wishOf reads a choice; false for one that is not on the menu.
func wishOf(c echo.Context) (w locker.Wish, ok bool) {
	if put := c.FormValue("put"); put != "" {
		w = locker.Wish{Kind: locker.WishPut, Class: locker.Class(put)}
		return w, w.Class == locker.ClassConfiscation || w.Class == locker.ClassEvidence
	}
	w.Kind = locker.WishKind(c.FormValue("kind"))
	switch w.Kind {
	case locker.WishWindow, locker.WishEnd, locker.WishMap, locker.WishEvacuate, locker.WishAllClear:
		return w, true
	case locker.WishLearn:
		w.Keys = c.FormValue("keys")
		return w, w.Keys != "" && len(w.Keys) <= maxFingerprint
	case locker.WishHold:
		w.Door, ok = doorOf(c)
	case locker.WishDoor:
		w.Door, ok = doorOf(c)
		w.Reason = locker.Reason(c.FormValue("reason"))
		ok = ok && slices.Contains(locker.Reasons[:], w.Reason)
	}
	return w, ok
}

// maxFingerprint bounds one, in bytes.
const maxFingerprint = 20

func doorOf(c echo.Context) (door int, ok bool) {
	door, err := strconv.Atoi(c.FormValue("door"))
	return door, err == nil && door >= 1 && door <= maxDoor
}

func (k *kiosk) leave(c echo.Context) error { return k.Staff.Leave(c.Request().Context()) }

// A form is what a screen for staff asks for.
const (
	pinForm  = "pin"
	menuForm = "menu"
	mapForm  = "map"
)

// choice is one reason to open a door, as staff read it.
type choice struct {
	Reason locker.Reason
	Text   string
}

var choices = []choice{
	{locker.LostBadge, "Lost badge"},
	{locker.LateBus, "Late bus"},
	{locker.ForStaff, "For staff"},
	{locker.Other, "Other"},
}

// staffFace is faceOf for the screens that only staff meet.
func staffFace(s locker.Screen) face {
	switch s.Word {
	case locker.AskPIN:
		return face{Tone: idle, Form: pinForm, Stay: locker.PINWithin, Lines: []string{"Type your PIN"}}
	case locker.PINWrong:
		return face{Tone: again, Form: pinForm, Stay: locker.PINWithin, Sound: falling,
			Lines: []string{"Wrong PIN.", "Type it again."}}
	case locker.StaffMenu:
		return face{Tone: idle, Form: menuForm, Stay: locker.MenuWithin, Offer: s.Offer, Has: s.Has, Map: s.Map, Learn: s.Learn, Fire: s.Fire, Choices: choices,
			Lines: []string{"What do you need?"}}
	case locker.KeysKnown:
		return face{Tone: yes, Icon: "tick", Stay: longer, Sound: rising, Lines: []string{"The passkeys are known."}, Hint: s.Says}
	case locker.PINWait:
		return face{Tone: again, Icon: "hand", Stay: longer, Sound: falling,
			Lines: []string{"Too many tries.", "Wait 15 minutes."}}
	case locker.WindowOpen:
		return face{Tone: yes, Icon: "out", Stay: longer, Sound: rising,
			Lines: []string{"Collection is open."}, Hint: "For 90 minutes at most."}
	case locker.WindowShut:
		return face{Tone: yes, Icon: "tick", Stay: longer, Sound: rising, Lines: []string{"Collection is closed."}}
	case locker.Release:
		return face{Tone: yes, Icon: "out", Sound: rising, Door: numberOf(s.Door),
			Lines: []string{"Take it out.", "Shut the door."}}
	case locker.PutDevice:
		return face{Tone: yes, Icon: "in", Sound: rising, Door: numberOf(s.Door),
			Lines: []string{"Put the device in.", "Shut the door."}}
	case locker.DoorHeld:
		return face{Tone: neutral, Icon: "lock", Stay: longer, Sound: level, Door: numberOf(s.Door),
			Lines: []string{"This door stays shut."}, Hint: "Two people together can end it."}
	case locker.AlarmSounds:
		return face{Tone: again, Icon: "hand", Stay: longer, Lines: []string{"The alarm still sounds."}, Hint: "No all-clear before it is silent."}
	case locker.NothingThere:
		return face{Tone: again, Icon: "empty", Stay: longer, Sound: falling,
			Lines: []string{"Nothing is in that door."}}
	case locker.Wait:
		return face{Tone: again, Icon: "wait", Stay: longer, Sound: falling,
			Lines: []string{"One door at a time.", "Wait a little."}}
	}
	return mappingFace(s)
}
