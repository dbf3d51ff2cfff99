package main

import (
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// The registers that a school must keep, and what its governors read of them: the
// leadership writes down a filter check, a teacher reports a breach, IT prints who has
// access to what, a governor reads the figures of the term and nothing else.
func TestWalkRegisters(t *testing.T) {
	w := openWorkday(t)
	w.at(8, 20)
	teacher := w.signedIn(t, demoTeacher, telephone)
	reportABreach(w, teacher)
	dsl := w.signedIn(t, "dsl", atDesk)
	followABreach(dsl)
	deputy := w.signedIn(t, "deputy", atDesk)
	checkTheFilter(deputy)
	it := w.signedIn(t, "it", atDesk)
	printTheAccessRegister(it)
	governor := w.signedIn(t, "governor", zoomed)
	readTheFigures(w, governor)
}

// reportABreach writes down what the filter let through, and sees no other entry.
func reportABreach(w *workday, p *walker) {
	p.press("Registers")
	p.press("Filter breaches")
	p.sees("Your own entries (0)", "What the school’s policy says to do")
	p.press("Write an entry")
	p.fill("Address of the site", "bad.example/video")
	p.fill("Which device", "ipad-7")
	p.fill("Which pupil (optional)", w.pupils("9B")[0].Name())
	p.fill("What happened, and what was done at once", "A video began by itself. The screen was turned off.")
	p.press("Write it down")
	p.sees("Your own entries (1)", "bad.example/video", w.pupils("9B")[0].Name())
	p.seesNot("Correct it")
}

// followABreach sees it, and writes what came of it.
func followABreach(p *walker) {
	p.press("Registers")
	p.sees("Need something (", "Not yet seen: 1.")
	p.press("Filter breaches")
	p.press(p.day.on(p.day.day, "2 January 2006") + "...")
	p.press("I have seen it")
	p.sees("Seen by dsl")
	p.choose("Told")
	p.choose("Not told for the reason below")
	p.choose("Nothing more needed")
	p.fill("What came of it", "The provider has blocked it. Her mother was there when it was told.")
	p.press("Write the outcome")
	p.sees("What came of it", "The provider has blocked it.", "Ended")
}

// checkTheFilter writes down a check, which then is due no more this term.
func checkTheFilter(p *walker) {
	p.press("Registers")
	p.press("Filter checks")
	p.sees("1 of 3 this school year")
	p.press("Write an entry")
	p.press("Write it down")
	p.sees("There is a problem", "Fill in: result")
	p.choose("Blocks too much")
	p.fill("What was tried, and what happened", "Twelve addresses from a science lesson, on three iPads: two were blocked.")
	p.fill("What is to be done (optional)", "Let the museum’s pages through.")
	p.press("Write it down")
	p.sees("2 of 3 this school year", "Blocks too much")
}

// printTheAccessRegister has who has what, and by whose word, on paper and in a file.
func printTheAccessRegister(p *walker) {
	p.press("Registers")
	p.press("Access to devices and systems")
	p.sees("Parents’ evening booking", "What Bellkeep knows itself", "Bellkeep, as Headteacher")
	p.reach("Print", "button")
	if file := string(p.downloads("Download for a spreadsheet (CSV)")); !strings.Contains(file, "Bellkeep, as Governor") {
		p.t.Errorf("the file has no governor: %.400s", file)
	}
}

// readTheFigures is all that a governor can: no page leads to a pupil.
func readTheFigures(w *workday, p *walker) {
	p.sees("Figures: Autumn 2026", "Handed in, of those expected", "Confiscations, by reason", "Filter checks", "the end of the last whole week")
	for _, person := range w.server.People.People() {
		if person.Kind == register.Pupil {
			p.seesNot(person.Name(), person.ID)
		}
	}
	if menu := axetest.Eval[[]string](p.Tab, `[...new Set([...document.querySelectorAll("nav.bk-menu a")].map(a => a.textContent.trim()))].sort()`); strings.Join(menu, ", ") != "Agreements, Declarations, Figures, Help and reporting, Rules" {
		p.t.Errorf("a governor’s menu is %q", menu)
	}
	p.press("Evidence for an inspection")
	p.sees("The policy in force", "Alike in every year group?")
	p.press("Figures")
	if file := string(p.downloads("Download for a spreadsheet (CSV)")); !strings.Contains(file, `"Confiscations, by reason",all,`) {
		p.t.Errorf("the file says %.300s", file)
	}
	p.Go(w.pages.url() + "/registers")
	p.sees("You may not do that.")
	p.Go(w.pages.url() + "/person/" + w.pupils("9B")[0].ID)
	p.sees("You may not do that.")
}
