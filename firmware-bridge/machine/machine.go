// Package machine looks at the computer of a bank: its voltage, its heat and the
// room on its disk. It reads, under a root that tests may move,
//
//	/sys/class/hwmon/*/name             rpi_volt, on a Raspberry Pi
//	/sys/class/hwmon/*/in0_lcrit_alarm  1 when the supply fell below 4.63 V since it was last read
//	/sys/devices/platform/*/*:firmware/get_throttled
//	                                    hexadecimal, from the firmware of a Raspberry Pi:
//	                                    bit 0 too little voltage, 2 slowed down, 3 hot, now
//	/sys/class/thermal/*/type           cpu-thermal or cpu_thermal
//	/sys/class/thermal/*/temp           thousandths of a degree Celsius
//
// What a machine does not have is not the matter with it.
package machine

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bellkeep/bellkeep/internal/health"
)

const (
	hot     = 80_000    // thousandths of a degree; a Pi slows down from here on
	diskLow = 100 << 20 // bytes; the record of a school year is half of it
	maxFile = 64        // bytes read of a file

	tooWeak    = 1 << 0 // bits of get_throttled
	slowedDown = 1 << 2
	tooHot     = 1 << 3
)

// Machine is one computer.
type Machine struct {
	Root string                                        // "/" but in tests
	Data string                                        // folder on the disk that keeps the record
	Free func(folder string) (bytes uint64, err error) // Free but in tests
}

// Here is this computer, with its record in data.
func Here(data string) Machine { return Machine{Root: "/", Data: data, Free: Free} }

// Problems are what is the matter now.
func (m Machine) Problems() []health.Problem {
	var list []health.Problem
	if room, known := m.Room(); known && room < diskLow {
		list = append(list, health.Problem{Code: health.DiskLow})
	}
	said := m.throttled()
	if m.undervoltage() || said&tooWeak != 0 {
		list = append(list, health.Problem{Code: health.Undervoltage})
	}
	if degrees, known := m.Degrees(); known && degrees*1000 >= hot || said&(slowedDown|tooHot) != 0 {
		list = append(list, health.Problem{Code: health.Hot})
	}
	return list
}

// throttled is what a Pi's firmware says of now; 0 on other machines.
func (m Machine) throttled() uint64 {
	files, err := filepath.Glob(filepath.Join(m.Root, "sys/devices/platform/*/*:firmware/get_throttled"))
	if err != nil {
		return 0 // the pattern is ours and well formed
	}
	var said uint64
	for _, file := range files {
		if bits, err := strconv.ParseUint(strings.TrimPrefix(read(file), "0x"), 16, 32); err == nil {
			said |= bits
		}
	}
	return said
}

func (m Machine) undervoltage() bool {
	for _, sensor := range m.find("sys/class/hwmon/*", "name", "rpi_volt") {
		if read(filepath.Join(sensor, "in0_lcrit_alarm")) == "1" {
			return true
		}
	}
	return false
}

// Room is what is free on the disk that keeps the record, in bytes, if it is known.
func (m Machine) Room() (bytes uint64, known bool) {
	free, err := m.Free(m.Data)
	return free, err == nil
}

// Degrees is the temperature of the processor in degrees Celsius, if it is
// known.
func (m Machine) Degrees() (degrees float64, known bool) {
	for _, zone := range m.find("sys/class/thermal/*", "type", "cpu-thermal", "cpu_thermal") {
		if thousandths, err := strconv.Atoi(read(filepath.Join(zone, "temp"))); err == nil {
			return float64(thousandths) / 1000, true
		}
	}
	return 0, false
}

// find gives the folders in which a file says one of those words.
func (m Machine) find(pattern, file string, words ...string) []string {
	folders, err := filepath.Glob(filepath.Join(m.Root, pattern))
	if err != nil {
		return nil // the pattern is ours and well formed
	}
	var list []string
	for _, folder := range folders {
		for _, word := range words {
			if read(filepath.Join(folder, file)) == word {
				list = append(list, folder)
			}
		}
	}
	return list
}

// read gives a small file's first line; "" when it cannot be read.
func read(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	buf := make([]byte, maxFile)
	n, err := f.Read(buf)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(buf[:n]), "\n")
	return strings.TrimSpace(line)
}

// Free is the room on the disk of a folder that its owner may use, in bytes.
func Free(folder string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}
