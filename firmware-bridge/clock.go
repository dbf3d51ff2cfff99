package bridge

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// KernelClock is school time as this machine's kernel knows it. The time is
// trusted while the kernel says that something keeps it synchronised; the boot
// id and the monotonic clock are the kernel's too, so they outlive a restart of
// the program.
func KernelClock() (func() school.Instant, error) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "The kernel does not tell its boot id.", "A bank needs Linux with /proc mounted.")
	}
	if _, err := sinceBoot(); err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "The kernel does not tell how long it has been up.", "A bank needs Linux 2.6.39 or newer.")
	}
	boot := strings.TrimSpace(string(id))
	return func() school.Instant {
		mono, _ := sinceBoot() // it worked above and cannot stop working
		return school.Instant{Wall: time.Now().UTC(), Trusted: kernelSynchronised(), Boot: boot, Mono: mono}
	}, nil
}

// Assume is clock with time taken as trusted, for benches and demonstrations.
func Assume(clock func() school.Instant) func() school.Instant {
	return func() school.Instant {
		now := clock()
		now.Trusted = true
		return now
	}
}

// kernelSynchronised asks adjtimex(2); an error counts as no.
func kernelSynchronised() bool {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return err == nil && state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0
}

func sinceBoot() (time.Duration, error) {
	var ts unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts)
	return time.Duration(ts.Nano()), err
}
