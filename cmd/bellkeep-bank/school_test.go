package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/nettest"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// schoolRig is a rig whose bank belongs to a school server, which is a third
// process. Between the two lies a line that can be cut.
type schoolRig struct {
	*rig
	server    *exec.Cmd
	serverOut *output
	line      *line
}

// joinSchool sets a server up with the pupils of Mill Lane, who may collect at
// any time, and lets the bank join it.
func (r *rig) joinSchool() *schoolRig {
	r.t.Helper()
	r.fillServer()
	r.letCollect()
	return r.joinServer()
}

// joinServer starts the server on the folder it has, and lets the bank join it.
func (r *rig) joinServer() *schoolRig {
	r.t.Helper()
	s := &schoolRig{rig: r, serverOut: &output{}}
	config := fmt.Sprintf("school: %s\ndata: %s\nnames: [127.0.0.1]\npages: %s\nmqtt: %s\njoin: %s\n",
		r.path("school"), r.path("server"), nettest.Free(r.t), nettest.Free(r.t), nettest.Free(r.t))
	r.must(os.WriteFile(r.path("server.yaml"), []byte(config), 0o600))
	r.t.Cleanup(func() { r.kill(s.server) })
	s.startServer()
	out := s.bellkeep("bank", "add", "a", "--doors", "1-64", "--data", r.path("server"))
	code := regexp.MustCompile(`BKJ1[0-9A-Z]+`).FindString(out)
	join := exec.Command(filepath.Join(r.programs, "bellkeep-bank"), "join", "--code", code, "--config", r.path("school", "bank-a.yaml"), "--data", r.path("data"))
	if out, err := join.CombinedOutput(); err != nil {
		r.t.Fatalf("joining: %v\n%s", err, out)
	}
	s.throughLine()
	return s
}

// fillServer makes a server's data folder as if Mill Lane had lived with it: its
// people, their places, their badges. The cards go to the pretend pupils, and the
// bank is to join.
func (r *rig) fillServer() {
	r.t.Helper()
	r.must(os.RemoveAll(r.path("data")))
	r.must(os.MkdirAll(r.path("server"), 0o700))
	ctx := context.Background()
	pupils, err := roster.Load(r.path("school"))
	r.must(err)
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: time.Now(), Trusted: true} }
	log, err := boltlog.Open(r.path("server", "school-ledger"), boltlog.Options{Writer: "school", Stamp: stamp})
	r.must(err)
	defer log.Close()
	names, err := vault.Open(r.path("server", "vault"))
	r.must(err)
	defer names.Close()
	people := register.New(log, names, stamp)
	var roll register.Roll
	var places []register.Placement
	var ids []string
	for _, p := range pupils.Pupils {
		given, family, _ := strings.Cut(p.Name, " ")
		roll.People = append(roll.People, register.Entry{ID: p.ID, Kind: register.Pupil, Details: register.Details{MIS: p.ID, Given: given, Family: family, Form: p.Form}})
		places = append(places, register.Placement{Person: p.ID, Place: locker.Place{Bank: p.Bank, Door: p.Door}})
		ids = append(ids, p.ID)
	}
	roll.People = append(roll.People, register.Entry{Kind: register.Staff, Details: register.Details{MIS: officeMIS, Given: "Olive", Family: "Office"}})
	r.must(people.Apply(ctx, "test", register.Diff(people.State(), roll), register.Stated{}))
	r.must(people.Assign(ctx, "test", places))
	book := badges.New(log, names, rand.Reader, stamp)
	cards, err := book.IssueTo(ctx, "test", ids...)
	r.must(err)
	sheet := "person,badge,door\n"
	for i, card := range cards {
		sheet += fmt.Sprintf("%s,%s,%d\n", card.Person, card.Token.Badge(), pupils.Pupils[i].Door)
	}
	r.must(os.WriteFile(r.path("school", "sheet.csv"), []byte(sheet), 0o600))
}

