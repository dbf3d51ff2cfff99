package apple

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/micromdm/plist"
	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/mdm"
)

// world is a device, what is kept of it, and what was said of what it was told.
type world struct {
	rapid.TB
	draw   *rapid.T // nil where nothing is drawn
	dev    *Device
	pad    *ipad
	now    time.Time
	n      int
	hidden map[string]bool         // what it was not asked about since somebody changed it behind our back
	acks   map[string]mdm.AckState // by command
	asked  map[mdm.Op]int
	last   []mdm.Command
}

func newWorld(t *rapid.T) *world {
	w := empty(t)
	w.draw = t
	w.enrol()
	w.change(0)
	return w
}

func empty(t rapid.TB) *world {
	w := &world{TB: t, now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), hidden: map[string]bool{}, acks: map[string]mdm.AckState{}, asked: map[mdm.Op]int{}}
	w.dev, w.pad = NewDevice("ipad-7", time.Time{}), newIPad(true)
	w.dev.KeepUnlockToken([]byte("sealed"))
	return w
}

func (w *world) use(t *rapid.T) { w.TB, w.draw = t, t }

func (w *world) enrol() {
	w.pad.blank, w.pad.profiles, w.hidden = false, map[string]map[string]any{}, map[string]bool{}
	w.heard(w.dev.Enrolled(Traits{UDID: "U", Serial: "S", OSVersion: w.pad.os}, w.now))
}

func (w *world) change(soonest time.Duration) { w.want(drawStage(w.draw, w.now, soonest)) }

func (w *world) want(stage mdm.Stage) {
	doc := mdm.Desired{V: 1, Dev: "ipad-7", Rev: w.dev.Want.Rev + 1, TS: w.now, Lists: lists, Stage: stage}
	if news, err := w.dev.Accept(doc); !news || err != nil {
		w.Fatal(news, err)
	}
}

func (w *world) ports() Ports {
	return Ports{
		NewUUID: func() string { w.n++; return fmt.Sprintf("uuid-%d", w.n) },
		Unseal:  func(b []byte) ([]byte, error) { return b, nil },
	}
}

// heard checks that answers follow each other as they may.
func (w *world) heard(acks []mdm.Ack) {
	for _, a := range acks {
		was, said := w.acks[a.ID]
		if said && was.Final() && was != a.State && !a.State.MayFollow(was) {
			w.Fatalf("%s: %s after %s", a.ID, a.State, was)
		}
		w.acks[a.ID] = a.State
	}
}

// fate is what becomes of a command on its way.
type fate int

const (
	fine fate = iota
	notNow
	fails
	never  // the device never got it
	unsaid // it did it, and nobody hears of that
)

// poll lets the device come by until it is given nothing, or a message is lost.
func (w *world) poll(fates func() fate) {
	if w.pad.blank {
		w.enrol()
	}
	w.pad.pass(w.now)
	w.answer("", "Idle", nil)
	for turn := 0; ; turn++ {
		if turn > 60 {
			w.Fatalf("there is no end to it: %v", w.pad.did[len(w.pad.did)-12:])
		}
		c, acks, err := w.dev.Next(w.now, w.ports())
		w.heard(acks)
		if err != nil {
			w.Fatal(err)
		}
		if c == nil {
			return
		}
		w.check()
		if strings.Contains(string(c.Raw), "EraseDevice") || strings.Contains(string(c.Raw), "ClearPasscode") {
			if w.dev.Want.At(w.now).Evidence {
				w.Fatalf("%s while it is evidence", c.RequestType)
			}
		}
		switch fates() {
		case fine:
			a := w.pad.obey(c.Raw)
			w.neverStale(c)
			delete(w.hidden, c.RequestType)
			w.answer(c.UUID, "Acknowledged", a)
		case notNow:
			w.answer(c.UUID, "NotNow", map[string]any{})
		case fails:
			w.answer(c.UUID, "Error", map[string]any{"ErrorChain": []any{map[string]any{"USEnglishDescription": "no"}}})
		case unsaid:
			w.pad.obey(c.Raw)
			return
		case never:
			return
		}
		if w.pad.blank {
			return
		}
	}
}

func (w *world) answer(uuid, status string, a map[string]any) {
	var raw []byte
	if a != nil {
		a["Status"] = status
		var err error
		if raw, err = plist.Marshal(a); err != nil {
			w.Fatal(err)
		}
	}
	acks, _, err := w.dev.Answer(w.now, uuid, status, raw)
	if err != nil {
		w.Fatal(err)
	}
	w.heard(acks)
	w.check()
}

// neverStale checks that no profile goes out that asks for what is not wanted now.
func (w *world) neverStale(c *Command) {
	set := w.dev.Want.At(w.now).Set
	if c.RequestType != cmdInstall {
		return
	}
	var cmd struct{ Command struct{ Payload []byte } }
	if err := plist.Unmarshal(c.Raw, &cmd); err != nil {
		w.Fatal(err)
	}
	for key, s := range map[string]mdm.Setting{"allowCamera": mdm.Camera, "allowAirDrop": mdm.Share, "allowScreenShot": mdm.Screen} {
		if strings.Contains(string(cmd.Command.Payload), "<key>"+key+"</key>") && set[s] != mdm.Block {
			w.Fatalf("a profile forbids %s, which is %s", s, set[s])
		}
	}
}

