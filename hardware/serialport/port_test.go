package serialport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// open gives a port on a fresh pseudo-terminal, and the far side of it.
func open(t *testing.T) (*Port, *os.File) {
	t.Helper()
	far, path := terminal(t)
	p, err := Open(Config{Path: path, Baud: 19200})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p, far
}

// terminal gives the far side of a pseudo-terminal and the path of the near.
func terminal(t *testing.T) (far *os.File, path string) {
	t.Helper()
	far, near, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	t.Cleanup(func() { far.Close() })
	return far, near.Name()
}

func send(t *testing.T, far *os.File, p []byte) {
	t.Helper()
	if _, err := far.Write(p); err != nil {
		t.Fatal(err)
	}
}

// gather reads until n bytes came, through as many timeouts as a slow machine
// needs.
func gather(t *testing.T, p *Port, n int) []byte {
	t.Helper()
	var got []byte
	for quiet := 0; len(got) < n && quiet < 50; {
		buf := make([]byte, 64)
		k, err := p.Read(buf)
		switch {
		case errors.Is(err, hardware.ErrTimeout):
			quiet++
		case err != nil:
			t.Fatal(err)
		}
		got = append(got, buf[:k]...)
	}
	return got
}

func TestBytesPassUnchanged(t *testing.T) {
	p, far := open(t)
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	send(t, far, all)
	if got := gather(t, p, len(all)); !bytes.Equal(got, all) {
		t.Errorf("read %x, want %x", got, all)
	}
	if _, err := p.Write(all); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(all))
	if _, err := io.ReadFull(far, got); err != nil || !bytes.Equal(got, all) {
		t.Errorf("far side read %x, %v, want %x", got, err, all)
	}
}

func TestSilenceIsATimeoutAndNotTheEnd(t *testing.T) {
	p, far := open(t)
	for range 2 * maxEarly {
		n, err := p.Read(make([]byte, 8))
		var timeout interface{ Timeout() bool }
		if n != 0 || !errors.Is(err, hardware.ErrTimeout) || !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Fatalf("Read of a silent line = %d, %v, want 0, ErrTimeout", n, err)
		}
	}
	send(t, far, []byte("late"))
	if got := gather(t, p, 4); string(got) != "late" {
		t.Errorf("after the silence read %q, want %q", got, "late")
	}
}

// counter counts the reads that reach the driver.
type counter struct {
	io.ReadCloser
	reads int
}

func (c *counter) Read(b []byte) (int, error) {
	c.reads++
	return c.ReadCloser.Read(b)
}

func TestUnpluggedLineIsGoneWithoutAHotLoop(t *testing.T) {
	p, far := open(t)
	driver := &counter{ReadCloser: p.line}
	p.line = driver
	far.Close()
	for range 1000 {
		if _, err := p.Read(make([]byte, 8)); err != nil && !errors.Is(err, hardware.ErrTimeout) && !errors.Is(err, hardware.ErrGone) {
			t.Fatal(err)
		}
	}
	if _, err := p.Read(make([]byte, 8)); !errors.Is(err, hardware.ErrGone) {
		t.Errorf("Read = %v, want ErrGone", err)
	}
	if driver.reads > maxEarly+1 {
		t.Errorf("1001 reads reached the driver %d times, want at most %d", driver.reads, maxEarly+1)
	}
	if _, err := p.Write([]byte("x")); !errors.Is(err, hardware.ErrGone) {
		t.Errorf("Write = %v, want ErrGone", err)
	}
	if err := p.Flush(); !errors.Is(err, hardware.ErrGone) {
		t.Errorf("Flush = %v, want ErrGone", err)
	}
}

// ended gives the end of the file at once, as a driver does whose adapter was
// pulled while nobody was reading.
type ended struct{ reads int }

func (e *ended) Read([]byte) (int, error) { e.reads++; return 0, io.EOF }
func (e *ended) Close() error             { return nil }

func TestInstantEndsOfFileMeanGone(t *testing.T) {
	driver := &ended{}
	p := &Port{line: driver}
	for range maxEarly - 1 {
		if _, err := p.Read(make([]byte, 8)); !errors.Is(err, hardware.ErrTimeout) {
			t.Fatalf("Read = %v, want ErrTimeout", err)
		}
	}
	for range 100 {
		if _, err := p.Read(make([]byte, 8)); !errors.Is(err, hardware.ErrGone) {
			t.Fatalf("Read = %v, want ErrGone", err)
		}
	}
	if driver.reads != maxEarly {
		t.Errorf("%d reads reached the driver, want %d", driver.reads, maxEarly)
	}
}

func TestWriteToUnpluggedLineIsGone(t *testing.T) {
	p, far := open(t)
	far.Close()
	if _, err := p.Write([]byte("x")); !errors.Is(err, hardware.ErrGone) {
		t.Errorf("Write = %v, want ErrGone", err)
	}
}

func TestWriteToAStuckLineEnds(t *testing.T) {
	p, _ := open(t)
	frame := make([]byte, 512)
	for range 1000 {
		if _, err := p.Write(frame); err != nil {
			if code := errs.CodeOf(err); code != errs.Unavailable || errs.HintOf(err) == "" {
				t.Errorf("Write = %v (code %s), want Unavailable with a hint", err, code)
			}
			return
		}
	}
	t.Error("half a megabyte went into a line that nobody reads")
}

func TestCloseEndsAReadInFlight(t *testing.T) {
	p, _ := open(t)
	reading, ended := make(chan bool), make(chan error)
	go func() {
		close(reading)
		for {
			if _, err := p.Read(make([]byte, 8)); err != nil && !errors.Is(err, hardware.ErrTimeout) {
				ended <- err
				return
			}
		}
	}()
	<-reading
	if err := p.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	if err := p.Close(); err != nil {
		t.Errorf("second Close = %v", err)
	}
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Errorf("Read after Close = %v, want os.ErrClosed", err)
	}
}

