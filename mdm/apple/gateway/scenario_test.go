package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
	"github.com/bellkeep/bellkeep/mdm/apple/store"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
)

// A whole school: 500 iPads enrol, a bell changes all of them, and what is reported
// of each is what it really holds; also of 50 that sleep, 20 that are locked and 10
// that are not supervised. Apple goes away in the middle of waking them.
func TestASchoolOfIPads(t *testing.T) {

	const all, asleep, locked, unsupervised = 500, 50, 20, 10
	r := newRig(t)
	var ids []string
	devices := make([]*double.Device, all)
	for n := range all {
		ids = append(ids, fmt.Sprint("ipad-", n))
		devices[n] = r.device(n)
		devices[n].Supervised = n < all-unsupervised
	}
	r.list(ids...)
	for _, id := range ids {
		r.want(id, 1, day())
	}
	var group errgroup.Group
	group.SetLimit(64)
	for n, id := range ids {
		if n%5 == 0 {
			group.Go(func() error { r.enrol(id, devices[n]); return nil })
		} else {
			group.Go(func() error { r.certify(id, devices[n]); return nil })
		}
	}
	must(t, group.Wait())
	honest := func(when string) {
		t.Helper()
		for n, id := range ids {
			got, _ := r.report(id)
			if wrong := lies(devices[n], got); wrong != nil {
				t.Errorf("%s, %s: %v", when, id, wrong)
			}
		}
	}
	for _, id := range ids {
		r.settled(id)
	}
	honest("enrolled")

	for n := range asleep {
		r.sleep(devices[n], true)
	}
	for n := asleep; n < asleep+locked; n++ {
		devices[n].Lock(true)
	}
	r.apple.GoAway(5, 40, 1, 90)
	r.set(morning.Add(time.Hour))
	for n := asleep + locked; n < all; n++ {
		r.settled(ids[n])
		for _, key := range []string{"allowCamera", "allowScreenShot"} {
			if !devices[n].Forbids(key) {
				t.Errorf("in the lesson, %s does not forbid %s", ids[n], key)
			}
		}
	}
	r.until("those that are locked say so", func() bool {
		for n := asleep; n < asleep+locked; n++ {
			if got, _ := r.report(ids[n]); got.Set[mdm.Camera] != (mdm.Outcome{State: mdm.Updating, Detail: "pending: locked"}) {
				return false
			}
		}
		return true
	})
	honest("in the lesson")
	for n, id := range ids {
		got, _ := r.report(id)
		switch share := got.Set[mdm.Share]; {
		case got.Mode != mdm.Lesson:
			t.Errorf("%s is told to be in mode %s", id, got.Mode)
		case n < asleep && got.Set[mdm.Camera].State != mdm.Updating:
			t.Errorf("%s sleeps and is reported %v", id, got.Set[mdm.Camera])
		case n >= all-unsupervised && (share.State != mdm.Unsupported || share.Detail == "" || got.Set[mdm.Camera].State != mdm.Applied):
			t.Errorf("%s is not supervised and is reported %v", id, got.Set)
		}
	}

	for n := range asleep + locked {
		devices[n].Lock(false)
		r.sleep(devices[n], false)
		r.polls <- devices[n] // a device that wakes or is unlocked comes by itself
		r.mu.Lock()
		r.busy++
		r.mu.Unlock()
	}
	for _, id := range ids {
		r.settled(id)
	}
	honest("in the end")
	for n, d := range devices {
		if got := d.Refused(); got != nil {
			t.Errorf("%s was told what it cannot do: %v", ids[n], got)
		}
	}
	if got := r.apple.Connections(); got < 5 {
		t.Errorf("Apple did not go away: %d connections", got)
	}
}

// serverWord makes the test's program a server that can be killed.
const serverWord = "BELLKEEP_TEST_GATEWAY"

