package boltlog

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"go.etcd.io/bbolt"
)

// Rate is what one benchmark measured. A caller waits for its write before it
// makes the next.
type Rate struct {
	PerSecond float64 // durable writes
	P50, P99  time.Duration
}

// BenchAppend measures Append of one entry at a time from so many callers, on
// a fresh ledger in dir.
func BenchAppend(ctx context.Context, dir string, callers int, d time.Duration) (Rate, error) {
	l, err := Open(dir, Options{Writer: "bench"})
	if err != nil {
		return Rate{}, err
	}
	rate, err := measure(ctx, callers, d, func(ctx context.Context) error {
		_, err := l.Append(ctx, benchEntry())
		return err
	})
	return rate, errors.Join(err, l.Close())
}

// BenchRaw is the limit beside BenchAppend: the same leaves put into plain
// bbolt by one goroutine that drains its queue in the same way, without
// hashes, checkpoints or receipts.
func BenchRaw(ctx context.Context, dir string, callers int, d time.Duration) (Rate, error) {
	db, err := openRaw(dir)
	if err != nil {
		return Rate{}, err
	}
	w := &rawWriter{db: db, queue: make(chan *rawPut, maxQueue), closing: make(chan struct{}), ended: make(chan struct{})}
	go w.run()
	rate, err := measure(ctx, callers, d, w.put)
	close(w.closing)
	<-w.ended
	return rate, errors.Join(err, w.err, db.Close())
}

// Raw is plain bbolt that holds the leaves a ledger would: the limit beside one
// lone Append.
type Raw struct{ db *bbolt.DB }

// OpenRaw makes a plain store in dir. Errors: unavailable.
func OpenRaw(dir string) (*Raw, error) {
	db, err := openRaw(dir)
	return &Raw{db}, err
}

// Put writes one leaf in a transaction of its own.
func (r *Raw) Put() error {
	rest, err := ledger.EncodeRest(benchEntry())
	if err != nil {
		return err
	}
	return r.db.Update(func(tx *bbolt.Tx) error { return putRaw(tx, rest) })
}

// Close closes the store.
func (r *Raw) Close() error { return r.db.Close() }

func benchEntry() ledger.Entry {
	return ledger.Entry{
		Kind:    "deposit-intended",
		Stamp:   ledger.Stamp{Wall: time.Now(), Trusted: true, Boot: "K7Q2M4XW9T", Mono: 61250 * time.Millisecond},
		Door:    12,
		Purpose: "deposit",
		Body:    json.RawMessage(`{"person":"p-4f1c2a90","badge":"b-77a0c1","late":false,"window":"morning","reason":""}`),
	}
}

// measure runs callers for d, each calling fn again and again.
func measure(ctx context.Context, callers int, d time.Duration, fn func(context.Context) error) (Rate, error) {
	var (
		wg    sync.WaitGroup
		took  = make([][]time.Duration, callers)
		fault = make([]error, callers)
		start = time.Now()
	)
	for i := range callers {
		wg.Go(func() {
			for began := start; began.Sub(start) < d && fault[i] == nil; began = time.Now() {
				fault[i] = fn(ctx)
				took[i] = append(took[i], time.Since(began))
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	all := slices.Concat(took...)
	slices.Sort(all)
	return Rate{
		PerSecond: float64(len(all)) / elapsed.Seconds(),
		P50:       all[len(all)/2],
		P99:       all[len(all)*99/100],
	}, errors.Join(fault...)
}

func openRaw(dir string) (*bbolt.DB, error) {
	db, err := bbolt.Open(filepath.Join(dir, "raw.bolt"), fileMode, boltOptions(time.Second))
	if err != nil {
		return nil, notWritable(dir, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists([]byte(recordBucket))
		return err
	})
	return db, err
}

func putRaw(tx *bbolt.Tx, rest []byte) error {
	records := tx.Bucket([]byte(recordBucket))
	records.FillPercent = 1
	seq, err := records.NextSequence()
	if err != nil {
		return err
	}
	return records.Put(key(seq), ledger.AppendLeaf(nil, seq, rest))
}

type rawPut struct {
	rest []byte
	done chan struct{}
}

type rawWriter struct {
	db             *bbolt.DB
	queue          chan *rawPut
	closing, ended chan struct{}
	err            error // set before ended is closed
}

func (w *rawWriter) put(context.Context) error {
	rest, err := ledger.EncodeRest(benchEntry())
	if err != nil {
		return err
	}
	p := &rawPut{rest, make(chan struct{})}
	select {
	case w.queue <- p:
	case <-w.ended:
		return w.err
	}
	select {
	case <-p.done:
	case <-w.ended:
		return w.err
	}
	return nil
}

func (w *rawWriter) run() {
	defer close(w.ended)
	for {
		var batch []*rawPut
		select {
		case p := <-w.queue:
			batch = append(batch, p)
		case <-w.closing:
			return
		}
		runtime.Gosched()
		for more := true; more; {
			select {
			case p := <-w.queue:
				batch = append(batch, p)
			default:
				more = false
			}
		}
		w.err = w.db.Update(func(tx *bbolt.Tx) error {
			for _, p := range batch {
				if err := putRaw(tx, p.rest); err != nil {
					return err
				}
			}
			return nil
		})
		if w.err != nil {
			return
		}
		for _, p := range batch {
			close(p.done)
		}
	}
}
