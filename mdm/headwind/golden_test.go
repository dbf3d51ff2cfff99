package headwind

import (
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/bellkeep/bellkeep/mdm"
)

var update = flag.Bool("update", false, "write testdata anew")

// golden holds bytes against a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
	}
}

// The signatures in testdata were made with sha1sum.
func TestSignatures(t *testing.T) {
	raw, err := os.ReadFile("testdata/signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]string
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	s := Secret(v["secret"])
	for what, got := range map[string]string{
		"fetch": s.fetch(v["number"]), "poll": s.poll(v["project"], v["number"]), "password": s.Password(), "answer": s.answer([]byte(v["data"])),
	} {
		if got != v[what] {
			t.Errorf("%s is signed %s, want %s", what, got, v[what])
		}
	}
	if s != Published {
		t.Errorf("the published secret is %s", Published)
	}
	if spaced := s.answer([]byte(strings.ReplaceAll(v["data"], ",", " ,\t\r\n"))); spaced != v["answer"] {
		t.Error("white space counts")
	}
}

func TestEnvelopes(t *testing.T) {
	on := false
	data, _ := ServerConfig{Bluetooth: &on, Restrictions: "no_bluetooth,no_camera", PushOptions: "polling"}.encode()
	golden(t, "configuration.json", ok(data))
	golden(t, "unknown.json", failure(unknownDevice))
	golden(t, "call.json", ok(news(true)))
	golden(t, "no-call.json", ok(news(false)))
}

func TestSetUpCode(t *testing.T) {
	p := Provisioning{Base: "https://phones.elmfield.example", Number: "phone-7", Project: Key(strings.Repeat("k", MinKey)).Project("phone-7"),
		Checksum: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=", WiFi: WiFi{SSID: "Elmfield & Co", Password: "set-up only"}}
	text, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "set-up.json", text)
	var all map[string]json.RawMessage
	var extras map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(all["android.app.extra.PROVISIONING_ADMIN_EXTRAS_BUNDLE"], &extras); err != nil {
		t.Fatal(err)
	}
	for key, v := range extras {
		if _, text := v.(string); !text {
			t.Errorf("%s is %T: the agent reads texts only", key, v)
		}
	}
	qr, err := p.QR()
	if err != nil {
		t.Fatal(err)
	}
	if got := scan(t, qr); got != string(text) {
		t.Errorf("a scanner reads %q", got)
	}
	for name, change := range map[string]func(*Provisioning){
		"no address": func(p *Provisioning) { p.Base = "" }, "no number": func(p *Provisioning) { p.Number = "" },
		"no project": func(p *Provisioning) { p.Project = "" }, "no checksum": func(p *Provisioning) { p.Checksum = "" },
		"no host": func(p *Provisioning) { p.Base = "https:///x" },
	} {
		wrong := p
		change(&wrong)
		if _, err := wrong.QR(); err == nil {
			t.Errorf("%s: a code is drawn", name)
		}
	}
}

// scan reads a drawing back, four dots to a module.
func scan(t *testing.T, qr QR) string {
	t.Helper()
	side, path := qr.Path()
	picture := image.NewGray(image.Rect(0, 0, 4*side, 4*side))
	draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
	for run := range strings.SplitSeq(strings.TrimSuffix(path, "z"), "z") {
		var x, y, n, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &n, &back); err != nil || back != n {
			t.Fatal(run, err)
		}
		draw.Draw(picture, image.Rect(4*x, 4*y, 4*(x+n), 4*(y+1)), image.Black, image.Point{}, draw.Src)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	if err != nil {
		t.Fatal(err)
	}
	return read.GetText()
}

func TestChecksum(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.apk")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Checksum(path); err != nil || got != "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=" { // of nothing
		t.Errorf("%s, %v", got, err)
	}
	if _, err := Checksum(path + "x"); err == nil {
		t.Error("a file that is not there has a checksum")
	}
}

// Each phone has a path of its own, which its number does not give away.
func TestProjects(t *testing.T) {
	k := Key(strings.Repeat("k", MinKey))
	a, b := k.Project("phone-7"), k.Project("phone-8")
	other := Key(strings.Repeat("l", MinKey)).Project("phone-7")
	if a == b || a == other || len(a) != 26 || strings.Trim(a, "abcdefghijklmnopqrstuvwxyz234567") != "" {
		t.Errorf("projects %s, %s, %s", a, b, other)
	}
}

