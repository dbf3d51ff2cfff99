package joining

import (
	"bytes"
	"fmt"
	"image"
	_ "image/png"
	"log/slog"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
)

func example() Code {
	c := Code{Kind: cert.Bank, ID: "b", Server: "bellkeep.local:8444"}
	for i := range c.CA {
		c.CA[i] = byte(i * 7)
	}
	for i := range c.Token {
		c.Token[i] = byte(200 - i)
	}
	return c
}

func text(t interface{ Fatal(...any) }, c Code) string {
	s, err := c.Text()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The text never changes between versions: printed codes and scanners in use
// depend on it.
func TestTextOfACode(t *testing.T) {
	const want = "BKJ1003GW58W4CN32E1Z8S6N8PV2D5R7EZM5HJ9SN8D8NYVBVH6BTBCWHHY6RQ2C7GP1R2ZVXFDWQEXBJ081C89P4SBCDHNPASBG5SP6YRV1DGX3GD1M6G07E04M"
	got := text(t, example())
	if len(got) != 4+120 {
		t.Errorf("the code has %d characters", len(got))
	}
	if got != want {
		t.Errorf("the code is %s", got)
	}
}

func codes() *rapid.Generator[Code] {
	return rapid.Custom(func(t *rapid.T) Code {
		c := Code{
			Kind:   rapid.SampledFrom([]cert.Kind{cert.Bank, cert.Device, cert.Gateway}).Draw(t, "kind"),
			ID:     rapid.StringMatching(`[a-z0-9-]{1,36}`).Draw(t, "id"),
			Server: rapid.StringMatching(`[a-z0-9.-]{1,86}:[1-9][0-9]{0,3}`).Draw(t, "server"),
		}
		copy(c.CA[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "ca"))
		copy(c.Token[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "token"))
		return c
	})
}

func TestCodesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := codes().Draw(t, "code")
		s := text(t, c)
		if len(s) > MaxCode || strings.Trim(s, base32Alphabet) != "" && strings.ContainsFunc(s, notPlain) {
			t.Fatalf("%d characters: %s", len(s), s)
		}
		if got, err := ParseCode(s); err != nil || got != c {
			t.Fatalf("read back as %+v, %v", got, err)
		}
	})
}

const base32Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