func TestFlushDiscardsWhatArrived(t *testing.T) {
	p, far := open(t)
	send(t, far, []byte("stale"))
	arrived(t, p.own, len("stale"))
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	send(t, far, []byte("fresh"))
	if got := gather(t, p, 5); string(got) != "fresh" {
		t.Errorf("after Flush read %q, want %q", got, "fresh")
	}
}

func TestFlushKeepsWhatIsOnItsWayOut(t *testing.T) {
	p, far := open(t)
	if _, err := p.Write([]byte("unlock")); err != nil {
		t.Fatal(err)
	}
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Write([]byte("!")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 7)
	n, err := io.ReadAtLeast(far, got, 1)
	for err == nil && got[n-1] != '!' {
		var k int
		k, err = far.Read(got[n:])
		n += k
	}
	if err != nil || string(got[:n]) != "unlock!" {
		t.Errorf("far side read %q, %v, want %q", got[:n], err, "unlock!")
	}
}

func TestBytesFromBeforeOpenAreDiscarded(t *testing.T) {
	far, path := terminal(t)
	near, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	send(t, far, []byte("old\n"))
	arrived(t, near, len("old\n"))
	p, err := Open(Config{Path: path, Baud: 9600})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	send(t, far, []byte("new"))
	if got := gather(t, p, 3); string(got) != "new" {
		t.Errorf("read %q, want %q", got, "new")
	}
}

// arrived waits until n bytes lie in the kernel's input buffer of f.
func arrived(t *testing.T, f *os.File, n int) {
	t.Helper()
	for range 5000 {
		var have int
		err := control(f, func(fd int) (err error) {
			have, err = unix.IoctlGetInt(fd, unix.TIOCINQ)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if have >= n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d bytes never arrived", n)
}

func TestSecondOpenIsRefusedAndChangesNothing(t *testing.T) {
	far, path := terminal(t)
	p, err := Open(Config{Path: path, Baud: 19200})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(Config{Path: path, Baud: 9600})
	wantError(t, err, errs.Conflict, "in use")
	if got := speed(t, p); got != unix.B19200 {
		t.Errorf("the refused open changed the speed to %#o", got)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(Config{Path: path, Baud: 9600})
	if err != nil {
		t.Fatalf("open after Close: %v", err)
	}
	defer again.Close()
	send(t, far, []byte("x"))
	if got := gather(t, again, 1); string(got) != "x" {
		t.Errorf("read %q, want %q", got, "x")
	}
}

// A crash must not lock the next start out of a pseudo-terminal.
func TestPseudoTerminalIsNotMarkedExclusive(t *testing.T) {
	p, _ := open(t)
	err := control(p.own, func(fd int) error {
		if marked, err := unix.IoctlGetInt(fd, unix.TIOCGEXCL); err != nil || marked != 0 {
			return fmt.Errorf("exclusive mark %d, %w", marked, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func speed(t *testing.T, p *Port) (baud uint32) {
	t.Helper()
	err := control(p.own, func(fd int) error {
		settings, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err == nil {
			baud = settings.Cflag & unix.CBAUD
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return baud
}

func TestOpenFailsWithASentence(t *testing.T) {
	_, path := terminal(t)
	for name, tc := range map[string]struct {
		config Config
		code   errs.Code
		says   string
	}{
		"no such port":   {Config{"/dev/ttyNONE9", 9600}, errs.NotFound, "no serial port"},
		"not a tty":      {Config{"/dev/null", 9600}, errs.Invalid, "not a serial port"},
		"odd speed":      {Config{path, 12345}, errs.Invalid, "12345 baud"},
		"no path":        {Config{"", 9600}, errs.Invalid, "no path"},
		"a directory":    {Config{t.TempDir(), 9600}, errs.Unavailable, "cannot be opened"},
		"no speed":       {Config{path, 0}, errs.Invalid, "0 baud"},
		"a plain file":   {Config{plain(t), 9600}, errs.Invalid, "not a serial port"},
		"broken symlink": {Config{dangling(t), 9600}, errs.NotFound, "no serial port"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(tc.config)
			wantError(t, err, tc.code, tc.says)
		})
	}
}

// The tests run as root, whom the kernel refuses nothing; so the refusal is
// handed in.
func TestRefusalsAreExplained(t *testing.T) {
	wantError(t, explain("/dev/ttyUSB0", unix.EACCES), errs.Denied, "may not open")
	wantError(t, explain("/dev/ttyUSB0", unix.EBUSY), errs.Conflict, "in use")
	if hint := errs.HintOf(explain("/dev/ttyUSB0", unix.EACCES)); !strings.Contains(hint, "dialout") {
		t.Errorf("hint %q does not name the group", hint)
	}
}

func TestValidateGivesEveryFault(t *testing.T) {
	err := Config{Baud: 7}.Validate()
	for _, want := range []string{"no path", "7 baud"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Validate = %v, want it to say %q", err, want)
		}
	}
}

func plain(t *testing.T) string {
	name := t.TempDir() + "/plain"
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func dangling(t *testing.T) string {
	name := t.TempDir() + "/link"
	if err := os.Symlink("/dev/ttyNONE9", name); err != nil {
		t.Fatal(err)
	}
	return name
}

func wantError(t *testing.T, err error, code errs.Code, says string) {
	t.Helper()
	if err == nil || errs.CodeOf(err) != code || !strings.Contains(err.Error(), says) || errs.HintOf(err) == "" {
		t.Errorf("error %v (code %s, hint %q), want code %s saying %q, and a hint", err, errs.CodeOf(err), errs.HintOf(err), code, says)
	}
}
