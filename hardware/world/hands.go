package world

import (
	"context"
	"slices"
)

// What hands can do at a door. Each call says false when the door does not
// allow it, and fails only when the truth cannot be told.

// put lays a phone in an open door.
func (c *cabinet) put(number int, pupil, phone string) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.doors[number]
	if d == nil || !d.open {
		return false, nil
	}
	if err := c.tell(Line{What: Put, Door: number, Pupil: pupil, Phone: phone}); err != nil {
		return false, err
	}
	d.phones = append(d.phones, phone)
	return true, nil
}

// take lifts a phone out of an open door.
func (c *cabinet) take(number int, pupil, phone string) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.doors[number]
	if d == nil || !d.open || !slices.Contains(d.phones, phone) {
		return false, nil
	}
	if err := c.tell(Line{What: Took, Door: number, Pupil: pupil, Phone: phone}); err != nil {
		return false, err
	}
	d.phones = slices.DeleteFunc(d.phones, func(p string) bool { return p == phone })
	return true, nil
}

// push shuts a door; false means that it sprang back.
func (c *cabinet) push(number int, pupil string) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.doors[number]
	if d == nil || !d.open {
		return true, nil
	}
	if d.pushes < d.faults.Ajar {
		d.pushes++
		return false, c.tell(Line{What: Ajar, Door: number, Pupil: pupil})
	}
	if err := c.tell(Line{What: Shut, Door: number, Pupil: pupil}); err != nil {
		return false, err
	}
	d.open = false
	c.signal()
	return true, nil
}

// look gives the state of a door; a door that is not there is shut and empty.
func (c *cabinet) look(number int) Door {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.doors[number]
	if d == nil {
		return Door{}
	}
	return Door{Open: d.open, Phones: slices.Clone(d.phones)}
}

// waitOpen waits until a door stands open. It says false when ctx ended first.
func (c *cabinet) waitOpen(ctx context.Context, number int) bool {
	for {
		c.mu.Lock()
		d, changed := c.doors[number], c.changed
		open := d != nil && d.open
		c.mu.Unlock()
		if open {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-changed:
		}
	}
}

// inside gives the phones of each door that is not empty.
func (c *cabinet) inside() map[int][]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := map[int][]string{}
	for n, d := range c.doors {
		if len(d.phones) > 0 {
			found[n] = slices.Clone(d.phones)
		}
	}
	return found
}
