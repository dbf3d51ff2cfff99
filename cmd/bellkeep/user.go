package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const userHelp = `Makes an account for the school's pages, or gives one a new password. The password
is asked for, or read from standard input where that is no terminal. A running
server takes it up at once.

Example: bellkeep user add office --role office --data /var/lib/bellkeep`

func userCommand(_ context.Context, args []string, stdout, _ io.Writer) error {
	word, rest := firstWord(args)
	if word != "add" && word != "--help" && word != "-h" {
		return misuse("There is: bellkeep user add. Run: bellkeep user --help")
	}
	if word != "add" {
		rest = args
	}
	fs := newFlags("user add", userHelp)
	data := fs.String("data", "", "the school server's data `folder`")
	role := fs.String("role", "office", "what the account is `for`")
	name := ""
	if len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		name, rest = rest[0], rest[1:]
	}
	if err := parse(fs, rest, stdout); err != nil {
		return err
	}
	if name == "" || *data == "" {
		return misuse("Say who and where the server keeps its data: bellkeep user add NAME --data FOLDER")
	}
	if _, err := os.Stat(*data); err != nil {
		return errs.Wrap(err, errs.NotFound, fmt.Sprintf("There is no folder %s.", *data), "Name the school server's data folder; bellkeep serve makes it.")
	}
	book, err := accounts.Open(filepath.Join(*data, accounts.FileName))
	if err != nil {
		return err
	}
	password, err := askPassword(stdout, os.Stdin)
	if err != nil {
		return err
	}
	if err := book.Add(name, *role, password, time.Now()); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s may sign in as %s.\n", name, *role)
	return nil
}

// askPassword reads a password without showing it.
func askPassword(stdout io.Writer, from *os.File) (string, error) {
	if !term.IsTerminal(int(from.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(from, 1024)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	fmt.Fprint(stdout, "Password: ")
	first, err := term.ReadPassword(int(from.Fd()))
	if err != nil {
		return "", err
	}
	fmt.Fprint(stdout, "\nOnce more: ")
	second, err := term.ReadPassword(int(from.Fd()))
	fmt.Fprintln(stdout)
	if err == nil && string(first) != string(second) {
		err = errs.New(errs.Invalid, "The two passwords differ.", "Try again.")
	}
	return string(first), err
}
