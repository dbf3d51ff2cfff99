package apple

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// Whom a choice of what to assign is about: all, those of a group, or one by its id.
const (
	assignAll   = "all"
	assignGroup = "group:"
	assignOne   = "one:"
)

// choice is one way to choose what to assign.
type choice struct {
	kit.Option
	owned []enrol.Owned
}

// choices are the ways to choose among the iPads that Apple School Manager gave to this
// server and that are on the list: all, a group, or a single one. Of single ones no
// more than a page shows, and the test iPad in any case.
func (p *pages) choices(owned []enrol.Owned) (list []choice) {
	known, test := map[string]Device{}, p.Office.Test()
	for _, d := range p.Devices() {
		known[d.ID] = d
	}
	var all, single []choice
	groups := map[string][]enrol.Owned{}
	here := slices.DeleteFunc(slices.Clone(owned), func(o enrol.Owned) bool { return known[o.Device].ID == "" })
	for n, o := range here {
		d := known[o.Device]
		for _, g := range d.Groups {
			groups[g] = append(groups[g], o)
		}
		if n < most || d.ID == test {
			single = append(single, choice{kit.Option{Value: assignOne + d.ID, Text: d.Name() + ", " + o.Serial}, []enrol.Owned{o}})
		}
	}
	if len(here) > 0 {
		all = append(all, choice{kit.Option{Value: assignAll, Text: fmt.Sprintf("All on the list (%d)", len(here))}, here})
	}
	for _, g := range slices.Sorted(maps.Keys(groups)) {
		all = append(all, choice{kit.Option{Value: assignGroup + g, Text: fmt.Sprintf("Group %s (%d)", p.GroupWords(g), len(groups[g]))}, groups[g]})
	}
	return append(all, single...)
}

// assignOptions are the choices as a field shows them.
func assignOptions(list []choice) []kit.Option {
	options := []kit.Option{{Text: "Choose which"}}
	for _, c := range list {
		options = append(options, c.Option)
	}
	return options
}

// assign has iPads enrol here that are both in Apple School Manager and on the school's
// list.
func (p *pages) assign(c echo.Context, f *kit.Form) error {
	ctx := c.Request().Context()
	owned, err := p.Office.Owned(ctx)
	if err != nil {
		return err
	}
	list := p.choices(owned)
	n := slices.IndexFunc(list, func(c choice) bool { return c.Value == f.Get("which") })
	if n < 0 {
		return errs.At("which", "Choose which iPads to assign", "Begin with your test iPad.")
	}
	var serials, devices []string
	for _, o := range list[n].owned {
		serials, devices = append(serials, o.Serial), append(devices, o.Device)
	}
	if err := p.Register.Assign(ctx, p.Who(c).Account, devices...); err != nil {
		return err
	}
	refused, err := p.Office.Assign(ctx, serials)
	if err != nil || len(refused) == 0 {
		return err
	}
	var said []string
	for _, serial := range slices.Sorted(maps.Keys(refused)) {
		said = append(said, serial+" ("+refused[serial]+")")
	}
	return errs.New(errs.Conflict, fmt.Sprintf("Apple School Manager did not take %d of %d: %s.", len(refused), len(serials), strings.Join(said[:min(len(said), 20)], ", ")),
		"Look there whether they are given to this server.")
}
