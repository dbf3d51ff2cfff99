package linux

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent"
)

// webcam are the descriptors of a device with a video control interface behind
// its device and configuration descriptors.
var webcam = slices.Concat(
	[]byte{18, 1, 0, 2, 0xef, 2, 1, 64, 0x6d, 4, 0x2d, 8, 0x11, 0, 0, 0, 1, 1},
	[]byte{9, 2, 40, 0, 2, 1, 0, 0x80, 250},
	[]byte{8, 11, 0, 2, 14, 3, 0, 0},
	[]byte{9, 4, 0, 0, 1, 14, 1, 0, 0},
)

// stick is a memory stick.
var stick = slices.Concat(
	[]byte{18, 1, 0, 2, 0, 0, 0, 64, 0x81, 7, 0x67, 0x55, 0, 1, 1, 2, 3, 1},
	[]byte{9, 2, 32, 0, 1, 1, 0, 0x80, 112},
	[]byte{9, 4, 0, 0, 2, 8, 6, 0x50, 0},
)

// laptop is one with two radios, of which one is Wi-Fi, a camera and a stick.
type laptop struct {
	*Laptop
	t    *testing.T
	root string
	ran  []string
	fail error
}

func newLaptop(t *testing.T) *laptop {
	l := &laptop{t: t, root: t.TempDir()}
	for path, text := range map[string]string{
		"class/rfkill/rfkill0/type": "wlan\n", "class/rfkill/rfkill0/soft": "0\n",
		"class/rfkill/rfkill1/type": "bluetooth\n", "class/rfkill/rfkill1/soft": "0\n",
		"bus/usb/devices/1-6/descriptors": string(webcam), "bus/usb/devices/1-6/authorized": "1\n",
		"bus/usb/devices/1-2/descriptors": string(stick), "bus/usb/devices/1-2/authorized": "1\n",
		"bus/usb/devices/1-6:1.0/bInterfaceClass": "0e\n",
	} {
		l.put(path, text)
	}
	l.Laptop = New(l.root, func(_ context.Context, name string, args ...string) error {
		l.ran = append(l.ran, name+" "+strings.Join(args, " "))
		return l.fail
	})
	return l
}

func (l *laptop) file(path string) string {
	return filepath.Join(l.root, "sys", filepath.FromSlash(path))
}

