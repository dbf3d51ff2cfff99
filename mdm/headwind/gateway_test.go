package headwind_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/headwind"
	"github.com/bellkeep/bellkeep/mdm/headwind/double"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
)

const base = "https://phones.elmfield.example"

var key = headwind.Key(strings.Repeat("k", headwind.MinKey))

// rig is a gateway on a bus, in a bubble of synctest: school time is the bubble's.
type rig struct {
	t    *testing.T
	dir  string
	bus  *mdmtest.Bus
	gate *headwind.Gateway
	stop func()
	rev  uint64
}

func newRig(t *testing.T, dir string, bus *mdmtest.Bus, change ...func(*headwind.Config)) *rig {
	t.Helper()
	cfg := headwind.Config{
		ID: "headwind", Root: wire.DefaultRoot, Dir: dir, Key: key, APK: filepath.Join(dir, "agent.apk"),
		Now: func() time.Time { return time.Now().UTC() }, Secret: "the school's own", MustSign: true,
		Open: mdmtest.Open,
	}
	if err := os.WriteFile(cfg.APK, []byte("an agent"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(&cfg)
	}
	gate, err := headwind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, dir: dir, bus: bus, gate: gate}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- gate.Run(ctx, bus) }()
	r.stop = func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the gateway ended with %v", err)
		}
	}
	synctest.Wait()
	return r
}

func (r *rig) publish(topic string, message any) {
	r.t.Helper()
	r.send(topic, message)
	synctest.Wait()
}

func (r *rig) send(topic string, message any) {
	r.t.Helper()
	payload, err := json.Marshal(message)
	if err != nil {
		r.t.Fatal(err)
	}
	of := wire.TypeDesired
	if _, list := message.(wire.Devices); list {
		of = wire.TypeDevices
	}
	sealed, err := mdmtest.Seal(of, payload)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.bus.Publish(r.t.Context(), topic, sealed, true); err != nil {
		r.t.Fatal(err)
	}
}

// list says which phones there are.
func (r *rig) list(ids ...string) {
	r.rev++
	r.publish("bk/1/g/headwind/devices", wire.Devices{V: 1, Rev: r.rev, Devices: ids})
}

func (r *rig) want(dev string, rev uint64, s mdm.Stage) {
	r.desire(dev, rev, s)
	synctest.Wait()
}

func (r *rig) desire(dev string, rev uint64, s mdm.Stage) {
	r.send("bk/1/d/"+dev+"/desired", mdm.Desired{V: 1, Dev: dev, Rev: rev, TS: time.Now().UTC(), Stage: s})
}

// lesson blocks the camera for d; after it the phone is its user's.
func lesson(d time.Duration) mdm.Stage {
	return mdm.Stage{Mode: mdm.Lesson, Set: mdm.Set{mdm.Camera: mdm.Block, mdm.Web: mdm.Lists{}.Value()}, Until: time.Now().Add(d).UTC(),
		Fallback: &mdm.Stage{Mode: mdm.Home, Set: mdm.Set{mdm.Camera: mdm.User, mdm.Web: mdm.Lists{}.Value()}}}
}

// direct carries a phone's requests to the gateway without a network.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.ServeHTTP(w, r)
	}()
	select {
	case <-done:
		return w.Result(), r.Context().Err()
	case <-r.Context().Done():
		<-done
		return nil, r.Context().Err()
	}
}

// phone sets a phone up by its code.
func (r *rig) phone(id string) *double.Phone {
	r.t.Helper()
	sum, err := headwind.Checksum(filepath.Join(r.dir, "agent.apk"))
	if err != nil {
		r.t.Fatal(err)
	}
	code, err := headwind.Provisioning{Base: base, Number: id, Project: key.Project(id), Checksum: sum}.JSON()
	if err != nil {
		r.t.Fatal(err)
	}
	p, err := double.Scan(r.t.Context(), code, &http.Client{Transport: direct{r.gate}})
	if err != nil {
		r.t.Fatal(err)
	}
	p.Secret, p.Check = "the school's own", true
	return p
}

