package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/wait"
)

const (
	benchSeed   = 1
	connectWait = 30 * time.Second // for every bank to be there with its rules in force
)

// inElmfield lets a bench loose on the demonstration's school at real speed:
// its server and pages, three banks with simulated boards, 900 pupils whom
// nobody plays.
func inElmfield(ctx context.Context, o benchOptions, do func(context.Context, *demo) error) error {
	o.say("setting up Elmfield Academy")
	d, err := openDemo(ctx, demoOptions{
		data: filepath.Join(o.dir, "elmfield"), school: demoSchool, speed: 1, seed: benchSeed,
		listen: "127.0.0.1:0", kiosk: "127.0.0.1:0", mqtt: "127.0.0.1:0", join: "127.0.0.1:0",
	}, io.Discard)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return ended(ctx, d.server.Run(ctx)) })
	group.Go(func() error { return ended(ctx, d.pages.run(ctx)) })
	if err := d.settleIn(ctx); err != nil {
		stop()
		return errors.Join(err, d.closeBanks(), group.Wait())
	}
	for _, b := range d.banks {
		group.Go(func() error { return ended(ctx, b.run(ctx)) })
	}
	group.Go(func() error {
		defer stop()
		if err := d.connected(ctx); err != nil {
			return err
		}
		return do(ctx, d)
	})
	return group.Wait()
}

// connected waits until every bank is there and goes by the newest rules.
func (d *demo) connected(ctx context.Context) error {
	return d.everywhere(ctx, connectWait, func() bool {
		given := d.server.Rules.Current().Directory.Version
		return !slices.ContainsFunc(d.server.Banks.Banks(), func(b banks.Status) bool {
			return !b.Online || b.Board.Directory.Version != given
		})
	})
}

// allInForce waits until the decision on record seq of the school's ledger is in
// force, on its own ledger, at every bank.
func (d *demo) allInForce(ctx context.Context, seq uint64, within time.Duration) error {
	return d.everywhere(ctx, within, func() bool {
		return !slices.ContainsFunc(d.server.Banks.InForce(seq), func(f banks.Force) bool { return f.Since.IsZero() })
	})
}

// everywhere waits for something to be so at the banks.
func (d *demo) everywhere(ctx context.Context, within time.Duration, so func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		news := d.server.Banks.News()
		if so() {
			return nil
		}
		if err := d.server.Banks.Wait(ctx, news); err != nil {
			return fmt.Errorf("some banks do not follow: %w", err)
		}
	}
}

// mostAnew bounds how often a live page that was cut off is opened anew.
const mostAnew = 20

// watchDashboard signs in and keeps one live page open until ctx ends: opened anew, as
// a browser does, where its stream ends before.
func watchDashboard(ctx context.Context, base, page string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := &http.Client{Jar: jar}
	r, err := client.PostForm(base+"/sign-in", url.Values{"user": {demoUser}, "password": {demoSecret}})
	if err != nil {
		return err
	}
	if err := r.Body.Close(); err != nil {
		return err
	}
	for range mostAnew {
		if err = readStream(ctx, client, base+"/events?"+page); ctx.Err() != nil {
			return nil
		}
		if wait.For(ctx, time.Second) != nil {
			return nil
		}
	}
	return fmt.Errorf("a dashboard's stream ended %d times: %w", mostAnew, err)
}

// readStream reads a live page's stream to its end.
func readStream(ctx context.Context, client *http.Client, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	r, err := client.Do(request)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("the dashboard answers %s", r.Status)
	}
	_, err = io.Copy(io.Discard, r.Body)
	return errors.Join(errors.New("it has ended"), err)
}
