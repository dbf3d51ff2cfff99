package print

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// DoorLine is one door with something behind it.
type DoorLine struct {
	Bank string // as people call it
	Door int
	Name string
	Form string
}

// MaxLines bounds a list of doors.
const MaxLines = 5000

// The page of a list, in millimetres.
const (
	listMargin = 15.0
	lineHeight = 6.0
	listTop    = 32.0
)

// Doors writes who has something behind which door, in the order given, for the
// hour when a bank does not answer. Every page says of when it is: paper gets
// separated. Errors: invalid, and those of w.
func Doors(w io.Writer, title string, lines []DoorLine, made time.Time) error {
	if len(lines) > MaxLines {
		return errs.New(errs.Invalid, fmt.Sprintf("One list is for up to %d doors.", MaxLines), "Print in parts.")
	}
	p, err := newPress(Layout{width: a4Width, height: a4Height}, made)
	if err != nil {
		return err
	}
	p.pdf.SetTitle(title, true)
	y := a4Height
	heading := func() {
		p.pdf.AddPage()
		p.pdf.SetFont(textFace, "", 14)
		p.pdf.Text(listMargin, 18, title)
		p.pdf.SetFont(textFace, "", 10)
		p.pdf.Text(listMargin, 24, fmt.Sprintf("As of %s. Page %d. Destroy it when the day is over.", made.Format("15:04 on Monday 2 January 2006"), p.pdf.PageCount()))
		y = listTop
	}
	if heading(); len(lines) == 0 {
		p.pdf.Text(listMargin, y, "Nothing is behind any door.")
	}
	for _, l := range lines {
		if y > a4Height-listMargin {
			heading()
		}
		for _, cell := range []struct {
			x    float64
			text string
		}{{listMargin, l.Bank}, {70, strconv.Itoa(l.Door)}, {90, l.Form}, {110, p.shown(l.Name)}} {
			p.pdf.Text(cell.x, y, cell.text)
		}
		y += lineHeight
	}
	if err := p.pdf.Output(w); err != nil {
		return fmt.Errorf("writing the list: %w", err)
	}
	return nil
}

// shown is as much of a name as the font has letters for; the door tells the rest.
func (p *press) shown(name string) string {
	text := []rune(name)
	for i, r := range text {
		if !p.covers(r) {
			text[i] = '?'
		}
	}
	return string(text[:min(len(text), MaxName)])
}
