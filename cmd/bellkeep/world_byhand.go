package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/hardware/world"
)

// byHand shuts the doors whose numbers somebody types, a line each, or all of
// them, until the input or ctx ends.
func byHand(ctx context.Context, w *world.World, doors []world.Wire, from io.Reader, stdout io.Writer) error {
	fmt.Fprintln(stdout, "type the number of a door to shut it, or all")
	typed := make(chan string)
	go func() {
		defer close(typed)
		for lines := bufio.NewScanner(from); lines.Scan(); {
			select {
			case typed <- strings.TrimSpace(lines.Text()):
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case line, more := <-typed:
			if !more {
				return nil
			}
			if err := shutTyped(w, doors, line, stdout); err != nil {
				return err
			}
		}
	}
}

func shutTyped(w *world.World, doors []world.Wire, line string, stdout io.Writer) error {
	n, err := strconv.Atoi(line)
	if err != nil && line != "all" {
		fmt.Fprintf(stdout, "%q is no number of a door\n", line)
		return nil
	}
	for _, d := range doors {
		if d.Door != n && line != "all" || !w.Door(d.Door).Open {
			continue
		}
		shut, err := w.Push(d.Door)
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "door %d: shut %v\n", d.Door, shut)
	}
	return nil
}
