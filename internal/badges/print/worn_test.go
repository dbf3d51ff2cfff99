package print

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"
)

// worn is a card after a term in a blazer pocket, under a scanner in bad light.
// Lengths are in millimetres.
type worn struct {
	tilt   float64 // degrees the card is turned
	fold   float64 // degrees the right part is bent away at the crease
	crack  float64 // width of the line along the crease where the print is gone
	scrape float64 // width of a white line across it
	grime  float64 // width of a black line across it
	blur   int     // passes of a 3 × 3 mean
	noise  float64 // standard deviation, of 255
	dusk   float64 // how much of the light is missing at the far corner, of 1
}

// wear photographs the code on a flat card, of which one millimetre is mm pixels.
func (w worn) wear(flat *image.Gray, mm float64, random *rand.Rand) *image.Gray {
	const side = codeWidth * 1.6 // of the photograph, on the card
	const middle, centre = codeLeft + codeWidth/2, cardHeight / 2
	const crease = codeLeft + codeWidth*0.45
	sin, cos := math.Sincos(w.tilt * math.Pi / 180)
	dots := int(side * mm)
	out := image.NewGray(image.Rect(0, 0, dots, dots))
	for py := range dots {
		for px := range dots {
			// Back from the photograph to the card: untilt, then unfold.
			dx, dy := float64(px)/mm-side/2, float64(py)/mm-side/2
			x, y := cos*dx+sin*dy+middle, -sin*dx+cos*dy+centre
			if x > crease {
				x, y = crease+(x-crease)/math.Cos(w.fold*math.Pi/180), y-(x-crease)*math.Sin(w.fold*math.Pi/180)*0.15
			}
			light := 1 - w.dusk*float64(px+py)/float64(2*dots)
			value := w.surface(flat, mm, x, y, crease)*light + random.NormFloat64()*w.noise
			out.SetGray(px, py, color.Gray{Y: uint8(min(max(value, 0), 255))})
		}
	}
	for range w.blur {
		out = blurred(out)
	}
	return out
}

// surface is the grey of the card at x, y: print, crack, scrape or grime.
func (w worn) surface(flat *image.Gray, mm, x, y, crease float64) float64 {
	middle := cardHeight / 2
	switch {
	case math.Abs(x-crease) < w.crack/2, math.Abs(y-middle-3-(x-codeLeft)*0.05) < w.scrape/2:
		return 235
	case math.Abs(y-middle+4+(x-codeLeft)*0.1) < w.grime/2:
		return 30
	case x < 0 || y < 0 || x >= cardWidth || y >= cardHeight:
		return 150 // the table
	}
	return float64(flat.GrayAt(int(x*mm), int(y*mm)).Y)
}

func blurred(in *image.Gray) *image.Gray {
	out := image.NewGray(in.Rect)
	for y := 1; y < in.Rect.Dy()-1; y++ {
		for x := 1; x < in.Rect.Dx()-1; x++ {
			sum := 0
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					sum += int(in.GrayAt(x+dx, y+dy).Y)
				}
			}
			out.SetGray(x, y, color.Gray{Y: uint8(sum / 9)})
		}
	}
	return out
}

// The code is printed 29 mm wide. Shrunk to 25 mm by a printer that fits pages
// to its margins, and worn, it still reads.
func TestAWornCardReadsAt25Millimetres(t *testing.T) {
	const dots = 300 * 25 / codeWidth
	cases := []struct {
		name string
		worn worn
	}{
		{"new", worn{}},
		{"turned", worn{tilt: 15}},
		{"upside down", worn{tilt: 180}},
		{"creased", worn{crack: 0.6, fold: 15}},
		{"scraped and stained", worn{scrape: 0.6, grime: 0.6}},
		{"blurred and noisy", worn{blur: 3, noise: 25}},
		{"badly lit", worn{dusk: 0.6}},
		{"all of it", worn{tilt: 15, fold: 15, crack: 0.5, scrape: 0.4, grime: 0.4, blur: 2, noise: 15, dusk: 0.4}},
	}
	cards := samples(t, 2)
	pdf, _ := printed(t, cards, Single)
	random := rand.New(rand.NewPCG(1, 2))
	for i, card := range cards {
		flat := scan(t, pdf, i+1, dots)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				seen := c.worn.wear(flat, dots/25.4, random)
				if text, err := read(seen); err != nil || text != card.Badge {
					t.Errorf("badge %d is read as %q, %v", card.Serial, text, err)
				}
			})
		}
	}
}
