package board

import "time"

// at says when something happened, with the day when it was not today.
func (s *scene) at(t time.Time) string {
	switch {
	case t.IsZero():
		return "earlier"
	case s.today(t):
		return "at " + t.Format("15:04")
	}
	return "on " + s.day(t) + t.Format(" at 15:04")
}

// since says from when on something has been so.
func (s *scene) since(t time.Time) string {
	if t.IsZero() {
		return "for some time"
	}
	return "since " + s.clock(t)
}

// clock is the time of t, with the day when it was not today; "" for no time.
func (s *scene) clock(t time.Time) string { return s.say(t, "15:04") }

// seconds is clock to the second.
func (s *scene) seconds(t time.Time) string { return s.say(t, "15:04:05") }

func (s *scene) say(t time.Time, layout string) string {
	switch {
	case t.IsZero():
		return ""
	case s.today(t):
		return t.In(s.now.Location()).Format(layout)
	}
	return s.day(t) + t.In(s.now.Location()).Format(" "+layout)
}

// day is a weekday while that tells which, and a date beyond.
func (s *scene) day(t time.Time) string {
	if s.now.Sub(t) < 6*24*time.Hour {
		return t.In(s.now.Location()).Format("Mon")
	}
	return t.In(s.now.Location()).Format("2 Jan")
}

func (s *scene) today(t time.Time) bool {
	y, m, d := t.In(s.now.Location()).Date()
	year, month, day := s.now.Date()
	return y == year && m == month && d == day
}

// schoolTime is when something happened that the server knows by its machine's
// clock: in a demonstration the two run at different speeds.
func (s *scene) schoolTime(machine time.Time) time.Time {
	if machine.IsZero() {
		return machine
	}
	ago := s.made.Sub(machine)
	if s.demo != nil {
		ago = time.Duration(float64(ago) * s.demo.Speed)
	}
	return s.now.Add(-ago)
}
