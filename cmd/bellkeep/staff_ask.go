package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// askTwice reads a secret twice without showing it, or one line where from is
// no terminal. Errors: invalid when the two differ.
func askTwice(what string, stdout io.Writer, from *os.File) (string, error) {
	if !term.IsTerminal(int(from.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(from, 1024)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	var typed [2]string
	for i, prompt := range []string{what, "Once more"} {
		fmt.Fprintf(stdout, "%s: ", prompt)
		secret, err := term.ReadPassword(int(from.Fd()))
		fmt.Fprintln(stdout)
		if err != nil {
			return "", err
		}
		typed[i] = string(secret)
	}
	if typed[0] != typed[1] {
		return "", errs.New(errs.Invalid, "The two differ.", "Try again.")
	}
	return typed[0], nil
}
