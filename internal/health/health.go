// Package health is what may be the matter with a bank's computer and with what
// is plugged into it: the codes that travel to the school's server, and the
// words that the bank's own page, its check and the office board all use.
package health

import (
	"fmt"
	"time"
)

// Code names a problem.
type Code string

// What may be the matter, gravest first.
const (
	ScannerLost   Code = "scanner-lost"   // no badge can be read there
	BusLost       Code = "bus-lost"       // the adapter of a bus is away
	BoardSilent   Code = "board-silent"   // one lock board does not answer
	BusNoisy      Code = "bus-noisy"      // no order is let onto it
	Unmapped      Code = "unmapped"       // nobody knows which door hangs on which lock
	LedgerDamaged Code = "ledger-damaged" // a check of the record found damage
	DiskLow       Code = "disk-low"       // or there is no room for the reserve
	Undervoltage  Code = "undervoltage"
	Hot           Code = "hot"
	ClockUnsure   Code = "clock-unsure" // nobody vouches for the time
)

// Limits of what travels.
const (
	MaxProblems = 16 // of one bank
	MaxPart     = 64 // bytes
)

// Problem is one thing that a person should see to.
type Problem struct {
	Code  Code      `json:"code"`
	Part  string    `json:"part,omitempty"`  // the scanner or bus, as the bank's file names it
	Board int       `json:"board,omitempty"` // on that bus, counted from 1
	Since time.Time `json:"since,omitzero"`  // school time; zero when not known
}

// Same reports whether both say the same, whenever that began.
func (p Problem) Same(q Problem) bool {
	return p.Code == q.Code && p.Part == q.Part && p.Board == q.Board
}

// Doors reports whether the doors concerned say so themselves, each by its
// number, by not answering.
func (p Problem) Doors() bool { return p.Code == BusLost || p.Code == BoardSilent }

// Words say what is the matter and what to do next.
func (p Problem) Words() (what, next string) {
	switch p.Code {
	case ScannerLost:
		return fmt.Sprintf("The scanner %s is not there.", p.Part),
			"Plug it in again, into the same socket; it is then picked up by itself. If it stays away, use another cable or scanner."
	case BusLost:
		return fmt.Sprintf("The lock boards on bus %s cannot be reached.", p.Part),
			"Plug their adapter in again, into the same socket, and look at its cable. Until then use the keys."
	case BoardSilent:
		return fmt.Sprintf("Lock board %d on bus %s does not answer.", p.Board, p.Part),
			"Check the board's power, its cable and its address switches. The other boards go on."
	case BusNoisy:
		return fmt.Sprintf("There is noise on bus %s, so none of its doors opens.", p.Part),
			"Look at its cable, the ends of it and the earthing of the lock boards. Doors open again as soon as it is quiet; until then use the keys."
	case Unmapped:
		return "The bank opens nothing: its door map is missing, or does not fit its file.",
			"Run bellkeep-bank check, which says what does not fit, and map the doors with bellkeep-bank commission."
	case LedgerDamaged:
		return "The bank's record is damaged.",
			"Its doors go on working. Run: bellkeep ledger verify; and tell whoever looks after the server before anything is changed."
	case DiskLow:
		return "The bank's disk is almost full.",
			"Free at least 100 MB on it, or put in a larger card; then restart the bank. When it is full, the bank stops."
	case Undervoltage:
		return "The bank's computer has had too little voltage.",
			"Give it its own 5 V supply, the one made for it, and a short cable. Locks need a supply of their own."
	case Hot:
		return "The bank's computer is hot, and slows down.",
			"Give it air: clear its vents, or fit a heat sink or a fan."
	case ClockUnsure:
		return "The bank's clock is not synchronised.",
			"Check its network, and that /etc/chrony/sources.d/bellkeep.sources names the school's server. Phones go in at any time; they come out once the time is known, or by staff."
	}
	return "The bank's computer needs a look.", "Open its health page: bellkeep-bank check says the same."
}

// Tidy drops what nobody could have meant and what is more than MaxProblems.
func Tidy(list []Problem) []Problem {
	var kept []Problem
	for _, p := range list {
		if p.Code != "" && len(p.Code) <= MaxPart && len(p.Part) <= MaxPart && p.Board >= 0 && len(kept) < MaxProblems {
			kept = append(kept, p)
		}
	}
	return kept
}
