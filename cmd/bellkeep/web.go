package main

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/accounts/sso"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/pins"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/school/access"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/signin"
)

// webOptions is how the pages are reached.
type webOptions struct {
	listen    string
	idle      time.Duration // of a session; 0 for the usual
	proxies   []netip.Addr  // web servers in front; none: this computer only
	providers []sso.Config
	pretend   func(account string, w passkey.Wish) (passkey.Assertion, bool) // of demonstrations; nil: people have passkeys

	orders ordering // what hands the pages' orders to banks; nil for the server itself

	phones *headwindOptions // for set-up codes; nil for no gateway
	ipads  *ipadOffice      // nil for no gateway in this server
}

// ordering hands an order to a bank and waits for what became of it.
type ordering interface {
	Order(ctx context.Context, bank string, o locker.Order) (banks.Done, error)
}

// webFile is what the server's file says of it.
type webFile struct {
	BehindProxy []config.Value[string] `yaml:"behind_proxy"`
	OIDC        []providerFile         `yaml:"oidc"`
}

type providerFile struct {
	Name         config.Value[string] `yaml:"name"`
	Issuer       config.Value[string] `yaml:"issuer"`
	ClientID     config.Value[string] `yaml:"client_id"`
	SecretFile   config.Value[string] `yaml:"client_secret_file"`
	HostedDomain config.Value[string] `yaml:"hosted_domain"`
	Tenant       config.Value[string] `yaml:"tenant"`
}

// read checks it.
func (f webFile) read(path string, faults *config.Faults) (o webOptions) {
	for _, v := range f.BehindProxy {
		peer, err := netip.ParseAddr(v.V)
		if err != nil {
			faults.Add(path, v.Line, "behind_proxy: %q is not the address of a web server, like 127.0.0.1", v.V)
		}
		o.proxies = append(o.proxies, peer.Unmap())
	}
	for _, p := range f.OIDC {
		o.providers = append(o.providers, p.read(path, faults))
	}
	return o
}

// read checks one provider. Without the school's domain or tenant anybody in the
// world would be let as far as the question whose account it is.
func (p providerFile) read(path string, faults *config.Faults) sso.Config {
	for key, v := range map[string]config.Value[string]{"name": p.Name, "issuer": p.Issuer, "client_id": p.ClientID, "client_secret_file": p.SecretFile} {
		if v.V == "" {
			faults.Add(path, p.Name.Line, "oidc: %s is missing", key)
		}
	}
	if p.HostedDomain.V == "" && p.Tenant.V == "" {
		faults.Add(path, p.Name.Line, "oidc: say the school's hosted_domain (Google) or tenant (Entra)")
	}
	if p.Issuer.V != "" && !strings.HasPrefix(p.Issuer.V, "https://") {
		faults.Add(path, p.Issuer.Line, "oidc: the issuer %q is no https address", p.Issuer.V)
	}
	secret, err := os.ReadFile(p.SecretFile.V)
	if p.SecretFile.V != "" && err != nil {
		faults.Add(path, p.SecretFile.Line, "oidc: the secret cannot be read: %v", err)
	}
	return sso.Config{Name: p.Name.V, Issuer: p.Issuer.V, ClientID: p.ClientID.V, ClientSecret: strings.TrimSpace(string(secret)), Domain: p.HostedDomain.V, Tenant: p.Tenant.V}
}

// base is the address that people find the pages at.
func (o webOptions) base(names []string, l net.Listener) string {
	if len(o.proxies) > 0 {
		return "https://" + names[0]
	}
	return "http://" + l.Addr().String()
}

// passkeySite is the name that passkeys are for, and the page that asks for them: the
// one that banks are told. A browser on this machine may use a name of its own.
func (o webOptions) passkeySite(names []string, l net.Listener) (site string, origins []string) {
	if len(o.proxies) > 0 {
		return names[0], []string{"https://" + names[0]}
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "", nil // a listener of no port: there are no passkeys there
	}
	return "localhost", []string{"http://localhost:" + port}
}

// signIn is signing in to a server's pages.
func (o webOptions) signIn(s *server.Server, base string, loose bool) signin.Config {
	c := signin.Config{
		Accounts: s.Users, Now: time.Now, Plain: len(o.proxies) == 0, Idle: o.idle, Loose: loose, Hosts: []string{"localhost"},
		Staff:    func() []kit.Option { return staffOptions(s.People.People()) },
		Notice:   helpPages(s).Short,
		Rotation: func() policy.Rotation { return s.Policy.Now().PasswordRotation },
		PIN: func(person, pin string) bool {
			entry, ok := s.Staff.Entries()[person]
			return ok && pins.Checker{}.Verify(entry.PIN, pin)
		},
	}
	if !c.Plain {
		c.Hosts = s.Names
	}
	for _, p := range o.providers {
		p.Back = base + sso.BackPath
		c.Providers = append(c.Providers, sso.New(p, &http.Client{Timeout: 10 * time.Second}))
	}
	return c
}

// staffOptions are the members of staff to choose from.
func staffOptions(people []register.Person) []kit.Option {
	var list []kit.Option
	for _, p := range people {
		if p.Kind == register.Staff {
			list = append(list, kit.Option{Value: p.ID, Text: p.Name()})
		}
	}
	return list
}

// accessPages are the pages about who may sign in.
func accessPages(s *server.Server) access.Config {
	return access.Config{Accounts: s.Users, People: s.People, Visitors: func() []kit.Option { return visitorOptions(s) }, Base: s.PagesURL, Zone: s.School.Calendar.Zone, DayEnds: func(t time.Time) time.Time { return dayEnds(s.School.Calendar, t) }}
}

// visitorOptions are the visitors who may have a day pass now.
func visitorOptions(s *server.Server) (list []kit.Option) {
	for _, v := range s.Agreements.Present() {
		list = append(list, kit.Option{Value: v.ID, Text: v.Called()})
	}
	return list
}

// afterSchool is how long after the last bell a day pass lasts by itself.
const afterSchool = time.Hour

func dayEnds(c school.Calendar, t time.Time) time.Time {
	date := school.DateOf(t.In(c.Zone))
	if day, ok := c.Day(date); ok {
		return day.Collect.Add(afterSchool).In(c.Zone)
	}
	return date.At(school.Clock{Hour: 17}, c.Zone)
}

// brokenSeals says which sealed accounts are open.
func brokenSeals(book *accounts.Book, zone *time.Location) string {
	var lines []string
	for _, a := range book.Broken() {
		lines = append(lines, "The sealed account "+a.ID+" was opened at "+a.Seal.Broken.In(zone).Format("15:04 on 2 January")+
			" and works until "+a.Seal.Broken.Add(accounts.SealLasts).In(zone).Format("15:04")+".")
	}
	return strings.Join(lines, " ")
}
