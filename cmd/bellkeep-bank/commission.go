package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/firmware-bridge/commission"
	"github.com/bellkeep/bellkeep/firmware-bridge/station"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// commission maps the bank's doors with somebody at a terminal beside it.
func (o options) commission(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	doors, err := parseDoors(o.doors)
	if err != nil {
		return err
	}
	b, err := o.load()
	if err != nil {
		return err
	}
	c := b.station.Cabinet
	if o.print || o.page {
		return printMap(c, o.page, stdout)
	}
	o.listPorts(c, stdout)
	guard, err := o.guard(c)
	if err != nil {
		return err
	}
	err = b.mapDoors(ctx, newTerminal(ctx, stdin, stdout), o.afresh, doors)
	return errors.Join(err, guard.Close())
}

func (b bank) mapDoors(ctx context.Context, t *terminal, afresh bool, doors []int) error {
	s, err := station.Open(b.station)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go t.listen(ctx, stop)
	m, err := s.Commission(ctx, t, afresh, doors...)
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		fmt.Fprintf(t.out, "\n%s\nKept in %s. Start the bank: it goes by this map.\n", m.Print(s.Cabinet.Label), s.Cabinet.MapPath)
	}
	return errors.Join(err, s.Close())
}

func parseDoors(text string) (doors []int, err error) {
	if text == "" {
		return nil, nil
	}
	for _, word := range strings.Split(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 {
			return nil, errs.New(errs.Invalid, fmt.Sprintf("--doors %q are not door numbers.", text), "Give numbers with commas, as in --doors 7,12")
		}
		doors = append(doors, n)
	}
	return doors, nil
}

//go:embed map.html
var mapHTML string

// printMap writes the map as text, or as a page to print.
func printMap(c cabinet.Cabinet, page bool, w io.Writer) error {
	switch {
	case c.Unmapped != nil:
		return c.Unmapped
	case c.Map == nil:
		_, err := c.Plan()
		return err
	}
	if !page {
		fmt.Fprint(w, c.Map.Print(c.Label))
		return nil
	}
	t, err := template.New("map").Funcs(template.FuncMap{"lock": func(index int) int { return index + 1 }}).Parse(mapHTML)
	if err != nil {
		return err
	}
	return t.Execute(w, struct {
		Label string
		*cabinet.DoorMap
	}{c.Label, c.Map})
}

// listPorts says which serial ports there are, by the names that stay, and which
// of them the bank's file uses for what.
func (o options) listPorts(c cabinet.Cabinet, w io.Writer) {
	uses := map[string]string{}
	for _, b := range c.Buses {
		uses[b.Line.Path] = "bus " + b.Name
	}
	for _, s := range c.Scanners {
		uses[s.Line.Path] = "scanner of kiosk " + s.Kiosk
	}
	fmt.Fprintf(w, "Serial ports in %s:\n", o.devices)
	there, err := os.ReadDir(o.devices)
	if err != nil || len(there) == 0 {
		fmt.Fprintln(w, "  none: is an adapter plugged in?")
	}
	for _, e := range there {
		use := uses[filepath.Join(o.devices, e.Name())]
		if use == "" {
			use = "not in the bank's file"
		}
		fmt.Fprintf(w, "  %s  %s\n", e.Name(), use)
	}
	fmt.Fprintln(w)
}

// terminal is a technician at a terminal. Every question names the keys that
// answer it.
type terminal struct {
	ctx     context.Context
	in      io.Reader
	out     io.Writer
	shown   chan commission.Ask // the newest, for whoever reads the keys
	answers chan commission.Answer
	last    commission.Ask
}

func newTerminal(ctx context.Context, in io.Reader, out io.Writer) *terminal {
	t := &terminal{ctx: ctx, in: in, out: out, shown: make(chan commission.Ask, 1), answers: make(chan commission.Answer)}
	t.shown <- commission.Ask{}
	return t
}

// Answers is what they type.
func (t *terminal) Answers() <-chan commission.Answer { return t.answers }

// Refuse says why an answer was not taken.
func (t *terminal) Refuse(err error) { fmt.Fprintln(t.out, err, errs.HintOf(err)) }

// Show prints a question, or how far the doors have opened.
func (t *terminal) Show(a commission.Ask) {
	<-t.shown
	t.shown <- a
	text := a.Text()
	if a.Kind == commission.Opening && a.Kind == t.last.Kind && a.Done == t.last.Done || a.Kind == commission.Failed {
		return // said already, or by whoever ends the program
	}
	answered := ""
	if a.Kind == commission.Ready && (t.last.Kind == commission.Probing || t.last.Kind == commission.Silent) {
		answered = "Every board answers."
	}
	note := ""
	if a.Note != t.last.Note {
		note = a.Note.Text()
	}
	t.last = a
	if a.Kind == commission.Which {
		text += fmt.Sprintf(" (%v)", a.Outlet)
	}
	for _, line := range []string{answered, note, text, a.Kind.Keys(a.Pass)} {
		if line != "" {
			fmt.Fprintln(t.out, line)
		}
	}
}

// listen reads lines until the input ends, which ends the commissioning: what was
// found out by then is kept.
func (t *terminal) listen(ctx context.Context, stop context.CancelCauseFunc) {
	lines := bufio.NewScanner(t.in)
	for lines.Scan() {
		asked := <-t.shown
		t.shown <- asked
		a, ok := readAnswer(asked.Kind, strings.ToLower(strings.TrimSpace(lines.Text())))
		if !ok {
			fmt.Fprintln(t.out, "That is no answer.", asked.Kind.Keys(asked.Pass))
			continue
		}
		select {
		case t.answers <- a:
		case <-ctx.Done():
			return
		}
	}
	stop(errs.New(errs.NotNow, "The commissioning was left before its end; what was found out is kept.", "Go on with: bellkeep-bank commission"))
}

func readAnswer(asked commission.Kind, typed string) (commission.Answer, bool) {
	if n, err := strconv.Atoi(typed); err == nil && asked == commission.Which {
		return commission.Answer{Kind: commission.Number, Number: n}, true
	}
	kind, ok := map[string]commission.AnswerKind{
		"": commission.Go, "a": commission.Again, "t": commission.Type, "n": commission.Nothing, "b": commission.Undo,
	}[typed]
	return commission.Answer{Kind: kind}, ok && (kind != commission.Go || asked == commission.Ready)
}
