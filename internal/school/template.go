package school

// Template is the shape of one kind of school day, by the school's wall clock:
// gate, then register, then collect, then collect_until.
type Template struct {
	Name         string
	Gate         Clock // hand-in begins
	Register     Clock // hand-in ends; later deposits are late
	Collect      Clock // collection begins
	CollectUntil Clock // collection ends
	Bells        []Bell
	Starts       []Start // none: everybody collects from Collect on
}

// Bell is one line of the bell schedule. Lines are in order and do not overlap.
type Bell struct {
	Name        string // for people: "Lesson 1"
	Kind        Kind
	From, Until Clock
}

// Kind says what a period is for.
type Kind string

// The kinds of period.
const (
	Registration Kind = "registration"
	Lesson       Kind = "lesson"
	Break        Kind = "break"
	Lunch        Kind = "lunch"
	Assembly     Kind = "assembly"
)

// Known reports whether k is a kind of period.
func (k Kind) Known() bool {
	switch k {
	case Registration, Lesson, Break, Lunch, Assembly:
		return true
	}
	return false
}

// Wave is a group that collects from a time of its own on, so that a corridor
// does not fill at once: years, the people of some banks, or both together.
type Wave struct {
	ID    string
	Years []int    // none: every year
	Banks []string // none: every bank
}

// Start is when a wave begins to collect.
type Start struct {
	Wave string
	From Clock
}
