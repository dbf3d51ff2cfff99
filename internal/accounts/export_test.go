package accounts

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
