package shadow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"golang.org/x/sync/errgroup"
)

const (
	atOnce   = 64               // publications in flight
	patience = 10 * time.Second // for the broker to take one
	recheck  = time.Minute      // school time after which a changed calendar is noticed
)

// check is what the last bell went by.
type check struct {
	done    bool // it went through
	at      time.Time
	next    time.Time // first end of a stage; zero for none
	version uint64
}

// due reports whether something may have changed since the last bell.
func (s *Shadow) due() bool {
	now := s.Now()
	version := s.version(now)
	s.bell.Lock()
	defer s.bell.Unlock()
	c := s.checked
	return s.anew.Load() || !c.done || c.version != version || now.Before(c.at) || now.Sub(c.at) >= recheck ||
		!c.next.IsZero() && !now.Before(c.next)
}

// version is another with everything that can change what a device must be, but
// for time. What it is made of only grows while the clock does not go back.
func (s *Shadow) version(now time.Time) uint64 {
	_, rules := s.Rules.At(now)
	if s.Exceptions == nil {
		return s.Fleet.Version() + rules
	}
	return s.Fleet.Version() + rules + s.Exceptions.Version()
}

// exceptions of a device, and a text that is the same for equal ones.
func (s *Shadow) exceptions(d mdm.Device, now time.Time) (list []mdm.Exception, key string) {
	if s.Exceptions != nil {
		list = s.Exceptions.For(d, now)
	}
	if len(list) > 0 {
		key = fmt.Sprint(list) // maps print in the order of their keys
	}
	return list, key
}

// Bell works out what is desired of every device now and publishes what
// changed, and what the broker did not take before. It may be called at any
// time. Errors: those of the bus, of Revs and of Seal; then some devices may
// have their news and others not, and calling it again does the rest.
func (s *Shadow) Bell(ctx context.Context) error {
	s.bell.Lock()
	defer s.bell.Unlock()
	now := s.Now()
	s.checked = check{at: now, version: s.version(now)}
	if s.anew.Swap(false) {
		s.unpublish()
	}
	devices := s.Fleet.Devices()
	wanted, err := s.issue(devices, s.checked.at)
	if err != nil {
		return err
	}
	if err := s.publishAll(ctx, s.enter(devices, wanted)); err != nil {
		return err
	}
	if err := s.dropAll(ctx, wanted); err != nil {
		return err
	}
	for _, want := range wanted {
		if u := want.Until; !u.IsZero() && (s.checked.next.IsZero() || u.Before(s.checked.next)) {
			s.checked.next = u
		}
	}
	s.checked.done = true
	return nil
}

// issue gives every device its document. New revisions are durable when it
// returns.
func (s *Shadow) issue(devices []mdm.Device, now time.Time) (map[string]issued, error) {
	day := s.Day(now)
	marks := make(map[string]mdm.Mark, len(devices))
	maps.Copy(marks, s.marks)
	wanted := make(map[string]issued, len(devices))
	alike := map[likeness]compiled{}
	rules, _ := s.Rules.At(now)
	for _, d := range devices {
		exceptions, key := s.exceptions(d, now)
		like := likeness{strings.Join(d.Groups, " "), d.NeedsBluetooth(), d.Quarantined, key}
		c, ok := alike[like]
		if !ok {
			var err error
			if c, err = compile(d, rules, day, exceptions, now); err != nil {
				return nil, err
			}
			alike[like] = c
		}
		c.doc.Dev = d.ID
		doc, mark := marks[d.ID].Issue(c.doc, c.sum)
		wanted[d.ID], marks[d.ID] = issued{doc, c.body}, mark
	}
	if !maps.Equal(marks, s.marks) {
		if err := s.Revs.Save(marks); err != nil {
			return nil, err
		}
		s.marks = marks
	}
	return wanted, nil
}

// likeness is all that Compile looks at in a device, but for its id.
type likeness struct {
	groups         string
	needsBluetooth bool
	quarantined    bool
	exceptions     string
}

