package accounts

import "context"

// Patience is how long a password waits for its turn.
const Patience = patience

// Crowd fills every place in which passwords are checked, until leave is called.
func (b *Book) Crowd() (leave func()) {
	for range atOnce {
		b.room <- struct{}{}
	}
	return func() {
		for range atOnce {
			<-b.room
		}
	}
}

// TellRefused records what was counted in hours that are over.
func (b *Book) TellRefused(ctx context.Context) error { return b.tellRefused(ctx, b.Stamp().Wall) }
