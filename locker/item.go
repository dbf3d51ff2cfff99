package locker

// putItem opens an empty door for an item: the one that is asked for, or the
// lowest of a class.
func (d decider) putItem(item string, class Class, door int) (Event, Answer) {
	switch {
	case item == "":
		return Event{}, Malformed
	case d.Items[item] != nil, d.ItemVisits[item].UnderWay():
		return Event{}, AlreadyHeld
	case !d.Ready:
		return Event{}, NoReply
	}
	door, why := d.vacant(class, door)
	if why != "" {
		return Event{}, why
	}
	body := Body{Item: item, Class: d.Class(door), Attempt: 1}
	return Event{Kind: Intent, At: d.now, Door: door, Purpose: PutItem, Body: body}, ""
}

// vacant finds an empty door for an item, or says why there is none.
func (d decider) vacant(class Class, door int) (int, Answer) {
	switch {
	case door != 0 && class != "" && d.Class(door) != class, class == "" && d.Class(door) == ClassTray:
		return 0, NoSuchDoor
	case door != 0:
		return door, d.takesNoItem(door)
	case class != ClassConfiscation && class != ClassEvidence && class != ClassTray:
		return 0, Malformed
	}
	for _, n := range d.Of(class) {
		if d.takesNoItem(n) == "" {
			return n, ""
		}
	}
	return 0, NoDoor
}

// takesNoItem says why an item may not be put behind a door; "" when it may.
func (d decider) takesNoItem(n int) Answer {
	door := d.Doors[n]
	switch class := d.Class(n); {
	case class != ClassConfiscation && class != ClassEvidence && class != ClassTray:
		return NoSuchDoor
	case d.keptShut(d.Directory, n, d.now):
		return Barred
	case d.unprovenEvidence(n):
		return InDoubt
	case d.ItemAt(n) != nil || d.HoldingAt(n) != nil:
		return Occupied
	case d.VisitAt(n) != nil:
		return Busy
	case door.Contact == Open:
		return DoorOpen
	case door.Contact == Unknown || door.Jammed:
		return NoReply
	}
	return ""
}

// itemOrdered finds the item an order is to let out, or why it may not. It goes
// by the class on record as well: no change to the cabinet's file turns evidence
// into something else.
func (d decider) itemOrdered(o Order) (*Holding, Answer) {
	h := d.Items[o.Item]
	switch {
	case h == nil || o.Door != 0 && o.Door != h.Door:
		return nil, NothingHeld
	case h.Class == ClassEvidence || d.Class(h.Door) == ClassEvidence:
		return nil, EvidenceKept
	case (h.Class == ClassTray) != (o.Class == ClassTray): // an order for a device lets no tray out
		return nil, NoSuchDoor
	}
	return h, ""
}

// putForStaff opens an empty door of a class for a staff member at the kiosk.
func (d decider) putForStaff(w Wish) Decision {
	e, why := d.putItem(w.Item, w.Class, 0)
	switch {
	case w.Class == ClassTray: // a tray's teacher is known at the school alone
		return d.refuseStaff(w, Malformed, Screen{Word: Office})
	case why == NoDoor:
		return d.refuseStaff(w, why, Screen{Word: Full})
	case why != "":
		return d.refuseStaff(w, why, Screen{Word: Office})
	}
	if why := d.limited(); why != "" {
		return d.refuseStaff(w, why, Screen{Word: Wait})
	}
	e.By = d.person
	return Decision{e, Screen{Word: PutDevice, Door: e.Door}}
}
