package main

import (
	"bufio"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

const (
	tracedScans  = 500
	tracedRounds = 7 // of 57 pupils, most of whom open a door twice a round
)

// The bank runs under strace while pupils scan. Between the last write to the
// ledger's file and every unlock frame there must be a sync of that file that
// began after the write and has returned.
func TestEveryFrameFollowsASync(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.startWorld(tracedRounds, 100*time.Millisecond)
	trace := r.path("strace.out")
	r.startBank("strace", "-D", "-f", "-y", "-x", "-s", "8", "-e", "signal=none", "--seccomp-bpf", "-e", "trace=pwrite64,pwritev,write,msync,fsync,fdatasync", "-o", trace)
	r.rushEnds(4 * time.Minute)
	r.stop()
	report := r.compare()
	var seen tracer
	file, err := os.Open(trace)
	r.must(err)
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		seen.take(lines.Text())
	}
	r.must(lines.Err())
	t.Logf("%d unlock frames left the bank, %d reached the boards; %d ledger writes, %d syncs; %d frames without a sync before them",
		seen.frames, report.Frames, seen.writes, seen.syncs, len(seen.early))
	// No frame may reach a board that the trace does not know. One that the kernel
	// restarts may be told twice: that proves nothing less.
	if surplus := seen.frames - report.Frames; seen.frames < tracedScans || surplus < 0 || surplus > seen.frames/50 {
		t.Errorf("%d frames in the trace, %d at the boards, want at least %d", seen.frames, report.Frames, tracedScans)
	}
	if !report.Balanced() {
		t.Errorf("%d frames at the boards, %d openings on the ledger and %d unsure ones that were seen", report.Frames, report.Openings, report.Sent)
	}
	// The trace does not tell whose record a write is. On a busy machine the next one may
	// begin between the sync of a frame's own and the frame, which then looks too early;
	// were frames sent before their sync, nearly all would.
	if len(seen.early) > seen.frames/50 {
		for _, line := range seen.early {
			t.Errorf("sent before its record was synced: %s", line)
		}
	}
}

// tracer follows the calls of all threads in the order strace saw them.
type tracer struct {
	frames, writes, syncs int
	synced                int            // writes covered by a sync that has returned
	syncing               map[string]int // by thread: writes there were when its sync began
	early                 []string
	begun                 map[string]bool // threads whose frame has not returned
}

var (
	ledgerWrite = regexp.MustCompile(`(?:pwrite64|pwritev|write|msync)\(\d+<[^>]*\.ledger>`)
	syncBegin   = regexp.MustCompile(`^(\d+) +f(?:data)?sync\(\d+<[^>]*\.ledger>(.*)`)
	syncEnd     = regexp.MustCompile(`^(\d+) +<\.\.\. f(?:data)?sync resumed>.*= 0$`)
	returnedOK  = regexp.MustCompile(`= 0$`)
	unlockFrame = regexp.MustCompile(`^(\d+) +write\(\d+</dev/pts/\d+>, "\\x02\\x[0-9a-f]{2}\\x31\\x03\\x[0-9a-f]{2}", 5(.*)`)
	writeFailed = regexp.MustCompile(`^(\d+) +<\.\.\. write resumed>.*= -1`)
)

func (s *tracer) take(line string) {
	if s.syncing == nil {
		s.syncing, s.begun = map[string]int{}, map[string]bool{}
	}
	begin, end := syncBegin.FindStringSubmatch(line), syncEnd.FindStringSubmatch(line)
	frame, failed := unlockFrame.FindStringSubmatch(line), writeFailed.FindStringSubmatch(line)
	switch {
	case begin != nil && returnedOK.MatchString(begin[2]):
		s.syncs++
		s.synced = s.writes
	case begin != nil:
		s.syncing[begin[1]] = s.writes
	case end != nil:
		s.syncs++
		s.synced = max(s.synced, s.syncing[end[1]])
	case failed != nil && s.begun[failed[1]]:
		s.frames-- // nothing was sent; the program tries again
		s.begun[failed[1]] = false
	case frame != nil && strings.Contains(frame[2], "= -1"): // likewise
	case frame != nil:
		s.frames++
		s.begun[frame[1]] = strings.Contains(frame[2], "unfinished")
		if s.synced != s.writes || s.writes == 0 {
			s.early = append(s.early, line)
		}
	case ledgerWrite.MatchString(line):
		s.writes++
	}
}

// The tracer itself must be able to find a frame that came too soon.
func TestTracerFindsAnEarlyFrame(t *testing.T) {
	t.Parallel()
	const (
		write = `7 pwrite64(5</d/a.1.ledger>, "\x00"..., 4096, 8192) = 4096`
		sync  = `7 fdatasync(5</d/a.1.ledger>) = 0`
		begin = `7 fdatasync(5</d/a.1.ledger> <unfinished ...>`
		end   = `7 <... fdatasync resumed>) = 0`
		frame = `9 write(8</dev/pts/3>, "\x02\x01\x31\x03\x37", 5) = 5`
	)
	cases := []struct {
		name  string
		lines []string
		early int
	}{
		{"synced", []string{write, sync, frame}, 0},
		{"sync in two lines", []string{write, begin, end, frame}, 0},
		{"not synced", []string{write, frame, sync}, 1},
		{"sync not back yet", []string{write, begin, frame, end}, 1},
		{"written again during the sync", []string{write, begin, write, end, frame}, 1},
		{"nothing recorded", []string{frame}, 1},
		{"a write that has to be repeated", []string{write, sync, `9 write(8</dev/pts/3>, "\x02\x01\x31\x03\x37", 5) = -1 EAGAIN`, frame}, 0},
		{"failed sync", []string{write, `7 fdatasync(5</d/a.1.ledger>) = -1 EIO (Input/output error)`, frame}, 1},
	}
	for _, c := range cases {
		var s tracer
		for _, line := range c.lines {
			s.take(line)
		}
		if len(s.early) != c.early {
			t.Errorf("%s: %d early frames, want %d", c.name, len(s.early), c.early)
		}
	}
}
