package scenario

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// crowd is everybody with a place at a bank, but for some.
func (w *world) crowd(c call) []*person {
	away := w.all(c.names("except"))
	return slices.DeleteFunc(slices.Clone(w.groups[everyPupil]), func(p *person) bool {
		return p.place.Bank == "" || slices.Contains(away, p)
	})
}

// today is a time of day that was checked when the file was read.
func (w *world) today(clock string) time.Time {
	at, _ := time.Parse("15:04", clock)
	y, m, d := w.now.In(w.zone).Date()
	return time.Date(y, m, d, at.Hour(), at.Minute(), 0, 0, w.zone)
}

// comeTo plans what a pupil does, at a kiosk that takes one at a time.
func (w *world) comeTo(free map[string]time.Time, p *person, at time.Time, do func(*person, *bank)) {
	const each = 3 * time.Second // at the scanner
	if free[p.place.Bank].After(at) {
		at = free[p.place.Bank]
	}
	free[p.place.Bank] = at.Add(each)
	b, err := w.bank(p.place.Bank)
	if err != nil {
		w.broken("%v", err)
		return
	}
	w.at(at, func() { do(p, b) })
}

func arrive(w *world, c call) error {
	from, until := w.today(c.text("from")), w.today(c.text("until"))
	peak := until.Add(-until.Sub(from) / 4)
	if c.text("peak") != "" {
		peak = w.today(c.text("peak"))
	}
	if !from.Before(until) || peak.Before(from) || peak.After(until) {
		return wrong("from, peak and until must come in that order.")
	}
	random := rand.New(rand.NewPCG(8, 40))
	crowd := w.crowd(c)
	var moments []time.Time
	for range crowd {
		moments = append(moments, triangle(random, from, peak, until))
	}
	slices.SortFunc(moments, time.Time.Compare)
	random.Shuffle(len(crowd), func(i, j int) { crowd[i], crowd[j] = crowd[j], crowd[i] })
	free := map[string]time.Time{}
	for i, p := range crowd {
		twice := i*c.number("twice")/len(crowd) != (i+1)*c.number("twice")/len(crowd) // so many, evenly spread
		w.comeTo(free, p, moments[i], func(p *person, b *bank) {
			w.handsIn(p, b, true)
			if twice {
				w.after(2*time.Second, func() { w.scans(p, b, p.badge) })
			}
		})
	}
	return nil
}

// triangle draws a moment between from and until that is most likely at peak.
func triangle(random *rand.Rand, from, peak, until time.Time) time.Time {
	span, up := until.Sub(from).Seconds(), peak.Sub(from).Seconds()
	x := random.Float64()
	at := span - math.Sqrt((1-x)*span*(span-up))
	if x < up/span {
		at = math.Sqrt(x * span * up)
	}
	return from.Add(time.Duration(at * float64(time.Second))).Truncate(time.Millisecond)
}

func leave(w *world, c call) error {
	from, until := w.today(c.text("from")), w.today(c.text("until"))
	crowd := w.crowd(c)
	if !from.Before(until) || len(crowd) == 0 {
		return wrong("from must be before until, and somebody must be there.")
	}
	free := map[string]time.Time{}
	for i, p := range crowd {
		at := from.Add(until.Sub(from) * time.Duration(i) / time.Duration(len(crowd))).Truncate(time.Millisecond)
		w.comeTo(free, p, at, func(p *person, b *bank) {
			if strings.HasPrefix(p.where, atDoor) {
				w.collects(p, b)
			}
		})
	}
	return nil
}
