package joining

import (
	"fmt"
	"strings"

	"github.com/skip2/go-qrcode"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// QR is a code as a picture. It is as secret as the code.
type QR struct{ code *qrcode.QRCode }

// QR draws the code with 15 % of redundancy. Errors: those of Check, internal.
func (c Code) QR() (QR, error) {
	text, err := c.Text()
	if err != nil {
		return QR{}, err
	}
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return QR{}, errs.Wrap(err, errs.Internal, "The QR code cannot be drawn.", "")
	}
	return QR{code}, nil
}

// PNG is the picture with module pixels for the side of each module, 1 to 32.
// Errors: invalid, internal.
func (q QR) PNG(module int) ([]byte, error) {
	if module < 1 || module > 32 {
		return nil, errs.New(errs.Invalid, "A module is 1 to 32 pixels wide.", "")
	}
	png, err := q.code.PNG(-module) // negative: pixels of a module, not of the picture
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "The QR code cannot be drawn.", "")
	}
	return png, nil
}

// SVG is one element for a page, black on white with the quiet zone, that
// scales with its box.
func (q QR) SVG() string {
	rows := q.code.Bitmap()
	var path strings.Builder
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			start := x
			for x < len(row) && row[x] {
				x++
			}
			if x > start {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", start, y, x-start, x-start)
			}
		}
	}
	n := len(rows)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="Joining code" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`, n, n, n, n, path.String())
}

// Terminal is the picture in half blocks, two modules to a character, for a
// dark terminal.
func (q QR) Terminal() string { return q.code.ToSmallString(false) }
