//go:build bench

package bench

import (
	"bufio"
	"os"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const tracing = "/sys/kernel/tracing/"

// level is a level that the kernel gave a line.
type level struct {
	at   time.Duration // machine time
	line int           // the kernel's number
	high bool
}

// scope is what the kernel did to all lines during one test, by its own
// account.
type scope struct {
	mu     sync.Mutex
	levels []level
	told   []func(level)
}

// A line of the kernel's record: "... 12.345678: gpio_value: 1018 set 1".
var setLine = regexp.MustCompile(`(\d+\.\d+): gpio_value: (\d+) set (\d)`)

// listening hands the one record of the machine to that of the test at hand.
var listening struct {
	start sync.Once
	now   atomic.Pointer[scope]
}

// newScope has the kernel write down every level from now on.
func newScope(t *testing.T) *scope {
	t.Helper()
	listening.start.Do(func() { listen(t) })
	r := &scope{}
	listening.now.Store(r)
	t.Cleanup(func() { listening.now.Store(nil) })
	return r
}

// listen reads the record for as long as the machine runs. Whoever waits for it
// by epoll is woken when half the buffer is full, so it is read with a wait.
func listen(t *testing.T) {
	t.Helper()
	write(t, tracing+"trace_clock", "mono")
	write(t, tracing+"events/gpio/gpio_value/enable", "1")
	write(t, tracing+"tracing_on", "1")
	fd, err := unix.Open(tracing+"trace_pipe", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for lines := bufio.NewScanner(os.NewFile(uintptr(fd), "trace_pipe")); lines.Scan(); {
			l, ok := parseLevel(lines.Text())
			if r := listening.now.Load(); ok && r != nil {
				r.note(l)
			}
		}
	}()
}

func parseLevel(text string) (l level, ok bool) {
	m := setLine.FindStringSubmatch(text)
	if m == nil {
		return l, false
	}
	seconds, err1 := strconv.ParseFloat(m[1], 64)
	line, err2 := strconv.Atoi(m[2])
	return level{time.Duration(seconds * float64(time.Second)), line, m[3] == "1"}, err1 == nil && err2 == nil
}

func (s *scope) note(l level) {
	s.mu.Lock()
	s.levels = append(s.levels, l)
	told := s.told
	s.mu.Unlock()
	for _, tell := range told {
		tell(l)
	}
}

// tell calls f with every level to come.
func (s *scope) tell(f func(level)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, f)
}

// of gives what was done to a line so far.
func (s *scope) of(line int) (levels []level) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.levels {
		if l.line == line {
			levels = append(levels, l)
		}
	}
	return levels
}

// pulse is a time during which a relay had current; still on when to is 0.
type pulse struct{ from, to time.Duration }

func (p pulse) long() time.Duration { return p.to - p.from }

// pulses are those of a relay that is on at the level on.
func (s *scope) pulses(line int, on bool) (list []pulse) {
	isOn := false
	for _, l := range s.of(line) {
		switch now := l.high == on; {
		case now && !isOn:
			list = append(list, pulse{from: l.at})
		case !now && isOn:
			list[len(list)-1].to = l.at
		}
		isOn = l.high == on
	}
	return list
}
