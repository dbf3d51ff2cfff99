package shadow_test

import (
	"crypto/ed25519"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// BenchmarkBell is the server's share of a bell: compiling, the revisions on
// disk, sealing and handing over, with a broker that costs nothing.
func BenchmarkBell(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, bus := newSchool(n), mdmtest.NewBus()
			key := wire.NewKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
			sh, err := shadow.New(shadow.Config{Root: wire.DefaultRoot, Bus: bus, Fleet: s, Rules: s, Day: day, Now: s.Now,
				Revs: shadow.RevFile(filepath.Join(b.TempDir(), "revs.json")),
				Seal: func(p []byte) ([]byte, error) { return wire.Seal(key, wire.TypeDesired, p) }})
			if err == nil {
				err = sh.Open(b.Context())
			}
			if err != nil {
				b.Fatal(err)
			}
			for i := 0; b.Loop(); i++ {
				s.at(time.Duration(1+i%2) * time.Hour) // into the lesson and out again
				if err := sh.Bell(b.Context()); err != nil {
					b.Fatal(err)
				}
				bus.Sent()
			}
		})
	}
}

// BenchmarkBoard is one look at 5,000 devices after a change.
func BenchmarkBoard(b *testing.B) {
	s, bus := newSchool(5000), mdmtest.NewBus()
	sh, err := shadow.New(shadow.Config{Root: wire.DefaultRoot, Bus: bus, Fleet: s, Rules: s, Day: day, Now: s.Now,
		Revs: shadow.RevFile(filepath.Join(b.TempDir(), "revs.json")), Seal: mdmtest.Seal})
	if err == nil {
		err = sh.Open(b.Context())
	}
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := bus.Publish(b.Context(), "bk/1/d/d-1/event", nil, false); err != nil {
			b.Fatal(err)
		}
		if len(sh.Board().Rows) != 5000 {
			b.Fatal("devices are missing")
		}
	}
}
