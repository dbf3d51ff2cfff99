package bridge

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/bellkeep/bellkeep/internal/health"
)

// Equipment is which of a bank's scanners, buses and boards are away. It is safe
// for concurrent use; a nil one notes nothing.
type Equipment struct {
	mu   sync.Mutex
	away map[health.Problem]bool
}

// NewEquipment is equipment of which nothing is known to be away.
func NewEquipment() *Equipment { return &Equipment{away: map[health.Problem]bool{}} }

func (e *Equipment) lost(p health.Problem) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.away[p] = true
}

func (e *Equipment) found(p health.Problem) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.away, p)
}

// lostBus notes a whole bus. What else was the matter with it is told no more.
func (e *Equipment) lostBus(name string) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	maps.DeleteFunc(e.away, func(p health.Problem, _ bool) bool { return p.Code != health.ScannerLost && p.Part == name })
	e.away[busLost(name)] = true
}

// Problems are what is away, in a fixed order.
func (e *Equipment) Problems() []health.Problem {
	if e == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.SortedFunc(maps.Keys(e.away), func(a, b health.Problem) int {
		// scanners first: without one nobody gets as far as a door
		return cmp.Or(-strings.Compare(string(a.Code), string(b.Code)), strings.Compare(a.Part, b.Part), cmp.Compare(a.Board, b.Board))
	})
}

func scannerLost(name string) health.Problem {
	return health.Problem{Code: health.ScannerLost, Part: name}
}

func busLost(name string) health.Problem { return health.Problem{Code: health.BusLost, Part: name} }

func busNoisy(name string) health.Problem { return health.Problem{Code: health.BusNoisy, Part: name} }

// boardSilent takes a board as the driver counts it, from 0.
func boardSilent(bus string, board int) health.Problem {
	return health.Problem{Code: health.BoardSilent, Part: bus, Board: board + 1}
}
