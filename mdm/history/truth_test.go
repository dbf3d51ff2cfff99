package history_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// truthLine is one line of a fleet's own account of what its devices really were;
// nothing in the product reads it.
type truthLine struct {
	At      time.Time   `json:"at"`
	Dev     string      `json:"dev"`
	Setting mdm.Setting `json:"setting,omitempty"`
	Value   mdm.Value   `json:"value,omitzero"`
	Online  *bool       `json:"online,omitempty"`
}

// player is a device of the fleet, with its agent.
type player struct {
	id      string
	device  *pretend.Device
	store   agent.File
	online  bool
	session int
	stop    func()
	was     map[mdm.Setting]mdm.Value
}

// fleet plays devices beside a shadow and a history, in a bubble of synctest, and
// writes down the truth.
type fleet struct {
	t       *testing.T
	bus     *mdmtest.Bus
	shadow  *shadow.Shadow
	store   *history.Store
	players []*player
	truth   bytes.Buffer
	began   time.Time
}

const played = 40 // devices

// Devices are all that play. Version never changes.
func (f *fleet) Devices() []mdm.Device {
	var list []mdm.Device
	for i := range played {
		list = append(list, mdm.Device{ID: fmt.Sprintf("pad-%d", i), Groups: []string{"trolley"}, Platform: "pretend"})
	}
	return list
}

func (f *fleet) Version() uint64 { return 1 }

func (f *fleet) At(time.Time) (mdm.Rules, uint64) {
	set := mdm.Set{mdm.Camera: mdm.Block, mdm.Share: mdm.Block}
	return mdm.Rules{Profiles: []mdm.Profile{{ID: "exam", Set: set}}, Assignments: []mdm.Assignment{{Profile: "exam", Periods: []mdm.Mode{history.Exam}}}}, 1
}

func (f *fleet) day(time.Time) []mdm.Period {
	return []mdm.Period{
		{Kind: "registration", Name: "Registration", From: f.began.Add(2 * time.Minute), Until: f.began.Add(5 * time.Minute)},
		{Kind: history.Exam, Name: "Maths", From: f.began.Add(5 * time.Minute), Until: f.began.Add(20 * time.Minute)},
		{Kind: mdm.Break, Name: "Break", From: f.began.Add(20 * time.Minute), Until: f.began.Add(30 * time.Minute)},
	}
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, bus: mdmtest.NewBus(), began: time.Now()}
	log, err := memlog.New("school", time.Now)
	must(t, err)
	board := &late{}
	f.store = history.New(history.Config{Dir: t.TempDir(), Book: history.NewBook(log, func() ledger.Stamp { return ledger.Stamp{Wall: time.Now().UTC(), Trusted: true} }),
		Board: board, Day: f.day, Now: time.Now, Years: func() int { return 1 }, Log: slog.New(slog.DiscardHandler)})
	f.shadow, err = shadow.New(shadow.Config{Root: wire.DefaultRoot, Bus: f.bus, Fleet: f, Rules: f, Revs: shadow.RevFile(filepath.Join(t.TempDir(), "revs.json")),
		Seal: mdmtest.Seal, Day: f.day, Now: time.Now, Watch: f.store.Watch})
	must(t, err)
	board.Shadow = f.shadow
	must(t, f.shadow.Open(t.Context()))
	go func() { _ = f.shadow.Run(t.Context(), func(err error) { t.Error(err) }) }() // it ends with the test
	for i, d := range f.Devices() {
		nature := pretend.Nature{}
		switch {
		case i%10 == 3:
			nature.Refuse = map[mdm.Setting]string{mdm.Camera: "it does not want to"}
		case i == 15:
			nature.Lack = map[mdm.Setting]bool{mdm.Share: true}
		case i == 25:
			nature.Delay = 4 * time.Second
		}
		f.players = append(f.players, &player{id: d.ID, device: pretend.New(nature, time.Now), store: agent.File(filepath.Join(t.TempDir(), d.ID)), was: map[mdm.Setting]mdm.Value{}})
	}
	return f
}

// late is a shadow's board, once there is a shadow.
type late struct{ *shadow.Shadow }

func (f *fleet) connect(p *player) {
	ctx, cancel := context.WithCancel(f.t.Context())
	a := agent.New(agent.Config{Device: p.id, Root: wire.DefaultRoot, Platform: p.device, Store: p.store, Open: mdmtest.Open, Now: time.Now, Changed: p.device.Changed()})
	done := make(chan struct{})
	go func() { defer close(done); _ = a.Run(ctx, f.bus) }() // it ends with ctx
	p.session++
	session := fmt.Sprintf("%s-%d", p.id, p.session)
	birth := mdm.NewPresence(true, session, time.Now())
	a.Hello(birth)
	p.online = true
	p.stop = func() {
		cancel()
		<-done
		death, err := json.Marshal(mdm.NewPresence(false, session, birth.TS))
		must(f.t, err)
		must(f.t, f.bus.Publish(f.t.Context(), "bk/1/d/"+p.id+"/presence", death, true))
		p.online = false
	}
	f.write(truthLine{Dev: p.id, Online: &p.online})
}

func (f *fleet) disconnect(p *player) {
	p.stop()
	f.write(truthLine{Dev: p.id, Online: &p.online})
}

func (f *fleet) write(l truthLine) {
	l.At = time.Now().UTC()
	b, err := json.Marshal(l)
	must(f.t, err)
	f.truth.Write(append(b, '\n'))
}

// play lets time go on until so long after the beginning, half a second at a
// time.
func (f *fleet) play(until time.Duration) {
	for time.Since(f.began) < until {
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		for _, p := range f.players {
			for s := range mdm.Unmanaged() {
				if v := p.device.Read(s).Value; v != p.was[s] {
					p.was[s] = v
					f.write(truthLine{Dev: p.id, Setting: s, Value: v})
				}
			}
		}
		must(f.t, f.store.Step(f.t.Context()))
	}
}

