package locker

// People and items are kept apart, so that an id of the one can never be taken
// for an id of the other. What follows finds the right book for each.

func (s *State) visit(person, item string) *Visit {
	if item != "" {
		return s.ItemVisits[item]
	}
	return s.Visits[person]
}

func (s *State) begin(v *Visit) {
	if v.Item != "" {
		s.ItemVisits[v.Item] = v
		return
	}
	s.Visits[v.Person] = v
}

func (s *State) holding(person, item string) *Holding {
	if item != "" {
		return s.Items[item]
	}
	return s.Holdings[person]
}

// keep takes what a visit puts in into custody.
func (s *State) keep(v *Visit, h Holding) {
	h.Person, h.Item, h.Door = v.Person, v.Item, v.Door
	if v.Item != "" {
		h.Class, h.By = v.Class, v.By
		s.Items[v.Item] = &h
		return
	}
	s.Holdings[v.Person] = &h
}

func (s *State) letGo(h *Holding) {
	if h.Item != "" {
		delete(s.Items, h.Item)
		return
	}
	delete(s.Holdings, h.Person)
}

// forget drops the visit of an item that is not here, and comes no more under
// that id as a rule.
func (s *State) forget(v *Visit) {
	if v != nil && v.Item != "" && !v.UnderWay() && s.Items[v.Item] == nil {
		delete(s.ItemVisits, v.Item)
	}
}

// subject is what a bar against moving a device would speak of.
func (h *Holding) subject() Subject { return Subject{Person: h.Person, Item: h.Item} }
