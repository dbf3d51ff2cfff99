package print

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges/typed"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

var made = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)

// samples are cards with their own secrets, the same at every run.
func samples(t *testing.T, n int) []Card {
	t.Helper()
	random := rand.NewChaCha8([32]byte{1})
	cards := make([]Card, n)
	for i := range cards {
		token, err := school.NewToken(random)
		if err != nil {
			t.Fatal(err)
		}
		code, err := typed.New(random)
		if err != nil {
			t.Fatal(err)
		}
		cards[i] = Card{School: "Elmfield Academy", Name: "Zoë", Form: "9B", Serial: i + 1, Badge: token.Badge(), Code: code.Text()}
	}
	return cards
}

// printed writes the cards to a file and gives its path.
func printed(t *testing.T, cards []Card, l Layout) (string, Report) {
	t.Helper()
	var out bytes.Buffer
	report, err := PDF(&out, cards, l, made)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "badges.pdf")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, report
}

// tool runs one of poppler's programs.
func tool(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v (sudo apt-get install poppler-utils)", name, err)
	}
	return out
}

// scan draws a page of a PDF as a scanner of so many dots an inch would see it.
func scan(t *testing.T, pdf string, page int, dpi float64) *image.Gray {
	t.Helper()
	n := strconv.Itoa(page)
	data := tool(t, "pdftoppm", "-png", "-gray", "-r", strconv.FormatFloat(dpi, 'f', 2, 64), "-f", n, "-l", n, pdf)
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	gray := image.NewGray(img.Bounds())
	draw.Draw(gray, gray.Rect, img, image.Point{}, draw.Src)
	return gray
}

// read is a QR reader that shares nothing with the writer.
func read(img image.Image) (string, error) {
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", err
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return "", err
	}
	return result.GetText(), nil
}
