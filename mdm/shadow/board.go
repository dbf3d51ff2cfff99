package shadow

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// Board is every device as it stands, problems first.
type Board struct {
	AsOf    time.Time // school time
	Size    uint64    // changes taken in; see Shadow.Wait
	Counts  map[mdm.Verdict]int
	Rows    []Row     // gravest verdict first, then by id
	Refused uint64    // messages refused since the server started
	Last    []Refusal // the last of them, oldest first
}

// Row is one device.
type Row struct {
	Device mdm.Device
	mdm.Compliance
	Link   mdm.Link
	Want   mdm.Stage // what is desired of it now
	Reason mdm.Reason
	Said   *mdm.Reported // its last report; nil for none
	Heard  time.Time     // school time at which it last reported, by the server's clock; zero for never
	Event  *Happened     // its last event; nil for none

	Refusal *Refusal // the last message of it that was refused; nil for none
}

// fresh is how long a board may be handed out again when nothing changed.
const fresh = time.Second

// Board gives every device as it stands. What it returns is shared: it must
// not be modified.
func (s *Shadow) Board() Board {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if age := now.Sub(s.board.AsOf); s.board.Counts != nil && s.board.Size == s.size && age >= 0 && age < fresh {
		return s.board
	}
	s.board = Board{AsOf: now, Size: s.size, Refused: s.refused.count, Last: slices.Clone(s.refused.last)}
	s.board.Counts, s.board.Rows = s.rows(now)
	return s.board
}

// rows judges every device and puts it in its place; for callers that hold mu.
func (s *Shadow) rows(now time.Time) (counts map[mdm.Verdict]int, rows []Row) {
	counts = map[mdm.Verdict]int{}
	judged := make([]mdm.Compliance, len(s.order))
	for i, id := range s.order {
		judged[i] = s.devices[id].judge(now)
		counts[judged[i].Verdict]++
	}
	next := map[mdm.Verdict]int{} // where its next row goes
	at := 0
	for _, v := range mdm.Verdicts {
		next[v] = at
		at += counts[v]
	}
	rows = make([]Row, len(s.order))
	for i, id := range s.order {
		v := judged[i].Verdict
		rows[next[v]] = s.devices[id].row(judged[i], now)
		next[v]++
	}
	return counts, rows
}

func (e *entry) row(judged mdm.Compliance, now time.Time) Row {
	return Row{Device: e.device, Compliance: judged, Link: e.seen.Link, Want: e.want.At(now),
		Reason: e.want.Reason, Said: e.seen.Report, Heard: e.seen.At, Event: e.event, Refusal: e.refusal}
}

func (e *entry) judge(now time.Time) mdm.Compliance {
	seen := e.seen
	if !e.waitFrom.IsZero() {
		seen.Waited = time.Since(e.waitFrom)
	}
	return mdm.Judge(e.want, seen, now)
}

// age notices devices whose Grace has passed: time alone changes the board.
func (s *Shadow) age() {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := false
	for _, e := range s.devices {
		if !e.overdue && !e.waitFrom.IsZero() && time.Since(e.waitFrom) >= mdm.Grace {
			e.overdue, changed = true, true
		}
	}
	if changed {
		s.touch()
	}
}
