package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/nettest"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
)

// An iPad follows the bell of a real server, through a gateway in its process and
// through one that joined and speaks MQTT.
func TestIPadFollowsTheSchool(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"inside", "apart"} {
		t.Run(where, func(t *testing.T) { ipadFollowsTheSchool(t, where == "inside") })
	}
}

func ipadFollowsTheSchool(t *testing.T, inside bool) {
	pads := newPads(t)
	address := nettest.Free(t)
	part := fmt.Sprintf("apple: {school: Elmfield, url: \"https://ipads.school.example\", listen: %s}\n", address)
	r := newGatewayRig(t, apple.Platform, "ipad-7", t.TempDir(), part, inside)
	opened := make(chan *ipadGateway, 1)
	o := r.o.apple
	o.Now, o.PushURL, o.PushRoots = r.now, pads.URL(), pads.Roots()
	o.opened = func(g *ipadGateway) {
		g.office.Probe.Lookup = func(context.Context, string) ([]string, error) { return nil, errors.New("no such host") }
		opened <- g
	}
	if inside {
		o.control = "" // the pages do it
		r.inside(openIPadsInside(r.s, o))
	} else {
		r.apart(runApple)
	}
	pads.follow(t, r.b, r.s, <-opened, "http://"+address)
}

// pads is a pretend Apple that wakes one pretend iPad.
type pads struct {
	*double.APNs
	woken chan bool
}

func newPads(t *testing.T) *pads {
	t.Helper()
	p := &pads{woken: make(chan bool, 1000)}
	var err error
	if p.APNs, err = double.NewAPNs(func([]byte) { p.woken <- true }); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); p.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return p
}

func (p *pads) follow(t *testing.T, b *benchSchool, s *server.Server, g *ipadGateway, base string) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	d := &double.Device{UDID: "00008110-1", Serial: "S7", Model: "iPad13,18", OS: "18.1", Supervised: true, Client: &http.Client{Transport: &http.Transport{}}, Key: private, Now: func() time.Time { return b.now().Wall }}
	d.SetPasscode(6)
	if g.o.control != "" {
		p.enrolFromTheTerminal(t, g, d, base)
	} else {
		p.enrolDirectly(t, g, d, base)
	}
	settled := func() bool {
		for len(p.woken) > 0 {
			<-p.woken
			if _, err := d.Poll(t.Context()); err != nil {
				t.Error(err)
			}
		}
		for _, row := range s.Devices.Board().Rows {
			if row.Device.ID != "ipad-7" || row.Said == nil || row.Said.Rev != row.Rev || row.Said.Mode != row.Want.Mode || !row.Link.Online {
				continue
			}
			for _, o := range row.Said.Set {
				if o.State != mdm.Applied {
					return false
				}
			}
			return true
		}
		return false
	}
	until(t, "what the board says before school", settled)
	if d.Forbids("allowCamera") {
		t.Error("the camera is blocked before school")
	}
	b.set(b.at(school.Clock{Hour: 9, Minute: 5})) // in the first lesson
	until(t, "what the board says in the lesson", func() bool { return settled() && d.Forbids("allowCamera") })
	if err := s.Fleet.Retire(t.Context(), "ipad-7", "s-it"); err != nil {
		t.Fatal(err)
	}
	until(t, "the end of its enrolment", func() bool { _, err := d.Poll(t.Context()); return err != nil })
}

// enrolDirectly is what pages do.
func (p *pads) enrolDirectly(t *testing.T, g *ipadGateway, d *double.Device, base string) {
	t.Helper()
	cert, key, err := p.PushCertificate(demoTopic, time.Now().Add(time.Hour))
	must(t, err)
	must(t, g.SetPush(t.Context(), cert, key))
	until(t, "the iPad's enrolment", func() bool {
		i, err := g.Invite(t.Context(), "ipad-7", "S7", 0)
		return err == nil && d.Enrol(t.Context(), double.EnrolmentProfile{SCEP: base + "/scep", Challenge: i.Challenge, Server: base + "/mdm", Topic: demoTopic}) == nil
	})
}

