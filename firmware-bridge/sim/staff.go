package sim

import (
	"encoding/binary"
	"fmt"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// staffer is a staff member with badge and PIN.
type staffer struct {
	id, pin string
	token   school.Token
	slips   int // wrong PINs still to be typed with this badge
}

// seat is what the model knows of the staff member at a kiosk.
type seat struct {
	*staffer
	signed bool // badge and PIN were right
	until  time.Duration
}

// employ gives some staff the right to act at the bank.
func (s *sim) employ() {
	for i := range 2 {
		s.staff = append(s.staff, &staffer{id: fmt.Sprintf("s-%d", i+1), pin: fmt.Sprintf("%06d", 271828+i), token: s.newToken()})
	}
}

// plainPINs takes a PIN for its own verifier.
type plainPINs struct{}

func (plainPINs) Verify(verifier, pin string) bool { return verifier == pin }

// Read makes nonces out of the seed.
func (s *sim) Read(p []byte) (int, error) {
	for i := 0; i < len(p); i += 8 {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], s.rand.Uint64())
		copy(p[i:], b[:])
	}
	return len(p), nil
}

// staffHours is what staff do at the kiosks on a day.
func (s *sim) staffHours(day school.Date) {
	window := func(from, until time.Duration, kind locker.WishKind) {
		s.at(s.oclock(day, 0, 0)+s.between(from, until), func() { s.goesTo(s.anyStaff(), locker.Wish{Kind: kind}) })
	}
	if s.weather.noTime {
		s.at(s.oclock(day, 15, 4), func() { s.lets(day) })
		window(16*time.Hour+45*time.Minute, 17*time.Hour, locker.WishEnd)
	}
	if s.chance(0.3) {
		window(8*time.Hour, 16*time.Hour, locker.WishWindow) // too early, or with the time known
	}
	for range s.rand.IntN(4) {
		s.at(s.oclock(day, 9, 0)+s.between(0, 7*time.Hour), func() { s.goesTo(s.anyStaff(), s.oneDoor()) })
	}
	if s.chance(0.2) {
		s.at(s.oclock(day, 13, 30), func() { s.guesses(s.anyStaff()) })
	}
	if s.chance(0.1) {
		s.at(s.oclock(day, 11, 0), func() { s.spree(s.anyStaff(), 2*locker.StaffDoors) })
	}
}

// lets is staff seeing to it that pupils can collect although nobody knows the
// time, until most have gone.
func (s *sim) lets(day school.Date) {
	if s.now > s.oclock(day, 16, 0) {
		return
	}
	if s.lit && !s.bank.State().Window.Open(s.instant()) {
		s.goesTo(s.anyStaff(), locker.Wish{Kind: locker.WishWindow})
	}
	s.after(time.Minute, func() { s.lets(day) })
}

func (s *sim) anyStaff() *staffer { return s.staff[s.rand.IntN(len(s.staff))] }

// oneDoor is a wish to open a door: mostly one with a phone behind it.
func (s *sim) oneDoor() locker.Wish {
	w := locker.Wish{Kind: locker.WishDoor, Door: s.doors[s.rand.IntN(len(s.doors))].number, Reason: locker.Reasons[s.rand.IntN(len(locker.Reasons))]}
	for _, p := range s.pupils {
		if p.phone != 0 && p.barred(s.instant()) && s.chance(0.3) {
			w.Door = p.phone
		}
	}
	return w
}

// spree is somebody who opens one door after the other.
func (s *sim) spree(who *staffer, doors int) {
	if doors == 0 {
		return
	}
	s.goesTo(who, s.oneDoor())
	s.after(s.between(2*time.Second, 25*time.Second), func() { s.spree(who, doors-1) })
}

// guesses is somebody who found a badge and tries PINs, and its owner, who comes
// soon after.
func (s *sim) guesses(who *staffer) {
	who.slips = locker.PINTries
	s.goesTo(who, s.oneDoor())
	s.after(s.between(2*time.Minute, 14*time.Minute), func() {
		who.slips = 0
		s.goesTo(who, s.oneDoor())
	})
}

