package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/sealed"
)

const safeguardingHelp = `The texts of safeguarding files are sealed under a key that is in no backup. If the
server's disk dies, two sheets of paper bring it back, and neither says anything
without the other.

  halves    print the two halves, each on a sheet of its own
  recover   make the key's file anew from both halves

Put each half in an envelope of its own, sealed and signed across the flap: one for
the headteacher, one for the chair of governors, say. Print them again whenever
somebody may have seen one; older halves go on working together, never mixed.

Example: bellkeep safeguarding halves --key /var/lib/bellkeep-safeguarding/key`

var safeguardingCommands = map[string]func(args []string, stdin io.Reader, stdout io.Writer) error{"halves": halvesCommand, "recover": recoverCommand}

func safeguardingCommand(_ context.Context, args []string, stdout, _ io.Writer) error {
	if len(args) > 0 {
		if run := safeguardingCommands[args[0]]; run != nil {
			return run(args[1:], os.Stdin, stdout)
		}
	}
	fs := newFlags("safeguarding", safeguardingHelp)
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	return misuse("There are: bellkeep safeguarding halves and recover. Run: bellkeep safeguarding --help")
}

func halvesCommand(args []string, _ io.Reader, stdout io.Writer) error {
	fs := newFlags("safeguarding halves", safeguardingHelp)
	path := fs.String("key", "", "`file` of the key")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if *path == "" {
		return misuse("Say where the key is: bellkeep safeguarding halves --key FILE")
	}
	key, err := sealed.LoadKey(*path)
	if err != nil {
		return err
	}
	a, b := key.Halves()
	on := time.Now().Format("2 January 2006, 15:04")
	for _, sheet := range [][2]string{{"A", a}, {"B", b}} {
		fmt.Fprintf(stdout, `Bellkeep: half %s of the key of the safeguarding texts
Number %s, printed %s

    %s

Alone it says nothing. With the other half of the same day it opens what the school
has written about children in danger. Keep it sealed, and not with the other half.

When the server is lost: bellkeep safeguarding recover --key FILE
%s`, sheet[0], key.Fingerprint(), on, inLines(sheet[1]), "\f")
	}
	return key.NoteHalves(*path)
}

// inLines breaks a half into lines that people can follow.
func inLines(half string) string {
	groups := strings.Split(half, "-")
	var lines []string
	for len(groups) > 6 {
		lines, groups = append(lines, strings.Join(groups[:6], "-")+"-"), groups[6:]
	}
	return strings.Join(append(lines, strings.Join(groups, "-")), "\n    ")
}

func recoverCommand(args []string, stdin io.Reader, stdout io.Writer) error {
	fs := newFlags("safeguarding recover", safeguardingHelp)
	path := fs.String("key", "", "`file` to make")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if *path == "" {
		return misuse("Say where the key belongs: bellkeep safeguarding recover --key FILE")
	}
	if _, err := os.Lstat(*path); !errors.Is(err, os.ErrNotExist) {
		return errs.New(errs.Conflict, fmt.Sprintf("There is a key at %s already.", *path), "Move it away first, if it is not the right one.")
	}
	lines := bufio.NewScanner(stdin)
	first, err := typedHalf(stdout, lines, "One half")
	if err != nil {
		return err
	}
	second, err := typedHalf(stdout, lines, "The other half")
	if err != nil {
		return err
	}
	key, err := sealed.Join(first, second)
	if err != nil {
		return err
	}
	if err := errors.Join(key.Save(*path), key.NoteHalves(*path)); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Key %s is back. The file must belong to the user that runs Bellkeep; start it again.\n", key.Fingerprint())
	return nil
}

// typedHalf reads a half of one line or of several, up to an empty one.
func typedHalf(stdout io.Writer, lines *bufio.Scanner, what string) (string, error) {
	fmt.Fprintf(stdout, "%s, then an empty line:\n", what)
	var text strings.Builder
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" && text.Len() > 0 {
			break
		}
		text.WriteString(line)
	}
	return text.String(), lines.Err()
}
