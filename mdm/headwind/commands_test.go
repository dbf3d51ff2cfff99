package headwind_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/headwind/double"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
)

const commandTopic = "bk/1/d/phone-7/cmd"

func command(id string, op mdm.Op, text string, life time.Duration) mdm.Command {
	return mdm.NewCommand("phone-7", id, op, mdm.Args{Text: text}, time.Now(), time.Now().Add(life))
}

// tell sends a command as the school's server does.
func (r *rig) tell(c mdm.Command) {
	r.t.Helper()
	r.tellRaw(sealedCommand(r.t, c))
}

func (r *rig) tellRaw(sealed []byte) {
	r.t.Helper()
	must(r.t, r.bus.Publish(r.t.Context(), commandTopic, sealed, false))
	synctest.Wait()
}

func sealedCommand(t *testing.T, c mdm.Command) []byte {
	t.Helper()
	b, err := json.Marshal(c)
	must(t, err)
	b, err = mdmtest.Seal(wire.TypeCommand, b)
	must(t, err)
	return b
}

// answers holds the answers since the last call against want, "id state", and gives
// their details together.
func (r *rig) answers(what string, want ...string) (details string) {
	r.t.Helper()
	synctest.Wait()
	var got []string
	for _, m := range r.bus.Sent() {
		if !strings.HasSuffix(m.Topic, "/ack") {
			continue
		}
		a, err := mdm.DecodeAck(m.Payload)
		if err != nil || m.Retain || m.Topic != "bk/1/d/phone-7/ack" {
			r.t.Fatalf("%s %s: retained %v, %v", m.Topic, m.Payload, m.Retain, err)
		}
		got = append(got, a.ID+" "+string(a.State))
		details += a.Detail + "\n"
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("%s it is answered %v, want %v", what, got, want)
	}
	return details
}

// office makes a phone that follows a whole day's lesson.
func (r *rig) office() *double.Phone {
	r.t.Helper()
	r.list("phone-7", "phone-8")
	for _, id := range []string{"phone-7", "phone-8"} {
		r.want(id, 3, lesson(100*24*time.Hour))
	}
	p := r.phone("phone-7")
	must(r.t, p.Update(r.t.Context()))
	r.answers("at first")
	return p
}

func TestALockCoversThePhoneUntilItIsUnlocked(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		p := r.office()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		poll(t, ctx, p)
		synctest.Wait()
		r.tell(command("c-1", mdm.Lock, "Lost. Ring the office.", time.Hour))
		said := r.answers("a lock", "c-1 accepted", "c-1 handed-over")
		if text, covered := p.Covered(); !covered || text != "Lost. Ring the office." || !p.Blocked("no_camera") {
			t.Errorf("covered %v with %q", covered, text)
		}
		if want := "fetched " + time.Now().UTC().Format(time.TimeOnly) + ", not confirmed"; !strings.Contains(said, want) {
			t.Errorf("it is said %q", said)
		}
		if got := r.report("phone-7"); got.Set[mdm.Camera].State != mdm.Assumed {
			t.Errorf("the lock makes its settings %+v", got.Set)
		}
		lifted := p.Lifted()
		time.Sleep(2 * time.Hour)
		if _, covered := p.Covered(); !covered || p.Lifted() != lifted {
			t.Errorf("after its end the phone is covered: %v, called %d times", covered, p.Lifted()-lifted)
		}
		r.answers("after its end")
		r.tell(command("c-2", mdm.Unlock, "", time.Hour))
		r.answers("an unlock", "c-2 accepted", "c-2 handed-over")
		if _, covered := p.Covered(); covered || p.Lifted() != lifted+1 {
			t.Errorf("unlocked it is covered: %v, called %d times", covered, p.Lifted()-lifted)
		}
		r.tell(command("c-3", mdm.Sync, "", time.Hour))
		time.Sleep(10 * time.Second) // until it polls again
		r.answers("a sync", "c-3 accepted", "c-3 done")
		time.Sleep(time.Hour)
		if p.Lifted() != lifted+2 {
			t.Errorf("it was called %d times, want 2", p.Lifted()-lifted)
		}
	})
}