func (r *rig) report(dev string) mdm.Reported {
	r.t.Helper()
	synctest.Wait()
	got, err := mdm.DecodeReported(r.bus.Retained("bk/1/d/" + dev + "/reported"))
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

func (r *rig) presence(dev string) mdm.Presence {
	r.t.Helper()
	synctest.Wait()
	got, err := mdm.DecodePresence(r.bus.Retained("bk/1/d/" + dev + "/presence"))
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

// events are those told since the last call.
func (r *rig) events() (kinds []string) {
	r.t.Helper()
	synctest.Wait()
	for _, m := range r.bus.Sent() {
		if strings.HasSuffix(m.Topic, "/event") {
			e, err := mdm.DecodeEvent(m.Payload)
			if err != nil {
				r.t.Fatal(err)
			}
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// poll keeps a phone polling and updating, as an agent does, until the test ends.
func poll(t *testing.T, ctx context.Context, p *double.Phone) {
	go func() {
		for ctx.Err() == nil {
			updated, err := p.Poll(ctx)
			switch {
			case ctx.Err() != nil:
			case err != nil:
				t.Error(err)
			case updated:
				if err := p.Update(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
			select {
			case <-time.After(5 * time.Second):
			case <-ctx.Done():
			}
		}
	}()
}

func bubble(t *testing.T, test func(t *testing.T, r *rig), change ...func(*headwind.Config)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, dir, mdmtest.NewBus(), change...)
		test(t, r)
		r.stop()
	})
}

// A phone is enrolled by its code, fetches, is called at the bell and at the end of
// the lesson, and is never said to have done what it cannot confirm.
func TestPhoneFollowsTheBell(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.list("phone-7")
		r.want("phone-7", 3, mdm.Stage{Mode: mdm.Home, Set: mdm.Set{mdm.Camera: mdm.User}})
		p := r.phone("phone-7")
		must(t, p.Fetch(t.Context()))
		if got := r.report("phone-7").Set[mdm.Camera]; got.State != mdm.Updating {
			t.Errorf("before it reported in: %+v", got)
		}
		must(t, p.Report(t.Context(), 80))
		must(t, p.Logs(t.Context()))
		got := r.report("phone-7")
		if want := "fetched " + time.Now().UTC().Format(time.TimeOnly) + ", not confirmed"; got.Rev != 3 || got.Mode != mdm.Home || got.Agent != "headwind, Pixel 7a" ||
			got.Set[mdm.Camera] != (mdm.Outcome{State: mdm.Assumed, Detail: want}) {
			t.Errorf("after it reported in: %+v", got)
		}
		if !r.presence("phone-7").Online {
			t.Error("it is said to be away")
		}

		ctx, cancel := context.WithCancel(t.Context())
		poll(t, ctx, p)
		synctest.Wait()
		r.want("phone-7", 4, lesson(time.Hour))
		synctest.Wait()
		if got := r.report("phone-7"); !p.Blocked("no_camera") || got.Rev != 4 || got.Set[mdm.Camera].State != mdm.Assumed {
			t.Errorf("in the lesson: blocked %v, %+v", p.Blocked("no_camera"), got)
		}
		time.Sleep(time.Hour + 2*time.Second)
		if got := r.report("phone-7"); p.Blocked("no_camera") || got.Rev != 4 || got.Mode != mdm.Home || got.Set[mdm.Camera].State != mdm.Assumed {
			t.Errorf("after the lesson: blocked %v, %+v", p.Blocked("no_camera"), got)
		}
		if p.Lifted() != 2 {
			t.Errorf("it lifted its restrictions %d times", p.Lifted())
		}
		cancel()
	})
}

// A new revision that asks the same of a phone is no reason to set it free for a
// moment.
func TestNoNeedlessCall(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.list("phone-7")
		r.want("phone-7", 3, lesson(24*time.Hour))
		p := r.phone("phone-7")
		must(t, p.Update(t.Context()))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		poll(t, ctx, p)
		for rev := range uint64(10) {
			s := lesson(24 * time.Hour)
			s.Mode = mdm.Mode(fmt.Sprint("lesson-", rev))
			s.Set[mdm.Apps] = mdm.Lists{Block: []string{fmt.Sprint("list-", rev)}}.Value() // which it cannot be told
			r.want("phone-7", 4+rev, s)
			time.Sleep(10 * time.Minute)
			if got := r.report("phone-7"); got.Rev != 4+rev || got.Set[mdm.Camera].State != mdm.Assumed || got.Set[mdm.Apps].State != mdm.Unsupported {
				t.Errorf("it reports %+v", got)
			}
		}
		if p.Lifted() != 0 {
			t.Errorf("it was set free %d times", p.Lifted())
		}
		if updated, err := p.Look(t.Context()); updated || err != nil {
			t.Errorf("asked at once: %v, %v", updated, err)
		}
	})
}

