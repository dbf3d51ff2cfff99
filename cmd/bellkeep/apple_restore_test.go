package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/bellkeep/bellkeep/internal/nettest"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
)

// padSchool is a school's server with a gateway to iPads in it, which goes on at the same
// address from folder to folder.
type padSchool struct {
	t       *testing.T
	b       *benchSchool
	pads    *pads
	address string
	pad     *double.Device
}

func newPadSchool(t *testing.T) *padSchool {
	t.Helper()
	b, err := newBenchSchool(t.TempDir())
	must(t, err)
	_, err = b.settle(t.Context(), 1, 1)
	must(t, err)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	pad := &double.Device{UDID: "00008110-1", Serial: "S7", Model: "iPad13,18", OS: "18.1", Supervised: true, Client: &http.Client{Transport: &http.Transport{}}, Key: key, Now: func() time.Time { return b.now().Wall }}
	pad.SetPasscode(6)
	return &padSchool{t: t, b: b, pads: newPads(t), address: nettest.Free(t), pad: pad}
}

// during has a server work on a folder while do runs.
func (p *padSchool) during(dir string, do func(s *server.Server, g *ipadGateway)) {
	p.t.Helper()
	s, err := server.Open(p.t.Context(), server.Config{Dir: dir, School: p.b.school, Names: []string{"127.0.0.1", "localhost"}, MQTT: "127.0.0.1:0", Join: "127.0.0.1:0", Now: p.b.now, Gateways: []string{apple.Platform}})
	must(p.t, err)
	o := &appleOptions{listen: p.address}
	o.ID, o.PushURL, o.PushRoots = apple.Platform, p.pads.URL(), p.pads.Roots()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 2)
	go func() { done <- s.Run(ctx) }()
	<-s.Ready()
	g, err := openIPadsInside(s, o)
	must(p.t, err)
	go func() { done <- g.run(ctx, s.GatewayConn(apple.Platform)) }()
	defer func() {
		stop()
		for range 2 {
			if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
				p.t.Error(err)
			}
		}
	}()
	do(s, g)
}

// comes has the iPad come as often as it is woken, until something is so.
func (p *padSchool) comes(what string, so func() bool) {
	p.t.Helper()
	until(p.t, what, func() bool {
		for len(p.pads.woken) > 0 {
			<-p.pads.woken
			if _, err := p.pad.Poll(p.t.Context()); err != nil {
				p.t.Error(err)
			}
		}
		return so()
	})
}

// A school that comes back from a backup has its iPads: they follow the bell again
// without being touched. Without the key of the secrets, which is in no backup, somebody
// is told what to do, and a renewed push certificate brings them back.
func TestIPadsComeBackFromABackup(t *testing.T) {
	t.Parallel()
	p := newPadSchool(t)
	key, err := age.GenerateX25519Identity()
	must(t, err)
	var made server.Made
	p.during(p.b.dir, func(s *server.Server, g *ipadGateway) {
		must(t, s.Fleet.List(t.Context(), "s-it", mdm.Device{ID: "ipad-7", Groups: []string{deviceGroup}, Platform: apple.Platform}))
		until(t, "the gateway to know it", func() bool { return g.office.Expect(nil) == nil && known(g, "ipad-7") })
		p.pads.enrolDirectly(t, g, p.pad, "http://"+p.address)
		p.comes("it to be free before school", func() bool { return p.pad.Profiles() != nil && !p.pad.Forbids("allowCamera") })
		made, err = s.BackUp(t.Context(), t.TempDir(), key.Recipient())
		must(t, err)
	})
	secret := filepath.Join(t.TempDir(), "key.txt")
	must(t, os.WriteFile(secret, []byte(key.String()+"\n"), 0o600))
	restored := func() string {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "again")
		said := mustRun(t, "restore", made.Path, "--key", secret, "--to", dir, "--by", "s-it", "--why", "a test")
		mustSay(t, said, dir+"-ipads/seal-key")
		return dir
	}
	lesson := p.b.at(school.Clock{Hour: 9, Minute: 5})

	with := restored()
	text, err := os.ReadFile(p.b.dir + "-ipads/seal-key")
	must(t, err)
	must(t, os.MkdirAll(with+"-ipads", 0o700))
	must(t, os.WriteFile(with+"-ipads/seal-key", text, 0o600))
	p.during(with, func(_ *server.Server, g *ipadGateway) {
		p.b.set(lesson)
		p.comes("its camera to be off", func() bool { return p.pad.Forbids("allowCamera") })
	})

	without := restored()
	p.b.set(lesson.Add(12 * time.Hour)) // the ban of that lesson ends by itself
	until(t, "its camera to be free", func() bool { return !p.pad.Forbids("allowCamera") })
	p.during(without, func(_ *server.Server, g *ipadGateway) {
		p.b.set(lesson.Add(24 * time.Hour))
		until(t, "the fault to be known", func() bool {
			h, err := g.Health()
			return err == nil && strings.Contains(h.Fault, "seal-key")
		})
		must(t, g.office.Request())
		csr, err := g.office.CSR()
		must(t, err)
		vendor, err := rsa.GenerateKey(rand.Reader, 2048)
		must(t, err)
		renewed := certified(t, p.pads.APNs, bytes.TrimSpace(signedRequest(t, vendor, csr)), demoTopic)
		must(t, g.office.TakePush(t.Context(), renewed, "mdm@elmfield.example"))
		p.comes("its camera to be off in the lesson", func() bool { return p.pad.Forbids("allowCamera") })
		until(t, "the end of the fault", func() bool { h, err := g.Health(); return err == nil && h.Fault == "" })
	})
}

func known(g *ipadGateway, id string) bool {
	_, ok, err := g.Status(id)
	return ok && err == nil
}