// The agent says that it tried whether or not it could, and tries again from what it
// has stored until it has fetched something else.
func TestAPasscodeIsHandedOverOnce(t *testing.T) {
	for locked, want := range map[bool]int{false: 1, true: 0} {
		bubble(t, func(t *testing.T, r *rig) {
			p := r.office()
			p.Locked = locked
			ctx, cancel := context.WithCancel(t.Context())
			poll(t, ctx, p)
			synctest.Wait()
			r.tell(command("c-1", mdm.ClearPasscode, "", time.Hour))
			said := r.answers("a passcode", "c-1 accepted", "c-1 handed-over")
			passcode, times := p.Passcode()
			if times != want || times == 1 && (len(passcode) != 8 || !strings.Contains(said, passcode)) {
				t.Errorf("set %d times to %q; it is said %q", times, passcode, said)
			}
			time.Sleep(time.Minute)
			cancel()
			synctest.Wait()
			if p.Configured("passwordReset") != nil {
				t.Error("the phone keeps the order")
			}
			p.Client = &http.Client{Transport: nowhere{}}
			_ = p.Update(t.Context()) // it finds no network, and does what it has stored
			if _, times := p.Passcode(); times != want {
				t.Errorf("without a network it is set %d times", times)
			}
			if err := p.Confirm(t.Context(), "/password"); err == nil {
				t.Error("no network, and it is answered")
			}
		})
	}
}

type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }

func TestAWipeIsConfirmedOnce(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		p := r.office()
		other := r.phone("phone-8")
		must(t, other.Update(t.Context()))
		r.tell(command("c-1", mdm.Wipe, "", time.Hour))
		refused := func(what string, q *double.Phone) {
			t.Helper()
			r.events()
			if err := q.Confirm(t.Context(), ""); err == nil {
				t.Errorf("%s: it may wipe itself", what)
			}
			if got := r.events(); !slices.Equal(got, []string{"refused"}) {
				t.Errorf("%s: events %v", what, got)
			}
		}
		refused("not fetched yet", p)
		refused("another phone", other)
		must(t, p.Update(t.Context()))
		if p.Wiped() != 1 {
			t.Fatalf("it was wiped %d times", p.Wiped())
		}
		r.answers("told to wipe itself", "c-1 accepted", "c-1 handed-over")
		refused("asked again", p)
		refused("another phone", other)
		r.tell(command("c-1", mdm.Wipe, "", time.Hour))
		r.answers("told again", "c-1 handed-over")
		time.Sleep(time.Minute)
		must(t, p.Update(t.Context())) // set up anew by the same code
		r.answers("set up anew", "c-1 done")
		must(t, p.Update(t.Context()))
		if p.Wiped() != 1 || !p.Blocked("no_camera") {
			t.Errorf("set up anew it was wiped %d times", p.Wiped())
		}
		r.tell(command("c-1", mdm.Wipe, "", time.Hour))
		r.answers("told again when it was done", "c-1 done")
		must(t, p.Update(t.Context()))
		if p.Wiped() != 1 {
			t.Error("a replay wiped it")
		}
	})
}

func TestAWipeThatWasNotDoneIsSaid(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		p := r.office()
		r.tell(command("c-1", mdm.Wipe, "", time.Hour))
		p.Unowned = true
		must(t, p.Update(t.Context()))
		r.answers("without the right", "c-1 accepted", "c-1 failed")
		p.Unowned = false
		r.tell(command("c-2", mdm.Wipe, "", time.Hour))
		must(t, p.Update(t.Context()))
		r.answers("with it", "c-2 accepted", "c-2 handed-over")
		time.Sleep(3 * time.Minute)
		must(t, p.Report(t.Context(), 80)) // it did not
		r.answers("calling still", "c-2 failed")
	})
}

