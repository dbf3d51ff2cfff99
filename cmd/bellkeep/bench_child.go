package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// startAgain starts this program as one of the benches' own processes. Closing
// in asks it to end.
func startAgain(ctx context.Context, word string, args ...string) (in io.WriteCloser, out io.Reader, wait func() error, err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, nil, nil, err
	}
	c := exec.CommandContext(ctx, program, append([]string{"bench", word}, args...)...)
	c.Stderr = os.Stderr
	if in, err = c.StdinPipe(); err != nil {
		return nil, nil, nil, err
	}
	if out, err = c.StdoutPipe(); err != nil {
		return nil, nil, nil, err
	}
	return in, out, c.Wait, c.Start()
}

func closeAndWait(in io.Closer, wait func() error) error { return errors.Join(in.Close(), wait()) }

// memory is what of this process lies in memory, in bytes: Anon it has written
// itself, File are pages of files that can be read again at any time.
type memory struct{ Anon, File float64 }

func memoryUsed() (memory, error) { return memoryOf("self") }

// memoryOf reads it from the kernel, proc_pid_status(5), for a process by its id.
func memoryOf(pid string) (memory, error) {
	text, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return memory{}, err
	}
	var m memory
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 64)
		if err != nil {
			continue // a line of words
		}
		switch key {
		case "RssAnon":
			m.Anon = kib * 1024
		case "RssFile":
			m.File = kib * 1024
		}
	}
	return m, nil
}
