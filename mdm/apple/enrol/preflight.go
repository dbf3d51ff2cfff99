package enrol

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// Probe is how the world is looked at. What is nil is looked at as usual.
type Probe struct {
	Lookup  func(ctx context.Context, name string) ([]string, error)
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)
	Roots   *x509.CertPool // besides Config.Root
	Push    []string       // addresses by which Apple wakes devices
	Trusted func() bool    // whether this server's clock is
	CA      []byte         // DER of the devices' authority
}

// Verdict is what came of a check.
type Verdict int

// The verdicts.
const (
	Good Verdict = iota
	Doubtful
	Bad
)

// Check is one thing that was looked at, with what to do about it.
type Check struct {
	What    string
	Verdict Verdict
	Found   string
	Next    string // "" where there is nothing to do
}

// Soon is how long before its end something is to be renewed.
const Soon = 30 * 24 * time.Hour

const probeWithin = 5 * time.Second

// Preflight looks at everything that has to be right before the first device enrols,
// now. It takes a few seconds at most.
func (o *Office) Preflight(ctx context.Context) []Check {
	u, err := url.Parse(o.URL)
	if err != nil { // looked at in Open
		return nil
	}
	checks := []Check{o.checkName(ctx, u)}
	if checks[0].Verdict != Bad {
		checks = append(checks, o.checkTLS(ctx, u), o.checkReach(ctx))
	}
	return append(checks, o.checkClock(), o.checkPush(ctx))
}

func (p Probe) lookup(ctx context.Context, name string) ([]string, error) {
	if p.Lookup != nil {
		return p.Lookup(ctx, name)
	}
	return net.DefaultResolver.LookupHost(ctx, name)
}