// Before it has fetched a phone is late, not fine.
func TestPhoneThatDoesNotComeIsLate(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.list("phone-7")
		r.want("phone-7", 3, mdm.Stage{Mode: mdm.Home, Set: mdm.Set{mdm.Camera: mdm.User}})
		p := r.phone("phone-7")
		must(t, p.Update(t.Context()))
		r.want("phone-7", 4, lesson(time.Hour))
		time.Sleep(20 * time.Second)
		said := r.report("phone-7")
		want := mdm.Desired{V: 1, Dev: "phone-7", Rev: 4, Stage: lesson(time.Hour)}
		seen := mdm.Seen{Link: mdm.Link{Known: true, Online: true}, Report: &said, Waited: 20 * time.Second}
		if got := mdm.Judge(want, seen, time.Now()).Verdict; got != mdm.Late {
			t.Errorf("the verdict is %s of %+v", got, said)
		}
		if updated, err := p.Look(t.Context()); !updated || err != nil {
			t.Errorf("asked at once: %v, %v", updated, err)
		}
		time.Sleep(2 * time.Minute)
		if r.presence("phone-7").Online {
			t.Error("two minutes without a word, and it is said to be there")
		}
	})
}

// Strangers, wrong paths and retired phones are told the same.
func TestStrangersLearnNothing(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		p := r.phone("phone-7")
		if err := p.Update(t.Context()); errors.Is(err, double.ErrUnknown) || err == nil {
			t.Errorf("before it is known which phones there are: %v", err)
		}
		r.list("phone-7", "phone-8")
		if err := p.Update(t.Context()); errors.Is(err, double.ErrUnknown) || err == nil {
			t.Errorf("before it is known what is wanted: %v", err)
		}
		r.want("phone-7", 3, lesson(time.Hour))
		must(t, p.Update(t.Context()))
		var answers []string
		for _, path := range []string{
			"/" + key.Project("phone-8") + "/rest/public/sync/configuration/phone-7", // another's path
			"/" + key.Project("phone-8") + "/rest/public/sync/configuration/phone-9", // not enrolled
			"/rest/public/sync/configuration/phone-7",                                // as a server without projects has it
			"/guess/rest/public/sync/configuration/phone-7",
			"/guess/rest/notification/polling/phone-7",
			"/guess/rest/no/such/path", "/",
		} {
			w := httptest.NewRecorder()
			r.gate.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil))
			answers = append(answers, fmt.Sprint(w.Code, w.Body, w.Header().Get("X-Response-Signature")))
		}
		for _, a := range answers {
			if a != `200 {"status":"ERROR","message":"error.notfound.device","data":null}` {
				t.Errorf("a stranger is told %s", a)
			}
		}
		r.events()
		r.list("phone-8")
		if err := p.Update(t.Context()); !errors.Is(err, double.ErrUnknown) || !p.Asked() {
			t.Errorf("retired: %v", err)
		}
		if err := p.Report(t.Context(), 80); err == nil {
			t.Error("a retired phone may report")
		}
		if left, err := filepath.Glob(filepath.Join(r.dir, "phone-7*")); len(left) > 0 || err != nil {
			t.Errorf("left of it: %v, %v", left, err)
		}
		for _, m := range r.bus.Sent() {
			if strings.Contains(m.Topic, "phone-7/") {
				t.Errorf("it still speaks: %s", m.Topic)
			}
		}
	})
}

func TestSignaturesAreAsked(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.list("phone-7")
		r.want("phone-7", 3, lesson(time.Hour))
		p := r.phone("phone-7")
		p.Secret = "changeme-C3z9vi54"
		if err := p.Update(t.Context()); err == nil || errors.Is(err, double.ErrUnknown) {
			t.Errorf("a fetch with another secret: %v", err)
		}
		if _, err := p.Poll(t.Context()); err == nil || !strings.Contains(err.Error(), "403") {
			t.Errorf("a poll with another secret: %v", err)
		}
		if len(r.events()) == 0 {
			t.Error("nobody is told")
		}
	})
}

