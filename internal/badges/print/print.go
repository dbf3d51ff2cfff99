// Package print sets badges as a PDF: the QR code of a token, the typed code
// beside it, the school's name, a serial number for the office and, if the
// school wants it, a first name and a form. Nothing else about a person is
// ever on a badge.
//
// A badge has the size of a bank card, ID-1 of ISO/IEC 7810. The QR code is
// drawn as filled rectangles, not as an image that a printer might smooth. It
// has error correction level H, which restores up to 30 % of it, so that a
// crease or a scratch does no harm; that makes 29 × 29 modules of a
// millimetre.
package print

import (
	"fmt"
	"io"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/go-pdf/fpdf"
)

// Lengths are in millimetres.
const (
	cardWidth  = 85.60
	cardHeight = 53.98
	a4Width    = 210.0
	a4Height   = 297.0
)

// The limits of a print.
const (
	MaxCards = 2000
	MaxName  = 64 // characters of a name, form or school that are looked at
)

// Card is what is printed on one badge.
type Card struct {
	School string
	Name   string // first name, or "" for none
	Form   string // or "" for none
	Serial int
	Badge  string // the text in the QR code
	Code   string // the typed code
}

// Layout is how cards lie on paper.
type Layout struct {
	width, height float64
	columns, rows int
}

// The layouts: a page for each card, for a card printer, and A4 sheets of ten
// to be cut along the marks.
var (
	Single = Layout{width: cardWidth, height: cardHeight, columns: 1, rows: 1}
	Sheet  = Layout{width: a4Width, height: a4Height, columns: 2, rows: 5}
)

// Report tells what was printed.
type Report struct {
	Pages    int
	Initials []int // serials of the cards that show initials, for want of letters
	Nameless []int // serials of the cards that show no name, for want of even those
}

// PDF writes the cards in the order given. The same cards and the same time of
// making give the same bytes. Errors: invalid, and those of w.
func PDF(w io.Writer, cards []Card, layout Layout, made time.Time) (Report, error) {
	if len(cards) == 0 || len(cards) > MaxCards {
		return Report{}, errs.New(errs.Invalid, fmt.Sprintf("One file is for 1 to %d badges.", MaxCards), "Print in parts.")
	}
	p, err := newPress(layout, made)
	if err != nil {
		return Report{}, err
	}
	for i, c := range cards {
		place := i % (layout.columns * layout.rows)
		if place == 0 {
			p.page()
		}
		x, y := layout.corner(place)
		if err := p.card(x, y, c); err != nil {
			return Report{}, err
		}
	}
	if err := p.pdf.Output(w); err != nil {
		return Report{}, fmt.Errorf("writing the badges: %w", err)
	}
	p.report.Pages = p.pdf.PageCount()
	return p.report, nil
}

// corner is the upper left corner of the card at a place, row by row.
func (l Layout) corner(place int) (x, y float64) {
	left, top := l.margins()
	return left + float64(place%l.columns)*cardWidth, top + float64(place/l.columns)*cardHeight
}

func (l Layout) margins() (left, top float64) {
	return (l.width - float64(l.columns)*cardWidth) / 2, (l.height - float64(l.rows)*cardHeight) / 2
}

// press is one PDF being made.
type press struct {
	pdf    *fpdf.Fpdf
	layout Layout
	report Report
	covers func(rune) bool // whether the text font has a glyph
}

func newPress(l Layout, made time.Time) (*press, error) {
	covers, err := coverage(textFont)
	if err != nil {
		return nil, err
	}
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: l.width, Ht: l.height}})
	pdf.SetMargins(0, 0, 0)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(made)
	pdf.SetModificationDate(made)
	pdf.SetTitle("Badges", true)
	pdf.SetCreator("Bellkeep", true)
	pdf.AddUTF8FontFromBytes(textFace, "", textFont)
	pdf.AddUTF8FontFromBytes(codeFace, "", codeFont)
	return &press{pdf: pdf, layout: l, covers: covers}, pdf.Error()
}

// page begins a page, with crop marks where there is something to cut.
func (p *press) page() {
	const away, long = 2.0, 5.0 // from the card, and of the mark
	p.pdf.AddPage()
	l := p.layout
	left, top := l.margins()
	if left < away+long {
		return
	}
	right, bottom := l.width-left, l.height-top
	p.pdf.SetLineWidth(0.1)
	for c := range l.columns + 1 {
		x := left + float64(c)*cardWidth
		p.pdf.Line(x, top-away-long, x, top-away)
		p.pdf.Line(x, bottom+away, x, bottom+away+long)
	}
	for r := range l.rows + 1 {
		y := top + float64(r)*cardHeight
		p.pdf.Line(left-away-long, y, left-away, y)
		p.pdf.Line(right+away, y, right+away+long, y)
	}
}
