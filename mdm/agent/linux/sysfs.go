package linux

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// tree is the root of the file system whose sys folder is looked at.
type tree string

func (t tree) path(parts ...string) string {
	return filepath.Join(append([]string{string(t), "sys"}, parts...)...)
}

// switches are files that hold "0" or "1" and what each says when it is off.
type switches struct {
	paths []string
	off   string
}

// bluetooth are the soft blocks of all Bluetooth radios
// (Documentation/ABI/stable/sysfs-class-rfkill of the kernel).
func (t tree) bluetooth() switches {
	s := switches{off: "1"}                                          // blocked
	radios, _ := filepath.Glob(t.path("class", "rfkill", "rfkill*")) // fails for a bad pattern only
	for _, r := range radios {
		if kind, err := read(filepath.Join(r, "type"), 64); err == nil && kind == "bluetooth" {
			s.paths = append(s.paths, filepath.Join(r, "soft"))
		}
	}
	return s
}

// cameras are the authorisations of all USB devices with a video interface
// (Documentation/usb/authorization.rst of the kernel).
func (t tree) cameras() switches {
	s := switches{off: "0"}                                           // not authorised
	devices, _ := filepath.Glob(t.path("bus", "usb", "devices", "*")) // fails for a bad pattern only
	for _, d := range devices {
		if b, err := readRaw(filepath.Join(d, "descriptors"), maxDescriptors); err == nil && videoInterface(b) {
			s.paths = append(s.paths, filepath.Join(d, "authorized"))
		}
	}
	return s
}

// beyondUSB reports whether there is a camera that USB authorisation cannot turn
// off: a video device that is no part of a USB device.
func (t tree) beyondUSB() bool {
	nodes, _ := filepath.Glob(t.path("class", "video4linux", "video*")) // fails for a bad pattern only
	for _, n := range nodes {
		if to, err := filepath.EvalSymlinks(n); err == nil && !strings.Contains(to, "/usb") {
			return true
		}
	}
	return false
}

// allOff reports whether every switch is off. Errors: those of reading one.
func (s switches) allOff() (bool, error) {
	for _, p := range s.paths {
		v, err := read(p, 64)
		if err != nil || v != s.off {
			return false, err
		}
	}
	return true, nil
}

// allOn is allOff for on.
func (s switches) allOn() (bool, error) {
	for _, p := range s.paths {
		v, err := read(p, 64)
		if err != nil || v == s.off {
			return false, err
		}
	}
	return true, nil
}

// turn writes every switch that is not as wanted. Errors: those of writing.
func (s switches) turn(off bool) error {
	want := s.off
	if !off {
		want = string('0' + '1' - s.off[0])
	}
	var failed error
	for _, p := range s.paths {
		if v, err := read(p, 64); err == nil && v == want {
			continue
		}
		failed = errors.Join(failed, write(p, want))
	}
	return failed
}

func read(path string, limit int64) (string, error) {
	b, err := readRaw(path, limit)
	return strings.TrimSpace(string(b)), err
}

func readRaw(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}

// write writes to a file that is there; sysfs makes none.
func write(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
