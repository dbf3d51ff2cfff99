package gateway

import (
	"encoding/base64"
	"net/http"

	"github.com/smallstep/pkcs7"

	"github.com/bellkeep/bellkeep/mdm/apple/cms"
	"github.com/bellkeep/bellkeep/mdm/apple/scep"
)

// rooms are where requests are read and answered. Devices have one of their own, so that
// nobody else, however many and however slow, takes their places; and a single one of
// them takes few.
type rooms struct {
	devices, others chan struct{}
	taken           map[string]int // places of devices, by certificate
}

func newRooms() rooms {
	return rooms{make(chan struct{}, mostReading), make(chan struct{}, mostReading), map[string]int{}}
}

// enter takes a place for a request, and gives what gives it back; nil where there is none.
// known is that it comes with the certificate of a device.
func (g *Gateway) enter(r *http.Request) (leave func(), known bool) {
	hash := g.certificateOf(r)
	g.mu.Lock()
	defer g.mu.Unlock()
	room := g.rooms.devices
	if hash == "" {
		room = g.rooms.others
	}
	if hash != "" && g.rooms.taken[hash] >= placesOfOne {
		return nil, true
	}
	select {
	case room <- struct{}{}:
	default:
		return nil, hash != ""
	}
	if hash != "" {
		g.rooms.taken[hash]++
	}
	return func() {
		<-room
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.rooms.taken[hash]--; g.rooms.taken[hash] <= 0 {
			delete(g.rooms.taken, hash)
		}
	}, hash != ""
}

// certificateOf is the hash of the certificate a message comes with, if it is one that was
// given to a device. Whether the device sent it is not known before it was read.
func (g *Gateway) certificateOf(r *http.Request) (hash string) {
	header := r.Header.Get(signatureHeader)
	if r.URL.Path != PathMDM || header == "" || len(header) > MaxSignature {
		return ""
	}
	defer func() { _ = recover() }() // the parser of CMS is made for messages of friends; it fails again
	der, err := base64.StdEncoding.DecodeString(header)
	if err != nil || cms.Check(der) != nil {
		return ""
	}
	signed, err := pkcs7.Parse(der)
	if err != nil {
		return ""
	}
	signer := signed.GetOnlySigner()
	if signer == nil {
		return ""
	}
	h := scep.Hash(signer)
	if _, err := g.store.InvitationFor(h); err != nil {
		return ""
	}
	return h
}
