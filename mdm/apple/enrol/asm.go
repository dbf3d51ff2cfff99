package enrol

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/micromdm/nanodep/client"
	"github.com/micromdm/nanodep/godep"
	"github.com/micromdm/nanodep/tokenpki"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/cms"
)

// Limits of Apple School Manager.
const (
	asmName     = "school"
	asmKeyDays  = 3650
	asmWithin   = 30 * time.Second
	asmPages    = 50
	asmPerPage  = 500
	asmAtOnce   = 500 // serial numbers in one request
	asmMaxReply = 8 << 20
)

// skipped are the panes of the set-up assistant that a school's device does without.
var skipped = []string{"AppleID", "Biometric", "Diagnostics", "DisplayTone", "Payment", "Privacy", "Restore", "ScreenTime", "Siri", "TOS", "Welcome"}

// asm is what is kept of Apple School Manager.
type asm struct {
	Cert    []byte    `json:"cert,omitempty"`  // DER, public
	Key     []byte    `json:"key,omitempty"`   // PEM, sealed
	Token   []byte    `json:"token,omitempty"` // JSON, sealed
	Until   time.Time `json:"until,omitzero"`  // the token's end
	Org     string    `json:"org,omitempty"`
	Profile string    `json:"profile,omitempty"` // UUID of the one that was defined
	For     string    `json:"for,omitempty"`     // address it was defined for
}

// ASM is how the connection to Apple School Manager stands.
type ASM struct {
	Key     bool // there is a public key to upload
	Until   time.Time
	Org     string
	Profile bool // devices can be assigned to it
}

// ASM gives it.
func (o *Office) ASM() ASM {
	a := o.look().ASM
	return ASM{Key: a.Cert != nil, Until: a.Until, Org: a.Org, Profile: a.Profile != "" && a.For == o.DeviceURL()}
}

// PublicKey is what is uploaded to Apple School Manager, PEM. It is made when it is
// first asked for.
func (o *Office) PublicKey() ([]byte, error) {
	if cert := o.look().ASM.Cert; cert != nil {
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), nil
	}
	key, cert, err := tokenpki.SelfSignedRSAKeypair("Bellkeep", asmKeyDays)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	sealed, err := o.Seal.Seal(der)
	if err != nil {
		return nil, err
	}
	err = o.change(func(s *state) error {
		if s.ASM.Cert == nil {
			s.ASM.Cert, s.ASM.Key = cert.Raw, sealed
		}
		return nil
	})
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.look().ASM.Cert}), err
}

// TakeToken takes in the server token, the .p7m file, and tries it. Errors: invalid at
// token, not_found, unavailable.
func (o *Office) TakeToken(ctx context.Context, file []byte) error {
	a := o.look().ASM
	if a.Cert == nil {
		return errs.New(errs.NotFound, "Apple School Manager has no key of this server yet.", "Download the public key, and upload it there first.")
	}
	token, err := o.openToken(a, file)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, asmWithin)
	defer stop()
	detail, err := o.client(token).AccountDetail(ctx, asmName)
	if err != nil {
		return unreachable(err)
	}
	b, err := json.Marshal(token)
	if err != nil {
		return err
	}
	sealed, err := o.Seal.Seal(b)
	if err != nil {
		return err
	}
	return o.change(func(s *state) error {
		s.ASM.Token, s.ASM.Until, s.ASM.Profile = sealed, token.AccessTokenExpiry.UTC(), ""
		if detail.OrgName != nil {
			s.ASM.Org = cut(*detail.OrgName)
		}
		return nil
	})
}

// openToken decrypts a server token.
func (o *Office) openToken(a asm, file []byte) (t *client.OAuth1Tokens, err error) {
	const which = "Download the server token (.p7m) for this server in Apple School Manager once more."
	wrong := func(err error) error {
		e := errs.At("token", "That file is not a server token for the key of this server.", which)
		e.Err = err
		return e
	}
	defer func() { // the parser of CMS is made for messages of friends
		if p := recover(); p != nil {
			t, err = nil, wrong(fmt.Errorf("it made the reader fail: %v", p))
		}
	}()
	if len(file) == 0 || len(file) > MaxUpload {
		return nil, wrong(nil)
	}
	der, err := o.Seal.Open(a.Key)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(a.Cert)
	if err != nil {
		return nil, err
	}
	message, err := tokenpki.UnwrapSMIME(file)
	if err == nil {
		err = cms.Check(message)
	}
	if err != nil {
		return nil, wrong(err)
	}
	text, err := tokenpki.DecryptTokenJSON(file, cert, key)
	if err != nil {
		return nil, wrong(err)
	}
	t = &client.OAuth1Tokens{}
	if err := json.Unmarshal(text, t); err != nil || !t.Valid() {
		return nil, wrong(err)
	}
	if !o.Now().Before(t.AccessTokenExpiry) {
		return nil, errs.At("token", "That server token ended on "+day(t.AccessTokenExpiry)+".", which)
	}
	return t, nil
}

// one is a client's storage of one token.
type one struct {
	token *client.OAuth1Tokens
	base  string
}

func (s one) RetrieveAuthTokens(context.Context, string) (*client.OAuth1Tokens, error) {
	return s.token, nil
}

func (s one) RetrieveConfig(context.Context, string) (*client.Config, error) {
	return &client.Config{BaseURL: s.base}, nil
}

// client speaks to Apple School Manager with a token.
func (o *Office) client(t *client.OAuth1Tokens) *godep.Client {
	used := http.Client{Timeout: asmWithin}
	if o.Client != nil {
		used = *o.Client
	}
	used.Transport = limited{used.Transport}
	return godep.NewClient(one{t, o.Config.ASM}, godep.WithClient(&used))
}

// limited cuts answers that are too long.
type limited struct{ next http.RoundTripper }

