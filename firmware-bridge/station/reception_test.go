package station

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
	"github.com/bellkeep/bellkeep/hardware/scanner"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/locker"
)

// lobby is a reception with a scanner that the test holds things to.
type lobby struct {
	reception
	t      *testing.T
	line   *hwtest.Line
	asked  []joining.Code
	answer func(joining.Code) (*Membership, error)

	mu    sync.Mutex
	shown []locker.Screen
}

func newLobby(t *testing.T) *lobby {
	l := &lobby{t: t, line: hwtest.NewLine()}
	l.reception = reception{
		asks:    locker.Screen{Word: locker.Joining},
		readers: []bridge.Reader{{Kiosk: "front", Open: func(context.Context) (hardware.Scanner, error) { return scanner.New(l.line), nil }}},
		show: func(s locker.Screen) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.shown = append(l.shown, s)
		},
		join: func(_ context.Context, c joining.Code) (*Membership, error) {
			l.asked = append(l.asked, c)
			return l.answer(c)
		},
	}
	return l
}

// after holds lines to the scanner, one a second, and gives the words shown by
// then.
func (l *lobby) after(d time.Duration, lines ...string) []locker.Word {
	for _, line := range lines {
		time.Sleep(time.Second)
		l.line.Send([]byte(line + "\r"))
	}
	time.Sleep(d)
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	var words []locker.Word
	for _, s := range l.shown {
		words = append(words, s.Word)
	}
	return words
}

// says is what the kiosk shows now.
func (l *lobby) says() locker.Screen {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shown[len(l.shown)-1]
}

func (l *lobby) want(got []locker.Word, want ...locker.Word) {
	l.t.Helper()
	if !slices.Equal(got, want) {
		l.t.Errorf("the kiosk showed %v, want %v", got, want)
	}
}

// code is a joining code, as long as one can be.
func code(t *testing.T) (joining.Code, string) {
	t.Helper()
	c := joining.Code{Kind: cert.Bank, ID: strings.Repeat("a", 36), Server: strings.Repeat("b", 87) + ":8443", Token: joining.NewToken()}
	text, err := c.Text()
	if err != nil {
		t.Fatal(err)
	}
	return c, text
}

// logged catches what is logged during a test.
func logged(t *testing.T) *bytes.Buffer {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &log
}

func TestScannersTakeEveryCode(t *testing.T) {
	if scanner.MaxLine < joining.MaxCode {
		t.Errorf("a scanner hands on %d bytes, a joining code may have %d", scanner.MaxLine, joining.MaxCode)
	}
}

func TestJoiningWithACode(t *testing.T) {
	c, text := code(t)
	log := logged(t)
	synctest.Test(t, func(t *testing.T) {
		l := newLobby(t)
		joined := &Membership{}
		l.answer = func(joining.Code) (*Membership, error) { return joined, nil }
		came := make(chan *Membership)
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		go func() {
			m, err := l.await(ctx)
			if err != nil {
				t.Error(err)
			}
			came <- m
		}()
		l.want(l.after(0), locker.Joining)
		l.want(l.after(0, "BK1K7Q2"), locker.Joining, locker.NotReady)
		l.want(l.after(politeStays), locker.Joining, locker.NotReady, locker.Joining)
		l.want(l.after(0, text)[3:], locker.JoiningNow, locker.Joined)
		if m := <-came; m != joined || len(l.asked) != 1 || l.asked[0] != c {
			t.Errorf("%v joined with %v", m, l.asked)
		}
	})
	if strings.Contains(log.String(), text) {
		t.Errorf("the log tells the code: %s", log)
	}
}

