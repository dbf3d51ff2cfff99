package accounts

import "context"

// Patience is how long a password waits for its turn.
const Patience = patience

// Nobodys is what a name that nobody has is checked against.
const Nobodys = nobodys

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

// CountHashes counts the passwords that are hashed from now on.
func (b *Book) CountHashes() *int {
	n, check := new(int), b.check
	b.check = func(verifier, password string) bool {
		*n++
		return check(verifier, password)
	}
	return n
}
