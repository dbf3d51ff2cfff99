package apple

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
)

// step is one page on the way.
type step struct {
	Href, Name, Words string
	Tag               tag
}

type overviewData struct {
	Here     bool // there is a gateway
	Steps    []step
	Devices  []deviceLine
	Troubles []trouble
}

// deviceLine is one iPad in words.
type deviceLine struct {
	ID, Name, Serial, State string
	Tag                     tag
}

func (p *pages) overview(c echo.Context) error {
	d := overviewData{Here: p.Office != nil}
	if d.Here {
		var err error
		if d.Steps, err = p.steps(); err != nil {
			return err
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
	way := func(of enrol.Path, done bool) tag {
		switch {
		case path != "" && path != of:
			return tagNotThis
		case done:
			return tagDone
		}
		return tagTodo
	}
	test, err := p.tested()
	if err != nil {
		return nil, err
	}
	waited, _ := p.Office.Awaited()
	return []step{
		{"/ipads/preflight", "Preflight", "Looks at the name, the certificate, the clock and the way to Apple, now.", tag{"Live check", "grey"}},
		{"/ipads/push", "Push certificate", pushWords(push, p.Machine(), p.day(push.Until)), pushTag(push, p.Machine())},
		{"/ipads/path", "Which way", "What each way can enforce. " + chosen(path), doneIf(path != "")},
		{"/ipads/asm", "Apple School Manager", "Where the school has it: iPads enrol by themselves, supervised, for good.", way(enrol.Automated, asm.Profile)},
		{"/ipads/configurator", "Apple Configurator", "Without it: by cable from a Mac, supervised. One page to print.", way(enrol.Configurator, waited > 0)},
		{"/ipads/list", "Serial numbers", fmt.Sprintf("Which iPads are expected: %d on the list.", serials), doneIf(serials > 0)},
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
	s, _, err := p.Gate.Status(id)
	return doneIf(s.Managed && d.Settled), err
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
	var list []deviceLine
	serials := p.Office.Serials()
	for _, d := range p.Devices() {
		s, _, err := p.Gate.Status(d.ID)
		if err != nil {
			return nil, err
		}
		line := deviceLine{ID: d.ID, Name: d.Name(), Serial: serials[d.ID]}
		switch {
		case !s.Managed:
			line.Tag, line.State = tag{"Not enrolled", "grey"}, "not enrolled"
		case s.Traits.Unsupervised() && len(p.Needs(d.Device)) > 0:
			line.Tag, line.State = tagWrong, "not supervised, and its rules need that"
		case d.Settled:
			line.Tag, line.State = tag{"As it must be", "green"}, "as it must be"
		default:
			line.Tag, line.State = tagLook, "not yet as it must be"
		}
		list = append(list, line)
	}
	return list, nil
}