func notPlain(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') }

// One wrong character is always noticed.
func TestAMisreadCodeIsRefused(t *testing.T) {
	good := text(t, example())
	for i := range good {
		for _, wrong := range base32Alphabet {
			if byte(wrong) == good[i] {
				continue
			}
			bad := good[:i] + string(wrong) + good[i+1:]
			if _, err := ParseCode(bad); errs.CodeOf(err) != errs.Invalid {
				t.Fatalf("character %d as %c gave %v", i, wrong, err)
			}
		}
	}
}

func TestCodesRefused(t *testing.T) {
	good := text(t, example())
	for name, bad := range map[string]string{
		"empty":          "",
		"prefix only":    "BKJ1",
		"other version":  "BKJ2" + good[4:],
		"badge":          "BK1" + good[4:],
		"lower case":     strings.ToLower(good),
		"a line break":   good[:50] + "\n" + good[50:],
		"a space behind": good + " ",
		"one short":      good[:len(good)-1],
		"one long":       good + "0",
		"padding":        good + "====",
		"too long":       "BKJ1" + strings.Repeat("0", MaxCode),
	} {
		if _, err := ParseCode(bad); errs.CodeOf(err) != errs.Invalid || errs.HintOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCodesThatCannotBeMade(t *testing.T) {
	for name, spoil := range map[string]func(*Code){
		"no kind":        func(c *Code) { c.Kind = "" },
		"no id":          func(c *Code) { c.ID = "" },
		"capital id":     func(c *Code) { c.ID = "B" },
		"long id":        func(c *Code) { c.ID = strings.Repeat("b", 37) },
		"no port":        func(c *Code) { c.Server = "bellkeep.local" },
		"port 0":         func(c *Code) { c.Server = "bellkeep.local:0" },
		"port 08444":     func(c *Code) { c.Server = "bellkeep.local:08444" },
		"port 70000":     func(c *Code) { c.Server = "bellkeep.local:70000" },
		"no host":        func(c *Code) { c.Server = ":8444" },
		"a space in it":  func(c *Code) { c.Server = "bell keep:8444" },
		"an accent":      func(c *Code) { c.Server = "école:8444" },
		"too long a one": func(c *Code) { c.Server = strings.Repeat("b", 88) + ":8444" },
	} {
		c := example()
		spoil(&c)
		if _, err := c.Text(); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseCode(f *testing.F) {
	good := text(f, example())
	device := example()
	device.Kind, device.ID, device.Server = cert.Device, strings.Repeat("z", 36), "[fd00::1]:65535"
	for _, seed := range []string{good, text(f, device), good[:40], "BKJ1", "BKJ1ZZZZZZZZ", strings.ToLower(good)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCode(s)
		if err != nil {
			return
		}
		if again, err := c.Text(); err != nil || again != s {
			t.Errorf("%q is read as %+v, which is written %q, %v", s, c, again, err)
		}
	})
}

// An independent reader understands the pictures.
func TestQRCodesAreRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := codes().Draw(t, "code")
		qr, err := c.QR()
		if err != nil {
			t.Fatal(err)
		}
		png, err := qr.PNG(2)
		if err != nil {
			t.Fatal(err)
		}
		picture, _, err := image.Decode(bytes.NewReader(png))
		if err != nil {
			t.Fatal(err)
		}
		bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
		if err != nil {
			t.Fatal(err)
		}
		hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true}
		found, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
		if err != nil || found.GetText() != text(t, c) {
			t.Fatalf("read as %v, %v", found, err)
		}
	})
}

// SVG and terminal show the same modules as the picture.
func TestQRFormsAgree(t *testing.T) {
	qr, err := example().QR()
	if err != nil {
		t.Fatal(err)
	}
	rows := qr.code.Bitmap()
	dark := 0
	for _, row := range rows {
		for _, module := range row {
			if module {
				dark++
			}
		}
	}
	svg := qr.SVG()
	if got := svgModules(t, svg); got != dark {
		t.Errorf("the SVG has %d dark modules, want %d", got, dark)
	}
	for _, no := range []string{"script", "<style", "href", "BKJ1"} {
		if strings.Contains(svg, no) {
			t.Errorf("the SVG contains %q", no)
		}
	}
	lines := strings.Split(strings.TrimSuffix(qr.Terminal(), "\n"), "\n")
	if len(lines) != (len(rows)+1)/2 || len([]rune(lines[0])) != len(rows) {
		t.Errorf("%d lines of %d for %d modules", len(lines), len([]rune(lines[0])), len(rows))
	}
	for _, module := range []int{0, -3, 33} {
		if _, err := qr.PNG(module); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("PNG(%d): %v", module, err)
		}
	}
}

func svgModules(t *testing.T, svg string) (n int) {
	t.Helper()
	_, path, _ := strings.Cut(svg, `<path d="`)
	path, _, _ = strings.Cut(path, `"`)
	for run := range strings.SplitSeq(strings.TrimSuffix(path, "z"), "z") {
		var x, y, w, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &w, &back); err != nil || w != back {
			t.Fatalf("%q: %v", run, err)
		}
		n += w
	}
	return n
}

func TestATokenIsNeverPrinted(t *testing.T) {
	c := example()
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("joining", "token", c.Token, "code", c)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("joining", "token", c.Token)
	all := logged.String() + fmt.Sprint(c.Token, c, &c) + fmt.Sprintf("%v %+v %#v %x %q %s", c.Token, c, c.Token, c.Token, c.Token, c.Token)
	for _, secret := range []string{"200 199", "c8c7", "C8C7", "0xc8", "yMfG"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q is in %s", secret, all)
		}
	}
}
