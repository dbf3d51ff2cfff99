package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/bellkeep/bellkeep/internal/cli"
	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
)

const ipadsHelp = `Brings iPads under management at a gateway that is a process of its own: see bellkeep
gateway apple --help. A gateway inside the school's server has pages for it, under iPads.
The gateway must be running; --data is its data folder. In this order:

  check                     look at all that has to be right before the first iPad
  request                   make a key and the request for a push certificate
  signed FILE               take in what the vendor made of the request, for Apple
  certificate FILE          take in the certificate that Apple made of it
  push                      how the push certificate stands
  serials FILE              note serial numbers: CSV with a heading id,serial
  invite ID                 make the address from which one iPad enrols
  wait ID...                wait for iPads that were reset, for a day
  key, token FILE           connect Apple School Manager
  owned                     the iPads that it gave to this gateway
  assign ID...              have it send iPads here
  show ID                   how far one iPad is
  health                    what somebody has to look after

The devices themselves, their groups and rules are on the school's pages.

Example: bellkeep ipads check --data /var/lib/bellkeep-apple`

// padWord is one of them.
type padWord struct {
	takes string // what stands behind the word
	run   func(p *padCall, ctx context.Context) error
}

var padWords = map[string]padWord{
	"check":       {"", (*padCall).check},
	"request":     {"", (*padCall).request},
	"signed":      {"FILE", (*padCall).signed},
	"certificate": {"FILE", (*padCall).certificate},
	"push":        {"", (*padCall).push},
	"serials":     {"FILE", (*padCall).serials},
	"invite":      {"ID", (*padCall).invite},
	"wait":        {"ID...", (*padCall).wait},
	"key":         {"", (*padCall).key},
	"token":       {"FILE", (*padCall).token},
	"owned":       {"", (*padCall).owned},
	"assign":      {"ID...", (*padCall).assign},
	"show":        {"ID", (*padCall).show},
	"health":      {"", (*padCall).health},
}

// padCall is one command.
type padCall struct {
	word    string
	named   []string // what stands behind the word
	data    string
	account string
	out     string
	stdout  io.Writer
}

func ipadsCommand(ctx context.Context, args []string, stdout, _ io.Writer) error {
	name, rest := firstWord(args)
	if name == "help" || name == "--help" || name == "-h" {
		fmt.Fprintln(stdout, ipadsHelp)
		return cli.ErrHelp
	}
	word, ok := padWords[name]
	if !ok {
		return misuse("There is no such word. Run: bellkeep ipads --help")
	}
	p := &padCall{word: name, stdout: stdout}
	fs := newFlags(strings.TrimSpace("ipads "+name+" "+word.takes), ipadsHelp)
	fs.StringVar(&p.data, "data", "", "the gateway's data `folder`")
	if name == "certificate" {
		fs.StringVar(&p.account, "account", "", "the Apple `Account` used at identity.apple.com: only that one can renew it")
	}
	for len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		p.named, rest = append(p.named, rest[0]), rest[1:]
	}
	if name == "request" || name == "signed" || name == "key" {
		fs.StringVar(&p.out, "out", padFiles[name], "the `file` to write")
	}
	if err := parse(fs, rest, stdout); err != nil {
		return err
	}
	if p.data == "" || (len(p.named) > 0) != (word.takes != "") || len(p.named) > 1 && word.takes != "ID..." {
		return misuse("It is: bellkeep ipads %s --data FOLDER", strings.TrimSpace(name+" "+word.takes))
	}
	return word.run(p, ctx)
}

// padFiles are the usual names of what is written.
var padFiles = map[string]string{"request": "bellkeep-push.csr", "signed": "bellkeep-push.plist", "key": "bellkeep-asm.pem"}

// ask sends a command to the gateway.
func (p *padCall) ask(ctx context.Context, in padAsked, out any) error {
	return control.Ask(ctx, p.data, "/ipads/"+p.word, in, out)
}

// file is the file that was named.
func (p *padCall) file() (padAsked, error) {
	b, err := durable.ReadFile(p.named[0], enrol.MaxSheet)
	if err != nil {
		err = errs.Wrap(err, errs.NotFound, "The file "+p.named[0]+" cannot be read.", "Is its name right, and may you read it?")
	}
	return padAsked{File: b}, err
}

// write asks for a file and writes it.
func (p *padCall) write(ctx context.Context, in padAsked, next string) error {
	var b []byte
	if err := p.ask(ctx, in, &b); err != nil {
		return err
	}
	if err := os.WriteFile(p.out, b, 0o600); err != nil {
		return errs.Wrap(err, errs.Unavailable, "The file "+p.out+" cannot be written.", "Choose another with --out.")
	}
	p.say("%s is written. %s", p.out, next)
	return nil
}

func (p *padCall) say(format string, args ...any) { fmt.Fprintf(p.stdout, format+"\n", args...) }
