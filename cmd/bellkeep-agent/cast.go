package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
)

// share is how many devices of a fleet: a number, or a part of all in percent.
type share struct {
	n       float64
	percent bool
}

// String implements flag.Value.
func (s *share) String() string {
	if s.percent {
		return strconv.FormatFloat(s.n, 'g', -1, 64) + "%"
	}
	return strconv.FormatFloat(s.n, 'g', -1, 64)
}

// Set implements flag.Value.
func (s *share) Set(text string) error {
	number, percent := strings.CutSuffix(text, "%")
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n < 0 || math.IsInf(n, 0) || percent && n > 100 || !percent && n != math.Trunc(n) {
		return fmt.Errorf("use a number of devices, or a part of them like 5%%")
	}
	*s = share{n, percent}
	return nil
}

// of is the number of devices among all.
func (s share) of(all int) int {
	if s.percent {
		return int(math.Round(s.n * float64(all) / 100))
	}
	return min(int(s.n), all)
}

// part is what one device of a fleet plays.
type part struct {
	pretend.Nature
	leaves bool          // it goes offline for good
	skew   time.Duration // its clock runs ahead by
}

// maxSkew is how far a skewed clock may be off: more than a day.
const maxSkew = 26 * time.Hour

// cast gives every device of a fleet its part. Without a seed the first by id are
// slow, the next ask, and so on; with one they are drawn.
func (o fleetOptions) cast(all int) []part {
	random := rand.New(rand.NewPCG(o.seed, 0))
	var parts []part
	add := func(s share, make func() part) {
		for range min(s.of(all), all-len(parts)) {
			parts = append(parts, make())
		}
	}
	nature := func(n pretend.Nature) func() part { return func() part { return part{Nature: n} } }
	add(o.slow, nature(pretend.Nature{Delay: o.delay}))
	add(o.asking, nature(pretend.Nature{Ask: map[mdm.Setting]string{mdm.PasscodeSetting: "the user must set a passcode"}}))
	add(o.refusing, nature(pretend.Nature{Refuse: map[mdm.Setting]string{mdm.Camera: "the camera does not answer"}}))
	add(o.disobedient, func() part { return part{Nature: pretend.Nature{Refuse: refusals(random)}} })
	add(o.offline, func() part { return part{leaves: true} })
	add(o.skewed, func() part { return part{skew: time.Duration(random.Int64N(int64(2*maxSkew))) - maxSkew} })
	parts = append(parts, make([]part, all-len(parts))...)
	if o.seed != 0 {
		random.Shuffle(all, func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	}
	return parts
}

// refusals are one or more switches that a device does not let anybody turn.
func refusals(random *rand.Rand) map[mdm.Setting]string {
	switches := []mdm.Setting{mdm.Camera, mdm.Bluetooth, mdm.Share, mdm.Screen}
	random.Shuffle(len(switches), func(i, j int) { switches[i], switches[j] = switches[j], switches[i] })
	refused := map[mdm.Setting]string{}
	for _, s := range slices.Clone(switches)[:1+random.IntN(len(switches))] {
		refused[s] = "it does not obey"
	}
	return refused
}
