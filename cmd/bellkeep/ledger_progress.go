package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/term"
)

// progress shows how far long work is: on a terminal in one line that is
// written over, elsewhere in a plain line for every million.
type progress struct {
	w        io.Writer
	terminal bool
	shown    bool
}

func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, terminal: ok && term.IsTerminal(int(f.Fd()))}
}

const plainStep = 1 << 20

func (p *progress) show(file string, done, total uint64) {
	switch {
	case p.terminal && done > 0:
		fmt.Fprintf(p.w, "\r%s: %d of %d records (%d %%)", filepath.Base(file), done, total, 100*done/total)
		p.shown = true
	case !p.terminal && done > 0 && done%plainStep == 0:
		fmt.Fprintf(p.w, "%s: %d of %d records\n", filepath.Base(file), done, total)
	}
}

// clear removes the line from the terminal.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\033[K")
		p.shown = false
	}
}