// check holds what is reported against what the device is.
func (w *world) check() {
	r := w.dev.Report("s", w.now)
	set := w.dev.Want.At(w.now).Set
	for _, s := range slices.Sorted(maps.Keys(r.Set)) {
		o := r.Set[s]
		hidden := w.hidden[cmdList] || s == mdm.PasscodeSetting && w.hidden[cmdSecurity]
		if o.State == mdm.Applied && (o.Value != set[s] || !hidden && !w.pad.holds(s, set[s])) {
			w.Fatalf("%s is reported as %v and is not: wanted %s; has %v, radio %v", s, o, set[s], w.pad.profiles, w.pad.radio)
		}
	}
}

// settle lets all come right, and checks that it is right.
func (w *world) settle() {
	w.pad.passcode = 16
	w.change(100 * time.Hour)
	for range 4 {
		w.now = w.now.Add(7 * time.Hour)
		w.poll(func() fate { return fine })
	}
	r := w.dev.Report("s", w.now)
	for s, v := range w.dev.Want.At(w.now).Set {
		switch o := r.Set[s]; {
		case !w.pad.able(s, v):
			if o.State != mdm.Unsupported {
				w.Fatalf("%s cannot be %s and is reported as %v", s, v, o)
			}
		case o.State != mdm.Applied || !w.pad.holds(s, v):
			w.Fatalf("%s is to be %s and is reported as %v; has %v, radio %v; steps %+v", s, v, o, w.pad.profiles, w.pad.radio, w.dev.steps(w.now))
		}
	}
	if w.dev.Behind(w.now) {
		w.Fatalf("it is woken for nothing: %+v", w.dev.steps(w.now))
	}
}

func TestWhatIsReportedIsWhatTheDeviceHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		t.Repeat(map[string]func(*rapid.T){
			"": func(*rapid.T) {
				w.check()
				for op, n := range w.asked {
					if done := w.done(op); done > n {
						w.Fatalf("%s was done %d times and asked for %d times", op, done, n)
					}
				}
			},
			"change": func(t *rapid.T) { w.use(t); w.change(0) },
			"wait": func(t *rapid.T) {
				w.now = w.now.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "minutes")) * time.Minute)
				w.pad.pass(w.now)
			},
			"poll": func(t *rapid.T) { w.use(t); w.poll(func() fate { return fine }) },
			"stumble": func(t *rapid.T) {
				w.use(t)
				w.poll(func() fate {
					return rapid.SampledFrom([]fate{fine, fine, notNow, fails, never, unsaid}).Draw(t, "fate")
				})
			},
			"turn": func(*rapid.T) {
				if w.pad.may("allowBluetoothModification") && !w.hidden[cmdList] { // nobody can ask how it is
					w.pad.radio = !w.pad.radio
				}
			},
			"take off": func(t *rapid.T) {
				for id := range w.pad.profiles {
					delete(w.pad.profiles, id)
				}
				w.hidden = map[string]bool{cmdList: true, cmdSecurity: true}
			},
			"passcode": func(t *rapid.T) {
				if least := w.pad.number(passcode, "minLength", true); least == 0 || w.pad.passcode < least {
					w.pad.passcode = rapid.SampledFrom([]int{0, 4, 6, 10}).Draw(t, "length")
				}
			},
			"enrol": func(t *rapid.T) {
				w.use(t)
				w.pad.supervised = rapid.Bool().Draw(t, "supervised")
				w.enrol()
			},
			"update":  func(*rapid.T) { w.pad.os = "26.1" },
			"restart": func(t *rapid.T) { w.use(t); w.restart() },
			"tell":    func(t *rapid.T) { w.use(t); w.tell(rapid.SampledFrom(mdm.Ops).Draw(t, "op")) },
			"repeat": func(t *rapid.T) {
				if len(w.last) > 0 {
					w.use(t)
					c := rapid.SampledFrom(w.last).Draw(t, "again")
					if acks := w.dev.Ask(c, w.now); w.now.Before(c.Exp) { // later it is forgotten, and expired
						w.heard(acks)
					}
				}
			},
			"settle": func(t *rapid.T) { w.use(t); w.settle() },
		})
		w.use(t)
		w.settle()
	})
}

// restart takes the device up from what is kept on disk, which is all of it.
func (w *world) restart() {
	before, behind := w.dev.Report("s", w.now), w.dev.Behind(w.now)
	b, err := json.Marshal(w.dev)
	if err != nil {
		w.Fatal(err)
	}
	w.dev = new(Device)
	if err := json.Unmarshal(b, w.dev); err != nil {
		w.Fatal(err)
	}
	if after := w.dev.Report("s", w.now); !after.Same(before) || w.dev.Behind(w.now) != behind {
		w.Fatalf("after a restart it is %v, was %v", after, before)
	}
}

func (w *world) tell(op mdm.Op) {
	args := mdm.Args{}
	if op == mdm.Message {
		args.Text = "Bring it back."
	}
	c := mdm.NewCommand("ipad-7", fmt.Sprintf("c-%d", len(w.last)), op, args, w.now, w.now.Add(3*time.Hour))
	w.last = append(w.last, c)
	w.asked[op]++
	w.heard(w.dev.Ask(c, w.now))
}

// done is how often the iPad did what an operation stands for.
func (w *world) done(op mdm.Op) (n int) {
	names := map[mdm.Op][]string{mdm.Wipe: {cmdErase}, mdm.ClearPasscode: {cmdClearPasscode}, mdm.Lock: {cmdLock, cmdEnableLost}, mdm.Unlock: {cmdDisableLost}, mdm.Locate: {cmdLocation}}[op]
	for _, did := range w.pad.did {
		if slices.Contains(names, did) {
			n++
		}
	}
	return n
}