func (l *laptop) put(path, text string) {
	l.t.Helper()
	if err := os.MkdirAll(filepath.Dir(l.file(path)), 0o700); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(l.file(path), []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

func (l *laptop) holds(path, want string) {
	l.t.Helper()
	b, err := os.ReadFile(l.file(path))
	if got := strings.TrimSpace(string(b)); err != nil || got != want {
		l.t.Errorf("%s is %q, want %q (%v)", path, got, want, err)
	}
}

const (
	radio  = "class/rfkill/rfkill1/soft"
	camera = "bus/usb/devices/1-6/authorized"
)

// desired is a document that holds at all times.
func desired(rev uint64, set mdm.Set) mdm.Desired {
	return mdm.Desired{V: 1, Dev: "laptop-1", Rev: rev, Stage: mdm.Stage{Mode: mdm.Lesson, Set: set}}
}

// settle lets an agent's core bring the laptop to rest and gives its last report.
func (l *laptop) settle(c *agent.Core) agent.Turn {
	l.t.Helper()
	var drift []mdm.Setting
	for range 10 {
		turn := c.Turn(time.Unix(1e9, 0), l.Read)
		drift = append(drift, turn.Drift...)
		if len(turn.Apply) == 0 {
			turn.Drift = drift
			return turn
		}
		for _, change := range turn.Apply {
			l.Apply(change.Setting, change.Value, change.Items)
		}
	}
	l.t.Fatal("it never comes to rest")
	return agent.Turn{}
}

func TestALaptopIsHeldToItsDocument(t *testing.T) {
	l, c := newLaptop(t), &agent.Core{Device: "laptop-1"}
	states := func(what string, turn agent.Turn, want mdm.Set) {
		t.Helper()
		for s, v := range want {
			if got := turn.Report.Set[s]; got != (mdm.Outcome{State: mdm.Applied, Value: v}) {
				t.Errorf("%s %s is %+v, want %s", what, s, got, v)
			}
		}
	}
	accept := func(rev uint64, v mdm.Value) mdm.Set {
		set := mdm.Set{mdm.Bluetooth: v, mdm.Camera: v}
		if _, err := c.Accept(desired(rev, set)); err != nil {
			t.Fatal(err)
		}
		return set
	}
	set := accept(1, mdm.Block)
	states("in a lesson", l.settle(c), set)
	l.holds(radio, "1")
	l.holds(camera, "0")
	l.holds("class/rfkill/rfkill0/soft", "0") // Wi-Fi carries the rules
	l.holds("bus/usb/devices/1-2/authorized", "1")

	l.put(radio, "0\n")
	turn := l.settle(c)
	if !slices.Equal(turn.Drift, []mdm.Setting{mdm.Bluetooth}) {
		t.Errorf("changed by hand, drift is %v", turn.Drift)
	}
	l.holds(radio, "1")

	set = accept(2, mdm.Allow)
	states("in the break", l.settle(c), set)
	l.holds(radio, "0")
	l.holds(camera, "1")
	set = accept(3, mdm.User)
	states("at home", l.settle(c), set)
	l.put(radio, "1\n") // the user's own wish
	turn = l.settle(c)
	states("at home, off", turn, set)
	if len(turn.Drift) != 0 {
		t.Errorf("the user's wish is a drift: %v", turn.Drift)
	}
	l.holds(radio, "1")
}

// A restarted agent finds a camera that it took away before.
func TestACameraIsFoundWithoutItsDriver(t *testing.T) {
	l := newLaptop(t)
	l.put(camera, "0\n")
	if got := l.Read(mdm.Camera); got.Value != mdm.Block || got.State != "" {
		t.Errorf("it reads %+v", got)
	}
	l.Apply(mdm.Camera, mdm.User, nil)
	l.holds(camera, "1")
}

func TestWhatALaptopCannotDoIsSaid(t *testing.T) {
	l := newLaptop(t)
	for _, s := range []mdm.Setting{mdm.PasscodeSetting, mdm.Share, mdm.Screen, mdm.AutoLock, mdm.Apps, mdm.Web, "x-ray"} {
		l.Apply(s, mdm.Block, nil)
		if got := l.Read(s); got.State != mdm.Unsupported || got.Detail == "" {
			t.Errorf("%s reads %+v", s, got)
		}
	}
	bare := New(t.TempDir(), nil)
	for _, s := range []mdm.Setting{mdm.Bluetooth, mdm.Camera} {
		if got := bare.Read(s); got.State != mdm.Unsupported || got.Detail == "" {
			t.Errorf("without any, %s reads %+v", s, got)
		}
	}
	l.put("devices/pci0000:00/ipu6/video4linux/video2/name", "x")
	l.put("class/video4linux/none", "")
	if err := os.Symlink(l.file("devices/pci0000:00/ipu6/video4linux/video2"), l.file("class/video4linux/video2")); err != nil {
		t.Fatal(err)
	}
	if got := l.Read(mdm.Camera); got.State != mdm.Unsupported {
		t.Errorf("with a camera that is not on USB it reads %+v", got)
	}
}

// A switch that does not turn is a failure, not in force.
func TestASwitchThatDoesNotTurn(t *testing.T) {
	l := newLaptop(t)
	if err := os.Remove(l.file(radio)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(l.file(radio), 0o700); err != nil { // root may write any file
		t.Fatal(err)
	}
	l.Apply(mdm.Bluetooth, mdm.Block, nil)
	if got := l.Read(mdm.Bluetooth); got.State != mdm.Failure || got.Value == mdm.Block || got.Detail == "" {
		t.Errorf("it reads %+v", got)
	}
	l.Apply(mdm.Bluetooth, mdm.User, nil)
	if got := l.Read(mdm.Bluetooth); got.State != mdm.Failure {
		t.Errorf("that it was not let go of reads %+v", got)
	}
}

func TestLockLocksTheSessions(t *testing.T) {
	l := newLaptop(t)
	if _, err := l.Do(t.Context(), mdm.Lock, mdm.Args{}); err != nil || !slices.Equal(l.ran, []string{"loginctl lock-sessions"}) {
		t.Errorf("it ran %v, %v", l.ran, err)
	}
	l.fail = errors.New("no bus")
	if _, err := l.Do(t.Context(), mdm.Lock, mdm.Args{}); !errors.Is(err, l.fail) {
		t.Errorf("%v", err)
	}
	for _, op := range []mdm.Op{mdm.Wipe, mdm.Locate, mdm.ClearPasscode, mdm.Message} {
		if _, err := l.Do(t.Context(), op, mdm.Args{}); !errors.Is(err, agent.ErrCannot) {
			t.Errorf("%s: %v", op, err)
		}
	}
	if len(l.ran) != 2 {
		t.Errorf("it ran %v", l.ran)
	}
}

func FuzzVideoInterface(f *testing.F) {
	f.Add(webcam)
	f.Add(stick)
	f.Add([]byte{0, 4, 9, 4, 0, 0, 1, 14})
	f.Add([]byte{5, 4, 0, 0, 14})
	f.Fuzz(func(t *testing.T, b []byte) {
		if videoInterface(b) && !slices.Contains(b, 14) {
			t.Errorf("% x is a camera", b)
		}
	})
}

func TestVideoInterface(t *testing.T) {
	for name, c := range map[string]struct {
		b    []byte
		want bool
	}{
		"a webcam": {webcam, true}, "a stick": {stick, false}, "nothing": {nil, false},
		"cut short": {webcam[:len(webcam)-1], false}, "a length of nought": {append([]byte{0, 0}, webcam...), false},
	} {
		if got := videoInterface(c.b); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
