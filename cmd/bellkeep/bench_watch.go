package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/wait"
)

const (
	watchers   = 200
	watchBar   = 150                    // milliseconds, p99 from a door's record to a dashboard
	watchDoors = 20                     // that come open in a turn
	watchEvery = 500 * time.Millisecond // between two doors, at most
	watchWait  = 20 * time.Second
)

// watch opens dashboards, half on the start page and half on the page of the
// bank, and lets doors come open one after the other.
func watch(ctx context.Context, bank *livingBank, p *pages, o benchOptions) ([]figure, error) {
	w := &watched{news: make(chan struct{}, watchers)}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	for n := range watchers {
		// The sections that a door coming open changes at once on each page.
		page, section := "page=day", "forms"
		if n%2 == 1 {
			page, section = "page=bank&id="+bank.id, "plan-"
		}
		group.Go(func() error { return ended(ctx, w.follow(ctx, p.url()+"/events?"+page, section)) })
	}
	var took []time.Duration
	rest := rand.New(rand.NewPCG(benchSeed, 0))
	group.Go(func() error {
		defer stop()
		err := w.await(ctx) // all have the page as it is
		for range o.turns * watchDoors {
			pause := time.Duration(rest.Int64N(int64(watchEvery)))
			if err = errors.Join(err, wait.For(ctx, pause)); err != nil {
				return err
			}
			bank.school.pass(pause)
			w.begin()
			if err = bank.open(ctx); err == nil {
				err = w.await(ctx)
			}
		}
		took = w.took
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return []figure{
		shown("door to dashboard, p50", milliseconds(percentile(took, 0.5)), "ms"),
		within(fmt.Sprintf("door to %d dashboards, p99", watchers), milliseconds(percentile(took, 0.99)), watchBar, "ms"),
	}, nil
}

// watched is what dashboards saw of the newest door.
type watched struct {
	news chan struct{} // one for each dashboard that has seen it

	mu    sync.Mutex
	door  int // how many have come open
	began time.Time
	took  []time.Duration
}

// begin is the moment before the next door comes open.
func (w *watched) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.door++
	w.began = time.Now()
}

// saw notes that a dashboard shows the newest door, unless it did before.
func (w *watched) saw(last *int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if *last == w.door {
		return
	}
	*last = w.door
	if w.door > 0 {
		w.took = append(w.took, time.Since(w.began))
	}
	w.news <- struct{}{}
}

// await waits until every dashboard has seen the newest door.
func (w *watched) await(ctx context.Context) error {
	late := time.After(watchWait)
	for n := range watchers {
		select {
		case <-w.news:
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return fmt.Errorf("%d of %d dashboards show a door within %v", n, watchers, watchWait)
		}
	}
	return nil
}

// follow reads the events of a page and tells of each of a section.
func (w *watched) follow(ctx context.Context, address, section string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	last := -1
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, maxEventLine)
	for lines.Scan() {
		if name, is := strings.CutPrefix(lines.Text(), "event: "); is && strings.HasPrefix(name, section) {
			w.saw(&last)
		}
	}
	return errors.Join(lines.Err(), errors.New("a dashboard's stream has ended"))
}

// maxEventLine bounds a line of a stream.
const maxEventLine = 1 << 20

// unzipped is what was sent, in plain text; "" for what is none.
func unzipped(sent []byte) string {
	z, err := gzip.NewReader(bytes.NewReader(sent))
	if err != nil {
		return string(sent)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return ""
	}
	return string(text)
}