func TestConfigure(t *testing.T) {
	long := func(n int) mdm.Value { return mdm.Passcode{Require: true, MinLength: n}.Value() }
	for _, c := range []struct {
		name  string
		s     mdm.Setting
		v     mdm.Value
		state mdm.State
		want  string
	}{
		{"camera", mdm.Camera, mdm.Block, mdm.Assumed, `{"pushOptions":"polling","restrictions":"no_camera"}`},
		{"camera on", mdm.Camera, mdm.Allow, mdm.Assumed, `{"pushOptions":"polling"}`},
		{"camera free", mdm.Camera, mdm.User, mdm.Assumed, `{"pushOptions":"polling"}`},
		{"Bluetooth off", mdm.Bluetooth, mdm.Block, mdm.Assumed, `{"bluetooth":false,"pushOptions":"polling","restrictions":"no_bluetooth,no_bluetooth_sharing,no_config_bluetooth"}`},
		{"Bluetooth on", mdm.Bluetooth, mdm.Allow, mdm.Assumed, `{"bluetooth":true,"pushOptions":"polling"}`},
		{"Bluetooth free", mdm.Bluetooth, mdm.User, mdm.Assumed, `{"pushOptions":"polling"}`},
		{"share", mdm.Share, mdm.Block, mdm.Assumed, `{"pushOptions":"polling","restrictions":"no_bluetooth_sharing,no_outgoing_beam"}`},
		{"screen", mdm.Screen, mdm.Block, mdm.Assumed, `{"disableScreenshots":true,"pushOptions":"polling"}`},
		{"no passcode", mdm.PasscodeSetting, mdm.Passcode{}.Value(), mdm.Assumed, `{"pushOptions":"polling"}`},
		{"passcode of 4", mdm.PasscodeSetting, long(4), mdm.Assumed, `{"passwordMode":"easy","pushOptions":"polling"}`},
		{"passcode of 6", mdm.PasscodeSetting, long(6), mdm.Assumed, `{"passwordMode":"easy","pushOptions":"polling"}`},
		{"passcode of 7", mdm.PasscodeSetting, long(7), mdm.Assumed, `{"passwordMode":"moderate","pushOptions":"polling"}`},
		{"passcode of 8", mdm.PasscodeSetting, long(8), mdm.Assumed, `{"passwordMode":"moderate","pushOptions":"polling"}`},
		{"passcode of 9", mdm.PasscodeSetting, long(9), mdm.Unsupported, `{"passwordMode":"moderate","pushOptions":"polling"}`},
		{"auto-lock", mdm.AutoLock, "60", mdm.Assumed, `{"manageTimeout":true,"pushOptions":"polling","timeout":60}`},
		{"no auto-lock", mdm.AutoLock, "0", mdm.Assumed, `{"pushOptions":"polling"}`},
		{"apps", mdm.Apps, mdm.Lists{Block: []string{"social"}}.Value(), mdm.Unsupported, `{"pushOptions":"polling"}`},
		{"all apps", mdm.Apps, mdm.Lists{}.Value(), mdm.Assumed, `{"pushOptions":"polling"}`},
		{"web", mdm.Web, mdm.Lists{Only: []string{"maths"}}.Value(), mdm.Unsupported, `{"pushOptions":"polling"}`},
		{"unknown", "x-ray", mdm.Block, mdm.Unsupported, `{"pushOptions":"polling"}`},
		{"nonsense", mdm.Camera, `"sideways"`, mdm.Invalid, `{"pushOptions":"polling"}`},
	} {
		config, asked := Configure(mdm.Set{c.s: c.v}, ByPoll)
		if got, _ := config.encode(); string(got) != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if o := asked[c.s]; o.State != c.state || len(asked) != 1 || o.State != mdm.Assumed && o.Detail == "" || o.Value != "" {
			t.Errorf("%s: %+v", c.name, asked)
		}
	}
	config, _ := Configure(mdm.Set{mdm.Share: mdm.Block, mdm.Bluetooth: mdm.Block}, ByMQTT)
	if got, _ := config.encode(); string(got) != `{"bluetooth":false,"keepaliveTime":300,"pushOptions":"mqttAlarm","restrictions":"no_bluetooth,no_bluetooth_sharing,no_config_bluetooth,no_outgoing_beam"}` {
		t.Errorf("both: %s", got)
	}
}
