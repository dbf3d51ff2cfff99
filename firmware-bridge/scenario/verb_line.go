package scenario

// lineVerbs are what happens to the line between banks and school, and to time.
var lineVerbs = []verb{
	{"cut-line", "", "Cut the line between a bank, or all, and the school: nothing goes either way.",
		[]param{{name: "of", kind: aBank, needed: true, about: "the bank, or all"}}, func(w *world, c call) error {
			return w.each(c.text("of"), func(b *bank) { b.cut = true })
		}},
	{"mend-line", "", "Join it again: what waited follows in order.",
		[]param{{name: "of", kind: aBank, needed: true, about: "the bank, or all"}}, func(w *world, c call) error {
			return w.each(c.text("of"), (*bank).mend)
		}},
	{"look", "", "Do nothing: time passes, and what is expected is looked at.", nil, func(*world, call) error { return nil }},
}

// each does something to a bank, or to all.
func (w *world) each(id string, do func(*bank)) error {
	if id != "all" {
		b, err := w.bank(id)
		if err == nil {
			do(b)
		}
		return err
	}
	if len(w.banks) == 0 {
		return wrong("%s has no banks.", w.school.Name)
	}
	for _, b := range w.banks {
		do(b)
	}
	return nil
}