// goesTo is a staff member at a kiosk: badge, PIN, wish.
func (s *sim) goesTo(who *staffer, w locker.Wish) {
	k := s.kiosks[s.rand.IntN(len(s.kiosks))]
	start := max(s.now, k.free)
	k.free = start + 12*time.Second
	s.at(start, func() {
		s.present(scan{k, nil, who.token.Badge()})
		if s.chance(0.1) { // past the keypad
			s.after(s.between(0, time.Second), func() { s.wishes(k, who, w) })
		}
		s.after(s.between(time.Second, 4*time.Second), func() { s.typesPIN(k, who, w, 0) })
	})
}

// typesPIN is a staff member at the keypad. In rough weather fingers slip, and
// some try until nothing works any more.
func (s *sim) typesPIN(k *kiosk, who *staffer, w locker.Wish, tries int) {
	if word := k.screen.Word; !s.lit || word != locker.AskPIN && word != locker.PINWrong {
		return
	}
	pin := who.pin
	if who.slips > 0 {
		who.slips--
		pin = "000000"
	}
	if !s.weather.calm && s.chance(0.25) || tries > 0 && tries < 3 && s.chance(0.3) {
		pin = "000000"
	}
	s.tell(who.id, 0, "%s types %s at the %s kiosk.", who.id, pin, k.name)
	good := k.seat.staffer != nil && !k.seat.signed && s.now <= k.seat.until && pin == k.seat.pin
	s.acts(k, nil, good, bridge.PINGiven{Kiosk: k.name, PIN: pin})
	k.seat.until = s.now + locker.PINWithin
	switch {
	case k.screen.Word == locker.StaffMenu:
		k.seat.signed, k.seat.until = true, s.now+locker.MenuWithin
		s.after(s.between(time.Second, 5*time.Second), func() { s.wishes(k, who, w) })
	case tries < 8:
		s.after(s.between(time.Second, 4*time.Second), func() { s.typesPIN(k, who, w, tries+1) })
	}
}

// wishes is a staff member at the menu: nearly all choose, some walk away.
func (s *sim) wishes(k *kiosk, who *staffer, w locker.Wish) {
	if !s.lit {
		return
	}
	if s.chance(0.05) {
		s.acts(k, nil, false, bridge.StaffLeft{Kiosk: k.name})
		return
	}
	s.tell(who.id, w.Door, "%s asks the %s kiosk for %s, door %d.", who.id, k.name, w.Kind, w.Door)
	good := k.seat.staffer == who && k.seat.signed && s.now <= k.seat.until
	if h := s.bank.State().HoldingAt(w.Door); h != nil && good {
		k.user = s.pupil(h.Person)
	}
	k.seat.signed = false
	s.acts(k, &w, good, bridge.Wished{Kiosk: k.name, Wish: w})
}

// deed is what a staff member did at a kiosk in one call of the bank, and
// whether they had the right to.
type deed struct {
	kiosk *kiosk
	who   *staffer
	wish  *locker.Wish // nil for a PIN
	good  bool
}

func (s *sim) acts(k *kiosk, w *locker.Wish, good bool, in bridge.Input) {
	s.deed = &deed{k, k.seat.staffer, w, good}
	s.handle(nil, in)
	s.deed = nil
}

// sits notes whose badge a kiosk saw last.
func (s *sim) sits(k *kiosk, line string) {
	k.seat = seat{}
	for _, who := range s.staff {
		if line == who.token.Badge() {
			k.seat = seat{staffer: who, until: s.now + locker.PINWithin}
		}
	}
}

// loseTime takes the bank's clock away for the day.
func (s *sim) loseTime() {
	s.tell("", 0, "Nobody tells the bank the time today.")
	s.clock.trusted = false
	switch s.rand.IntN(3) {
	case 0:
		s.clock.ahead = epoch.Sub(s.wall())
	case 1:
		s.clock.ahead = -s.between(time.Minute, 10*time.Hour)
	}
	s.setClockIn(clockRetry)
}