// What is not sealed, for another, older or too long is refused, and told of.
func TestGatewayRefusesDocuments(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.list("phone-7", "phone-8")
		r.list("phone-7")
		r.want("phone-7", 5, lesson(time.Hour))
		p := r.phone("phone-7")
		must(t, p.Update(t.Context()))
		r.events()
		free := mdm.Desired{V: 1, Dev: "phone-7", Rev: 9, Stage: mdm.Stage{Mode: mdm.Home, Set: mdm.Set{mdm.Camera: mdm.Allow}}}
		bare, err := json.Marshal(free)
		must(t, err)
		older, other := free, free
		older.Rev, other.Dev = 4, "phone-8"
		const topic = "bk/1/d/phone-7/desired"
		must(t, r.bus.Publish(t.Context(), topic, bare, true))
		must(t, r.bus.Publish(t.Context(), topic, make([]byte, 10<<20), true))
		r.publish(topic, older)
		r.publish(topic, other)
		if got := r.events(); len(got) != 4 {
			t.Errorf("events %v, want each refused", got)
		}
		must(t, r.bus.Publish(t.Context(), topic, nil, true)) // cleared: only the list retires
		must(t, p.Update(t.Context()))
		if !p.Blocked("no_camera") || r.report("phone-7").Rev != 5 {
			t.Errorf("the camera is free, rev %d", r.report("phone-7").Rev)
		}
		r.rev = 0
		r.list() // an old list, played again
		r.rev = 0
		must(t, r.bus.Publish(t.Context(), "bk/1/g/headwind/devices", []byte(`{"v":1,"rev":99,"devices":[]}`), true))
		synctest.Wait()
		must(t, p.Update(t.Context()))
	})
}

// Restarted with the broker away, the gateway goes by what it has, moves phones to
// the next stage on time, and calls no phone for what that has already.
func TestGatewayRestartsOffline(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		bus := mdmtest.NewBus()
		r := newRig(t, dir, bus)
		r.list("phone-7")
		r.want("phone-7", 5, lesson(time.Hour))
		p := r.phone("phone-7")
		must(t, p.Update(t.Context()))
		session := r.presence("phone-7").Session
		r.stop()

		alone := mdmtest.NewBus()
		alone.Down(errors.New("no route"))
		r = newRig(t, dir, alone)
		p.Client = &http.Client{Transport: direct{r.gate}}
		ctx, cancel := context.WithCancel(t.Context())
		poll(t, ctx, p)
		time.Sleep(30 * time.Minute)
		if p.Lifted() != 0 || !p.Blocked("no_camera") {
			t.Errorf("after the restart: lifted %d times", p.Lifted())
		}
		time.Sleep(30*time.Minute + 2*time.Second)
		if p.Blocked("no_camera") || p.Lifted() != 1 {
			t.Errorf("after the lesson: blocked %v, lifted %d times", p.Blocked("no_camera"), p.Lifted())
		}
		alone.Down(nil)
		time.Sleep(15 * time.Second)
		if got := r.report("phone-7"); got.Rev != 5 || got.Mode != mdm.Home || got.Session != session {
			t.Errorf("back online it reports %+v in %s", got, session)
		}
		cancel()
		r.stop()
	})
}

// Restarted, the gateway takes in documents and commands of the phones it had, whether
// or not the list comes.
func TestPhonesAreKnownBeforeTheList(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, dir, mdmtest.NewBus())
		p := r.office()
		r.stop()
		r = newRig(t, dir, mdmtest.NewBus())
		p.Client = &http.Client{Transport: direct{r.gate}}
		r.want("phone-7", 4, mdm.Stage{Mode: mdm.Home, Set: mdm.Set{mdm.Camera: mdm.User}})
		r.tell(command("c-1", mdm.Lock, "", time.Hour))
		must(t, p.Update(t.Context()))
		r.answers("before the list", "c-1 accepted", "c-1 handed-over")
		if p.Blocked("no_camera") || r.report("phone-7").Rev != 4 {
			t.Errorf("the camera is blocked, rev %d", r.report("phone-7").Rev)
		}
		r.stop()
	})
}

// One that has gone stays so when the gateway starts again, and when a broker without a
// memory is told again.
func TestWhoHasGoneStaysSo(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, dir, mdmtest.NewBus())
		r.office()
		session := r.presence("phone-7").Session
		time.Sleep(3 * time.Minute)
		r.bus.Lose()
		r.gate.Up()
		if got := r.presence("phone-7"); got.Online || got.Session != session || r.report("phone-7").Rev != 3 {
			t.Errorf("told again: %+v", got)
		}
		r.stop()
		r = newRig(t, dir, r.bus)
		time.Sleep(time.Minute)
		if got := r.presence("phone-7"); got.Online || got.Session != session {
			t.Errorf("after a restart: %+v", got)
		}
		r.stop()
	})
}

