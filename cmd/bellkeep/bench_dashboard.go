package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

const (
	boardPupils  = 2000
	boardDevices = 1000
	boardAsks    = 20                     // of each page in a turn
	boardEvery   = 250 * time.Millisecond // a door comes open, while pages are timed for
	pageBar      = 100                    // milliseconds, p95 of every page
	sizeBar      = 150                    // kilobytes of a page as it is sent
)

// benchDashboard asks for every page of a large school while doors open, and
// then lets many watch.
func benchDashboard(ctx context.Context, o benchOptions) (benchResult, error) {
	boundMemory()
	b, err := benchYear(ctx, o, boardPupils, boardDevices)
	if err != nil {
		return benchResult{}, err
	}
	if b.dir, err = copied(b.dir, o.dir); err != nil {
		return benchResult{}, err
	}
	if err := b.nextSchoolDay(boardPupils, o.records); err != nil {
		return benchResult{}, err
	}
	s, err := b.open(ctx, 0)
	if err != nil {
		return benchResult{}, err
	}
	p, err := openPages(s, webOptions{listen: "127.0.0.1:0", idle: demoIdle}, nil)
	if err != nil {
		return benchResult{}, errors.Join(err, s.Close())
	}
	p.site.Kit.Gate, p.site.Kit.Log = everybody{}, slog.New(slog.DiscardHandler)
	var result benchResult
	ctx, stop := context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return ended(ctx, s.Run(ctx)) })
	group.Go(func() error { return ended(ctx, p.run(ctx)) })
	group.Go(func() (err error) {
		defer stop()
		result, err = dashboardFigures(ctx, b, s, p, o)
		return err
	})
	return result, group.Wait()
}

// copied is a copy of a year, to go on with: the year itself is used again.
func copied(year, scratch string) (string, error) {
	dir := filepath.Join(scratch, "running")
	return dir, os.CopyFS(dir, os.DirFS(year))
}

func dashboardFigures(ctx context.Context, b *benchSchool, s *server.Server, p *pages, o benchOptions) (benchResult, error) {
	if _, err := whole(ctx, s); err != nil {
		return benchResult{}, err
	}
	busy, err := newLivingBank(ctx, b, s, 0)
	if err != nil {
		return benchResult{}, err
	}
	pages, err := timePages(ctx, busy, p, o)
	if err != nil {
		return benchResult{}, err
	}
	watched, err := newLivingBank(ctx, b, s, 1) // nobody has come to it today
	if err != nil {
		return benchResult{}, err
	}
	seen, err := watch(ctx, watched, p, o)
	return benchResult{Bench: "dashboard", Turns: o.turns, Figures: append(pages, seen...)}, err
}

// everybody is somebody with every role, who has just proved it.
type everybody struct{}

func (everybody) Who(*http.Request) (kit.Who, bool) {
	who := kit.Who{Actor: school.Actor{Account: benchBy, Person: "s-" + benchBy}, Name: "Bench", Proved: time.Now()}
	for _, r := range roles.All {
		who.Roles = append(who.Roles, roles.Assignment{Role: r, Forms: []string{"7A"}})
	}
	return who, true
}

// timed is a page and how it was answered.
type timed struct {
	linked
	took []time.Duration
	size int // bytes sent, the most
}

// timePages asks for every page in turn while doors open.
func timePages(ctx context.Context, bank *livingBank, p *pages, o benchOptions) ([]figure, error) {
	found, err := everyPage(ctx, p)
	if err != nil {
		return nil, err
	}
	list := make([]timed, len(found))
	for i, page := range found {
		list[i].linked = page
	}
	living, stop := context.WithCancel(ctx)
	defer stop()
	group, living := errgroup.WithContext(living)
	group.Go(func() error { return bank.live(living, boardEvery) })
	for range o.turns * boardAsks {
		for i := range list {
			took, body, err := ask(ctx, p.url()+list[i].address)
			if err != nil {
				return nil, err
			}
			list[i].took, list[i].size = append(list[i].took, took), max(list[i].size, len(body))
		}
	}
	stop()
	return pageFigures(list, o), group.Wait()
}

// pageFigures says all and holds the slowest and the largest to their bars.
func pageFigures(list []timed, o benchOptions) []figure {
	p95 := func(a timed) float64 { return milliseconds(percentile(a.took, 0.95)) }
	slices.SortFunc(list, func(a, b timed) int { return int(1000 * (p95(b) - p95(a))) })
	for _, a := range list {
		o.say("%-44s p50 %6.1f ms  p95 %6.1f ms  %6.1f kB", a.address, milliseconds(percentile(a.took, 0.5)), p95(a), float64(a.size)/1000)
	}
	largest := slices.MaxFunc(list, func(a, b timed) int { return a.size - b.size })
	return []figure{
		shown("pages", float64(len(list)), ""),
		within("slowest page p95, "+list[0].route, p95(list[0]), pageBar, "ms"),
		within("largest page, "+largest.route, float64(largest.size)/1000, sizeBar, "kB"),
	}
}

// everyPage finds two pages of each route, and all that programs may read. It
// fails when there is a route it finds no page of.
func everyPage(ctx context.Context, p *pages) ([]linked, error) {
	start := []string{"/", "/?q=given1"}
	for _, r := range p.site.Kit.Routes() {
		if r.Method == http.MethodGet && r.Path != "/events" {
			start = append(start, examples.Replace(r.Path))
		}
	}
	c := crawler{each: 2, route: p.site.Route, get: func(address string) (string, error) {
		_, body, err := ask(ctx, p.url()+address)
		return unzipped(body), err
	}}
	found, err := c.from(start...)
	return slices.DeleteFunc(found, func(l linked) bool {
		return l.route == "/events" || l.route == "/assets/*" || strings.Contains(l.address, ":")
	}), err
}

// examples fill the blanks of paths with what there is in every pretend school.
var examples = strings.NewReplacer("/people/:id", "/people/p-0001", "/person/:id", "/person/p-0001", "/pupil/:id", "/pupil/p-0001",
	"/banks/:id", "/banks/a", "/bank/:id", "/bank/a", "/doors/:number", "/doors/7", "/door/:n", "/door/7",
	"/forms/:name", "/forms/7A", "/form/:name", "/form/7A", "/devices/:id", "/devices/pad-00001", "/device/:id", "/device/pad-00001")

// plain leaves an answer as it was sent.
var plain = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 4}}

// ask asks for a page as a browser does, and gives what was sent.
func ask(ctx context.Context, address string) (time.Duration, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Accept-Encoding", "gzip")
	began := time.Now()
	answer, err := plain.Do(r)
	if err != nil {
		return 0, nil, err
	}
	body, err := io.ReadAll(answer.Body)
	took := time.Since(began)
	if answer.StatusCode >= http.StatusInternalServerError {
		err = errors.Join(err, fmt.Errorf("%s answers %s", address, answer.Status))
	}
	return took, body, errors.Join(err, answer.Body.Close())
}