// compiled is what devices that are alike have in common.
type compiled struct {
	doc  mdm.Desired
	sum  string
	body []byte
}

func compile(d mdm.Device, rules mdm.Rules, day []mdm.Period, exceptions []mdm.Exception, now time.Time) (c compiled, err error) {
	c.doc = mdm.Compile(d, rules, day, exceptions, now)
	c.sum = c.doc.Sum()
	if c.body, err = c.doc.Body(); err != nil {
		return c, errs.Wrap(err, errs.Internal, "A desired document cannot be written.", "")
	}
	return c, nil
}

// issued is the document of one device, and its body.
type issued struct {
	mdm.Desired
	body []byte // shared with devices that are alike
}

// enter puts the documents in place and gives those the broker does not have.
func (s *Shadow) enter(devices []mdm.Device, wanted map[string]issued) []issued {
	s.mu.Lock()
	defer s.mu.Unlock()
	var news []issued
	for _, d := range devices {
		e := s.devices[d.ID]
		if e == nil {
			e = &entry{}
			s.devices[d.ID] = e
			s.order = append(s.order, d.ID)
		}
		if !e.device.Equal(d) {
			e.device = d
			s.touch()
		}
		want := wanted[d.ID]
		if e.want.Rev != want.Rev {
			e.want, e.published = want.Desired, false
			e.seen.Pushed, e.waitFrom, e.overdue = time.Time{}, time.Time{}, false
			s.watch(e)
		}
		if !e.published {
			news = append(news, want)
		}
	}
	slices.SortFunc(s.order, mdm.CompareIDs)
	return news
}

// unpublish forgets what the broker was given.
func (s *Shadow) unpublish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.devices {
		e.published = false
	}
}

func (s *Shadow) publishAll(ctx context.Context, news []issued) error {
	if len(news) == 0 {
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, want := range news {
		g.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err() // the broker is away: sealing is work for nothing
			}
			return s.publish(ctx, want)
		})
	}
	err := g.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touch() // once for all: a bell is one change to whoever watches
	return err
}

func (s *Shadow) publish(ctx context.Context, want issued) error {
	payload, err := want.Encode(want.body)
	if err != nil {
		return errs.Wrap(err, errs.Internal, "A desired document cannot be written.", "")
	}
	sealed, err := s.Seal(wire.TypeDesired, payload)
	if err != nil {
		return err
	}
	if err := s.send(ctx, want.Dev, sealed); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.devices[want.Dev]
	e.published, e.seen.Pushed = true, s.Now()
	if e.seen.Link.Online {
		e.waitFrom = time.Now()
	}
	return nil
}

func (s *Shadow) send(ctx context.Context, device string, payload []byte) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.Bus.Publish(ctx, s.Root.Device(device, wire.LeafDesired), payload, true); err != nil {
		return errs.Wrap(err, errs.Unavailable, "The broker does not take a desired document.", "Look at the broker's log; it is tried again.")
	}
	return nil
}

// dropAll takes devices off the board that are managed no longer.
func (s *Shadow) dropAll(ctx context.Context, wanted map[string]issued) error {
	for _, id := range s.dropped(wanted) {
		if err := s.send(ctx, id, nil); err != nil {
			return err
		}
		s.mu.Lock()
		delete(s.devices, id)
		s.order = slices.DeleteFunc(s.order, func(o string) bool { return o == id })
		s.touch()
		s.mu.Unlock()
	}
	return nil
}

func (s *Shadow) dropped(wanted map[string]issued) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var gone []string
	for _, id := range s.order {
		if _, ok := wanted[id]; !ok {
			gone = append(gone, id)
		}
	}
	return gone
}

// forget clears what a broker with a memory may still hold for devices that
// were retired while the server was down. Their revisions stay.
func (s *Shadow) forget(ctx context.Context) error {
	s.bell.Lock()
	defer s.bell.Unlock()
	managed := map[string]bool{}
	for _, d := range s.Fleet.Devices() {
		managed[d.ID] = true
	}
	for id := range s.marks {
		if !managed[id] {
			if err := s.send(ctx, id, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
