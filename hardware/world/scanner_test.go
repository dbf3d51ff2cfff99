package world

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

func TestScannerSendsItsEnding(t *testing.T) {
	for _, crlf := range []bool{false, true} {
		cfg := oneBus(t, Personality{})
		cfg.CRLF, cfg.PacedScanner = crlf, crlf
		w := openWorld(t, cfg)
		line := dial(t, w.ScannerPath("1"))
		s, err := w.Scanner("1")
		must(t, err)
		want := "BK1ABC\r"
		if crlf {
			want += "\n"
		}
		for range 2 {
			waitFor(t, "the line to be open", func() bool { return !deserted(s.port.line()) })
			s.Badge(t.Context(), "BK1ABC")
			wantBytes(t, line, []byte(want)...)
		}
	}
}

func TestScannerFaults(t *testing.T) {
	cfg := oneBus(t, Personality{})
	w := openWorld(t, cfg)
	line := dial(t, w.ScannerPath("1"))
	s, err := w.Scanner("1")
	must(t, err)
	s.LongLine(t.Context(), 300)
	if got := readN(t, line, 301); got[300] != '\r' || strings.Trim(string(got[:300]), "A") != "" {
		t.Errorf("a long line reads %q", got)
	}
	s.Noise(t.Context(), 40)
	readN(t, line, 41)
	for range 50 {
		const badge = "BK10O1IL8ZX"
		s.Misread(t.Context(), badge)
		got := readN(t, line, len(badge)+1)
		differ := 0
		for i := range badge {
			if got[i] != badge[i] {
				differ++
				if strings.IndexByte("01OIL", got[i]) >= 0 {
					t.Errorf("%q could be read as right", got)
				}
			}
		}
		if differ != 1 {
			t.Errorf("%q differs from %q in %d places, want 1", got, badge, differ)
		}
	}
}

func TestHTTPEyes(t *testing.T) {
	answers := []string{`{"n":7,"word":"scan"}`, `{"n":7,"word":"scan"}`, `{"n":8,"word":"put-in","door":12}`}
	asked := []string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		_, _ = w.Write([]byte(answers[min(len(asked), len(answers))-1]))
	}))
	defer server.Close()
	eyes := HTTPEyes(server.URL + "/")
	v, err := eyes.Look(t.Context(), 0)
	must(t, err)
	if v != (View{N: 7, Word: SayScan}) {
		t.Errorf("first look: %+v", v)
	}
	v, err = eyes.Look(t.Context(), 7) // the second answer is an expired poll
	must(t, err)
	if v != (View{N: 8, Word: SayPutIn, Door: 12}) {
		t.Errorf("second look: %+v", v)
	}
	if got := strings.Join(asked, " "); got != "/screen?after=0 /screen?after=7 /screen?after=7" {
		t.Errorf("asked %s", got)
	}
}

func TestHTTPEyesOnADarkScreen(t *testing.T) {
	dark := httptest.NewServer(http.NotFoundHandler())
	defer dark.Close()
	nonsense := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(strings.Repeat("{", 2*maxScreen)))
	}))
	defer nonsense.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, look := range map[string]func() error{
		"not found": func() error { _, err := HTTPEyes(dark.URL).Look(t.Context(), 0); return err },
		"nonsense":  func() error { _, err := HTTPEyes(nonsense.URL).Look(t.Context(), 0); return err },
		"ended":     func() error { _, err := HTTPEyes(dark.URL).Look(ended, 0); return err },
	} {
		if look() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestReadBadges(t *testing.T) {
	pupils, err := ReadBadges(strings.NewReader("person,badge,door\np-1,BK1A,12\np-2,BK1B,\n"))
	must(t, err)
	if len(pupils) != 2 || pupils[0].OwnDoor != 12 || pupils[1].OwnDoor != 0 || pupils[1].Phones[0] != "phone-p-2" {
		t.Errorf("read %+v", pupils)
	}
	for _, bad := range []string{
		"", "person,badge\n", "who,badge,door\n",
		"person,badge,door\n,BK1A,1\n", "person,badge,door\np,BK1A,0\n", "person,badge,door\np,BK1A\n",
		"person,badge,door\n" + strings.Repeat("p,b,\n", maxBadges+1),
	} {
		if _, err := ReadBadges(strings.NewReader(bad)); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%.40q: %v, want invalid", bad, err)
		}
	}
}

func FuzzReadBadges(f *testing.F) {
	f.Add("person,badge,door\np-1,BK1A,12\np-2,BK1B,\n")
	f.Add("person,badge,door\n\"p\n\",x,-1\n")
	f.Fuzz(func(t *testing.T, text string) {
		pupils, err := ReadBadges(strings.NewReader(text))
		for _, p := range pupils {
			if p.ID == "" || p.Badge == "" || p.OwnDoor < 0 || len(p.Phones) != 1 {
				t.Errorf("%q gives %+v", text, p)
			}
		}
		if err != nil && errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func FuzzEar(f *testing.F) {
	f.Add([]byte{0x02, 0x00, 0x31, 0x03, 0x36}, byte(3))
	f.Add([]byte{0x02, 0x02, 0x00, 0x31, 0x03, 0x36}, byte(1))
	f.Fuzz(func(t *testing.T, raw []byte, cut byte) {
		e := ear{tongue: cu16{}}
		at := monday
		n := min(int(cut), len(raw))
		found := append(e.hear(raw[:n], at), e.hear(raw[n:], at)...)
		if len(e.held) >= e.tongue.requestLen() {
			t.Errorf("%d bytes are held", len(e.held))
		}
		if total := len(found)*e.tongue.requestLen() + int(e.bad) + len(e.held); total != len(raw) {
			t.Errorf("%d of %d bytes accounted for", total, len(raw))
		}
		// However bad it was, a good frame after the gap is heard.
		good := e.hear([]byte{0x02, 0x1F, 0x31, 0x03, 0x55}, at.Add(2*requestGap))
		if len(good) != 1 || good[0].board != 1 || good[0].lock != 15 || good[0].wish != moveLatch {
			t.Errorf("the frame after was heard as %+v", good)
		}
	})
}
