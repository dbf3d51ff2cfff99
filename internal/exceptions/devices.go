package exceptions

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/mdm"
)

// Fleet knows who has which school device.
type Fleet interface {
	Holder(device string) string // "" for nobody
}

// Devices is what exceptions lay over the settings of school devices. A device is
// bound by the exceptions of whoever has it and of their class, and by those that
// name its group. An exception leaves a setting to the user and forces nothing.
type Devices struct {
	*Book
	Fleet Fleet
}

// For gives what binds a device on the day of now.
func (v Devices) For(d mdm.Device, now time.Time) []mdm.Exception {
	today := school.DateOf(now.In(v.Calendar.Zone))
	midnight := today.Next().At(school.Clock{}, v.Calendar.Zone)
	var list []mdm.Exception
	for _, e := range v.freeing(now) {
		if !v.binds(e, d) {
			continue
		}
		for _, s := range e.Spans(v.Calendar, today, 1) {
			if s.From.Before(midnight) && (s.Until.IsZero() || now.Before(s.Until)) {
				list = append(list, mdm.Exception{ID: e.ID, From: s.From, Until: s.Until, Set: free(e.Allow)})
			}
		}
	}
	return list
}

// memo is what was found for one moment: at a bell a thousand devices ask.
type memo struct {
	at      time.Time
	version uint64
	found   []exception.Exception
}

// freeing are the exceptions at now that free something on school devices.
func (b *Book) freeing(now time.Time) []exception.Exception {
	if found, known := b.remembered(now); known {
		return found
	}
	rules := b.Rules()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.freed = memo{at: now, version: b.version}
	for _, id := range b.order {
		if e := b.byID[id]; len(e.Allow) > 0 && e.State(now, rules).Open() {
			b.freed.found = append(b.freed.found, copied(e))
		}
	}
	return b.freed.found
}

func (b *Book) remembered(now time.Time) (found []exception.Exception, known bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.freed.found, b.freed.at.Equal(now) && b.freed.version == b.version
}

// Bound are those of the devices that an exception is about.
func (v Devices) Bound(e exception.Exception, devices []mdm.Device) []mdm.Device {
	var list []mdm.Device
	for _, d := range devices {
		if len(e.Allow) > 0 && v.binds(e, d) {
			list = append(list, d)
		}
	}
	return list
}

func (v Devices) binds(e exception.Exception, d mdm.Device) bool {
	if e.Group != "" && d.In(e.Group) {
		return true
	}
	holder := v.Fleet.Holder(d.ID)
	if holder == "" || e.Kind != exception.Curriculum {
		return holder != "" && holder == e.Person
	}
	p, ok := v.People.Person(holder)
	return ok && p.Form == e.Form
}

func free(settings []exception.Setting) mdm.Set {
	set := mdm.Set{}
	for _, s := range settings {
		set[mdm.Setting(s)] = mdm.User
	}
	return set
}
