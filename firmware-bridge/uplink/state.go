package uplink

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/health"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
)

// The state goes up soon after something happened, and every so often anyway:
// never older than a minute.
const (
	stateEvery = 20 * time.Second
	stateSoon  = 2 * time.Second
)

// report keeps the retained state of the bank fresh, and says it at once when
// the line comes up: a broker that starts anew remembers nothing.
func (l *Link) report(ctx context.Context) error {
	grown := make(chan struct{}, 1)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go watch(watching, l.Log, l.Log.Size(), grown)
	for {
		if err := l.sendState(ctx); err != nil {
			return err
		}
		select {
		case <-grown:
			if wait.For(ctx, stateSoon) != nil {
				return nil
			}
		case <-l.back:
		case <-time.After(stateEvery):
		case <-ctx.Done():
			return nil
		}
	}
}

func (l *Link) sendState(ctx context.Context) error {
	var state wire.BankState
	if err := l.Station.Peek(ctx, func(s *locker.State, rules locker.Rules) { state = l.brief(s, rules) }); err != nil {
		if ctx.Err() == nil {
			warn("the bank is too busy to say how it is", err)
		}
		return nil // it is asked again soon
	}
	return l.tell(ctx, wire.LeafState, state, true)
}

// brief is the bank in so many lines as there are doors that matter.
func (l *Link) brief(s *locker.State, rules locker.Rules) wire.BankState {
	now := l.Now()
	b := wire.BankState{
		V: wire.V, Bank: l.Bank, Epoch: l.Epoch, Size: l.Log.Size(), At: now.Wall, Trusted: now.Trusted, Boot: now.Boot,
		Directory: rules.Directory.Version, Plan: rules.Plan.Version, Software: l.Software,
	}
	if l.Health != nil {
		b.Problems = health.Tidy(l.Health())
	}
	holders := map[int]*locker.Holding{}
	for _, holdings := range []map[string]*locker.Holding{s.Holdings, s.Items} {
		for _, h := range holdings {
			holders[h.Door] = h
		}
	}
	for n, door := range s.Doors {
		_, held := s.Holds[n]
		line := wire.DoorState{Door: n, Contact: door.Contact, Held: held}
		h := holders[n]
		if h != nil {
			line.Person, line.Item, line.Since, line.Unsure = h.Person, h.Item, h.Since.Wall, h.Unsure
		}
		if h != nil || held || door.Contact != locker.Closed {
			b.Doors = append(b.Doors, line)
		}
	}
	slices.SortFunc(b.Doors, func(x, y wire.DoorState) int { return cmp.Compare(x.Door, y.Door) })
	return b
}
