package main

import (
	"context"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"github.com/skip2/go-qrcode"

	"github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// trial has every character of a badge, and is none.
const trial = "TRY0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

//go:embed sheet.html
var sheetHTML string

// scannerSheet writes the page by which a technician sets a scanner up.
func scannerSheet(w io.Writer) error {
	png, err := qrcode.Encode(trial, qrcode.Medium, -4) // 4 pixels for each square
	if err != nil {
		return err
	}
	page, err := template.New("sheet").Parse(sheetHTML)
	if err != nil {
		return err
	}
	src := template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png))
	return page.Execute(w, struct {
		QR   template.URL
		Text string
	}{src, trial})
}

// scannerTry says of everything that the bank's scanners read whether it is
// the trial code, and never what it was: it may be somebody's badge.
func (o options) scannerTry(ctx context.Context, stdout io.Writer) error {
	c, err := cabinet.Load(o.config, o.devices)
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, "Hold the trial code of bellkeep-bank scanner-sheet to each scanner. Ctrl-C ends this.")
	say := &sayer{w: stdout}
	var wg sync.WaitGroup
	for i, r := range c.Readers() {
		wg.Go(func() { say.follow(ctx, fmt.Sprintf("Scanner %d", i+1), r) })
	}
	wg.Wait()
	return nil
}

// sayer writes lines from several scanners.
type sayer struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *sayer) say(name, what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.w, "%s: %s\n", name, what)
}

// follow reads one scanner until ctx ends or the scanner goes away.
func (s *sayer) follow(ctx context.Context, name string, r bridge.Reader) {
	scanner, err := r.Open(ctx)
	if err != nil {
		s.say(name, err.Error()+" "+errs.HintOf(err))
		return
	}
	defer scanner.Close() // nothing was written to it
	s.say(name, "is open.")
	for {
		line, err := scanner.Scan(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.say(name, err.Error()+" "+errs.HintOf(err))
			return
		}
		s.say(name, verdict(line))
	}
}

// verdict compares a line with the trial code.
func verdict(line string) string {
	switch {
	case line == trial:
		return "reads every digit and letter."
	case strings.EqualFold(line, trial):
		return "changes the case of letters, which does no harm. Look at Caps Lock and case conversion."
	case strings.Contains(line, trial):
		return "adds something before or after a code. Switch prefix, STX/ETX and the mark of the code type off."
	case strings.HasPrefix(trial, line) || strings.HasSuffix(trial, line):
		return fmt.Sprintf("reads %d of %d characters. Set the suffix to CR, and slow its keyboard down if it is one.", len(line), len(trial))
	case len(line) == len(trial):
		return "reads as many characters, but others. Set its keyboard layout to US."
	}
	return fmt.Sprintf("reads something else, of %d characters. Is it the trial code?", len(line))
}