func TestWhatIsOverIsNotDone(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		p := r.office()
		r.tell(command("c-1", mdm.Wipe, "", time.Minute))
		r.tell(command("c-2", mdm.Lock, "", time.Minute))
		r.tell(command("c-3", mdm.ClearPasscode, "", time.Minute))
		r.tell(command("c-4", mdm.Sync, "", time.Minute))
		r.answers("to one that does not come")
		if got := r.report("phone-7").Set[mdm.Camera]; got.State != mdm.Assumed {
			t.Errorf("what it is told to do makes its camera %+v", got)
		}
		time.Sleep(time.Minute + 2*time.Second)
		r.answers("at the end", "c-1 expired", "c-2 expired", "c-3 expired", "c-4 expired")
		must(t, p.Update(t.Context()))
		_, covered := p.Covered()
		_, reset := p.Passcode()
		if covered || reset > 0 || p.Wiped() > 0 {
			t.Errorf("covered %v, %d passcodes, wiped %d times", covered, reset, p.Wiped())
		}
		r.answers("at last")
		r.tell(command("c-5", mdm.Wipe, "", 0))
		r.answers("over when it came", "c-5 expired")

		// It fetches the order in time, and asks when that is over.
		r.tell(command("c-6", mdm.Wipe, "", time.Minute))
		plain := p.Client
		p.Client = &http.Client{Transport: unconfirmed{plain.Transport}}
		must(t, p.Update(t.Context()))
		for _, body := range []string{`{"deviceId":"phone-8"}`, "[]", ""} { // another's, and none
			w := httptest.NewRecorder()
			path := base + "/" + key.Project("phone-7") + "/rest/plugins/devicereset/public/phone-7"
			r.gate.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body)))
			if !strings.Contains(w.Body.String(), "error.permission.denied") {
				t.Errorf("%q is answered %s", body, w.Body)
			}
		}
		time.Sleep(time.Minute + 2*time.Second)
		p.Client = plain
		if err := p.Confirm(t.Context(), ""); err == nil {
			t.Error("it may wipe itself when that is over")
		}
		r.answers("asking too late", "c-6 accepted", "c-6 failed")
		if updated, err := p.Look(t.Context()); !updated || err != nil {
			t.Errorf("the phone keeps the order to wipe itself: %v, %v", updated, err)
		}
	})
}

// unconfirmed loses what a phone asks for leave.
type unconfirmed struct{ http.RoundTripper }

func (u unconfirmed) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, "/devicereset/") {
		return nil, errors.New("no route")
	}
	return u.RoundTripper.RoundTrip(r)
}

// A phone that became evidence after it was told to wipe itself is not told that it
// may.
func TestEvidenceIsNotWiped(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		p := r.office()
		r.tell(command("c-1", mdm.Wipe, "", time.Hour))
		r.tell(command("c-2", mdm.ClearPasscode, "", time.Hour))
		r.tell(command("c-3", mdm.Lock, "", time.Hour))
		kept := lesson(100 * 24 * time.Hour)
		kept.Evidence = true
		r.want("phone-7", 4, kept)
		must(t, p.Update(t.Context()))
		if err := p.Confirm(t.Context(), ""); err == nil || p.Wiped() > 0 {
			t.Error("evidence may wipe itself")
		}
		r.answers("in quarantine", "c-3 accepted", "c-3 handed-over")
		if _, times := p.Passcode(); times > 0 {
			t.Error("evidence has a new passcode")
		}
		r.tell(command("c-4", mdm.Wipe, "", time.Hour))
		r.answers("told in quarantine", "c-1 rejected")
		must(t, p.Update(t.Context()))
		if p.Wiped() > 0 {
			t.Error("evidence is wiped")
		}
		time.Sleep(2 * time.Hour)
		r.answers("at the end", "c-2 expired", "c-4 expired")
	})
}

