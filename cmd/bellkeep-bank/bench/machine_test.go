//go:build bench

package bench

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestMain is called twice: as the first process of the machine, which makes
// it a place to be in, and as its child, which runs the tests.
func TestMain(m *testing.M) {
	if os.Getpid() != 1 {
		os.Exit(m.Run())
	}
	if err := settle(); err != nil {
		fmt.Println("bench: the machine could not be set up:", err)
	} else if code, err := runTests(); err != nil || code != 0 {
		fmt.Println("bench: failed", code, err)
	} else {
		fmt.Println("bench: all is well")
	}
	unix.Sync()
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}

// settle mounts what every Linux has.
func settle() error {
	for _, m := range []struct{ what, where string }{
		{"devtmpfs", "/dev"}, {"proc", "/proc"}, {"sysfs", "/sys"}, {"tmpfs", "/tmp"},
		{"configfs", "/sys/kernel/config"}, {"tracefs", "/sys/kernel/tracing"},
	} {
		if err := os.MkdirAll(m.where, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.what, m.where, m.what, 0, ""); err != nil && err != unix.EBUSY {
			return fmt.Errorf("mounting %s: %w", m.where, err)
		}
	}
	return loopbackUp()
}

// loopbackUp switches on the network that is only this machine.
func loopbackUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	ifr, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	ifr.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(s), unix.SIOCSIFFLAGS, uintptr(unsafe.Pointer(ifr))); e != 0 {
		return e
	}
	_, err = net.InterfaceByName("lo")
	return err
}

// runTests runs this program again, and buries whatever dies meanwhile, as a
// first process must.
func runTests() (code int, err error) {
	tests := exec.Command("/proc/self/exe", os.Args[1:]...)
	tests.Stdout, tests.Stderr = os.Stdout, os.Stderr
	tests.Env = []string{"HOME=/tmp", "TMPDIR=/tmp", "GOTRACEBACK=all"}
	tests.Dir = "/tmp"
	if err := tests.Start(); err != nil {
		return 0, err
	}
	for {
		var status unix.WaitStatus
		switch pid, err := unix.Wait4(-1, &status, 0, nil); {
		case err == unix.EINTR:
		case err != nil:
			return 0, err
		case pid == tests.Process.Pid && status.Exited():
			return status.ExitStatus(), nil
		case pid == tests.Process.Pid:
			return 0, fmt.Errorf("the tests ended by signal %v", status.Signal())
		}
	}
}

// put gives a file of the kernel's what it is to do.
func put(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := put(path, text); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

// await looks every few milliseconds of the machine's time.
func await(t *testing.T, within time.Duration, what string, ready func() bool) {
	t.Helper()
	for end := time.Now().Add(within); !ready(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not come within %v", what, within)
		}
	}
}
