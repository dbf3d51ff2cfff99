package headwind_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/headwind"
	"github.com/bellkeep/bellkeep/mdm/headwind/double"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
)

// Over real sockets: a phone enrols by its code, checks every signature, is paged at
// QoS 2 over MQTT when its configuration changes, fetches, and is paged no more.
func TestPhoneIsPaged(t *testing.T) {
	dir := t.TempDir()
	apk := filepath.Join(dir, "agent.apk")
	must(t, os.WriteFile(apk, []byte("an agent"), 0o600))
	sum, err := headwind.Checksum(apk)
	must(t, err)
	school := mdmtest.NewBus()
	const secret = headwind.Secret("the school's own")
	gate, err := headwind.New(headwind.Config{ID: "headwind", Root: wire.DefaultRoot, Dir: dir, Key: key, APK: apk, Now: time.Now, Secret: secret, MustSign: true,
		Open: mdmtest.Open, Push: headwind.ByMQTT})
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go func() { _ = gate.Run(ctx, school) }()
	go func() { _ = gate.ServeMQTT(ctx, listener) }()
	web := httptest.NewServer(gate)
	defer web.Close()

	r := &rig{t: t, bus: school}
	r.send("bk/1/g/headwind/devices", wire.Devices{V: 1, Rev: 1, Devices: []string{"phone-7"}})
	code, err := headwind.Provisioning{Base: web.URL, Number: "phone-7", Project: key.Project("phone-7"), Checksum: sum}.JSON()
	must(t, err)
	p, err := double.Scan(t.Context(), code, http.DefaultClient)
	must(t, err)
	p.Secret, p.Check, p.MQTT = string(secret), true, listener.Addr().String()

	ready, heard := make(chan struct{}), make(chan struct{}, 16)
	r.desire("phone-7", 1, mdm.Stage{Mode: mdm.Home, Set: mdm.Set{mdm.Camera: mdm.User}})
	await(t, "the first configuration", func() bool { return p.Update(t.Context()) == nil })
	go func() { _ = p.Listen(ctx, ready, func() { heard <- struct{}{} }) }()
	<-ready
	if got := p.Configured("pushOptions"); got != "mqttAlarm" {
		t.Errorf("the phone is to listen by %v", got)
	}
	rev := uint64(1)
	for n, s := range []mdm.Stage{lesson(time.Hour), {Mode: mdm.Break, Set: mdm.Set{mdm.Camera: mdm.User}}, lesson(time.Hour)} {
		rev++
		r.desire("phone-7", rev, s)
		select {
		case <-heard:
		case <-time.After(20 * time.Second):
			t.Fatal("no page came")
		}
		must(t, p.Update(t.Context()))
		if want := s.Set[mdm.Camera] == mdm.Block; p.Blocked("no_camera") != want {
			t.Errorf("after page %d the camera is blocked: %v", n+1, !want)
		}
		same := s
		same.Mode = "another"
		rev++
		r.desire("phone-7", rev, same) // asks the same: no page
	}
	if len(heard) > 0 || p.Lifted() < 3 {
		t.Errorf("%d pages more, lifted %d times", len(heard), p.Lifted())
	}
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for late := time.Now().Add(20 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("%s never came", what)
		}
	}
}
