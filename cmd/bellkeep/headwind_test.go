package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/nettest"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
	fleetcommand "github.com/bellkeep/bellkeep/mdm/fleet/command"
	"github.com/bellkeep/bellkeep/mdm/headwind"
	"github.com/bellkeep/bellkeep/mdm/headwind/double"
)

// headwindPart is a headwind part of a file, with what it names.
func headwindPart(t *testing.T, dir, listen, mqtt string) string {
	t.Helper()
	for name, text := range map[string]string{"agent.apk": "an agent", "path-key": strings.Repeat("k", 64) + "\n", "secret": "the school's own\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("headwind:\n  url: http://%[2]s\n  listen: %[2]s\n  mqtt: %[3]s\n  apk: %[1]s/agent.apk\n  path_key_file: %[1]s/path-key\n  secret_file: %[1]s/secret\n", dir, listen, mqtt)
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for late := time.Now().Add(50 * time.Second); !done(); time.Sleep(time.Second) { // a phone may ask 60 times a minute
		if time.Now().After(late) {
			t.Fatalf("%s never came", what)
		}
	}
}

// A staff phone with the stock agent follows the bell of a real server, through a
// gateway in its process and through one that joined and speaks MQTT.
func TestHeadwindPhoneFollowsTheSchool(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"inside", "apart"} {
		t.Run(where, func(t *testing.T) { phoneFollowsTheSchool(t, where == "inside") })
	}
}

func phoneFollowsTheSchool(t *testing.T, inside bool) {
	dir := t.TempDir()
	r := newGatewayRig(t, headwind.Platform, "phone-7", dir, headwindPart(t, dir, nettest.Free(t), nettest.Free(t)), inside)
	r.o.headwind.Now = r.now
	if inside {
		r.inside(openInside(r.s, r.o.headwind))
	} else {
		r.apart(runHeadwind)
		listPhone(t, r.b.dir)
	}
	follow(t, r.ctx, r.b, r.s, r.o)
}

// listPhone lists a phone with the command that people use.
func listPhone(t *testing.T, data string) {
	t.Helper()
	var listed bytes.Buffer
	err := deviceCommand(t.Context(), []string{"add", "phone-8", "--platform", headwind.Platform, "--data", data}, &listed, nil)
	if err != nil || !strings.Contains(listed.String(), "/phones/phone-8") || strings.Contains(listed.String(), "BKJ1") {
		t.Errorf("listing a phone: %s, %v", listed.String(), err)
	}
}

func follow(t *testing.T, ctx context.Context, b *benchSchool, s *server.Server, o gatewayOptions) {
	code, err := o.headwind.code("phone-7").JSON()
	if err != nil {
		t.Fatal(err)
	}
	var p *double.Phone
	until(t, "the agent", func() bool {
		p, err = double.Scan(t.Context(), code, http.DefaultClient)
		return err == nil
	})
	p.Secret, p.Check, p.MQTT = "the school's own", true, o.headwind.mqtt
	until(t, "the first configuration", func() bool { return p.Update(t.Context()) == nil })
	if p.Blocked("no_camera") {
		t.Error("the camera is blocked before school")
	}
	ready, heard := make(chan struct{}), make(chan struct{}, 64)
	go func() { _ = p.Listen(ctx, ready, func() { heard <- struct{}{} }) }()
	<-ready
	b.set(b.at(school.Clock{Hour: 9, Minute: 5})) // in the first lesson
	select {
	case <-heard:
	case <-time.After(40 * time.Second):
		t.Fatal("the phone was not called at the bell")
	}
	if err := p.Update(t.Context()); err != nil || !p.Blocked("no_camera") || p.Configured("bluetooth") != false {
		t.Errorf("in the lesson the camera is blocked: %v, Bluetooth %v, %v", p.Blocked("no_camera"), p.Configured("bluetooth"), err)
	}
	camera := func() (out mdm.Outcome) {
		for _, row := range s.Devices.Board().Rows {
			if row.Device.ID == "phone-7" && row.Said != nil && row.Said.Rev == row.Rev && row.Link.Online {
				out = row.Said.Set[mdm.Camera]
			}
		}
		return out
	}
	until(t, "what the board says of it", func() bool { return camera().State == mdm.Assumed })
	if want := "fetched 09:05:00, not confirmed"; camera().Detail != want {
		t.Errorf("the board says %q, want %q", camera().Detail, want)
	}
	wipe(t, b, s, p, heard)
	if err := s.Fleet.Retire(t.Context(), "phone-7", "s-it"); err != nil {
		t.Fatal(err)
	}
	until(t, "the end of its enrolment", func() bool { return errors.Is(p.Fetch(t.Context()), double.ErrUnknown) })
	if _, joined := s.Roll.Kind("phone-7"); joined {
		t.Error("the phone has a certificate of its own")
	}
	if kind, ok := s.Roll.Kind(headwind.Platform); len(s.Gateways) == 0 && (kind != cert.Gateway || !ok) {
		t.Errorf("the gateway joined as %s", kind)
	}
}

