package world

import "context"

// Eyes are how a person reads a kiosk's screen.
type Eyes interface {
	// Look gives the screen as soon as its number is above after; with 0, the
	// screen as it is. It fails when the screen is dark or ctx ends.
	Look(ctx context.Context, after uint64) (View, error)
}

// View is what a person in front of a kiosk reads.
type View struct {
	N    uint64 `json:"n"` // grows with each new screen
	Word Word   `json:"word"`
	Door int    `json:"door"` // 0: none is shown
}

// Word is the one instruction on a screen.
type Word string

// The words a kiosk shows.
const (
	SayScan      Word = "scan"
	SayStarting  Word = "starting"
	SayPutIn     Word = "put-in"
	SayTakeOut   Word = "take-out"
	SayAgain     Word = "again"
	SayShutDoor  Word = "shut-door"
	SayAlreadyIn Word = "already-in"
	SayKeep      Word = "keep"
	SayOffice    Word = "office"
	SayTryAgain  Word = "try-again"
	SayStuck     Word = "stuck"
	SayFull      Word = "full"
	SayOtherBank Word = "other-bank"
	SayLeaveNow  Word = "leave-now"
)

// LookFunc makes a function eyes.
type LookFunc func(ctx context.Context, after uint64) (View, error)

// Look calls f.
func (f LookFunc) Look(ctx context.Context, after uint64) (View, error) { return f(ctx, after) }
