package station

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/firmware-bridge/commission"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// A technician who has gone must not keep the bank from its work: so long after
// the last thing that they did, or that a door did, it goes back to that. What was
// found out is kept.
const (
	idleFor   = 10 * time.Minute
	resultFor = time.Minute // that the end is shown, unless they leave before
)

// errMapping ends the bank's work while its doors are mapped.
var errMapping = errors.New("the doors are to be mapped")

// taking is the kiosk's screen, and stops the bank's work once that says that the
// doors are to be mapped.
type taking struct {
	bridge.Display
	stop context.CancelCauseFunc
}

func (t taking) Show(kiosk string, s locker.Screen) {
	t.Display.Show(kiosk, s)
	if s.Word == locker.Mapping {
		t.stop(errMapping)
	}
}

// atPage finds whoever maps the doors at the kiosk's page; nobody as a rule.
type atPage struct {
	mu  sync.Mutex
	who *pageTechnician
}

func (a *atPage) get() *pageTechnician {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.who
}

func (a *atPage) set(who *pageTechnician) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.who = who
}

// pageTechnician is a technician at the kiosk's page.
type pageTechnician struct {
	show    func(locker.Screen)
	answers chan commission.Answer
	leave   context.CancelCauseFunc
	idle    *time.Timer // ends it

	mu    sync.Mutex
	shown locker.Screen
}

var errLeft = errs.New(errs.NotNow, "The mapping was left before its end. What was found out is kept.", "Choose it again to go on.")

var errLeaving = errs.New(errs.NotNow, "The building is being left. What was found out is kept.", "Leave now. Choose it again after the all-clear.")

// Answers is what they tap.
func (p *pageTechnician) Answers() <-chan commission.Answer { return p.answers }

// Show puts a question on the screen.
func (p *pageTechnician) Show(a commission.Ask) {
	var keys []string
	for _, k := range a.Answers() {
		keys = append(keys, string(a.Kind)+"-"+string(k))
	}
	p.put(locker.Screen{Word: locker.Mapping, Door: a.Door, Says: a.Text(), Next: a.Note.Text(), Keys: strings.Join(keys, " ")})
}

// Refuse says why an answer was not taken.
func (p *pageTechnician) Refuse(err error) {
	p.mu.Lock()
	s := p.shown
	p.mu.Unlock()
	s.Next = err.Error()
	p.put(s)
}

func (p *pageTechnician) put(s locker.Screen) {
	p.mu.Lock()
	p.shown = s
	p.mu.Unlock()
	p.idle.Reset(idleFor)
	p.show(s)
}

// Answer takes an answer from the page to the technician's question. Errors:
// not_now when nobody maps the doors; ctx's.
func (s *Station) Answer(ctx context.Context, kind string, number int) error {
	who := s.atPage.get()
	if who == nil {
		return errs.New(errs.NotNow, "The doors are not being mapped.", "Scan your badge and choose it from the menu.")
	}
	select {
	case who.answers <- commission.Answer{Kind: commission.AnswerKind(kind), Number: number}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// mapAtPage maps the doors with whoever stands at the kiosk's page, and gives the
// cabinet as it is from then on.
func (s *Station) mapAtPage(ctx context.Context, c cabinet.Cabinet) cabinet.Cabinet {
	within, leave := context.WithCancelCause(ctx)
	defer leave(nil)
	idle := time.AfterFunc(idleFor, func() { leave(errLeft) })
	defer idle.Stop()
	show := func(screen locker.Screen) { s.Screens.Show(c.Kiosk.Name, screen) }
	who := &pageTechnician{show: show, answers: make(chan commission.Answer), leave: leave, idle: idle}
	s.atPage.set(who)
	defer s.atPage.set(nil)
	go s.heed(within, leave)

	m, err := s.commission(within, c, who, false)
	if within.Err() != nil {
		err = context.Cause(within)
	}
	end := locker.Screen{Word: locker.Mapping}
	if err == nil {
		end.Says = fmt.Sprintf("All %d doors are mapped.", len(m.Doors))
		if again, reloaded := c.Reload(); reloaded == nil {
			c = again
		}
	} else {
		end.Says, end.Next = err.Error(), errs.HintOf(err)
		slog.Warn("the doors were not mapped", "err", err, "next", errs.HintOf(err))
	}
	if within.Err() == nil {
		show(end)
		select {
		case <-within.Done():
		case <-time.After(resultFor):
		}
	}
	return c
}

// heed takes what comes from outside while the bank does not work. A bar on one of
// its doors that comes meanwhile ends the mapping; orders are not carried out, as
// by a bank that cannot be reached.
func (s *Station) heed(ctx context.Context, leave context.CancelCauseFunc) {
	for {
		select {
		case <-ctx.Done():
			return
		case in := <-s.inputs:
			ruled, is := in.(bridge.Ruled)
			if !is {
				continue
			}
			if ruled.Rules.Plan.Mode == school.Evacuation {
				leave(errLeaving)
			}
			state := locker.NewState(s.Cabinet.Setup)
			if err := bridge.Empty(state, ruled.Rules.Directory, s.Now(), nil); err != nil {
				leave(err)
			}
		}
	}
}
