package view

import (
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

// InForce is a version of the directory or plan that a bank went by, and since
// when by its own clock.
type InForce struct {
	Version uint64
	Since   time.Time
}

// mostForce is how many versions back a Fold can say since when they held.
const mostForce = 200

// force is which directories and plans a bank has gone by, oldest first.
type force struct{ directories, plans []InForce }

func (f *force) apply(e locker.Event) {
	if e.Kind == locker.InForce {
		f.directories = newer(f.directories, e.Directory, e.At.Wall)
		f.plans = newer(f.plans, e.Plan, e.At.Wall)
	}
}

func newer(list []InForce, version uint64, at time.Time) []InForce {
	if n := len(list); n > 0 && list[n-1].Version == version {
		return list // in force again after a restart, or only the other half is new
	}
	list = append(list, InForce{version, at})
	return list[max(0, len(list)-mostForce):]
}

// reached finds where the entries that are at least version begin, of those that
// reach to the newest one. A bank that was restored from an old backup goes by
// an older version again, and what it went by before counts no more.
func reached(list []InForce, version uint64) (InForce, bool) {
	i := len(list)
	for i > 0 && list[i-1].Version >= version {
		i--
	}
	if i == len(list) {
		return InForce{}, false
	}
	return list[i], true
}

func newest(list []InForce) InForce {
	if len(list) == 0 {
		return InForce{}
	}
	return list[len(list)-1]
}
