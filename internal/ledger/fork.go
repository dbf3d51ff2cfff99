package ledger

import "errors"

// What a follower of somebody else's ledger may find; test with errors.Is.
var (
	// ErrGap means that what was handed in does not begin where the follower
	// ends. Nothing is wrong: send again from the size that came with it.
	ErrGap = errors.New("there is a gap")
	// ErrFork means that the writer showed two different histories, or one
	// that does not fit its own signature. It does not pass by itself.
	ErrFork = errors.New("the ledger has two histories")
)