// A broker without a memory is told everything again.
func TestGatewayTellsAgain(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.list("phone-7")
		r.want("phone-7", 5, lesson(time.Hour))
		must(t, r.phone("phone-7").Update(t.Context()))
		synctest.Wait()
		r.bus.Sent()
		r.gate.Up()
		synctest.Wait()
		if got := r.bus.Sent(); len(got) != 2 {
			t.Errorf("%d messages", len(got))
		}
	})
}

func TestReports(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.list("phone-7")
		r.want("phone-7", 5, lesson(time.Hour))
		p := r.phone("phone-7")
		must(t, p.Update(t.Context()))
		r.events()
		for _, level := range []int{12, 11, 60, 15} { // falling below 15 % is told of once
			must(t, p.Report(t.Context(), level))
		}
		if got := r.events(); fmt.Sprint(got) != "[battery battery]" {
			t.Errorf("events %v", got)
		}
		must(t, p.Info(t.Context(), map[string]any{"mdmMode": false}))
		if got := r.events(); fmt.Sprint(got) != "[tamper]" || r.report("phone-7").Set[mdm.Camera].State != mdm.Failure {
			t.Errorf("no longer the owner: events %v, %+v", got, r.report("phone-7"))
		}
		for what, info := range map[string]any{"another phone's": "phone-8", "no text": 7} {
			if err := p.Info(t.Context(), map[string]any{"deviceId": info}); err == nil {
				t.Errorf("a report is taken that is %s", what)
			}
		}
		if err := p.Info(t.Context(), map[string]any{"model": strings.Repeat("x", headwind.MaxInfo)}); err == nil {
			t.Error("a report of half a megabyte is taken")
		}
		all := r.bus.Retained("bk/1/d/phone-7/reported")
		for _, private := range []string{"356938035643809", "+447700900123", "51.2"} {
			if strings.Contains(string(all), private) {
				t.Errorf("the report holds %s", private)
			}
		}
		kept, err := os.ReadFile(filepath.Join(r.dir, "phone-7.phone.json"))
		if err != nil || strings.Contains(string(kept), "356938035643809") {
			t.Errorf("kept: %s, %v", kept, err)
		}
	})
}

// What nobody told a phone to do, it is not told it may.
func TestGraveThingsAreNotConfirmed(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.list("phone-7")
		r.want("phone-7", 5, lesson(time.Hour))
		p := r.phone("phone-7")
		must(t, p.Update(t.Context()))
		r.events()
		for _, what := range []string{"", "/reboot", "/password"} {
			if err := p.Confirm(t.Context(), what); err == nil {
				t.Errorf("%q is confirmed", what)
			}
		}
		if got := r.events(); len(got) != 3 {
			t.Errorf("events %v", got)
		}
	})
}

func TestTooManyRequests(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.list("phone-7", "phone-8")
		for _, id := range []string{"phone-7", "phone-8"} {
			r.want(id, 5, lesson(time.Hour))
		}
		p, other := r.phone("phone-7"), r.phone("phone-8")
		for n := range headwind.MaxRequests + 10 {
			if _, err := p.Look(t.Context()); (err == nil) != (n < headwind.MaxRequests) {
				t.Fatalf("request %d: %v", n+1, err)
			}
		}
		must(t, other.Update(t.Context()))
		time.Sleep(time.Minute)
		must(t, p.Update(t.Context()))
	})
}

// A phone holds one poll at a time, and none for ever.
func TestPollsAreBounded(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.list("phone-7")
		r.want("phone-7", 5, lesson(24*time.Hour))
		p := r.phone("phone-7")
		must(t, p.Update(t.Context()))
		began, over := time.Now(), make(chan time.Duration, 2)
		for n := range 2 {
			go func() {
				updated, err := p.Poll(t.Context())
				if updated || err != nil {
					t.Errorf("poll %d: %v, %v", n, updated, err)
				}
				over <- time.Since(began)
			}()
			synctest.Wait()
		}
		if got := <-over; got != 0 {
			t.Errorf("the first poll is held for %v beside the second", got)
		}
		if got := <-over; got != headwind.PollFor {
			t.Errorf("a poll is held for %v", got)
		}
	})
}
