package kit

// menu is what a reader may go to, group by group.
type menu struct {
	Here   string // the path of the page it stands on
	Groups []menuGroup
}

type menuGroup struct {
	Name  MenuGroup
	Items []MenuItem
}

// fewItems fit on every screen: they are folded on none.
const fewItems = 5

// Few reports whether the menu needs no folding.
func (m menu) Few() bool {
	n := 0
	for _, g := range m.Groups {
		n += len(g.Items)
	}
	return n <= fewItems
}

// menuOf is the menu of whoever asks, empty for nobody.
func (k *Kit) menuOf(who Who, here string) menu {
	m := menu{Here: here}
	if who.Account == "" {
		return m
	}
	for _, name := range menuGroups {
		g := menuGroup{Name: name}
		for _, item := range k.menu {
			if item.Under == name && item.isFor(who, k.Now()) {
				g.Items = append(g.Items, item)
			}
		}
		if len(g.Items) > 0 {
			m.Groups = append(m.Groups, g)
		}
	}
	return m
}
