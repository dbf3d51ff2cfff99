package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"github.com/bellkeep/bellkeep/internal/server"
)

const (
	startWord = "server" // the process that is started anew each time
	startBar  = 2000     // milliseconds
	startWait = 5 * time.Minute
)

// serverSaid is what the server's process says once its pages show everything.
type serverSaid struct {
	URL     string
	Records uint64 // folded into the boards
	Anon    float64
	File    float64
}

// benchStart starts the server's process on one school year, its files out of
// the page cache, and waits until its pages answer with boards that have every
// record. The first start has no snapshots and stands beside the others.
func benchStart(ctx context.Context, o benchOptions) (benchResult, error) {
	b, err := benchYear(ctx, o)
	if err != nil {
		return benchResult{}, err
	}
	if err := b.forgetSnapshots(); err != nil {
		return benchResult{}, err
	}
	first, _, err := b.start(ctx)
	if err != nil {
		return benchResult{}, err
	}
	o.say("without snapshots: %.0f ms", first)
	var took, anon, file []float64
	for n := range o.turns {
		ms, said, err := b.start(ctx)
		if err != nil {
			return benchResult{}, err
		}
		if said.Records < uint64(o.records) {
			return benchResult{}, fmt.Errorf("the boards have %d of %d records", said.Records, o.records)
		}
		took, anon, file = append(took, ms), append(anon, said.Anon/mebibyte), append(file, said.File/mebibyte)
		o.say("turn %d: %.0f ms", n, ms)
	}
	return benchResult{Bench: "start", Turns: o.turns, Figures: []figure{
		within("process to full pages", median(took), startBar, "ms"),
		beside("without snapshots", first, median(took), "ms"),
		shown("server's memory, anonymous", median(anon), "MiB"),
		shown("server's memory, of files", median(file), "MiB"),
	}}, nil
}

// forgetSnapshots removes what can be made again.
func (b *benchSchool) forgetSnapshots() error {
	kept, err := filepath.Glob(filepath.Join(b.dir, "banks", "*", "*.cache"))
	for _, path := range kept {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// start tells how many milliseconds the server takes.
func (b *benchSchool) start(ctx context.Context) (float64, serverSaid, error) {
	var said serverSaid
	if err := b.coolDown(); err != nil {
		return 0, said, err
	}
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	began := time.Now()
	in, out, wait, err := startAgain(ctx, startWord, filepath.Dir(b.dir))
	if err != nil {
		return 0, said, err
	}
	err = json.NewDecoder(bufio.NewReader(out)).Decode(&said)
	if err == nil {
		err = answers(said.URL)
	}
	took := milliseconds(time.Since(began))
	return took, said, errors.Join(err, closeAndWait(in, wait))
}

// answers asks for the page that anybody may see.
func answers(url string) error {
	r, err := http.Get(url + "/sign-in")
	if err != nil {
		return err
	}
	if r.StatusCode != http.StatusOK {
		err = fmt.Errorf("the pages answer %s", r.Status)
	}
	return errors.Join(err, r.Body.Close())
}

// coolDown lets the kernel forget the server's files, posix_fadvise(2), as far
// as one may ask for that without root.
func (b *benchSchool) coolDown() error {
	return filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED), f.Close())
	})
}

// runBenchServer is the server's process: the server and its pages, as serve
// runs them, in the folder that its argument names.
func runBenchServer(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return misuse("Only bench start starts this.")
	}
	boundMemory()
	b, err := newBenchSchool(args[0])
	if err != nil {
		return err
	}
	s, err := b.open(ctx, 0)
	if err != nil {
		return err
	}
	p, err := openPages(s, webOptions{listen: "127.0.0.1:0", idle: demoIdle}, nil)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.Run(ctx) })
	group.Go(func() error { return p.run(ctx) })
	group.Go(func() error {
		defer stop()
		records, err := whole(ctx, s)
		if err != nil {
			return err
		}
		m, err := memoryUsed()
		if err != nil {
			return err
		}
		if err := json.NewEncoder(out).Encode(serverSaid{p.url(), records, m.Anon, m.File}); err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, in) // until the bench closes it
		return err
	})
	return group.Wait()
}

// whole waits until the rules are out and every board has all of its bank's
// records, and counts them.
func whole(ctx context.Context, s *server.Server) (records uint64, err error) {
	select {
	case <-s.Ready():
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	for {
		news, missing := s.Banks.News(), false
		records = 0
		for _, b := range s.Banks.Banks() {
			if c, ok := s.Banks.Copy(b.Setup.Bank); ok {
				records += b.Board.Size
				missing = missing || b.Board.Size < c.Size()
			}
		}
		if !missing {
			return records, nil
		}
		if err := s.Banks.Wait(ctx, news); err != nil {
			return 0, err
		}
	}
}
