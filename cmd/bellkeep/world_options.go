package main

import (
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/democlock"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const worldHelp = `Runs the pretend school as a process of its own: lock boards and a scanner on
pseudo-terminals, doors, and pupils with phones. What really happens goes to
the truth file. Stays until interrupted, or with --once until all is played.

Example:
  bellkeep world --truth truth.jsonl --dir dev --badges badges.csv \
      --wiring left:2,right:2:open:high-first --kiosk front=http://127.0.0.1:8081 --rush 3`

// worldOptions is what the command line says.
type worldOptions struct {
	truth, dir, badges    string
	wiring                string
	kiosks                []string          // by name
	screens               map[string]string // by kiosk: where its page is
	polarity, start       string
	doors, rush, base     int
	gap                   time.Duration
	seed                  uint64
	speed, noise          float64
	items, wireTime, once bool
	handIn                bool
	shuffle, byHand       bool
	highFirst             bool
	jammed                []int
}

// unknownToBank are the habits that the bank need not know of beforehand; a
// day gives each to one pupil.
var unknownToBank = []world.Habit{
	world.AbsentToday, world.Late, world.DoubleScan, world.Forgetful,
	world.LeavesOpen, world.ShutsEarly, world.DamagedCode, world.Scribbler,
}

// parseWorld reads the flags and refuses what cannot be meant.
func parseWorld(args []string, stdout io.Writer) (worldOptions, error) {
	var o worldOptions
	f := newFlags("world", worldHelp)
	f.StringVar(&o.truth, "truth", "", "truth `file`, made or continued")
	f.StringVar(&o.dir, "dir", "", "existing `folder` for the device links")
	f.StringVar(&o.badges, "badges", "", "CSV `file` person,badge,door")
	f.StringVar(&o.wiring, "wiring", "left:4,right:4", "`buses`, how many boards each has, and where they differ from the rest: "+wiringWords)
	f.IntVar(&o.doors, "doors", 0, "how many `doors` are wired, from 1 in order of the wiring; 0: all")
	kiosks := f.String("kiosk", "front", "kiosk `NAME=URL` of its page, or a name alone for a dark screen; several with commas")
	f.IntVar(&o.rush, "rush", 0, "play `N` rushes instead of a day")
	f.BoolVar(&o.handIn, "hand-in", false, "everybody hands in once, instead of a day")
	f.BoolVar(&o.shuffle, "shuffle", false, "doors hang on the locks of their bus at random, for trying bellkeep-bank commission")
	f.BoolVar(&o.byHand, "by-hand", false, "nobody comes; you shut doors by typing their numbers")
	f.DurationVar(&o.gap, "gap", 200*time.Millisecond, "between two pupils of a rush")
	f.Uint64Var(&o.seed, "seed", 1, "`number` that chance starts from")
	f.Float64Var(&o.speed, "speed", 1, "school seconds per second")
	f.StringVar(&o.start, "start", "", "school `time` to start at, RFC 3339; next Monday 08:10, or now for a rush")
	f.Float64Var(&o.noise, "noise", 0, "`chance` of damage to each byte of a reply")
	jam := f.String("jam", "", "`doors` that are jammed, with commas")
	f.StringVar(&o.polarity, "polarity", "closed", "what a set lock bit means: `closed or open`")
	f.IntVar(&o.base, "base", 0, "`number` of the first lock in an address: 0 or 1")
	f.BoolVar(&o.highFirst, "high-first", false, "boards send locks 9 to 16 before 1 to 8")
	f.BoolVar(&o.items, "items", false, "item sensors are fitted")
	f.BoolVar(&o.wireTime, "wire-time", false, "bytes take the time that real lines take")
	f.BoolVar(&o.once, "once", false, "end when all is played")
	if err := parse(f, args, stdout); err != nil {
		return o, err
	}
	switch {
	case o.truth == "" || o.dir == "" || o.badges == "" && !o.byHand:
		return o, misuse("world needs --truth, --dir and --badges, or --by-hand in place of those")
	case o.polarity != "closed" && o.polarity != "open":
		return o, misuse("--polarity is closed or open, not %q", o.polarity)
	case o.speed <= 0 || o.rush < 0 || o.doors < 0 || o.gap < 0:
		return o, misuse("--speed is above 0; --rush, --doors and --gap are not below 0")
	}
	o.screens = map[string]string{}
	for _, kiosk := range strings.Split(*kiosks, ",") {
		name, url, lit := strings.Cut(kiosk, "=")
		o.kiosks = append(o.kiosks, name)
		if lit {
			o.screens[name] = url
		}
	}
	var err error
	o.jammed, err = readJam(*jam)
	return o, err
}

// config makes the world of the options.
func (o worldOptions) config() (world.Config, error) {
	buses, err := o.buses()
	if err != nil {
		return world.Config{}, err
	}
	var pupils []world.Pupil
	if !o.byHand {
		if pupils, err = readPupils(o.badges); err != nil {
			return world.Config{}, err
		}
	}
	if !o.byHand && o.rush == 0 && !o.handIn {
		pupils = world.Cast(o.seed, pupils, unknownToBank...)
	}
	doors := o.doors
	if doors == 0 {
		doors = -1 // never reached: every lock gets its door
	}
	cfg := world.Config{
		Dir: o.dir, Truth: o.truth, Buses: buses, Wiring: world.Lay(buses, doors),
		Pupils: pupils, Seed: o.seed, PacedScanner: o.wireTime,
	}
	if o.shuffle {
		cfg.Wiring = world.Shuffle(cfg.Wiring, o.seed)
	}
	if len(cfg.Wiring) < o.doors {
		return cfg, misuse("--doors %d, but the wiring has locks for %d", o.doors, len(cfg.Wiring))
	}
	cfg.Kiosks = o.kiosks
	return cfg, nil
}

// buses reads a wiring such as left:4,right:4.
func (o worldOptions) buses() ([]world.Bus, error) {
	var buses []world.Bus
	for _, spec := range strings.Split(o.wiring, ",") {
		words := strings.Split(spec, ":")
		if len(words) < 2 {
			return nil, misuse("--wiring %q: give name:boards, as in left:4,right:4", spec)
		}
		name := words[0]
		boards, err := strconv.Atoi(words[1])
		if err != nil {
			return nil, misuse("--wiring %q: give name:boards, as in left:4,right:4", spec)
		}
		b := world.Bus{
			Name: name, Boards: boards, Noise: world.Noise{Chance: o.noise},
			Personality: world.Personality{
				OneIsOpen: o.polarity == "open", Base: o.base, HighFirst: o.highFirst, ItemSensors: o.items,
			},
		}
		for _, word := range words[2:] {
			if !describe(&b.Personality, word) {
				return nil, misuse("--wiring %q: %q is none of %s", spec, word, wiringWords)
			}
		}
		if o.wireTime {
			b.Timing.Byte = wireTime(b.Personality.Make)
		}
		buses = append(buses, b)
	}
	return buses, nil
}

const wiringWords = "open, closed, high-first, lock-first, items, 8a, cu48, modbus-relay, or how many locks a board has"

// describe understands one word about the boards of a bus.
func describe(p *world.Personality, word string) bool {
	switch word {
	case "open", "closed":
		p.OneIsOpen = word == "open"
	case "high-first":
		p.HighFirst = true
	case "lock-first":
		p.LockFirst = true
	case "items":
		p.ItemSensors = true
	case string(world.EightA), string(world.CU48), string(world.Relay):
		p.Make = world.Make(word)
	default:
		size, err := strconv.Atoi(word)
		p.Size = size
		return err == nil && size > 0
	}
	return true
}

// wireTime is what a byte takes at the speed a make is delivered with.
func wireTime(m world.Make) time.Duration {
	if m == world.EightA || m == world.Relay {
		return 2 * world.ByteTime
	}
	return world.ByteTime
}

// clock starts school time.
func (o worldOptions) clock(now time.Time) (*democlock.Clock, error) {
	start := now
	switch {
	case o.start != "":
		t, err := time.Parse(time.RFC3339, o.start)
		if err != nil {
			return nil, misuse("--start %q is no RFC 3339 time such as 2026-11-23T08:10:00Z", o.start)
		}
		start = t
	case o.rush == 0 && !o.handIn:
		days := (int(time.Monday-now.Weekday())+6)%7 + 1
		start = time.Date(now.Year(), now.Month(), now.Day()+days, 8, 10, 0, 0, now.Location())
	}
	return democlock.New(start, o.speed), nil
}

// readJam reads a list of doors such as 12,40.
func readJam(list string) ([]int, error) {
	if list == "" {
		return nil, nil
	}
	var doors []int
	for _, s := range strings.Split(list, ",") {
		door, err := strconv.Atoi(s)
		if err != nil {
			return nil, misuse("--jam %q: give door numbers with commas", list)
		}
		doors = append(doors, door)
	}
	return doors, nil
}

func readPupils(path string) ([]world.Pupil, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "The list of badges "+path+" cannot be opened.",
			"Name the CSV file that the badge sheet was printed from.")
	}
	defer f.Close()
	return world.ReadBadges(f)
}