// letCollect lets every pupil collect from now on, for a day. No server may run.
func (r *rig) letCollect() {
	r.t.Helper()
	pupils, err := roster.Load(r.path("school"))
	r.must(err)
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: time.Now(), Trusted: true} }
	log, err := boltlog.Open(r.path("server", "school-ledger"), boltlog.Options{Writer: "school", Stamp: stamp})
	r.must(err)
	defer log.Close()
	office, now := desk.New(log, stamp, policy.Default), time.Now()
	for _, p := range pupils.Pupils {
		_, err := office.Give(context.Background(), "test", locker.Grant{Kind: locker.MayCollect, Person: p.ID, From: now, Until: now.Add(24 * time.Hour)})
		r.must(err)
	}
}

// bellkeep runs one of the operator's commands and gives what it printed.
func (s *schoolRig) bellkeep(args ...string) string {
	s.t.Helper()
	out, err := exec.Command(filepath.Join(s.programs, "bellkeep"), args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("bellkeep %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (s *schoolRig) startServer() {
	s.t.Helper()
	s.serverOut = &output{}
	s.server = exec.Command(filepath.Join(s.programs, "bellkeep"), "serve", "--assume-time-trusted", "--breakable", "--config", s.path("server.yaml"))
	s.server.Stdout, s.server.Stderr = s.serverOut, s.serverOut
	s.must(s.server.Start())
	s.awaitFor(30*time.Second, "the server: "+s.serverOut.String(), func() bool { return strings.Contains(s.serverOut.String(), "pages at") })
	s.await("the server's socket", func() bool { _, err := net.Dial("unix", s.path("server", "control.sock")); return err == nil })
}

// stopServer ends the server in an orderly way.
func (s *schoolRig) stopServer() {
	s.t.Helper()
	s.must(s.server.Process.Signal(os.Interrupt))
	s.must(s.server.Wait())
}

// control tells the server to drop all its lines, or to take them up again.
func (s *schoolRig) control(word string) {
	s.t.Helper()
	client := http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", s.path("server", "control.sock"))
	}}}
	answer, err := client.Post("http://control/"+word, "application/json", strings.NewReader("{}"))
	s.must(err)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s", word, answer.Status)
	}
}

// throughLine puts a line that can be cut between the bank and the broker.
func (s *schoolRig) throughLine() {
	s.t.Helper()
	path := s.path("data", "identity", "identity.json")
	text, err := os.ReadFile(path)
	s.must(err)
	found := regexp.MustCompile(`"mqtt":\s*"([^"]+)"`).FindSubmatch(text)
	if found == nil {
		s.t.Fatalf("the bank's identity names no broker: %s", text)
	}
	s.line = newLine(s.rig, string(found[1]))
	s.must(os.WriteFile(path, bytes.Replace(text, found[1], []byte(s.line.listener.Addr().String()), 1), 0o600))
}

// line is a TCP line that can be cut and mended.
type line struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

func newLine(r *rig, to string) *line {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	r.must(err)
	l := &line{listener: listener, to: to, conns: map[net.Conn]bool{}}
	r.t.Cleanup(func() { _ = listener.Close(); l.setCut(true) })
	go l.serve()
	return l
}

func (l *line) serve() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", l.to)
		if err != nil || !l.hold(near, far) {
			_ = near.Close()
			if far != nil {
				_ = far.Close()
			}
			continue
		}
		go l.carry(near, far)
		go l.carry(far, near)
	}
}

// hold notes a pair of connections, unless the line is cut.
func (l *line) hold(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range conns {
		if !l.cut {
			l.conns[c] = true
		}
	}
	return !l.cut
}

// carry moves bytes one way until either end is gone.
func (l *line) carry(to, from net.Conn) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	_ = to.Close()
	_ = from.Close()
}

func (l *line) setCut(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	for c := range l.conns {
		if cut {
			_ = c.Close()
			delete(l.conns, c)
		}
	}
}
