package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/cli"
	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm/relay"
)

const gatewayHelp = `Works with gateways: programs that speak for devices which cannot speak for
themselves. The words:

  add ID      print the joining code of a gateway; its id is the platform of its devices
  join        make this computer that gateway, with the code
  headwind    run the gateway to Android phones with the stock Headwind agent
  apple       run the gateway to iPads under Apple's device management
  revoke ID   end what a gateway's certificate allows, at once

A server whose file has a headwind or an apple part with listen: runs that gateway
itself.
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
	case "apple":
		return gatewayApple(ctx, rest, stdout)
	case "revoke":
		return revokeCommand(ctx, "gateway revoke", gatewayRevokeHelp, rest, stdout)
	case "help", "--help", "-h":
		fmt.Fprintln(stdout, gatewayHelp)
		return cli.ErrHelp
	}
	return misuse("There are: bellkeep gateway add, join, headwind, apple and revoke. Run: bellkeep gateway --help")
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

const gatewayAppleHelp = `Runs the gateway to iPads as a process of its own, on this or another computer than
the school's server. Its folder holds the devices' authority and what they were told.
iPads are brought under management in the terminal there: bellkeep ipads --help; with
a gateway inside the server, on pages. The file:

  identity: /var/lib/bellkeep-apple/identity   # from bellkeep gateway join
  data: /var/lib/bellkeep-apple
  zone: Europe/London
  apple:
    school: Elmfield Academy                   # as iPads name it
    url: https://ipads.school.example          # as iPads reach it; enrolled ones keep it for ever
    listen: 127.0.0.1:8086                     # behind a web server with a certificate; or with certificate: and key:
    seal_key: /var/lib/bellkeep-apple-ipads/seal-key # of the secrets kept; left out for this

Example: bellkeep gateway apple --config /etc/bellkeep/apple.yaml`

// gatewayFile is the file of a gateway that is a process of its own. It has the part
// of one gateway.
type gatewayFile struct {
	Identity config.Value[string] `yaml:"identity"`
	Data     config.Value[string] `yaml:"data"`
	Zone     config.Value[string] `yaml:"zone"`
	Headwind *headwindFile        `yaml:"headwind"`
	Apple    *appleFile           `yaml:"apple"`
}

// gatewayOptions is the file, checked. The options of one gateway are there.
type gatewayOptions struct {
	identity string
	headwind *headwindOptions
	apple    *appleOptions
}

func readGatewayFile(path string) (o gatewayOptions, err error) {
	var faults config.Faults
	var file gatewayFile
	if !config.Load(path, &file, &faults) {
		return o, faults.Err()
	}
	need := map[string]config.Value[string]{"identity": file.Identity, "data": file.Data, "zone": file.Zone}
	zone, err := time.LoadLocation(file.Zone.V)
	if err != nil {
		faults.Add(path, file.Zone.Line, "zone: %q is not a time zone like Europe/London", file.Zone.V)
	}
	now := func() time.Time { return time.Now().In(zone) }
	o.identity = file.Identity.V
	if file.Headwind != nil {
		need["headwind: listen"] = file.Headwind.Listen
		o.headwind = file.Headwind.read(path, &faults)
		o.headwind.in(file.Data.V)
		o.headwind.Now = now
	}
	if file.Apple != nil {
		need["apple: listen"] = file.Apple.Listen
		need["apple: school"] = file.Apple.School
		o.apple = file.Apple.read(path, &faults)
		o.apple.in(file.Data.V)
		o.apple.Now, o.apple.control = now, file.Data.V
	}
	for key, v := range need {
		if v.V == "" {
			faults.Add(path, v.Line, "%s: is missing", key)
		}
	}
	return o, faults.Err()
}

// gatewayWord reads the file that a command to run a gateway names.
func gatewayWord(word, help string, args []string, stdout io.Writer) (gatewayOptions, error) {
	fs := newFlags("gateway "+word, help)
	path := fs.String("config", word+".yaml", "the gateway's `file`")
	if err := parse(fs, args, stdout); err != nil {
		return gatewayOptions{}, err
	}
	o, err := readGatewayFile(*path)
	if err == nil && (word == "headwind" && o.headwind == nil || word == "apple" && o.apple == nil) {
		err = errs.New(errs.Invalid, "The file "+*path+" has no part "+word+":", "See: bellkeep gateway "+word+" --help")
	}
	return o, err
}

func gatewayHeadwind(ctx context.Context, args []string, stdout io.Writer) error {
	o, err := gatewayWord("headwind", gatewayHeadwindHelp, args, stdout)
	if err != nil {
		return err
	}
	return runHeadwind(ctx, o, stdout)
}

func runHeadwind(ctx context.Context, o gatewayOptions, stdout io.Writer) error {
	return runGateway(ctx, o.identity, o.headwind.ID, stdout, func(open relay.Opener, log *slog.Logger) (atWork, error) {
		o.headwind.Root, o.headwind.Log, o.headwind.Open = wire.DefaultRoot, log, open
		return openGateway(o.headwind)
	})
}

func gatewayApple(ctx context.Context, args []string, stdout io.Writer) error {
	o, err := gatewayWord("apple", gatewayAppleHelp, args, stdout)
	if err != nil {
		return err
	}
	return runApple(ctx, o, stdout)
}

func runApple(ctx context.Context, o gatewayOptions, stdout io.Writer) error {
	return runGateway(ctx, o.identity, o.apple.ID, stdout, func(open relay.Opener, log *slog.Logger) (atWork, error) {
		o.apple.Root, o.apple.Log, o.apple.Open = wire.DefaultRoot, log, open
		if clock, err := bridge.KernelClock(); err == nil && o.apple.trusted == nil {
			o.apple.trusted = func() bool { return clock().Trusted }
		}
		return openIPads(o.apple)
	})
}

// atWork is a gateway with its addresses.
type atWork interface {
	run(ctx context.Context, bus relay.Bus) error
	Up()        // a connection to the broker stands
	at() string // where devices reach it
}

// runGateway is a gateway that is a client of the school's broker like any other.
func runGateway(ctx context.Context, folder, platform string, stdout io.Writer, open func(relay.Opener, *slog.Logger) (atWork, error)) error {
	id, err := identity.Open(folder, time.Now)
	if err != nil {
		return err
	}
	about := id.About()
	if about.Kind != cert.Gateway || about.ID != platform {
		return errs.New(errs.Invalid, "The identity in "+folder+" is not that of the gateway "+platform+".", "Join with the code of: bellkeep gateway add "+platform)
	}
	opener := func(t wire.Type, sealed []byte) ([]byte, error) { return wire.Open(id.About().Keys, t, sealed) }
	g, err := open(opener, slog.Default().With("gateway", about.ID))
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	client, err := bus.Dial(ctx, gatewayLine(id, g))
	if err != nil {
		return err
	}
	defer client.Close()
	fmt.Fprintf(stdout, "Gateway %s is at work: devices at %s.\n", about.ID, g.at())
	group.Go(func() error { id.KeepRenewed(ctx, slog.Default()); return nil })
	group.Go(func() error { return g.run(ctx, client) })
	return group.Wait()
}

// gatewayLine gives each connection a session of its own. A client asks for the
// will and says that it is up one after the other, so birth needs no lock.
func gatewayLine(id *identity.Identity, g atWork) bus.Config {
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
