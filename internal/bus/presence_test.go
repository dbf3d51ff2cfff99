package bus_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
)

func TestPresenceFold(t *testing.T) {
	birth := func(session string) bus.Presence { return bus.Presence{Online: true, Session: session} }
	death := func(session string) bus.Presence { return bus.Presence{Session: session} }
	for name, c := range map[string]struct {
		arrived []bus.Presence
		want    bus.Presence
	}{
		"nothing yet":                   {nil, bus.Presence{}},
		"born":                          {[]bus.Presence{birth("1")}, birth("1")},
		"died":                          {[]bus.Presence{birth("1"), death("1")}, death("1")},
		"only its death was retained":   {[]bus.Presence{death("1")}, death("1")},
		"old death after the new birth": {[]bus.Presence{birth("1"), birth("2"), death("1")}, birth("2")},
		"old death before it":           {[]bus.Presence{birth("1"), death("1"), birth("2")}, birth("2")},
		"and then its own":              {[]bus.Presence{birth("1"), birth("2"), death("1"), death("2")}, death("2")},
		"everything twice":              {[]bus.Presence{birth("1"), birth("1"), death("1"), death("1"), birth("2"), death("1")}, birth("2")},
	} {
		t.Run(name, func(t *testing.T) {
			var got bus.Presence
			for _, p := range c.arrived {
				got = got.Fold(p)
			}
			if got != c.want {
				t.Fatalf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestPresenceSurvivesTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := bus.Presence{
			Online:  rapid.Bool().Draw(t, "online"),
			Session: rapid.StringMatching(`[A-Za-z0-9-]{1,64}`).Draw(t, "session"),
			TS:      time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), rapid.Int64Range(0, 1e9-1).Draw(t, "ns")).UTC(),
		}
		got, err := bus.ParsePresence(p.Encode())
		if err != nil || got != p {
			t.Fatalf("%+v became %+v, %v", p, got, err)
		}
	})
	if a, b := bus.NewSession(), bus.NewSession(); a == b {
		t.Fatal("two connections have one session")
	}
}

func FuzzParsePresence(f *testing.F) {
	f.Add([]byte(`{"v":1,"online":true,"session":"S","ts":"2026-11-21T08:15:00Z"}`))
	for _, bad := range []string{
		``, `null`, `[]`, `{}`, `{"v":2,"online":true,"session":"S","ts":"2026-11-21T08:15:00Z"}`,
		`{"v":1,"online":true,"session":"","ts":"2026-11-21T08:15:00Z"}`, `{"v":1,"session":"S","ts":"yesterday"}`,
	} {
		if _, err := bus.ParsePresence([]byte(bad)); errs.CodeOf(err) != errs.Invalid {
			f.Errorf("%s: %v", bad, err)
		}
		f.Add([]byte(bad))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := bus.ParsePresence(data)
		if err != nil {
			return
		}
		again, err := bus.ParsePresence(p.Encode())
		if err != nil || again.Session != p.Session || again.Online != p.Online || !again.TS.Equal(p.TS) {
			t.Fatalf("%+v became %+v, %v", p, again, err)
		}
	})
}