func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	next := l.next
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, asmMaxReply)
	}
	return resp, err
}

// unreachable says what is wrong with Apple School Manager's answer.
func unreachable(err error) error {
	var denied *client.AuthError
	var refused *godep.HTTPError
	switch {
	case errors.As(err, &denied), errors.As(err, &refused) && (refused.StatusCode == http.StatusUnauthorized || refused.StatusCode == http.StatusForbidden):
		return errs.Wrap(err, errs.Denied, "Apple School Manager does not take this server token.", "It dies with the password of the administrator who made it, and when new terms wait to be agreed to. Sign in there, agree, and download the token once more.")
	case errors.As(err, &refused):
		return errs.Wrap(err, errs.Unavailable, "Apple School Manager answers: "+cut(refused.Status)+".", "Try again; if it stays, look at Apple's system status.")
	}
	return errs.Wrap(err, errs.Unavailable, "Apple School Manager cannot be reached.", "Let this server reach mdmenrollment.apple.com, port 443.")
}

// connected is a client with the token that is kept. Errors: not_found.
func (o *Office) connected() (*godep.Client, error) {
	a := o.look().ASM
	if a.Token == nil {
		return nil, errs.New(errs.NotFound, "There is no server token of Apple School Manager.", "Upload it first.")
	}
	b, err := o.Seal.Open(a.Token)
	if err != nil {
		return nil, err
	}
	t := &client.OAuth1Tokens{}
	if err := json.Unmarshal(b, t); err != nil {
		return nil, err
	}
	return o.client(t), nil
}

// Owned is a device that Apple School Manager gave to this server.
type Owned struct {
	Serial, Model string
	Ours          bool   // our profile is assigned to it
	Device        string // the school's id of that serial number; "" for none
}

// Owned are all of them, by serial number. Errors: not_found, denied, unavailable.
func (o *Office) Owned(ctx context.Context) ([]Owned, error) {
	c, err := o.connected()
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, asmWithin)
	defer stop()
	kept := o.look()
	ids := map[string]string{}
	for id, serial := range kept.Serials {
		ids[serial] = id
	}
	found := map[string]Owned{}
	cursor := ""
	for range asmPages {
		answer, err := c.FetchDevices(ctx, asmName, godep.WithCursor(cursor), godep.WithLimit(asmPerPage))
		if err != nil {
			return nil, unreachable(err)
		}
		for _, d := range answer.Devices {
			serial := strings.ToUpper(d.SerialNumber)
			if serials.MatchString(serial) && len(found) < maxDevices {
				found[serial] = Owned{Serial: serial, Model: cut(d.Model), Device: ids[serial],
					Ours: d.ProfileUuid != nil && kept.ASM.Profile != "" && *d.ProfileUuid == kept.ASM.Profile}
			}
		}
		if cursor = answer.Cursor; !answer.MoreToFollow {
			break
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b Owned) int { return strings.Compare(a.Serial, b.Serial) }), nil
}

// Assign has devices enrol here by themselves when they are reset next, supervised and
// for good, and waits for those it can name. The profile is defined first where it is not
// yet. Errors: not_found, denied, unavailable; what Apple says of a single one is told in
// refused, by serial number.
func (o *Office) Assign(ctx context.Context, want []string) (refused map[string]string, err error) {
	c, err := o.connected()
	if err != nil {
		return nil, err
	}
	if len(want) == 0 {
		return nil, errs.New(errs.NotFound, "None of the iPads in Apple School Manager is on the list with serial numbers.", "Bring the list first, or give this server its devices there.")
	}
	ctx, stop := context.WithTimeout(ctx, asmWithin)
	defer stop()
	uuid, err := o.define(ctx, c)
	if err != nil {
		return nil, err
	}
	refused = map[string]string{}
	for part := range slices.Chunk(want, asmAtOnce) {
		answer, err := c.AssignProfile(ctx, asmName, uuid, part...)
		if err != nil {
			return refused, unreachable(err)
		}
		for _, serial := range part {
			if said := string(answer.Devices[serial]); said != "SUCCESS" {
				refused[serial] = cut(said)
			}
		}
	}
	var known []string
	for id, serial := range o.look().Serials {
		if _, no := refused[serial]; !no && slices.Contains(want, serial) {
			known = append(known, id)
		}
	}
	return refused, o.Await(known...)
}

// define gives the UUID of the profile of automated enrolment.
func (o *Office) define(ctx context.Context, c *godep.Client) (string, error) {
	if a := o.look().ASM; a.Profile != "" && a.For == o.DeviceURL() {
		return a.Profile, nil
	}
	yes, address, name, magic := true, o.DeviceURL(), o.School, newUUID()
	p := &godep.ProfileJson{
		ProfileName: &name, OrgMagic: magic, Url: &address, IsSupervised: &yes, IsMandatory: &yes, IsMdmRemovable: false,
		AwaitDeviceConfigured: new(bool), SkipSetupItems: skipped,
	}
	if o.Root != nil {
		p.AnchorCerts = []string{base64.StdEncoding.EncodeToString(o.Root)}
	}
	answer, err := c.DefineProfile(ctx, asmName, p)
	if err != nil {
		return "", unreachable(err)
	}
	if answer.ProfileUuid == nil || *answer.ProfileUuid == "" {
		return "", errs.New(errs.Unavailable, "Apple School Manager took the profile and gave it no name.", "Try again.")
	}
	uuid := cut(*answer.ProfileUuid)
	return uuid, o.change(func(s *state) error { s.ASM.Profile, s.ASM.For = uuid, address; return nil })
}

// cut keeps what somebody else wrote short.
func cut(text string) string {
	const most = 100
	r := []rune(strings.ToValidUTF8(text, ""))
	return string(r[:min(len(r), most)])
}
