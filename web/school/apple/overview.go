package apple

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
)

// step is one page on the way.
type step struct {
	Href, Name, Words string
	Tag               tag
}

// numbered is a step in its place.
type numbered struct {
	N int
	step
}

type overviewData struct {
	Here     bool // there is a gateway
	Steps    []numbered
	Devices  []deviceLine
	Troubles []trouble
}

// deviceLine is one iPad in words.
type deviceLine struct {
	ID, Name, Serial string
	Tag              tag
}

func (p *pages) overview(c echo.Context) error {
	d := overviewData{Here: p.Office != nil}
	if d.Here {
		steps, err := p.steps()
		if err != nil {
			return err
		}
		for n, s := range steps {
			d.Steps = append(d.Steps, numbered{n + 1, s})
		}
		if d.Devices, err = p.lines(); err != nil {
			return err
		}
		if d.Troubles, err = p.troubles(); err != nil {
			return err
		}
	}
	return p.Page(c, http.StatusOK, "ipads", "iPads", d)
}

// steps are the pages in their order, with how far each is.
func (p *pages) steps() ([]step, error) {
	push, err := p.Office.Push()
	if err != nil {
		return nil, err
	}
	path, asm := p.Office.Path(), p.Office.ASM()
	serials := len(p.Office.Serials())
	way := func(of enrol.Path, stands tag) tag {
		if path != "" && path != of {
			return tagNotThis
		}
		return stands
	}
	test, err := p.tested()
	if err != nil {
		return nil, err
	}
	cable, err := p.cable()
	if err != nil {
		return nil, err
	}
	return []step{
		{"/ipads/preflight", "Preflight", "Looks at the name, the certificate, the clock and the way to Apple, now.", tag{"Live check", "grey"}},
		{"/ipads/push", "Push certificate", pushWords(push, p.Machine(), p.day(push.Until)), pushTag(push, p.Machine())},
		{"/ipads/path", "Which way", "What each way can enforce. " + chosen(path), doneIf(path != "")},
		{"/ipads/list", "Serial numbers", fmt.Sprintf("Which iPads are expected: %d on the list.", serials), doneIf(serials > 0)},
		{"/ipads/asm", "Apple School Manager", "Where the school has it: iPads enrol by themselves, supervised, for good.", way(enrol.Automated, doneIf(asm.Profile))},
		{"/ipads/configurator", "Apple Configurator", "Without it: by cable from a Mac, supervised. One page to print.", way(enrol.Configurator, cable)},
		{"/ipads/test", "One test iPad", "Followed live until it is all that it must be.", test},
		{"/ipads/lesson", "A lesson of a minute", "The test iPad is as in a lesson, and then as before.", tag{"Try it", "grey"}},
		{"/ipads/health", "Health", "What ends when, and which iPads need somebody.", tag{"Live check", "grey"}},
	}, nil
}

func doneIf(done bool) tag {
	if done {
		return tagDone
	}
	return tagTodo
}

func chosen(path enrol.Path) string {
	if path == "" {
		return "None is chosen yet."
	}
	return "Chosen: " + pathName(path) + "."
}

// tested is how far the test iPad is.
func (p *pages) tested() (tag, error) {
	id := p.Office.Test()
	if id == "" {
		return tagTodo, nil
	}
	d, ok := p.find(id)
	if !ok {
		return tagTodo, nil
	}
	one, err := p.pad(d)
	return doneIf(one.Now.Managed && d.Settled && !one.another() && !one.wiped()), err
}

// cable is how far the iPads are that come by cable: waited for, or there.
func (p *pages) cable() (tag, error) {
	if waited, _ := p.Office.Awaited(); waited > 0 {
		return tag{"Waiting", "blue"}, nil
	}
	list, err := p.pads()
	return doneIf(slices.ContainsFunc(list, func(one pad) bool { return one.Now.Managed && one.Expects != "" && !one.unsupervised() })), err
}

// find is a device of the list.
func (p *pages) find(id string) (Device, bool) {
	for _, d := range p.Devices() {
		if d.ID == id {
			return d, true
		}
	}
	return Device{}, false
}

// lines are all iPads.
func (p *pages) lines() ([]deviceLine, error) {
	list, err := p.pads()
	var lines []deviceLine
	for _, one := range list {
		serial := cmp.Or(one.Expects, one.Now.Traits.Serial, "any")
		if one.another() {
			serial += ", but " + one.Now.Traits.Serial + " is enrolled"
		}
		lines = append(lines, deviceLine{one.ID, one.Name(), serial, p.stands(one)})
	}
	return lines, err
}
