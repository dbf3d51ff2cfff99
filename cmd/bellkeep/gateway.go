package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/cli"
	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/wire"
)

const gatewayHelp = `Works with gateways: programs that speak for devices which cannot speak for
themselves. The words:

  add ID      print the joining code of a gateway; its id is the platform of its devices
  join        make this computer that gateway, with the code
  headwind    run the gateway to Android phones with the stock Headwind agent
  revoke ID   end what a gateway's certificate allows, at once

A server whose file has a headwind part with listen: runs that gateway itself.
Each has --help with an example: bellkeep gateway headwind --help`

func gatewayCommand(ctx context.Context, args []string, stdout, _ io.Writer) error {
	word, rest := firstWord(args)
	switch word {
	case "add":
		return gatewayAdd(ctx, rest, stdout)
	case "join":
		return gatewayJoin(ctx, rest, stdout)
	case "headwind":
		return gatewayHeadwind(ctx, rest, stdout)
	case "revoke":
		return revokeCommand(ctx, "gateway revoke", gatewayRevokeHelp, rest, stdout)
	case "help", "--help", "-h":
		fmt.Fprintln(stdout, gatewayHelp)
		return cli.ErrHelp
	}
	return misuse("There are: bellkeep gateway add, join, headwind and revoke. Run: bellkeep gateway --help")
}

const gatewayAddHelp = `Prints the joining code of a gateway at the running school server, for: bellkeep
gateway join. The gateway may then speak for the devices whose platform is its id.

Example: bellkeep gateway add headwind --data /var/lib/bellkeep`

func gatewayAdd(ctx context.Context, args []string, stdout io.Writer) error {
	in := invite{Invitation: server.Invitation{Kind: cert.Gateway}}
	fs := inviteFlags("gateway add", gatewayAddHelp, &in)
	fs.BoolVar(&in.Replace, "replace", false, "another computer takes the old one's place")
	return in.run(ctx, fs, "gateway add", args, stdout)
}

const gatewayJoinHelp = `Makes this computer a gateway of its school. The code comes from
"bellkeep gateway add" on the school's server and holds for 30 minutes.

Example: bellkeep gateway join --code BKJ1... --identity /var/lib/bellkeep-headwind/identity`

func gatewayJoin(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newFlags("gateway join", gatewayJoinHelp)
	text := fs.String("code", "", "the joining `code`")
	dir := fs.String("identity", "", "`folder` for the gateway's key and certificate")
	force := fs.Bool("force", false, "give up the identity of another gateway or school in that folder")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if *dir == "" {
		return misuse("Say where its identity is kept: bellkeep gateway join --code CODE --identity FOLDER")
	}
	code, err := joining.ParseCode(*text)
	if err != nil {
		return err
	}
	if code.Kind != cert.Gateway {
		return errs.New(errs.Invalid, "That joining code is not for a gateway.", "Make one with: bellkeep gateway add")
	}
	id, _, err := identity.Join(ctx, code, *dir, identity.Options{Now: time.Now, Force: *force})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "This is gateway %s now. Its certificate is good until %s.\n", id.About().ID, id.NotAfter().UTC().Format("2 January 2006"))
	return nil
}

const gatewayHeadwindHelp = `Runs the gateway to Android phones with the stock Headwind agent as a process of
its own, on this or another computer than the school's server. The file:

  identity: /var/lib/bellkeep-headwind/identity  # from bellkeep gateway join
  data: /var/lib/bellkeep-headwind
  zone: Europe/London
  headwind:
    url: https://phones.school.example           # as phones reach it
    listen: 127.0.0.1:8085                       # behind a web server with a certificate; or with certificate: and key:
    mqtt: 0.0.0.0:31000                          # left out where phones poll
    apk: /etc/bellkeep/hmdm.apk
    path_key_file: /etc/bellkeep/headwind-key    # openssl rand -hex 32; the server's file names the same
    secret_file: /etc/bellkeep/headwind-secret   # built into the school's own agent; left out for the published one

Example: bellkeep gateway headwind --config /etc/bellkeep/headwind.yaml`

type gatewayFile struct {
	Identity config.Value[string] `yaml:"identity"`
	Data     config.Value[string] `yaml:"data"`
	Zone     config.Value[string] `yaml:"zone"`
	Headwind headwindFile         `yaml:"headwind"`
}

// gatewayOptions is the file, checked.
type gatewayOptions struct {
	identity string
	*headwindOptions
}

func readGatewayFile(path string) (gatewayOptions, error) {
	var faults config.Faults
	var file gatewayFile
	if !config.Load(path, &file, &faults) {
		return gatewayOptions{}, faults.Err()
	}
	for key, v := range map[string]config.Value[string]{"identity": file.Identity, "data": file.Data, "zone": file.Zone, "headwind: listen": file.Headwind.Listen} {
		if v.V == "" {
			faults.Add(path, v.Line, "%s: is missing", key)
		}
	}
	zone, err := time.LoadLocation(file.Zone.V)
	if err != nil {
		faults.Add(path, file.Zone.Line, "zone: %q is not a time zone like Europe/London", file.Zone.V)
	}
	o := gatewayOptions{file.Identity.V, file.Headwind.read(path, &faults)}
	o.in(file.Data.V)
	o.Now = func() time.Time { return time.Now().In(zone) }
	return o, faults.Err()
}

func gatewayHeadwind(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newFlags("gateway headwind", gatewayHeadwindHelp)
	path := fs.String("config", "headwind.yaml", "the gateway's `file`")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	o, err := readGatewayFile(*path)
	if err != nil {
		return err
	}
	return runGateway(ctx, o, stdout)
}

// runGateway is a gateway that is a client of the school's broker like any other.
func runGateway(ctx context.Context, o gatewayOptions, stdout io.Writer) error {
	id, err := identity.Open(o.identity, time.Now)
	if err != nil {
		return err
	}
	about := id.About()
	if about.Kind != cert.Gateway || about.ID != o.ID {
		return errs.New(errs.Invalid, "The identity in "+o.identity+" is not that of the gateway "+o.ID+".", "Join with the code of: bellkeep gateway add "+o.ID)
	}
	o.Root, o.Log = wire.DefaultRoot, slog.Default().With("gateway", about.ID)
	o.Open = func(t wire.Type, sealed []byte) ([]byte, error) { return wire.Open(id.About().Keys, t, sealed) }
	g, err := openGateway(o.headwindOptions)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	client, err := bus.Dial(ctx, gatewayLine(id, g))
	if err != nil {
		return err
	}
	defer client.Close()
	fmt.Fprintf(stdout, "Gateway %s is at work: phones at %s.\n", about.ID, g.o.url)
	group.Go(func() error { id.KeepRenewed(ctx, slog.Default()); return nil })
	group.Go(func() error { return g.run(ctx, client) })
	return group.Wait()
}

// gatewayLine gives each connection a session of its own. A client asks for the
// will and says that it is up one after the other, so birth needs no lock.
func gatewayLine(id *identity.Identity, g *phoneGateway) bus.Config {
	about := id.About()
	topic := wire.DefaultRoot.Gateway(about.ID, wire.LeafPresence)
	return bus.Config{
		Address: about.MQTT, ID: about.ID, TLS: id.TLS(), Jitter: deviceJitter, Logger: slog.Default(), Queue: 512,
		Will: func() (string, []byte) {
			return topic, bus.Presence{Session: bus.NewSession(), TS: time.Now()}.Encode()
		},
		OnUp: func(context.Context) { g.Up() },
	}
}
