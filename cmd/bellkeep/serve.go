package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/firmware-bridge/watchdog"
	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/cli"
	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/notify/smtp"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/headwind"
	"github.com/bellkeep/bellkeep/web/school/signin"
)

const serveHelp = `Runs the school's server until it is told to stop: its pages, the broker for banks
and devices, and the address where they join. The file says where it listens:

  school: /etc/bellkeep/school     # folder with school.yaml
  data: /var/lib/bellkeep          # made if it is missing
  names: [bellkeep.school.example] # how others reach it; the first is in joining codes
  pages: 127.0.0.1:8080            # behind a web server with a certificate, or for this machine only
  mqtt: 0.0.0.0:8883
  join: 0.0.0.0:8443
  behind_proxy: [127.0.0.1]        # the web server's address; it sends X-Forwarded-For and -Proto
  oidc:                            # other ways to sign in; Entra has tenant: in place of hosted_domain:
    - {name: Google, issuer: https://accounts.google.com, client_id: ..., client_secret_file: /etc/bellkeep/google, hosted_domain: school.example}
  smtp: {host: smtp.school.example, tls: starttls, user: bellkeep, password_file: /etc/bellkeep/smtp-password, from: "office@school.example"}
  headwind: {url: "https://phones.school.example", listen: 127.0.0.1:8085, mqtt: 0.0.0.0:31000, apk: /etc/bellkeep/hmdm.apk, path_key_file: /etc/bellkeep/headwind-key}
  apple: {url: "https://ipads.school.example", listen: 127.0.0.1:8086}
  paper: {folder: /var/lib/bellkeep-paper, at: ["08:55", "14:45"]} # lists of who has what behind which door; gone after a day
  backup: {folder: /media/backup, key: age1..., at: "02:00", keep: 30} # sealed; bellkeep backup key makes the key

  broker:                          # a Mosquitto 2 in place of the broker inside; it listens where mqtt: says
    {folder: /etc/mosquitto/bellkeep, connect: bellkeep.school.example:8883, reload: [systemctl, reload, mosquitto]}

The key of the safeguarding texts is in the folder beside data, /var/lib/bellkeep-safeguarding;
safeguarding_key: names another file. Leave it out of every backup, and make its paper
halves: bellkeep safeguarding --help
With broker, this server writes mosquitto.conf, the access list and the certificates
into that folder, and again whenever somebody joins or is revoked; then it runs the
command. When mosquitto.conf itself has changed, as the log then says, Mosquitto is to
be started again. It cannot bound by itself how often one client connects: this server
follows its log, and has it refuse for five minutes whoever does more than 60 times a minute.
With headwind, staff phones with the stock Headwind agent follow the bell too; without
its listen:, the gateway is a process of its own: bellkeep gateway headwind --help
With apple, iPads do (root: names the school's own authority, where url has no public
certificate), through Apple's own device management: bellkeep gateway apple --help
says more. The name in its url: can never change, for enrolled iPads keep it.
Without smtp, notices to parents are printed slips. With it, staff are told by e-mail of
changes of the device rules that wait for them and of bells that did not take; their
addresses come with the import, and what they are told names nobody.

People come by bellkeep import, sign-ins by bellkeep user add.

Example: bellkeep serve --config /etc/bellkeep/server.yaml`

type serveFile struct {
	School  config.Value[string]   `yaml:"school"`
	Data    config.Value[string]   `yaml:"data"`
	Names   []config.Value[string] `yaml:"names"`
	Pages   config.Value[string]   `yaml:"pages"`
	MQTT    config.Value[string]   `yaml:"mqtt"`
	Join    config.Value[string]   `yaml:"join"`
	webFile `yaml:",inline"`
	SMTP    *smtp.Config `yaml:"smtp"`
	Paper   *paperFile   `yaml:"paper"`
	Backup  *backupFile  `yaml:"backup"`
	Broker  *brokerFile  `yaml:"broker"`

	Headwind *headwindFile `yaml:"headwind"`
	Apple    *appleFile    `yaml:"apple"`

	SafeguardingKey config.Value[string] `yaml:"safeguarding_key"`
}

// serveOptions is the file, checked.
type serveOptions struct {
	server.Config
	web      webOptions
	paper    doorLists
	headwind *headwindOptions // nil for no phones
	apple    *appleOptions    // nil for no iPads
}

func serveCommand(ctx context.Context, args []string, stdout, _ io.Writer) error {
	fs := newFlags("serve", serveHelp)
	path := fs.String("config", "server.yaml", "the server's `file`")
	assume := fs.Bool("assume-time-trusted", false, "take this machine's clock as right; for benches and tests only")
	breakable := fs.Bool("breakable", false, "let commands on this machine cut the lines to banks and devices; for tests only")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	o, err := readServeFile(*path)
	if err != nil {
		return err
	}
	if o.Now, err = bridge.KernelClock(); err != nil {
		return err
	}
	o.Breakable = *breakable
	if *assume {
		o.Now = bridge.Assume(o.Now)
	}
	return serve(ctx, o, stdout)
}

