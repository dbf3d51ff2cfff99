package fleetcommands

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/board"
)

// Tasks are what the start page says: commands that wait for a second person, to whoever
// may be that person.
func (cfg Config) Tasks(now time.Time) (tasks []board.Task) {
	if cfg.Book == nil {
		return nil
	}
	waiting := map[string]int{}
	var devices []string
	for _, l := range cfg.Book.Unapproved(now) {
		if waiting[l.Dev]++; !slices.Contains(devices, l.Dev) {
			devices = append(devices, l.Dev)
		}
	}
	for _, id := range devices {
		d, _, ok := cfg.Device(id)
		if !ok {
			continue
		}
		tasks = append(tasks, board.Task{
			Key: "commands-" + id, What: fmt.Sprintf("Wipes of %s that wait for a second person: %d.", cmp.Or(d.Label, id), waiting[id]),
			Next: "Look who asks for it, then approve it or let it run out.", Href: "/device/" + id + "/commands", Link: "What it was told", Permission: roles.ApprovePolicy,
		})
	}
	return tasks
}
