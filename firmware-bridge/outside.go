package bridge

import "github.com/bellkeep/bellkeep/locker"

// MessageRefused is a message from the school server that was not taken: a bad
// signature, an older version, not for this bank.
type MessageRefused struct {
	What string // directory, plan, order, time …
	Why  string // an error code
}

// Peeked lets somebody look at what the bank believes, between two turns. Look
// runs on the bank's loop: it must be quick and change nothing.
type Peeked struct {
	Look func(*locker.State, locker.Rules)
}

func (MessageRefused) isInput() {}
func (Peeked) isInput()         {}
