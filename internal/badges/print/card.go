package print

import (
	"fmt"

	"github.com/skip2/go-qrcode"
)

// Places on a card, in millimetres from its upper left corner; of text, the
// baseline.
const (
	codeWidth = 29.0 // of the QR code
	codeLeft  = 6.0  // leaves it more than the 4 modules of quiet it needs
	codeTop   = (cardHeight - codeWidth) / 2
	textLeft  = 41.0
	textWidth = cardWidth - textLeft - 4.0
	schoolAt  = 13.0
	nameAt    = 23.0
	formAt    = 29.0
	typedAt   = 38.5
	serialAt  = 44.5
)

// Sizes of text, in points.
const (
	schoolSize = 9
	nameSize   = 17
	formSize   = 11
	typedSize  = 19
	serialSize = 8
	leastSize  = 7 // what a long line may shrink to
)

func (p *press) card(x, y float64, c Card) error {
	if err := p.qr(x+codeLeft, y+codeTop, c.Badge); err != nil {
		return err
	}
	name, set := p.name(c.Name)
	switch {
	case set == initialsOnly:
		p.report.Initials = append(p.report.Initials, c.Serial)
	case set == nothing:
		p.report.Nameless = append(p.report.Nameless, c.Serial)
	}
	x += textLeft
	p.text(x, y+schoolAt, textFace, schoolSize, p.plain(c.School))
	p.text(x, y+nameAt, textFace, nameSize, name)
	p.text(x, y+formAt, textFace, formSize, p.plain(c.Form))
	p.text(x, y+typedAt, codeFace, typedSize, c.Code)
	p.text(x, y+serialAt, textFace, serialSize, fmt.Sprintf("No. %d", c.Serial))
	return p.pdf.Error()
}

// qr draws the modules of a code, the dark ones of a row that touch as one
// rectangle.
func (p *press) qr(x, y float64, content string) error {
	code, err := qrcode.New(content, qrcode.Highest)
	if err != nil {
		return fmt.Errorf("making a QR code: %w", err)
	}
	code.DisableBorder = true
	modules := code.Bitmap()
	side := codeWidth / float64(len(modules))
	for r, row := range modules {
		for from := 0; from < len(row); from++ {
			to := from
			for to < len(row) && row[to] {
				to++
			}
			if to > from {
				p.pdf.Rect(x+float64(from)*side, y+float64(r)*side, float64(to-from)*side, side, "F")
				from = to
			}
		}
	}
	return nil
}

// text sets one line, smaller or cut where it is too long for the card.
func (p *press) text(x, y float64, face string, size float64, text string) {
	if text == "" {
		return
	}
	p.pdf.SetFont(face, "", size)
	for ; size > leastSize && p.pdf.GetStringWidth(text) > textWidth; size-- {
		p.pdf.SetFontSize(size - 1)
	}
	if p.pdf.GetStringWidth(text) > textWidth {
		letters := []rune(text)
		for len(letters) > 0 && p.pdf.GetStringWidth(string(letters)+"…") > textWidth {
			letters = letters[:len(letters)-1]
		}
		text = string(letters) + "…"
	}
	p.pdf.Text(x, y, text)
}