// Every refusal says what the error says, without its cause, and after a while
// the bank asks again. The same code may be held to it once more.
func TestRefusals(t *testing.T) {
	_, text := code(t)
	logged(t)
	for name, refused := range map[string]struct {
		line       string
		err        error
		says, next string
	}{
		"used":           {text, errs.New(errs.Conflict, "That joining code was used before.", "Make a new one."), "That joining code was used before.", "Make a new one."},
		"too late":       {text, errs.New(errs.Denied, "That joining code has run out.", "Make a new one."), "That joining code has run out.", "Make a new one."},
		"without reach":  {text, errs.Wrap(errors.New("dial tcp: secret"), errs.Unavailable, "The server cannot be reached.", "Check the cable."), "The server cannot be reached.", "Check the cable."},
		"half a code":    {text[:40], nil, "That is not a readable joining code.", "Scan it again from nearby, or make a new one."},
		"a broken thing": {text, errors.New("secret"), "The bank could not join.", "Look into the bank's log, then try again."},
		"a long sermon":  {text, errs.New(errs.Denied, strings.Repeat("ü", longestSaid), ""), strings.Repeat("ü", longestSaid/2) + "…", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLobby(t)
				l.answer = func(joining.Code) (*Membership, error) { return nil, refused.err }
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error)
				go func() { _, err := l.await(ctx); ended <- err }()
				got := l.after(0, refused.line)
				l.want(got, locker.Joining, locker.JoiningNow, locker.JoinRefused)
				if s := l.says(); s.Says != refused.says || s.Next != refused.next {
					t.Errorf("the kiosk says %q, %q", s.Says, s.Next)
				}
				l.want(l.after(refusalStays)[3:], locker.Joining)
				l.want(l.after(0, refused.line)[4:], locker.JoiningNow, locker.JoinRefused)
				stop()
				if err := <-ended; !errors.Is(err, context.Canceled) {
					t.Errorf("ended with %v", err)
				}
			})
		})
	}
}

// What is held to the scanner while the server is being asked is not kept for
// later.
func TestImpatientScans(t *testing.T) {
	_, text := code(t)
	logged(t)
	synctest.Test(t, func(t *testing.T) {
		l := newLobby(t)
		l.answer = func(joining.Code) (*Membership, error) {
			time.Sleep(10 * time.Second)
			return nil, errs.New(errs.Unavailable, "The server cannot be reached.", "")
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { _, err := l.await(ctx); ended <- err }()
		l.want(l.after(20*time.Second, text, text, "BK1K7Q2", text), locker.Joining, locker.JoiningNow, locker.JoinRefused)
		stop()
		<-ended
	})
}

// A scanner that is not there, or goes away, is looked for again.
func TestReceptionWithoutItsScanner(t *testing.T) {
	_, text := code(t)
	logged(t)
	synctest.Test(t, func(t *testing.T) {
		l := newLobby(t)
		l.answer = func(joining.Code) (*Membership, error) { return &Membership{}, nil }
		tries := 0
		open := l.readers[0].Open
		l.readers[0].Open = func(ctx context.Context) (hardware.Scanner, error) {
			if tries++; tries < 3 {
				return nil, hardware.ErrGone
			}
			return open(ctx)
		}
		came := make(chan error)
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		go func() { _, err := l.await(ctx); came <- err }()
		l.after(3*time.Second, text)
		if err := <-came; err != nil || tries != 3 {
			t.Errorf("after %d tries: %v", tries, err)
		}
	})
}

// Before it has joined, a bank says so to whoever asks it for anything.
func TestNothingWorksBeforeJoining(t *testing.T) {
	c := config(t.TempDir())
	c.JoinTo = t.TempDir()
	s, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	soon, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if _, screen, err := s.Screens.Kiosk("front").Next(soon, 0); err != nil || screen.Word != locker.Joining {
		t.Errorf("the kiosk shows %v, %v", screen, err)
	}
	for what, err := range map[string]error{"help": s.Help(ctx), "PIN": s.PIN(ctx, "271828"), "wish": s.Wish(ctx, locker.Wish{}), "rules": s.Rule(ctx, locker.Rules{})} {
		if errs.CodeOf(err) != errs.NotNow || errs.HintOf(err) == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Run gave %v", err)
	}
	if _, err := s.Joined(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("joined: %v", err)
	}
}
