// Package nettest finds addresses for tests whose programs must be told where to
// listen before they do.
package nettest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Addresses that nobody is given who does not ask for them by number: the system
// picks the ports of clients above, and so could take one between a test's look and
// its program's start.
const lowest, highest = 12000, 31999

// Free is a loopback address that nobody listens at just now.
func Free(t testing.TB) string {
	t.Helper()
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(lowest+rand.IntN(highest-lowest)))
		if l, err := net.Listen("tcp", address); err == nil {
			_ = l.Close() // nothing was accepted
			return address
		}
	}
	t.Fatal("no address is free")
	return ""
}
