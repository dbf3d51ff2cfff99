package ui

import (
	"image"
	"image/color"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

var square = regexp.MustCompile(`M(\d+) (\d+)h1v1h-1z`)

// Whoever scans the drawing reads the text.
func TestQRIsRead(t *testing.T) {
	const text = "BK1ABCDEFGHJKMNPQRSTVWXYZ23"
	drawn, err := QR(text, `The "slip"`)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(drawn), `aria-label="The &#34;slip&#34;"`) {
		t.Errorf("the label stands as %.120s", drawn)
	}
	const scale = 8
	img := image.NewGray(image.Rect(0, 0, 60*scale, 60*scale))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for _, m := range square.FindAllStringSubmatch(string(drawn), -1) {
		x, _ := strconv.Atoi(m[1]) // digits, says the pattern
		y, _ := strconv.Atoi(m[2])
		for i := range scale * scale {
			img.Set(x*scale+i%scale, y*scale+i/scale, color.Gray{})
		}
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := qrcode.NewQRCodeReader().Decode(bits, nil); err != nil || got.GetText() != text {
		t.Errorf("read %v, %v", got, err)
	}
}

func TestQRHasALimit(t *testing.T) {
	if _, err := QR(strings.Repeat("x", 5000), "much"); err == nil {
		t.Error("5000 letters were drawn")
	}
}
