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
	b := Board{AsOf: now, Size: s.size, Counts: map[mdm.Verdict]int{}, Rows: make([]Row, 0, len(s.devices)),
		Refused: s.refused.count, Last: slices.Clone(s.refused.last)}
	byVerdict := map[mdm.Verdict][]Row{}
	for _, id := range s.order {
		row := s.devices[id].row(now)
		byVerdict[row.Verdict] = append(byVerdict[row.Verdict], row)
	}
	for _, v := range mdm.Verdicts {
		b.Rows = append(b.Rows, byVerdict[v]...)
		if n := len(byVerdict[v]); n > 0 {
			b.Counts[v] = n
		}
	}
	s.board = b
	return b
}

func (e *entry) row(now time.Time) Row {
	return Row{Device: e.device, Compliance: e.judge(now), Link: e.seen.Link, Want: e.want.At(now),
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
