package main

import (
	"bytes"
	"strings"
	"sync"
	"testing"
)

func TestLinesAreNotTorn(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	d := &demo{out: &oneAtATime{w: &out}}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				_, _ = d.out.Write([]byte("line\n"))
			}
		})
	}
	wg.Wait()
	if got := out.String(); got != strings.Repeat("line\n", 400) {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}