// being is how a device really was.
type being struct {
	online bool
	set    map[mdm.Setting]mdm.Value
	calm   time.Time // of its last change
}

// truths replays the fleet's account to every moment, in order.
func truths(t *testing.T, file []byte, at []time.Time, see func(at time.Time, dev string, b being)) {
	t.Helper()
	all := map[string]*being{}
	var lines []truthLine
	for text := range bytes.Lines(file) {
		var l truthLine
		must(t, json.Unmarshal(text, &l))
		lines = append(lines, l)
	}
	for _, moment := range at {
		for len(lines) > 0 && !lines[0].At.After(moment) {
			l := lines[0]
			lines = lines[1:]
			b := all[l.Dev]
			if b == nil {
				b = &being{set: map[mdm.Setting]mdm.Value{}}
				all[l.Dev] = b
			}
			b.calm = l.At
			if l.Online != nil {
				b.online = *l.Online
			} else {
				b.set[l.Setting] = l.Value
			}
		}
		for dev, b := range all {
			see(moment, dev, *b)
		}
	}
}

// verdict is what a board must say of a device that is so, with nothing under way.
func (b being) verdict(want mdm.Set) mdm.Verdict {
	switch {
	case !b.online:
		return mdm.Offline
	default:
		for s, v := range want {
			if b.set[s] != v {
				return mdm.Violating
			}
		}
	}
	return mdm.InForce
}

// TestComplianceEqualsTheTruth: with one in ten disobedient and one in ten offline,
// the board says of every device what its own account says, and the history never
// tells a value as reported that the device did not have.
func TestComplianceEqualsTheTruth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t)
		for _, p := range f.players {
			f.connect(p)
		}
		boards := map[time.Time]map[string]mdm.Compliance{}
		wants := map[time.Time]map[string]mdm.Set{}
		look := func() {
			now := time.Now()
			boards[now], wants[now] = map[string]mdm.Compliance{}, map[string]mdm.Set{}
			for _, r := range f.shadow.Board().Rows {
				boards[now][r.Device.ID], wants[now][r.Device.ID] = r.Compliance, r.Want.Set
			}
		}
		var moments []time.Time
		script := []struct {
			at time.Duration
			do func()
		}{
			{7 * time.Minute, func() { // in the exam: every tenth goes
				for i, p := range f.players {
					if i%10 == 4 {
						f.disconnect(p)
					}
				}
			}},
			{10 * time.Minute, func() { f.players[7].device.Tamper(mdm.Camera, mdm.User) }},
			{12 * time.Minute, func() { // half of them come back
				for i, p := range f.players {
					if i%20 == 4 {
						f.connect(p)
					}
				}
			}},
			{22 * time.Minute, func() {}},
		}
		for _, s := range script {
			for time.Since(f.began) < s.at {
				f.play(min(s.at, time.Since(f.began)+55*time.Second))
				look()
				moments = append(moments, time.Now())
			}
			s.do()
		}
		f.check(moments, boards, wants)
		for _, p := range f.players {
			if p.online {
				p.stop()
			}
		}
	})
}

// check holds what the server says beside the truth.
func (f *fleet) check(moments []time.Time, boards map[time.Time]map[string]mdm.Compliance, wants map[time.Time]map[string]mdm.Set) {
	compared, verdicts := 0, map[mdm.Verdict]int{}
	truths(f.t, f.truth.Bytes(), moments, func(at time.Time, dev string, b being) {
		got := boards[at][dev].Verdict
		if at.Sub(b.calm) < mdm.Grace || got == mdm.Pending {
			return // on its way
		}
		compared++
		verdicts[got]++
		if want := b.verdict(wants[at][dev]); got != want {
			f.t.Errorf("%s at %s is %s, and in truth %s", dev, at.Sub(f.began), got, want)
		}
	})
	for v, least := range map[mdm.Verdict]int{mdm.InForce: 500, mdm.Violating: 50, mdm.Offline: 25} {
		if verdicts[v] < least {
			f.t.Errorf("only %d of %d were %s", verdicts[v], compared, v)
		}
	}
	f.checkHistory()
}

func (f *fleet) checkHistory() {
	day, err := f.store.Read(school.DateOf(f.began))
	must(f.t, err)
	if d := day.Proof(f.began.Add(20 * time.Minute)); d != history.Proved {
		f.t.Errorf("the proof is %d", d)
	}
	var moments []time.Time
	for at := f.began.Add(time.Minute); at.Before(day.Last); at = at.Add(7 * time.Second) {
		moments = append(moments, at)
	}
	told := map[history.Knowing]int{}
	truths(f.t, f.truth.Bytes(), moments, func(at time.Time, dev string, b being) {
		spans := day.Of(dev, mdm.Camera, at, at.Add(time.Millisecond))
		if at.Sub(b.calm) < 2*time.Second || len(spans) == 0 {
			return
		}
		s := spans[0]
		told[s.Knowing]++
		switch {
		case s.Knowing == history.Reported && (!b.online || s.Value != b.set[mdm.Camera]):
			f.t.Errorf("%s at %s is told to be %s, and in truth is %s, online %v", dev, at.Sub(f.began), s.Value, b.set[mdm.Camera], b.online)
		case s.Knowing != history.Reported && b.online:
			f.t.Errorf("%s at %s is told as %s, and is there", dev, at.Sub(f.began), s.Knowing)
		}
	})
	if told[history.Reported] < 3000 || told[history.Away] < 100 {
		f.t.Errorf("%v", told)
	}
}
