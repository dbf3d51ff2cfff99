// Package print sets a continuity sheet as a PDF: where a device has been, who signed
// for it, the checkpoints that prove it, and a code by which the file with the proofs
// is told from any other.
package print

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-pdf/fpdf"
	"github.com/skip2/go-qrcode"

	badges "github.com/bellkeep/bellkeep/internal/badges/print"
	"github.com/bellkeep/bellkeep/internal/continuity"
)

// Paper is what a sheet says.
type Paper struct {
	School string
	Item   string // its reference
	About  []Fact // what it is, how it was
	Moves  []Move
	Handed []Fact // of the hand-over to the police; nil for none
	Signed []Fact // who signed for it with a passkey, and when
	Report continuity.Report
	Sum    string // of the file with the proofs
	File   string // its name
	Later  int    // records that no checkpoint covers yet
	Made   time.Time
}

// Fact is a line of two columns.
type Fact struct{ Key, Value string }

// Move is one movement of the device.
type Move struct{ At, What, By, Record string }

// Measures of the page, in millimetres.
const (
	margin = 16.0
	width  = 210 - 2*margin
	bottom = 297 - margin
	line   = 5.0
	codeAt = 34.0 // width of the code
)

type press struct {
	pdf   *fpdf.Fpdf
	paper Paper
}

// PDF writes the sheet. Errors: those of w.
func PDF(w io.Writer, paper Paper) error {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(paper.Made)
	pdf.SetModificationDate(paper.Made)
	pdf.SetTitle("Continuity sheet "+paper.Item, true)
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(true, margin+6)
	badges.Faces(pdf)
	p := press{pdf, paper}
	pdf.SetFooterFunc(p.footer)
	pdf.AddPage()
	p.head()
	p.facts("The device", paper.About)
	p.moves()
	p.facts("Handed to the police", paper.Handed)
	p.facts("Signed with passkeys, checked by the bank", paper.Signed)
	p.proofs()
	p.signatures()
	if err := pdf.Output(w); err != nil {
		return fmt.Errorf("writing the continuity sheet: %w", err)
	}
	return nil
}

// Anchor is what the code on the paper says: the sum of the file with the proofs, and
// of each ledger its origin, size and root.
func Anchor(sum string, r continuity.Report) string {
	words := []string{"BKS1", sum}
	for _, l := range r.Ledgers {
		words = append(words, l.Origin, fmt.Sprint(l.Size), l.Root)
	}
	return strings.Join(words, " ")
}

// clean leaves out what the letters cannot set.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return ' '
		case r < ' ' || r > 0xFFFF:
			return -1
		}
		return r
	}, text)
}

func (p press) face(name string, size float64) { p.pdf.SetFont(name, "", size) }

func (p press) head() {
	p.face(badges.Text, 18)
	p.pdf.CellFormat(width, 9, "Continuity sheet", "", 1, "L", false, 0, "")
	p.face(badges.Text, 10)
	p.pdf.CellFormat(width, line, clean(p.paper.School)+", "+p.paper.Made.Format("2 January 2006, 15:04"), "", 1, "L", false, 0, "")
	p.face(badges.Code, 10)
	p.pdf.CellFormat(width, line+1, "Reference "+p.paper.Item, "", 1, "L", false, 0, "")
}

// title begins a part, on a new page where little room is left.
func (p press) title(text string, needs float64) {
	if p.pdf.GetY()+needs > bottom-6 {
		p.pdf.AddPage()
	}
	p.pdf.Ln(3)
	p.face(badges.Text, 12)
	p.pdf.CellFormat(width, 7, text, "B", 1, "L", false, 0, "")
	p.pdf.Ln(1)
}

func (p press) facts(title string, list []Fact) {
	if len(list) == 0 {
		return
	}
	p.title(title, 20)
	for _, f := range list {
		p.row([]float64{48, width - 48}, []string{f.Key, f.Value}, badges.Text, 9)
	}
}