// wipe is asked for by one person and agreed to by another; only then is the phone
// called, and leave given when it asks. Set up anew it is known to have been wiped.
func wipe(t *testing.T, b *benchSchool, s *server.Server, p *double.Phone, heard <-chan struct{}) {
	t.Helper()
	month := b.now().Wall.AddDate(0, -1, 0)
	it, head := school.Actor{Account: "it", Person: "s-it", Changed: month}, school.Actor{Account: "head", Person: "s-head", Changed: month}
	for len(heard) > 0 {
		<-heard
	}
	id, err := s.Commands.Ask(t.Context(), it, "phone-7", mdm.Wipe, mdm.Args{}, b.now().Wall.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commands.Approve(t.Context(), it, id); errs.CodeOf(err) != errs.Denied {
		t.Errorf("the same person agrees: %v", err)
	}
	if err := p.Update(t.Context()); err != nil || p.Wiped() > 0 || p.Confirm(t.Context(), "") == nil || len(heard) > 0 {
		t.Errorf("one person's wipe: wiped %d times, called %d times, %v", p.Wiped(), len(heard), err)
	}
	if err := s.Commands.Approve(t.Context(), head, id); err != nil {
		t.Fatal(err)
	}
	select {
	case <-heard:
	case <-time.After(40 * time.Second):
		t.Fatal("the phone was not called to be wiped")
	}
	progress := func(want fleetcommand.Progress) func() bool {
		return func() bool {
			l, _ := s.Commands.Line(id, b.now().Wall)
			return l.Progress == want
		}
	}
	if err := p.Update(t.Context()); err != nil || p.Wiped() != 1 {
		t.Errorf("two people's wipe: wiped %d times, %v", p.Wiped(), err)
	}
	until(t, "that it was told to", progress(fleetcommand.HandedOver))
	if err := p.Update(t.Context()); err != nil || p.Wiped() != 1 {
		t.Errorf("set up anew: wiped %d times, %v", p.Wiped(), err)
	}
	until(t, "that it was wiped", progress(fleetcommand.Done))
}

func TestHeadwindFileNamesEveryFault(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "headwind.yaml")
	if err := os.WriteFile(filepath.Join(dir, "short"), []byte("k"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("zone: Mars\nheadwind:\n  url: http://phones.example\n  listen: 0.0.0.0:8085\n  mqtt: nowhere\n  apk: %[1]s/none.apk\n  path_key_file: %[1]s/short\n  secret_file: %[1]s/none\n", dir)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := readGatewayFile(path)
	if err == nil {
		t.Fatal("it is taken")
	}
	for _, fault := range []string{"identity: is missing", "data: is missing", "zone:", "url:", "listen: \"0.0.0.0:8085\" is plain HTTP", "mqtt:", "apk:", "path_key_file:", "secret_file:"} {
		if !strings.Contains(err.Error(), fault) {
			t.Errorf("no word of %s in\n%v", fault, err)
		}
	}
}

func TestServeFileHasAHeadwindPart(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "server.yaml")
	text := fmt.Sprintf("school: %s\ndata: %s\nnames: [bellkeep.example]\npages: 127.0.0.1:0\nmqtt: 127.0.0.1:0\njoin: 127.0.0.1:0\n", "../../testdata/schools/elmfield", dir)
	for part, inside := range map[string]bool{"": false, headwindPart(t, dir, "127.0.0.1:8085", "127.0.0.1:31000"): true, headwindPart(t, dir, "127.0.0.1:8085", "127.0.0.1:31000") + "  wifi: {ssid: set-up}\n": true} {
		if err := os.WriteFile(path, []byte(text+part), 0o600); err != nil {
			t.Fatal(err)
		}
		o, err := readServeFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(o.Gateways) == 1; got != inside || got && (!o.headwind.MustSign || o.headwind.Push != headwind.ByMQTT || o.web.phones == nil) {
			t.Errorf("%q: a gateway inside %v, %+v", part, got, o.headwind)
		}
	}
}
