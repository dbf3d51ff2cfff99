package change

import (
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// State is how far a request has come.
type State string

// The states.
const (
	Waiting   State = "waiting"
	Refused   State = "refused"
	Published State = "published"
	Cancelled State = "cancelled"
)

// Request is other rules that somebody asks for.
type Request struct {
	ID string
	Consensus
	Base  int // the version it was made on
	Rules mdm.Rules
	From  time.Time // not to come into force before; zero for at once
	Why   string    // "" once the vault has erased it
	Risk  string    // what may go wrong and what is done about it; "" as Why

	State   State
	Version int       // that it became; 0 for none
	Ended   Agreement // who cancelled it and why

	text, content string
}
