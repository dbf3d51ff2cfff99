package print

import "github.com/go-pdf/fpdf"

// The names under which Faces adds the letters.
const (
	Text = textFace
	Code = codeFace
)

// Faces adds to a document the letters that badges are set in, for other papers of
// the school.
func Faces(pdf *fpdf.Fpdf) {
	pdf.AddUTF8FontFromBytes(Text, "", textFont)
	pdf.AddUTF8FontFromBytes(Code, "", codeFont)
}