// What comes out of order is not done: replayed when it is forgotten, retained, for
// another phone, in another envelope, far too long, or beyond the agent.
func TestCommandsOutOfOrderAreNotDone(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		p := r.office()
		first := command("c-1", mdm.Lock, "", time.Minute)
		r.tell(first)
		must(t, p.Update(t.Context()))
		r.answers("a lock", "c-1 accepted", "c-1 handed-over")
		r.tell(command("c-2", mdm.Unlock, "", time.Minute))
		must(t, p.Update(t.Context()))
		r.answers("an unlock", "c-2 accepted", "c-2 handed-over")
		r.tell(first)
		r.answers("told again", "c-1 handed-over")
		time.Sleep(time.Hour)
		r.tell(first)
		r.tell(command("c-3", mdm.Message, "Bring it.", time.Hour))
		r.tell(command("c-4", mdm.Locate, "", time.Hour))
		r.tell(command("c-5", "sing", "", time.Hour))
		r.tell(command("c-6", mdm.Lock, "", 100*24*time.Hour))
		r.answers("these", "c-1 handed-over", "c-3 rejected", "c-4 rejected", "c-5 rejected", "c-6 rejected")
		r.tell(first)
		r.answers("forgotten", "c-1 expired")
		r.events()
		good := command("c-7", mdm.Lock, "", time.Hour)
		elsewhere := good
		elsewhere.Dev = "phone-8"
		r.bus.Repeat(commandTopic, sealedCommand(t, good))
		r.tell(elsewhere)
		b, err := json.Marshal(good)
		must(t, err)
		r.tellRaw(b)
		sealed, err := mdmtest.Seal(wire.TypeDesired, b)
		must(t, err)
		r.tellRaw(sealed)
		r.tellRaw(bytes.Repeat([]byte("x"), 10<<20))
		if got := r.events(); len(got) != 5 {
			t.Errorf("events %v", got)
		}
		must(t, p.Update(t.Context()))
		if _, covered := p.Covered(); covered {
			t.Error("it is covered all the same")
		}
	})
}

// A later lock takes the place of one the phone did not come for.
func TestTheLastLockCounts(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		p := r.office()
		r.tell(command("c-1", mdm.Lock, "One", time.Hour))
		r.tell(command("c-2", mdm.Unlock, "", time.Hour))
		r.tell(command("c-3", mdm.Lock, "Three", time.Hour))
		r.answers("one after the other", "c-1 rejected", "c-2 rejected")
		must(t, p.Update(t.Context()))
		r.answers("then", "c-3 accepted", "c-3 handed-over")
		if text, _ := p.Covered(); text != "Three" {
			t.Errorf("it shows %q", text)
		}
	})
}

// Between a command and the phone's next word the gateway starts again; and once
// more after everything was done, with the broker forgetting what it was told.
func TestCommandsOutliveTheGateway(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, dir, mdmtest.NewBus())
		p := r.office()
		lock, wipe := command("c-1", mdm.Lock, "Lost", time.Hour), command("c-2", mdm.Wipe, "", time.Hour)
		again := func() {
			r.stop()
			r = newRig(t, dir, r.bus)
			p.Client = &http.Client{Transport: direct{r.gate}}
		}
		r.tell(lock)
		again()
		r.tell(lock)
		must(t, p.Update(t.Context()))
		r.answers("after a restart", "c-1 accepted", "c-1 handed-over")
		if text, covered := p.Covered(); !covered || text != "Lost" {
			t.Error("the restart lost the lock")
		}
		again()
		r.tell(lock)
		if said := r.answers("told again after a restart", "c-1 handed-over"); !strings.Contains(said, "fetched") {
			t.Errorf("it is said %q", said)
		}
		if updated, _ := p.Look(t.Context()); updated {
			t.Error("it is called again for what it did")
		}
		r.tell(wipe)
		must(t, p.Update(t.Context()))
		r.answers("a wipe", "c-2 accepted", "c-2 handed-over")
		again()
		if err := p.Confirm(t.Context(), ""); err == nil {
			t.Error("after a restart it may wipe itself once more")
		}
		must(t, p.Update(t.Context()))
		r.answers("set up anew", "c-2 done")
		if p.Wiped() != 1 {
			t.Errorf("it was wiped %d times", p.Wiped())
		}
		r.stop()
		must(t, os.WriteFile(filepath.Join(dir, "phone-7.commands.json"), []byte("garbage"), 0o600))
		time.Sleep(time.Second)
		r = newRig(t, dir, r.bus)
		p.Client = &http.Client{Transport: direct{r.gate}}
		r.tell(wipe)
		r.answers("with its memory lost", "c-2 rejected")
		r.stop()
	})
}

