package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/station"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
)

const (
	holdAgain = 2 * time.Second // machine time after which a code is held to a scanner again
	lookAfter = 5 * time.Minute // school time that somebody takes to walk along the doors

	looksAgain = 15 // times that they look, while the sensors do not agree
)

// cards are the folders of the cards a bank has had, the newest first. The first
// card's is the bank's own.
func (b *demoBank) cards() []string {
	list := []string{b.data}
	for {
		card := filepath.Join(b.data, fmt.Sprintf("card-%d", len(list)+1))
		if _, err := os.Stat(card); err != nil {
			return list
		}
		list = append([]string{card}, list...)
	}
}

// putAnother starts a computer with an empty card in the place of the dead one. It
// asks for a joining code.
func (b *demoBank) putAnother() error {
	b.card = filepath.Join(b.data, fmt.Sprintf("card-%d", len(b.cards())+1))
	if err := os.Mkdir(b.card, 0o700); err != nil {
		return err
	}
	b.demo.say("bank %s gets another computer, with an empty card.", b.id)
	return b.openWith(station.Config{JoinTo: b.card})
}

// takePlace lets IT make a joining code and hold it to the scanner of the new
// computer, until that has joined.
func (b *demoBank) takePlace(ctx context.Context, s *station.Station) error {
	code, _, err := b.demo.server.Invite(ctx, server.Invitation{By: "it", Kind: cert.Bank, ID: b.id, Replace: true})
	if err != nil {
		return err
	}
	holding, stop := context.WithCancel(ctx)
	defer stop()
	go b.holdCode(holding, code)
	if b.member, err = s.Joined(ctx); err != nil {
		return err
	}
	b.demo.say("bank %s is back, on another computer.", b.id)
	go b.look(ctx)
	return nil
}

// holdCode holds a joining code to the bank's scanner until ctx ends: pupils who
// scan their badges meanwhile are in its way.
func (b *demoBank) holdCode(ctx context.Context, code joining.Code) {
	text, err := code.Text()
	if err != nil {
		return // every code has one
	}
	scanner, err := b.world.Scanner(b.config.Kiosk.Name)
	for err == nil && ctx.Err() == nil {
		scanner.Badge(ctx, text)
		err = wait.For(ctx, holdAgain)
	}
}

// look lets the office walk along the doors after a while, and say that those are as
// they should be whose sensors say the same. School time is quick: the new computer
// may not have seen its doors yet.
func (b *demoBank) look(ctx context.Context) {
	err := b.demo.clock.Sleep(ctx, lookAfter)
	var why string
	for again := 0; err == nil && again < looksAgain; again++ {
		var n int
		if n, why = b.lookNow(ctx); why == "" {
			b.demo.say("the office has looked at %d doors of bank %s.", n, b.id)
			return
		}
		err = wait.For(ctx, holdAgain)
	}
	if err == nil {
		b.demo.say("nobody could say of the doors of bank %s that they are as they should be: %s", b.id, why)
	}
}

// lookNow gives how many doors were looked at, or why none was.
func (b *demoBank) lookNow(ctx context.Context) (n int, why string) {
	var doors []int
	for _, s := range b.demo.server.Banks.Banks() {
		if s.Setup.Bank == b.id {
			doors = doubted(s.Board)
		}
	}
	done, err := b.demo.server.Banks.Order(ctx, b.id, locker.Order{Kind: locker.OrderLook, Doors: doors, By: demoUser})
	return len(doors), cmp.Or(string(done.Refused), errorText(err))
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// doubted are the doors that somebody should look at.
func doubted(b view.Board) (doors []int) {
	for _, d := range b.Doors {
		if d.InDoubt {
			doors = append(doors, d.Number)
		}
	}
	return doors
}

// earlier opens the ledgers on the cards of the computers that died, oldest first.
func (b *demoBank) earlier() (files []*boltlog.File, err error) {
	cards := b.cards()
	for i := len(cards) - 1; i > 0; i-- {
		names, err := boltlog.List(filepath.Join(cards[i], station.LedgerFolder))
		if err != nil {
			return files, err
		}
		for _, n := range names {
			f, err := boltlog.OpenFile(n.Path())
			if err != nil {
				return files, err
			}
			files = append(files, f)
		}
	}
	return files, nil
}