func readServeFile(path string) (serveOptions, error) {
	var faults config.Faults
	var file serveFile
	var o serveOptions
	if !config.Load(path, &file, &faults) {
		return o, faults.Err()
	}
	need := func(key string, v config.Value[string]) string {
		if v.V == "" {
			faults.Add(path, v.Line, "%s: is missing", key)
		}
		return v.V
	}
	address := func(key string, v config.Value[string]) string {
		if _, _, err := net.SplitHostPort(need(key, v)); v.V != "" && err != nil {
			faults.Add(path, v.Line, "%s: %q is not an address like 0.0.0.0:8883", key, v.V)
		}
		return v.V
	}
	o.web, o.paper = file.webFile.read(path, &faults), file.Paper.read(path, &faults)
	if host, _, err := net.SplitHostPort(file.Pages.V); err == nil && len(o.web.proxies) == 0 && host != "localhost" && !net.ParseIP(host).IsLoopback() {
		faults.Add(path, file.Pages.Line, "pages: %q is not an address of this computer only, like 127.0.0.1:8080: the pages are plain HTTP; put a web server with a certificate before them, and its address under behind_proxy", file.Pages.V)
	}
	o.Backups = file.Backup.read(path, &faults)
	folder := need("school", file.School)
	o.Dir, o.web.listen, o.MQTT, o.Join = need("data", file.Data), address("pages", file.Pages), address("mqtt", file.MQTT), address("join", file.Join)
	o.SafeguardingKey = file.SafeguardingKey.V
	for _, n := range file.Names {
		o.Names = append(o.Names, n.V)
	}
	if len(o.Names) == 0 {
		faults.Add(path, 0, "names: say at least one name or address by which banks and devices reach this server")
	}
	if file.SMTP != nil {
		file.SMTP.Validate(path, &faults)
	}
	if file.Broker != nil {
		o.External = file.Broker.read(path, &faults)
	}
	if file.Headwind != nil {
		o.headwind = file.Headwind.read(path, &faults)
		o.web.phones = o.headwind
		if o.headwind.listen != "" {
			o.Gateways = append(o.Gateways, headwind.Platform)
		}
	}
	if file.Apple != nil {
		o.apple = file.Apple.read(path, &faults)
		if o.apple.listen != "" {
			o.Gateways = append(o.Gateways, apple.Platform)
		}
	}
	if err := faults.Err(); err != nil {
		return o, err
	}
	if file.SMTP != nil {
		mailer, err := smtp.New(*file.SMTP)
		if err != nil {
			return o, err
		}
		o.Mailer = mailer
	}
	var err error
	o.School, _, err = loadSchool(folder, defaultDevices)
	return o, err
}

// memoryForSpeed is how much garbage, in hundredths of what is in use, may lie
// about before it is collected. Go's own 100 is for machines that have nothing
// else to do with their memory; 50 takes a sixth less with a thousand devices, and a
// bell a quarter longer.
const memoryForSpeed = 75

// boundMemory makes a server of a few hundred megabytes small. GOGC in the
// environment goes before it.
func boundMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(memoryForSpeed)
	}
}

// serve runs the server and its pages until ctx ends.
func serve(ctx context.Context, o serveOptions, stdout io.Writer) error {
	boundMemory()
	o.Software = cli.Version()
	s, err := server.Open(ctx, o.Config)
	if err != nil {
		return inUse(o.Dir, err)
	}
	if err := s.Users.TakeUp(ctx, filepath.Join(o.Dir, accounts.File)); err != nil {
		return errors.Join(err, s.Close())
	}
	ipads, err := openIPadsInside(s, o.apple)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	o.web.ipads = ipads.pages()
	pages, err := openPages(s, o.web, nil)
	if err != nil {
		return errors.Join(err, ipads.close(), s.Close())
	}
	phones, err := openInside(s, o.headwind)
	if err != nil {
		return errors.Join(err, pages.close(), ipads.close(), s.Close())
	}
	fmt.Fprintf(stdout, "%s: pages at %s, banks and devices at %s, joining at %s\n", o.School.Name, pages.url(), s.Registrar.MQTT, s.Registrar.Server)
	if s.Users.Empty() {
		code, err := s.Users.FirstOwner(ctx)
		if err != nil {
			return errors.Join(err, ipads.close(), phones.close(), pages.close(), s.Close())
		}
		fmt.Fprintf(stdout, "Nobody can sign in yet. Make the school's first account, within a day:\n  %s\n", signin.Link(pages.url(), code))
	}
	fmt.Fprintln(stdout, o.paper.words())
	fmt.Fprintln(stdout, backupWords(o.Backups))
	slog.Info("the school server is up", "school", o.School.ID)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return sayReady(ctx) })
	group.Go(func() error { return s.Run(ctx) })
	group.Go(func() error { return pages.run(ctx) })
	if phones != nil {
		group.Go(func() error { return alone(ctx, headwind.Platform, s.GatewayConn(headwind.Platform), phones.run) })
	}
	if ipads != nil {
		group.Go(func() error { return alone(ctx, apple.Platform, s.GatewayConn(apple.Platform), ipads.run) })
	}
	group.Go(func() error { return o.paper.run(ctx, s) })
	return group.Wait()
}

// sayReady tells the service manager that the server is up, and when it is about
// to end. It vouches for no loop: banks and devices go on without a server that hangs,
// and somebody sees that it does.
func sayReady(ctx context.Context) error {
	manager, err := watchdog.Systemd()
	if err != nil {
		return err
	}
	watch := watchdog.New()
	watch.Ready()
	watch.Tell(ctx, manager)
	return nil
}
