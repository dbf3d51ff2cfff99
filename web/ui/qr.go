package ui

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/skip2/go-qrcode"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// QR draws text as a QR code: one path over squares of size 1. label says what it is
// to whoever does not see it. Errors: invalid for more text than a code holds.
func QR(text, label string) (template.HTML, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return "", errs.Wrap(err, errs.Invalid, "The code cannot be drawn.", "Shorten the text.")
	}
	var path strings.Builder
	rows := code.Bitmap()
	for y, row := range rows {
		for x, dark := range row {
			if dark {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return template.HTML(fmt.Sprintf(`<svg class="bk-qr" viewBox="0 0 %[1]d %[1]d" role="img" aria-label="%[2]s"><path d="%[3]s"/></svg>`,
		len(rows), template.HTMLEscapeString(label), &path)), nil // numbers, and a label that is escaped
}

// TerminalQR draws text as a QR code of block characters, light on dark. Errors: as QR.
func TerminalQR(text string) (string, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return "", errs.Wrap(err, errs.Invalid, "The code cannot be drawn.", "Shorten the text.")
	}
	return code.ToSmallString(false), nil
}