func TestMain(m *testing.M) {
	if dir := os.Getenv(serverWord); dir != "" {
		if err := serveFrom(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const doomed = 8 // devices of the server that is killed

// serveFrom serves devices of which something else is wanted all the time. It prints
// its address and a challenge for each.
func serveFrom(dir string) error {
	ctx, bus := context.Background(), mdmtest.NewBus()
	g, err := gateway.New(gateway.Config{ID: "apple", Root: wire.DefaultRoot, Dir: dir, Now: func() time.Time { return time.Now().UTC() }, Open: mdmtest.Open, Seal: mask{}})
	if err != nil {
		return err
	}
	cert, err := os.ReadFile(filepath.Join(dir, "push.pem"))
	if err != nil {
		return err
	}
	if err := g.SetPush(ctx, cert, cert); err != nil {
		return err
	}
	list := wire.Devices{V: 1, Rev: 1}
	for n := range doomed {
		list.Devices = append(list.Devices, fmt.Sprint("ipad-", n))
	}
	if err := publish(ctx, bus, "bk/1/g/apple/devices", list); err != nil {
		return err
	}
	var group errgroup.Group
	group.Go(func() error { return g.Run(ctx, bus) })
	group.Go(func() error { return want(ctx, bus, list.Devices) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	for _, id := range list.Devices {
		i, err := invite(ctx, g, id)
		if err != nil {
			return err
		}
		fmt.Println(i.Challenge)
	}
	group.Go(func() error { return g.Serve(ctx, l, nil) })
	return group.Wait()
}

// invite waits for the list to come.
func invite(ctx context.Context, g *gateway.Gateway, id string) (i gateway.Invitation, err error) {
	for range 1000 {
		if i, err = g.Invite(ctx, id, "", 0); err == nil {
			return i, nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	return i, err
}

// want wants something else of all devices, again and again.
func want(ctx context.Context, bus *mdmtest.Bus, ids []string) error {
	for rev := uint64(time.Now().UnixMicro()); ; rev++ {
		set := mdm.Set{mdm.AutoLock: mdm.Value(fmt.Sprint(60 * (1 + rev%15)))}
		for _, id := range ids {
			d := mdm.Desired{V: 1, Dev: id, Rev: rev, TS: time.Now().UTC(), Stage: mdm.Stage{Mode: mdm.Home, Set: set}}
			if err := publish(ctx, bus, "bk/1/d/"+id+"/desired", d); err != nil {
				return err
			}
		}
		time.Sleep(40 * time.Millisecond)
	}
}

// child starts a server and gives its address and a challenge for each device.
func child(t *testing.T, dir string) (kill func(), address string, challenges []string) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), serverWord+"="+dir)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	lines := bufio.NewScanner(out)
	for len(challenges) < doomed && lines.Scan() {
		if address == "" {
			address = lines.Text()
		} else {
			challenges = append(challenges, lines.Text())
		}
	}
	if len(challenges) < doomed {
		t.Fatal("the server did not start")
	}
	return func() {
		must(t, c.Process.Kill())
		_ = c.Wait() // it was killed
	}, address, challenges
}

// A server is killed while devices talk to it. Every acknowledgement that it answered
// is there afterwards.
func TestAKillLosesNoAcknowledgement(t *testing.T) {
	a, err := double.NewAuthority()
	must(t, err)
	dir := t.TempDir()
	cert, key, err := a.PushCertificate(topic, time.Now().Add(time.Hour))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "push.pem"), append(cert, key...), 0o600))
	var devices []*double.Device
	var address atomic.Value
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", address.Load().(string))
	}}}
	for round := range 5 {
		kill, at, challenges := child(t, dir)
		address.Store(at)
		if round == 0 {
			for n := range doomed {
				d := (&rig{}).device(n)
				d.Client, d.Now = client, time.Now
				must(t, d.Enrol(t.Context(), double.EnrolmentProfile{SCEP: "http://gateway/scep", Challenge: challenges[n], Server: "http://gateway/mdm", Topic: topic}))
				devices = append(devices, d)
			}
		}
		answered := make(chan bool, 1_000_000)
		var group sync.WaitGroup
		for _, d := range devices {
			group.Go(func() {
				for {
					if _, err := d.Poll(t.Context()); err != nil {
						return // it was killed
					}
					answered <- true
				}
			})
		}
		for range 20 + 13*round { // whenever the kill comes, the promise is the same
			<-answered
		}
		kill()
		group.Wait()
		kept, err := store.Open(filepath.Join(dir, "ipads.db"), mask{}, time.Now, time.Now())
		must(t, err)
		for n, d := range devices {
			got, err := kept.View(fmt.Sprint("ipad-", n))
			must(t, err)
			text, err := json.Marshal(got)
			must(t, err)
			if d.Settled() == "" || !strings.Contains(string(text), d.Settled()) && !strings.Contains(string(text), d.Installed()) {
				t.Errorf("round %d: ipad-%d acknowledged %q, was answered, and it is forgotten", round, n, d.Settled())
			}
		}
		must(t, kept.Close())
	}
}

// A fault in the gateway ends the request and nothing else.
func TestAPanicEndsNothing(t *testing.T) {
	var mu sync.Mutex
	failing := false
	r := newRig(t, func(c *gateway.Config) {
		c.Sign = func(b []byte) ([]byte, error) {
			mu.Lock()
			defer mu.Unlock()
			if failing {
				panic("the signer fails")
			}
			return b, nil
		}
	})
	r.list("ipad-1", "ipad-2")
	d := r.device(1)
	r.want("ipad-1", 1, day())
	r.want("ipad-2", 1, day())
	r.until("what it must be is kept", func() bool {
		s, _, err := r.gate.Status("ipad-1")
		return err == nil && len(s.Reported) > 0
	})
	mu.Lock()
	failing = true
	mu.Unlock()
	r.sleep(d, true) // it polls here, and not beside that
	r.enrol("ipad-1", d)
	if _, err := d.Poll(t.Context()); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("with a signer that fails: %v", err)
	}
	mu.Lock()
	failing = false
	mu.Unlock()
	h, err := r.gate.Health()
	if err != nil || h.Panics == 0 {
		t.Errorf("%+v, %v", h, err)
	}
	if _, err := d.Poll(t.Context()); err != nil {
		t.Error(err)
	}
	r.sleep(d, false)
	r.settled("ipad-1")
	r.enrol("ipad-2", r.device(2))
	r.settled("ipad-2")
}