// A phone that was told only one thing so far, and did not come for it yet, finds it
// after a restart.
func TestTheFirstCommandOutlivesTheGateway(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, dir, mdmtest.NewBus())
		p := r.office()
		lock := command("c-1", mdm.Lock, "Lost", time.Hour)
		r.tell(lock)
		time.Sleep(time.Minute)
		r.stop()
		r = newRig(t, dir, r.bus)
		p.Client = &http.Client{Transport: direct{r.gate}}
		r.tell(lock) // as at the start of each session
		must(t, p.Update(t.Context()))
		r.answers("after a restart", "c-1 accepted", "c-1 handed-over")
		if text, covered := p.Covered(); !covered || text != "Lost" {
			t.Error("the restart lost the lock")
		}
		r.stop()
	})
}

// What was asked for before a phone was listed is done; what was asked for before the
// gateway's folder was begun may have been done by another.
func TestWhatAnotherGatewayMayHaveDoneIsNotDone(t *testing.T) {
	dir, fresh := t.TempDir(), t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, dir, mdmtest.NewBus())
		time.Sleep(time.Minute)
		c := command("c-1", mdm.Lock, "", time.Hour)
		time.Sleep(time.Minute)
		p := r.office()
		r.tell(c)
		must(t, p.Update(t.Context()))
		r.answers("asked for before the phone was listed", "c-1 accepted", "c-1 handed-over")
		r.stop()
		must(t, os.Remove(filepath.Join(dir, "phone-7.phone.json"))) // which is not what it did
		r = newRig(t, dir, r.bus)
		r.tell(c)
		r.answers("told again", "c-1 handed-over")
		r.stop()
		r = newRig(t, fresh, r.bus)
		r.tell(c)
		r.answers("with another folder", "c-1 rejected")
		r.stop()
	})
}

// Nothing is done that cannot be remembered.
func TestAFullDiskDoesNothing(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		p := r.office()
		r.tell(command("c-1", mdm.Wipe, "", time.Hour))
		plain := p.Client
		p.Client = &http.Client{Transport: unconfirmed{plain.Transport}}
		must(t, p.Update(t.Context()))
		p.Client = plain
		r.answers("a wipe", "c-1 accepted")
		path := filepath.Join(r.dir, "phone-7.commands.json")
		must(t, os.Remove(path))
		must(t, os.Mkdir(path, 0o700)) // which no file can take the place of
		r.tell(command("c-2", mdm.Lock, "", time.Hour))
		r.answers("a lock", "c-2 rejected")
		if err := p.Confirm(t.Context(), ""); err == nil {
			t.Error("it may wipe itself, and nobody will know")
		}
		must(t, os.Remove(path))
		must(t, p.Confirm(t.Context(), ""))
		r.answers("with room again", "c-1 handed-over")
	})
}

// A command that went out while the gateway was away is sent again, because each
// phone begins a session when the line stands again.
func TestEachConnectionIsASession(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.office()
		before := r.presence("phone-7")
		r.gate.Up()
		synctest.Wait()
		after := r.presence("phone-7")
		if !after.Online || after.Session == before.Session || r.report("phone-7").Session != after.Session {
			t.Errorf("before %+v, after %+v, reported in %s", before, after, r.report("phone-7").Session)
		}
	})
}
