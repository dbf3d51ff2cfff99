package board

import (
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// inForce is where a decision holds, and where not yet.
type inForce struct {
	At  []forceAt
	Not []forceAt
}

// Everywhere tells whether no bank is left out.
func (f inForce) Everywhere() bool { return len(f.Not) == 0 }

// forceAt is one bank: in force since, or not and why.
type forceAt struct {
	Bank    string // its short name
	Since   string // when it came into force there, to the second
	Offline bool
	Gone    string // since when offline; "" when it never was online
}

// memo keeps where each record is in force, for one scene.
type memo struct {
	mu   sync.Mutex
	kept map[uint64]inForce
}

// inForce says where the record at seq of the school's ledger is in force.
func (s *scene) inForce(seq uint64) inForce {
	s.memo.mu.Lock()
	defer s.memo.mu.Unlock()
	if f, ok := s.memo.kept[seq]; ok {
		return f
	}
	if s.memo.kept == nil {
		s.memo.kept = map[uint64]inForce{}
	}
	var f inForce
	for _, b := range s.force.InForce(seq) {
		f.add(s.forceAt(b))
	}
	s.memo.kept[seq] = f
	return f
}

func (f *inForce) add(at forceAt) {
	if at.Since != "" {
		f.At = append(f.At, at)
	} else {
		f.Not = append(f.Not, at)
	}
}

func (s *scene) forceAt(f banks.Force) forceAt {
	return forceAt{Bank: kit.BankName(f.Bank.Setup.Bank), Since: s.seconds(f.Since),
		Offline: !f.Online, Gone: s.clock(s.schoolTime(f.Seen))}
}

// ended says where the end of a bar is in force. A bank's record tells only
// which rules it goes by, so a bank that goes by rules newer than the bar's end
// and older than the newest counts as not yet: it keeps shut what might be open.
func (s *scene) ended(bar desk.Bar) inForce {
	given := s.rules.Directory != nil
	for i := 0; given && i < len(s.rules.Directory.Bars); i++ {
		given = s.rules.Directory.Bars[i].ID != bar.ID
	}
	var f inForce
	for _, b := range s.banks {
		at := banks.Force{Bank: b.Bank, Online: b.Online, Seen: b.Status.Since}
		if given && b.Board.Directory.Version >= s.rules.Directory.Version {
			at.Since = b.Board.Directory.Since
		}
		f.add(s.forceAt(at))
	}
	return f
}

// notYetAt counts, bank by bank, the bars that are not in force there.
func (s *scene) notYetAt() map[string]int {
	missing := map[string]int{}
	for _, bar := range s.bars {
		for _, at := range s.inForce(bar.Seq).Not {
			missing[at.Bank]++
		}
	}
	return missing
}

// endings are the bars ended through these pages, newest last, so that their
// page can still say where the end is in force.
type endings struct {
	mu   sync.Mutex
	list []ending
}

type ending struct {
	desk.Bar
	EndedBy string
	At      time.Time // school time
}

// mostEndings bounds them.
const mostEndings = 200

func (e *endings) add(end ending) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, end)
	e.list = e.list[max(0, len(e.list)-mostEndings):]
}

func (e *endings) find(bar string) (ending, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, end := range e.list {
		if end.ID == bar {
			return end, true
		}
	}
	return ending{}, false
}