func (p Probe) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if p.Dial != nil {
		return p.Dial(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

func (o *Office) checkName(ctx context.Context, u *url.URL) Check {
	c := Check{What: "The name of the gateway", Verdict: Bad}
	name := u.Hostname()
	const own = "Give the gateway a name in a domain that the school owns, with an entry in its DNS, and write it as url: under apple in the server's file."
	switch {
	case net.ParseIP(name) != nil:
		c.Found, c.Next = name+" is an address, not a name. An iPad that enrols keeps it for ever: when the address changes, every iPad is lost.", own
		return c
	case strings.HasSuffix(name, ".local"):
		c.Found, c.Next = name+" is found in one network only, and nobody vouches for it: iPads elsewhere would not find the gateway, and no public certificate can be had.", own
		return c
	}
	ctx, stop := context.WithTimeout(ctx, probeWithin)
	defer stop()
	found, err := o.Probe.lookup(ctx, name)
	if err != nil || len(found) == 0 {
		c.Found, c.Next = "This server cannot find "+name+".", "Add "+name+" to the school's DNS, so that it is found from the Wi-Fi of the iPads too; then look again."
		return c
	}
	c.Verdict, c.Found = Good, name+" is "+strings.Join(found[:min(len(found), 4)], ", ")+", as this server sees it."
	c.Next = "Look on an iPad in its own Wi-Fi, too: Safari must open " + o.URL + "/scep?operation=GetCACaps"
	return c
}

// roots are those that a device trusts once it has its profile; nil for the system's.
func (o *Office) roots() *x509.CertPool {
	if o.Root == nil {
		return o.Probe.Roots
	}
	pool := x509.NewCertPool()
	if root, err := x509.ParseCertificate(o.Root); err == nil {
		pool.AddCert(root)
	}
	return pool
}

func (o *Office) checkTLS(ctx context.Context, u *url.URL) Check {
	c := Check{What: "Its certificate", Verdict: Bad}
	ctx, stop := context.WithTimeout(ctx, probeWithin)
	defer stop()
	conn, err := o.Probe.dial(ctx, "tcp", address(u))
	if err != nil {
		c.Found, c.Next = "Nobody answers at "+address(u)+".", "Start the web server before the gateway, and let its port through the firewall."
		return c
	}
	defer conn.Close()
	line := tls.Client(conn, &tls.Config{ServerName: u.Hostname(), RootCAs: o.roots(), MinVersion: tls.VersionTLS12, Time: o.Now})
	if err := line.HandshakeContext(ctx); err != nil {
		c.Found, c.Next = "An iPad would not trust it: "+mdm.Cut(err.Error())+".", "Get a certificate for "+u.Hostname()+" with its whole chain; where the school has an authority of its own, name its root as root: under apple in the server's file."
		return c
	}
	until := line.ConnectionState().PeerCertificates[0].NotAfter
	left := int(until.Sub(o.Now()) / (24 * time.Hour))
	c.Verdict, c.Found = Good, fmt.Sprintf("It is good until %s, for %d more days.", day(until), left)
	if until.Sub(o.Now()) < Soon {
		c.Verdict, c.Next = Doubtful, "Renew it: without it no iPad comes any more."
	}
	return c
}

// checkReach asks for the devices' authority by the address that devices use.
func (o *Office) checkReach(ctx context.Context) Check {
	c := Check{What: "The gateway behind that name", Verdict: Bad,
		Next: "Hand /mdm, /scep and /enrol/ on to the gateway's listen: address in the web server before it, with the header Mdm-Signature and without changing anything."}
	ctx, stop := context.WithTimeout(ctx, probeWithin)
	defer stop()
	client := http.Client{Transport: &http.Transport{DialContext: o.Probe.dial, TLSClientConfig: &tls.Config{RootCAs: o.roots(), MinVersion: tls.VersionTLS12, Time: o.Now}, DisableKeepAlives: true}}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, o.URL+gateway.PathSCEP+"?operation=GetCACert", nil)
	if err != nil {
		c.Found = "Its address cannot be asked."
		return c
	}
	resp, err := client.Do(r)
	if err != nil {
		c.Found = "It does not answer."
		return c
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxUpload))
	if err != nil || resp.StatusCode != http.StatusOK || !bytes.Equal(body, o.Probe.CA) {
		c.Found = "Something else than this server's gateway answers there (" + resp.Status + ")."
		return c
	}
	c.Verdict, c.Found, c.Next = Good, "It answers with this school's own authority.", ""
	return c
}

func (o *Office) checkClock() Check {
	c := Check{What: "This server's clock", Found: "It is synchronised: " + o.Now().UTC().Format("15:04 on 2 January 2006") + ", UTC."}
	if o.Probe.Trusted != nil && !o.Probe.Trusted() {
		c.Verdict, c.Found, c.Next = Bad, "It is not synchronised, so certificates and lessons would be at the wrong time.", "Install chrony or systemd-timesyncd on this server and wait a few minutes."
	}
	return c
}

// pushAddresses are where Apple takes wake-ups: the usual port and one for networks
// that treat that otherwise.
var pushAddresses = []string{"api.push.apple.com:443", "api.push.apple.com:2197"}

func (o *Office) checkPush(ctx context.Context) Check {
	c := Check{What: "Apple's push service", Verdict: Bad}
	list := o.Probe.Push
	if list == nil {
		list = pushAddresses
	}
	for _, address := range list {
		if o.answers(ctx, address) {
			c.Verdict, c.Found = Good, "It answers at "+address+"."
			c.Next = "iPads reach it themselves, too: let 17.0.0.0/8, ports 5223 and 443, through their Wi-Fi, without looking into TLS."
			return c
		}
	}
	c.Found, c.Next = "It cannot be reached at "+strings.Join(list, " or ")+".", "Let this server reach one of them through the firewall, without looking into TLS. Without it no iPad is woken at the bell."
	return c
}

func (o *Office) answers(ctx context.Context, address string) bool {
	ctx, stop := context.WithTimeout(ctx, probeWithin)
	defer stop()
	conn, err := o.Probe.dial(ctx, "tcp", address)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}