// enrolFromTheTerminal goes from nothing to the iPad with nothing but commands, as at a
// gateway in a network of its own.
func (p *pads) enrolFromTheTerminal(t *testing.T, g *ipadGateway, d *double.Device, base string) {
	t.Helper()
	data, dir := g.o.control, t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	ipads := func(args ...string) (code int, said string) {
		t.Helper()
		code, out, problems := bellkeep(t, append(append([]string{"ipads"}, args...), "--data", data)...)
		return code, out + problems
	}
	does := func(wants []string, args ...string) string {
		t.Helper()
		code, said := ipads(args...)
		if code != 0 {
			t.Fatalf("%q: exit code %d: %s", args, code, said)
		}
		mustSay(t, said, wants...)
		return said
	}
	refuses := func(want string, args ...string) {
		t.Helper()
		if code, said := ipads(args...); code == 0 || !strings.Contains(said, want) {
			t.Errorf("%q: exit code %d: %s", args, code, said)
		}
	}
	until(t, "the gateway's commands", func() bool { code, _ := ipads("push"); return code == 0 })
	refuses("Put right what is WRONG", "check") // the name is in no DNS
	refuses("There is no push certificate yet", "invite", "ipad-7")

	does([]string{"Have the vendor sign it"}, "request", "--out", file("push.csr"))
	vendor, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	csr, err := os.ReadFile(file("push.csr"))
	must(t, err)
	must(t, os.WriteFile(file("signed"), signedRequest(t, vendor, csr), 0o600))
	does([]string{"Upload the file at identity.apple.com"}, "signed", file("signed"), "--out", file("push.plist"))
	signed, err := os.ReadFile(file("push.plist"))
	must(t, err)
	must(t, os.WriteFile(file("push.pem"), certified(t, p.APNs, signed, demoTopic), 0o600))
	refuses("Say which Apple Account", "certificate", file("push.pem"))
	does([]string{demoTopic, "364 more days", "mdm@elmfield.example"}, "certificate", file("push.pem"), "--account", "mdm@elmfield.example")

	must(t, os.WriteFile(file("serials.csv"), []byte("id,serial\nipad-9,DMPC0000009\n"), 0o600))
	refuses(`knows no iPad "ipad-9"`, "serials", file("serials.csv"))
	must(t, os.WriteFile(file("serials.csv"), []byte("id,serial\nipad-7,DMPC0000007\n"), 0o600))
	until(t, "the gateway to know the iPad", func() bool { code, _ := ipads("serials", file("serials.csv")); return code == 0 })
	address := regexp.MustCompile(`(?m)^https://\S+`).FindString(does([]string{"It works once"}, "invite", "ipad-7"))

	d.Serial = "DMPC0000007"
	d.Client = &http.Client{Transport: &http.Transport{DialTLSContext: func(ctx context.Context, network, _ string) (net.Conn, error) { // a web server before the gateway
		return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(base, "http://"))
	}}}
	answer, err := d.Client.Get(address + "/profile")
	must(t, err)
	settings, _, err := readProfile(answer)
	must(t, err)
	must(t, d.Enrol(t.Context(), settings))
	until(t, "its way to be shown", func() bool {
		_, said := ipads("show", "ipad-7")
		return strings.Contains(said, "It can be woken") && !strings.Contains(said, "It said who it is        not yet")
	})
	does([]string{"1 of 1 iPads are under management"}, "health")
	refuses("none cannot be read", "signed", file("none"))
}

func TestTheKeyOfTheSecretsIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ipads", "seal-key")
	first, err := openSeal(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := first.Seal([]byte("an unlock token"))
	if err != nil || bytes.Contains(sealed, []byte("unlock")) {
		t.Fatalf("sealed as %q, %v", sealed, err)
	}
	second, err := openSeal(path)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := second.Open(sealed); err != nil || string(plain) != "an unlock token" {
		t.Errorf("opened as %q, %v", plain, err)
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := second.Open(sealed); err == nil {
		t.Error("what was changed was opened")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its file: %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openSeal(path); err == nil {
		t.Error("a damaged key was taken")
	}
}

func TestTheApplePartOfAFile(t *testing.T) {
	dir := t.TempDir()
	for part, want := range map[string]string{
		`{school: Elmfield, url: "https://ipads.school.example", listen: "127.0.0.1:8086"}`:                                     "",
		`{school: Elmfield, url: "http://ipads.school.example", listen: "127.0.0.1:8086"}`:                                      "apple: url:",
		`{school: Elmfield, url: "https://10.0.0.5", listen: "127.0.0.1:8086"}`:                                                 "apple: url:",
		`{school: Elmfield, url: "https://ipads.school.example", listen: "0.0.0.0:8086"}`:                                       "plain HTTP",
		`{school: Elmfield, url: "https://ipads.school.example", listen: "8086"}`:                                               "apple: listen:",
		`{url: "https://ipads.school.example", listen: "127.0.0.1:8086"}`:                                                       "apple: school: is missing",
		`{school: Elmfield, url: "https://ipads.school.example"}`:                                                               "apple: listen: is missing",
		`{school: Elmfield, url: "https://ipads.school.example", listen: "0.0.0.0:8086", certificate: none.pem, key: none.pem}`: "apple: certificate:",
	} {
		path := filepath.Join(dir, "apple.yaml")
		if err := os.WriteFile(path, []byte("identity: i\ndata: "+dir+"\nzone: Europe/London\napple: "+part+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := readGatewayFile(path)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", part, err)
		}
	}
}
