// Command bellkeep-appliance starts the bank's program on an appliance: a
// computer with nothing else on it, whose one writable folder is /perm. Until
// there is a bank file that holds, it says on the screen what to do.
package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// retry is how long it waits before it looks again.
const retry = 10 * time.Second

func main() {
	a := appliance{
		program: "/user/bellkeep-bank",
		configs: []string{"/perm/bellkeep/bank.yaml", "/etc/bellkeep/bank.yaml"},
		data:    "/perm/bellkeep",
	}
	said := ""
	for {
		args, trouble := a.ready()
		if trouble == "" {
			err := syscall.Exec(args[0], args, os.Environ())
			trouble = fmt.Sprintf("The bank's program cannot be started: %v\n", err)
		}
		if trouble != said {
			say(trouble)
			said = trouble
		}
		time.Sleep(retry)
	}
}

// say writes to the screen, the serial line if it has one, and the log.
func say(text string) {
	fmt.Fprint(os.Stderr, text)
	for _, console := range []string{"/dev/console", "/dev/tty1"} {
		if err := print(console, text); err != nil {
			slog.Info("not shown", "on", console, "err", err) // there need not be a screen
		}
	}
}

func print(console, text string) error {
	f, err := os.OpenFile(console, os.O_WRONLY|syscall.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, strings.ReplaceAll("\n"+text, "\n", "\r\n"))
	return errors.Join(err, f.Close())
}

// appliance is where things are.
type appliance struct {
	program string
	configs []string // of the bank; the first that is there counts
	data    string
}

const noFile = `This appliance does not know its bank yet.
Next step: write a bank file, then do one of these:
  - make the image again with it, and write that to the card:
      make appliance BANK=bank-a.yaml
  - on another computer with Linux, put it on the card's fourth partition, as
      bellkeep/bank.yaml
Then hold the joining code of "bellkeep bank add" before the bank's scanner.
`

// ready gives the command that starts the bank, or a text for whoever stands
// before the appliance.
func (a appliance) ready() (command []string, trouble string) {
	if err := os.MkdirAll(a.data, 0o700); err != nil {
		return nil, fmt.Sprintf("The card's fourth partition cannot be written to: %v\nNext step: write the whole image to a new card.\n", err)
	}
	config, err := a.config()
	if err != nil {
		return nil, noFile
	}
	flags := []string{"--config", config, "--data", a.data}
	if said, err := exec.Command(a.program, append([]string{"check"}, flags...)...).CombinedOutput(); err != nil {
		return nil, fmt.Sprintf("The bank cannot start with %s (%v):\n%s", config, err, said)
	}
	return append([]string{a.program, "run"}, flags...), ""
}

func (a appliance) config() (string, error) {
	for _, path := range a.configs {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fs.ErrNotExist
}
