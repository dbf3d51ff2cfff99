package locker

// allot finds the door for a deposit: the person's own where there is one and
// it works, else a free door that nobody owns. An own door that merely stands
// open is returned too: the caller asks for it to be shut.
func (d decider) allot() (int, bool) {
	if d.Allotment == Dynamic {
		return d.freeDoor(nil)
	}
	own := d.Directory.People[d.person].Door
	door := d.Doors[own]
	if door != nil && d.usable(own) && (door.Contact == Closed || door.Contact == Open && !door.LeftOpen) {
		return own, true
	}
	owned := make(map[int]bool, len(d.Directory.People))
	for _, place := range d.Directory.People {
		if place.Bank == d.Bank {
			owned[place.Door] = true
		}
	}
	return d.freeDoor(owned)
}

// freeDoor is the lowest free door outside owned that has no open neighbour,
// or the lowest free one if all have.
func (d decider) freeDoor(owned map[int]bool) (door int, ok bool) {
	taken := d.takenDoors()
	for _, n := range d.Setup.Doors {
		if owned[n] || taken[n] || d.Doors[n].Contact != Closed || !d.usable(n) {
			continue
		}
		if !d.standsOpen(n-1) && !d.standsOpen(n+1) {
			return n, true
		}
		if !ok {
			door, ok = n, true
		}
	}
	return door, ok
}

// lingers reports whether somebody may still be about to use their door: the
// visit has just come to nothing, or they have just collected and may look
// again.
func (d decider) lingers(v *Visit) bool {
	return v.Phase == Failed && d.now.Within(Grace, v.Began) ||
		v.Phase == Finished && v.Purpose != Deposit && d.now.Within(Grace, v.Ended)
}

// takenDoors are the doors not to give away: a device is in, a visit is under
// way, or somebody lingers.
func (d decider) takenDoors() map[int]bool {
	taken := make(map[int]bool, len(d.Holdings))
	for _, h := range d.Holdings {
		taken[h.Door] = true
	}
	for _, v := range d.Visits {
		if v.UnderWay() || v.Person != d.person && d.lingers(v) {
			taken[v.Door] = true
		}
	}
	return taken
}

// standsOpen counts a door that was just told to open as open.
func (d decider) standsOpen(n int) bool {
	door := d.Doors[n]
	return door != nil && (door.Contact == Open || d.VisitAt(n) != nil)
}

// usable reports whether this person may be sent to a door: a pupil door in
// service, not barred, and nobody else's at the moment.
func (d decider) usable(n int) bool {
	door := d.Doors[n]
	if door == nil || d.Class(n) != ClassPupil || d.ItemAt(n) != nil {
		return false
	}
	if door.Jammed || door.Contact == Unknown || d.keptShut(d.Directory, n, d.now) {
		return false
	}
	if v := d.VisitAt(n); v != nil && v.Person != d.person {
		return false
	}
	h := d.HoldingAt(n)
	return h == nil || h.Person == d.person
}