func (p press) moves() {
	p.title("Where it has been", 25)
	widths := []float64{40, 62, 42, width - 144}
	p.pdf.SetTextColor(90, 90, 90)
	p.row(widths, []string{"When", "Where", "Who", "Record"}, badges.Text, 8)
	p.pdf.SetTextColor(0, 0, 0)
	for _, m := range p.paper.Moves {
		p.row(widths, []string{m.At, m.What, m.By, m.Record}, badges.Text, 9)
	}
}

// row sets cells side by side, each in as many lines as it takes.
func (p press) row(widths []float64, cells []string, face string, size float64) {
	p.face(face, size)
	most := 1
	lines := make([][]string, len(cells))
	for i, c := range cells {
		lines[i] = p.pdf.SplitText(clean(c), widths[i]-2)
		most = max(most, len(lines[i]))
	}
	height := float64(most) * line * 0.9
	if p.pdf.GetY()+height > bottom-6 {
		p.pdf.AddPage()
		p.face(face, size)
	}
	top := p.pdf.GetY()
	x := margin
	for i, l := range lines {
		for n, text := range l {
			p.pdf.SetXY(x, top+float64(n)*line*0.9)
			p.pdf.CellFormat(widths[i], line*0.9, text, "", 0, "L", false, 0, "")
		}
		x += widths[i]
	}
	p.pdf.SetXY(margin, top+height+0.8)
}

// proofs are how somebody else checks all this.
func (p press) proofs() {
	p.title("How to check this sheet", 75)
	top := p.pdf.GetY()
	p.face(badges.Text, 9)
	text := "The file " + p.paper.File + " goes with this paper. It holds the records named above, byte by byte, the proof that each is on its ledger, and both signatures. " +
		"Verify it on any computer, without a network: open verify.html in a browser and choose the file, or run bellkeep ledger verify --sheet " + p.paper.File + ". " +
		"The code on the right does not hold the proofs, for they are too long: it holds the fingerprint of that file and the checkpoints below."
	if p.paper.Later > 0 {
		text += fmt.Sprintf(" %d newer records are not signed for yet: print this sheet again in a few minutes.", p.paper.Later)
	}
	p.pdf.MultiCell(width-codeAt-6, line*0.9, text, "", "L", false)
	p.face(badges.Code, 7)
	p.pdf.Ln(1)
	p.pdf.MultiCell(width-codeAt-6, 3.6, "SHA-256 of the file:\n"+p.paper.Sum[:32]+"\n"+p.paper.Sum[32:], "", "L", false)
	after := p.pdf.GetY()
	p.code(margin+width-codeAt, top+1)
	p.pdf.SetXY(margin, max(after, top+codeAt+3))
	for _, l := range p.paper.Report.Ledgers {
		p.pdf.Ln(1.5)
		p.face(badges.Code, 7)
		p.pdf.MultiCell(width, 3.6, fmt.Sprintf("%s\n%d records, of which %d are here; root %s\nkey %s", l.Origin, l.Size, l.Records, l.Root, l.Key), "", "L", false)
	}
}

// code draws the code as rectangles, which no printer smooths.
func (p press) code(x, y float64) {
	code, err := qrcode.New(Anchor(p.paper.Sum, p.paper.Report), qrcode.Medium)
	if err != nil {
		p.pdf.SetError(err)
		return
	}
	code.DisableBorder = true
	modules := code.Bitmap()
	side := codeAt / float64(len(modules))
	for r, row := range modules {
		for c, dark := range row {
			if dark {
				p.pdf.Rect(x+float64(c)*side, y+float64(r)*side, side, side, "F")
			}
		}
	}
}

// signatures are for pens.
func (p press) signatures() {
	p.title("Signatures", 30)
	p.face(badges.Text, 9)
	for _, who := range []string{"For the school (name, signature, date and time)", "For the police (name, number, signature, date and time)"} {
		p.pdf.Ln(9)
		p.pdf.CellFormat(width, line, who, "T", 1, "L", false, 0, "")
	}
}

func (p press) footer() {
	p.pdf.SetY(-12)
	p.face(badges.Text, 8)
	p.pdf.CellFormat(width, 5, fmt.Sprintf("%s, page %d", p.paper.Item, p.pdf.PageNo()), "", 0, "R", false, 0, "")
}
