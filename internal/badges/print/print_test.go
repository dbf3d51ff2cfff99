package print

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Every code on a sheet is cut out along the card's edges and read.
func TestEveryCardOfASheetReads(t *testing.T) {
	cards := samples(t, 11)
	pdf, report := printed(t, cards, Sheet)
	if report.Pages != 2 {
		t.Errorf("%d pages were printed", report.Pages)
	}
	const dpi = 150
	pages := []*image.Gray{scan(t, pdf, 1, dpi), scan(t, pdf, 2, dpi)}
	dots := func(mm float64) int { return int(mm * dpi / 25.4) }
	for i, c := range cards {
		x, y := Sheet.corner(i % 10)
		cut := pages[i/10].SubImage(image.Rect(dots(x), dots(y), dots(x+cardWidth), dots(y+cardHeight)))
		if text, err := read(cut); err != nil || text != c.Badge {
			t.Errorf("badge %d is read as %q, %v", c.Serial, text, err)
		}
	}
}

// A small code is the first thing that stops reading.
func TestTheCodeIs29MillimetresWide(t *testing.T) {
	pdf, _ := printed(t, samples(t, 1), Single)
	seen := scan(t, pdf, 1, 254) // ten dots a millimetre
	ink := image.Rectangle{}
	for y := range seen.Rect.Dy() {
		for x := range 10 * int(textLeft) {
			if seen.GrayAt(x, y).Y < 128 {
				ink = ink.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if want := image.Rect(60, 125, 350, 415); ink != want {
		t.Errorf("the code lies at %v, want %v", ink, want)
	}
}

func TestCardsLieRowByRow(t *testing.T) {
	for place, want := range map[int][2]float64{0: {19.4, 13.55}, 1: {105, 13.55}, 2: {19.4, 67.53}, 9: {105, 229.47}} {
		if x, y := Sheet.corner(place); math.Abs(x-want[0]) > 0.001 || math.Abs(y-want[1]) > 0.001 {
			t.Errorf("card %d lies at %.2f, %.2f, want %.2f", place, x, y, want)
		}
	}
}

func TestPagesHaveTheirSize(t *testing.T) {
	for want, l := range map[string]Layout{"242.65 x 153.01": Single, "595.28 x 841.89": Sheet} {
		pdf, _ := printed(t, samples(t, 1), l)
		if info := string(tool(t, "pdfinfo", pdf)); !strings.Contains(info, want) {
			t.Errorf("%q points is missing from:\n%s", want, info)
		}
	}
}

// text gives what is written on each page.
func text(t *testing.T, pdf string) []string {
	t.Helper()
	pages := strings.Split(string(tool(t, "pdftotext", "-layout", pdf, "-")), "\f")
	return pages[:len(pages)-1]
}

func TestACardSaysNoMoreThanItShould(t *testing.T) {
	card := samples(t, 1)[0]
	spare := card
	spare.Name, spare.Form = "", ""
	pdf, report := printed(t, []Card{card, spare}, Single)
	for i, want := range [][]string{{"Elmfield", "Academy", "Zoë", "9B", card.Code, "No.", "1"}, {"Elmfield", "Academy", card.Code, "No.", "1"}} {
		if got := strings.Fields(text(t, pdf)[i]); !slices.Equal(got, want) {
			t.Errorf("page %d says %q, want %q", i+1, got, want)
		}
	}
	if report.Initials != nil || report.Nameless != nil {
		t.Errorf("the report is %+v", report)
	}
}

func TestNamesOfTheWorld(t *testing.T) {
	cases := []struct {
		name, want string
		set        set
	}{
		{"Łukasz", "Łukasz", whole},
		{"Nguyễn Thị", "Nguyễn Thị", whole},
		{"Zoe\u0308", "Zoë", whole},           // composed
		{"  Ann \t Mary ", "Ann Mary", whole}, // tidied
		{"An\u200bn\x00", "Ann", whole},       // without what has no shape
		{"Σοφία", "Σοφία", whole},
		{"Юлія", "Юлія", whole},
		{"Հայկ", "Հայկ", whole},
		{"ნინო", "ნინო", whole},
		{"נועה", "העונ", whole}, // drawn from left to right
		{"Noa נועה", "Noa העונ", whole},
		{"محمد علي", "ع م", initialsOnly}, // its letters join
		{"明", "", nothing},
		{"Ann 明", "", nothing},
		{"𞤀𞤁", "", nothing}, // beyond U+FFFF
		{"", "", whole},
		{"\xff\xfe", "", whole},
	}
	p, err := newPress(Single, made)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if got, set := p.name(c.name); got != c.want || set != c.set {
			t.Errorf("%q is printed as %q (%d), want %q (%d)", c.name, got, set, c.want, c.set)
		}
	}
}

func TestTheReportNamesCardsWithoutTheirName(t *testing.T) {
	cards := samples(t, 3)
	cards[1].Name, cards[2].Name = "محمد", "明"
	_, report := printed(t, cards, Sheet)
	if !slices.Equal(report.Initials, []int{2}) || !slices.Equal(report.Nameless, []int{3}) {
		t.Errorf("the report is %+v", report)
	}
}

// A long name is shrunk, then cut, and never runs off the card.
func TestLongNamesStayOnTheCard(t *testing.T) {
	card := samples(t, 1)[0]
	card.Name, card.School = strings.Repeat("Wilhelmina ", 9), strings.Repeat("W", 200)
	pdf, _ := printed(t, []Card{card}, Single)
	const dpi = 254.0 // ten dots a millimetre
	const edge = 856 - 39
	seen := scan(t, pdf, 1, dpi)
	for y := range seen.Rect.Dy() {
		for x := edge; x < seen.Rect.Dx(); x++ {
			if seen.GrayAt(x, y).Y < 250 {
				t.Fatalf("something is printed %d, %d dots into the card", x, y)
			}
		}
	}
	if !strings.Contains(text(t, pdf)[0], "Wilhelmina") {
		t.Error("the name is gone")
	}
}

func TestTheSameCardsGiveTheSameFile(t *testing.T) {
	cards := samples(t, 11)
	file := func() []byte {
		var out bytes.Buffer
		if _, err := PDF(&out, cards, Sheet, made); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	first := file()
	for range 2 {
		if !bytes.Equal(file(), first) {
			t.Fatal("two files differ")
		}
	}
	if n := bytes.Count(first, []byte("(D:20260901080000)")); n != 2 {
		t.Errorf("the file gives the time of making %d times, want as created and as modified", n)
	}
}

func TestPrintsHaveALimit(t *testing.T) {
	for _, n := range []int{0, MaxCards + 1} {
		if _, err := PDF(&bytes.Buffer{}, make([]Card, n), Sheet, made); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%d cards: %v", n, err)
		}
	}
}

func TestAFailingDiskIsAnError(t *testing.T) {
	if _, err := PDF(full{}, samples(t, 1), Sheet, made); !errors.Is(err, errFull) {
		t.Errorf("the error is %v", err)
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// The character map agrees with what the font's own list says.
func TestCoverage(t *testing.T) {
	covers, err := coverage(textFont)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range "Aaéłß ’-Ωяא" {
		if !covers(r) {
			t.Errorf("%q is missing", r)
		}
	}
	for _, r := range []rune{'明', 'अ', 0xE000 + 5000, 0xFFFF, 0x10FFFF, -1} {
		if covers(r) {
			t.Errorf("%U is there", r)
		}
	}
}

func FuzzCoverage(f *testing.F) {
	f.Add(textFont[:4096], 'A')
	f.Add(codeFont[:64], '明')
	f.Add([]byte{}, 'A')
	random := rand.New(rand.NewPCG(3, 4))
	for range 3 { // a map of a few broken segments
		data := append([]byte("\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00cmap\x00\x00\x00\x00\x00\x00\x00\x1c\x00\x00\x00\x80"),
			0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12, 0, 4)
		for range 60 {
			data = append(data, byte(random.Uint32()))
		}
		f.Add(data, rune(random.Uint32N(0x10000)))
	}
	f.Fuzz(func(_ *testing.T, font []byte, r rune) {
		if covers, err := coverage(font); err == nil {
			covers(r)
		}
	})
}

func FuzzName(f *testing.F) {
	for _, seed := range []string{"Ann", "נועה 12 bar", "محمد", "\u202eAnn", "e\u0301\u0301", strings.Repeat("W", 500)} {
		f.Add(seed)
	}
	p, err := newPress(Single, made)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name string) {
		shown, set := p.name(name)
		for _, r := range shown {
			if !p.covers(r) {
				t.Errorf("%q shows %U, which the font has not", name, r)
			}
		}
		if set == nothing && shown != "" {
			t.Errorf("%q: %s", name, fmt.Sprint(shown))
		}
	})
}
