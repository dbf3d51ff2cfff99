package pki

import (
	"crypto/x509"
	"net"
	"regexp"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const maxNames = 32

// A host name as RFC 1123 has it, in small letters.
var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$`)

// names are what a server is reached by.
type names struct {
	first string
	dns   []string
	ips   []net.IP
}

// parseNames sorts host names from addresses. Errors: invalid.
func parseNames(list []string) (names, error) {
	if len(list) == 0 || len(list) > maxNames {
		return names{}, errs.New(errs.Invalid, "A server has 1 to 32 names or addresses.", "Name at least one that clients reach it by.")
	}
	n := names{first: list[0]}
	for _, name := range list {
		ip := net.ParseIP(name)
		switch {
		case ip != nil:
			n.ips = append(n.ips, ip)
		case len(name) <= 253 && hostName.MatchString(name):
			n.dns = append(n.dns, name)
		default:
			return names{}, errs.New(errs.Invalid, "A server's name is neither a host name in small letters nor an address.", "Write it like bellkeep.local or 192.168.1.10.")
		}
	}
	return n, nil
}

// are tells whether c is for exactly these names.
func (n names) are(c *x509.Certificate) bool {
	return slices.Equal(n.dns, c.DNSNames) && slices.EqualFunc(n.ips, c.IPAddresses, net.IP.Equal)
}
