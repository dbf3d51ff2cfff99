// Command bellkeep is the school server and the operator's tool.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	_ "time/tzdata" // school time must not depend on what the machine has installed

	"github.com/bellkeep/bellkeep/internal/cli"
)

// command is one word after bellkeep.
type command struct {
	name  string
	short string
	run   func(ctx context.Context, args []string, stdout, stderr io.Writer) error
}

var commands = []command{
	{"demo", "play a school day on this machine, with simulated boards and pupils", demoCommand},
	{"serve", "run the school's server", serveCommand},
	{"user", "say who may sign in to the school's pages", userCommand},
	{"check", "check a school's files and name every fault", checkCommand},
	{"policy", "show a school's rules and clauses, compare two schools, propose a change", policyCommand},
	{"bank", "let banks join the school", bankCommand},
	{"device", "let school devices join the school", deviceCommand},
	{"gateway", "speak for devices that cannot speak for themselves", gatewayCommand},
	{"ipads", "bring iPads under management at a gateway of its own", ipadsCommand},
	{"ledger", "verify and read ledgers", ledgerCommand},
	{"backup", "keep sealed copies of all that the school's server keeps", backupCommand},
	{"safeguarding", "keep the key of safeguarding files on paper, in two halves", safeguardingCommand},
	{"restore", "bring a school's server back from a backup", restoreCommand},
	{"import", "compare the school's people with an export, and take it over", importCommand},
	{"badges", "make badges and keep the book of them", badgesCommand},
	{"staff", "say which staff may act at a bank's kiosk", staffCommand},
	{"sim", "run the custody rules through seeded school days, faults included", simCommand},
	{"scenario", "play school days from scripts and compare what comes of them", scenarioCommand},
	{"world", "run the pretend world as a process of its own", worldCommand},
	{"bench", "measure against the machine's own limits", benchCommand},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code: 0 done, 1 failed, 2 misuse.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	slog.SetDefault(slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		usage(stdout)
		return 0
	}
	if args[0] == "version" || args[0] == "--version" {
		fmt.Fprintln(stdout, "bellkeep", cli.Version())
		return 0
	}
	for _, c := range commands {
		if c.name == args[0] {
			return exitCode(c.run(ctx, args[1:], stdout, stderr), stderr)
		}
	}
	return exitCode(misuse("There is no command %q.%s Run: bellkeep help", args[0], meant(args[0])), stderr)
}

// meant asks whether a command was meant that a mistyped word is close to: the
// letters of one in another order, or one of them more, less or wrong.
func meant(word string) string {
	for _, c := range commands {
		if sorted(word) == sorted(c.name) || oneOff(word, c.name) || oneOff(c.name, word) {
			return fmt.Sprintf(" Did you mean %q?", c.name)
		}
	}
	return ""
}

func sorted(word string) string {
	letters := []byte(word)
	slices.Sort(letters)
	return string(letters)
}

// oneOff reports whether a is b, but for one letter that is wrong or too many.
func oneOff(a, b string) bool {
	for i := range a {
		if rest := a[i+1:]; len(b) >= i && a[:i] == b[:i] && (rest == b[i:] || len(b) > i && rest == b[i+1:]) {
			return true
		}
	}
	return false
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Bellkeep keeps pupils' phones from bell to bell.\n\nUsage: bellkeep COMMAND [flags]\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-8s %s\n", c.name, c.short)
	}
	fmt.Fprint(w, "\nEvery command has --help with an example. To begin: bellkeep demo\n")
}

func misuse(format string, args ...any) error {
	return cli.MisuseError{Text: fmt.Sprintf(format, args...)}
}

func exitCode(err error, stderr io.Writer) int { return cli.Exit("bellkeep", err, stderr) }
