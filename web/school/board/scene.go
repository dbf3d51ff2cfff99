package board

import (
	"context"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"html/template"
	"net/url"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/ui"
)

const (
	// pushEvery is the shortest time between two pushes to one page: at most ten
	// a second. What happens meanwhile waits that long at most.
	pushEvery = 100 * time.Millisecond
	// shared is how old a scene may be that pages are pushed from, so that many of
	// them cost no more than one.
	shared = pushEvery / 2
	// steady is how long a scene serves while there is no news: time alone
	// changes a page too.
	steady = ui.Beat - pushEvery
)

// scene is the school at one moment, with the names joined in. All who look at
// that moment share it: nothing in it is changed once it is drawn.
type scene struct {
	made time.Time // machine time
	seen seen
	kept Day       // or nil
	now  time.Time // school time
	demo *kit.Demo

	banks   []bankNow
	roll    []line            // everybody on any board, by form and name
	byID    map[string]line   // the same
	held    map[string][]spot // by whose device is behind the door
	bars    []desk.Bar
	rules   locker.Rules
	devices []DeviceRow // gravest first
	tasks   []Task

	people People
	force  Force
	memo   memo
	sheets sheets
	items  Items // or nil
}

// seen is how much news a scene knows.
type seen struct{ banks, devices, records, own uint64 }

func (o *pages) news() seen {
	s := seen{banks: o.Banks.News(), own: o.own}
	if o.Devices != nil {
		s.devices = o.Devices.News()
	}
	if o.Records != nil {
		s.records = o.Records.Size()
	}
	return s
}

// scene gives the school as it is now. While there is news it may be as old as
// the reader allows, so that many readers cost no more than one.
func (o *pages) scene(atMost time.Duration) *scene {
	o.mu.Lock()
	defer o.mu.Unlock()
	now, news := o.Machine(), o.news()
	if o.last != nil {
		if age := now.Sub(o.last.made); age < atMost || age < steady && o.last.seen == news {
			return o.last
		}
	}
	o.last = o.draw(now, news)
	return o.last
}

// changed makes what was just done through these pages show on the next one.
func (o *pages) changed() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.own++
}

func (o *pages) draw(made time.Time, news seen) *scene {
	s := &scene{made: made, seen: news, now: made, byID: map[string]line{}, people: o.People, force: o.Force,
		bars: o.Desk.Standing(), rules: o.Rules.Current(), kept: o.Config.Day, items: o.Items}
	if o.Demo != nil {
		demo := o.Demo()
		s.demo, s.now = &demo, demo.Now
	}
	statuses := o.Banks.Banks()
	if len(statuses) > 0 {
		s.now = statuses[0].Board.AsOf
	}
	for _, status := range statuses {
		s.banks = append(s.banks, s.bankNow(status))
	}
	s.drawRoll()
	s.drawHeld()
	if o.Devices != nil {
		s.devices = gravestFirst(o.Devices.Devices())
	}
	if o.Tasks != nil {
		s.tasks = o.Tasks()
	}
	return s
}

// wait waits until there is news after seen, for limit at most. It is false when
// ctx has ended.
func (o *pages) wait(ctx context.Context, after seen, limit time.Duration) bool {
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var group sync.WaitGroup
	for _, wait := range o.waits(after) {
		group.Go(func() {
			defer cancel() // one piece of news is enough
			if err := wait(within); err != nil && within.Err() == nil {
				<-within.Done() // what cannot tell of news does not make the page spin
			}
		})
	}
	group.Wait()
	return ctx.Err() == nil
}

func (o *pages) waits(after seen) []func(context.Context) error {
	list := []func(context.Context) error{func(ctx context.Context) error { return o.Banks.Wait(ctx, after.banks) }}
	if o.Devices != nil {
		list = append(list, func(ctx context.Context) error { return o.Devices.Wait(ctx, after.devices) })
	}
	return list
}

// maxSheets bounds the pages a scene keeps.
const maxSheets = 256

// sheets are the pages rendered of one scene, each once for all who look at it.
type sheets struct {
	mu   sync.Mutex
	kept map[string]*sheet
}

// sheet is a rendered page: what its own template needs, and its sections.
type sheet struct {
	once     sync.Once
	page     any
	parts    []part
	sections map[string]template.HTML
	err      error
}

// of finds the sheet of a page, or begins it.
func (s *sheets) of(page string, query url.Values) *sheet {
	key := page + "?" + query.Encode()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[string]*sheet{}
	}
	if s.kept[key] == nil {
		if len(s.kept) >= maxSheets {
			return &sheet{}
		}
		s.kept[key] = &sheet{}
	}
	return s.kept[key]
}
