package headwind

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/skip2/go-qrcode"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// maxAPK is the largest agent taken, in bytes.
const maxAPK = 256 << 20

// Provisioning is what the set-up wizard of a phone that was reset is shown as a
// QR code. Whoever can read the code can be that phone.
type Provisioning struct {
	Base     string // the gateway's address, https://…
	Number   string
	Project  string
	Checksum string // of the agent
	WiFi     WiFi   // may be the zero value
	CAs      string // addresses of certificates to trust, with commas; may be ""
}

// WiFi is the network a phone is set up in.
type WiFi struct {
	SSID, Password string // the password "" for an open one
}

// setUp is the code's JSON. The agent takes texts only in Extras; a number or a
// switch there is lost without a word.
type setUp struct {
	Component    string `json:"android.app.extra.PROVISIONING_DEVICE_ADMIN_COMPONENT_NAME"`
	Download     string `json:"android.app.extra.PROVISIONING_DEVICE_ADMIN_PACKAGE_DOWNLOAD_LOCATION"`
	Checksum     string `json:"android.app.extra.PROVISIONING_DEVICE_ADMIN_PACKAGE_CHECKSUM"`
	SSID         string `json:"android.app.extra.PROVISIONING_WIFI_SSID,omitempty"`
	SecurityType string `json:"android.app.extra.PROVISIONING_WIFI_SECURITY_TYPE,omitempty"`
	WiFiPassword string `json:"android.app.extra.PROVISIONING_WIFI_PASSWORD,omitempty"`
	SystemApps   bool   `json:"android.app.extra.PROVISIONING_LEAVE_ALL_SYSTEM_APPS_ENABLED"`
	Extras       extras `json:"android.app.extra.PROVISIONING_ADMIN_EXTRAS_BUNDLE"`
}

// extras are for the agent itself. Without a second address it would call its
// maker's.
type extras struct {
	DeviceID      string `json:"com.hmdm.DEVICE_ID"`
	BaseURL       string `json:"com.hmdm.BASE_URL"`
	SecondBaseURL string `json:"com.hmdm.SECONDARY_BASE_URL"`
	Project       string `json:"com.hmdm.SERVER_PROJECT"`
	Certificates  string `json:"com.hmdm.CERTS,omitempty"`
}

// component is the agent's receiver for a device's owner.
const component = "com.hmdm.launcher/com.hmdm.launcher.AdminReceiver"

// JSON is the text of the code. Errors: invalid.
func (p Provisioning) JSON() ([]byte, error) {
	base, err := url.Parse(p.Base)
	if err != nil || base.Host == "" || p.Number == "" || p.Project == "" || p.Checksum == "" {
		return nil, errs.New(errs.Invalid, "A phone cannot be set up: the gateway's address or its agent is missing.", "Look at the headwind part of the server's file.")
	}
	address := strings.TrimSuffix(p.Base, "/")
	s := setUp{Component: component, Download: address + "/files/agent.apk", Checksum: p.Checksum, SystemApps: true,
		Extras: extras{DeviceID: p.Number, BaseURL: address, SecondBaseURL: address, Project: p.Project, Certificates: p.CAs}}
	if p.WiFi.SSID != "" {
		s.SSID, s.SecurityType, s.WiFiPassword = p.WiFi.SSID, "NONE", p.WiFi.Password
		if p.WiFi.Password != "" {
			s.SecurityType = "WPA"
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// QR draws the code. Errors: invalid, for what no code can hold too.
func (p Provisioning) QR() (QR, error) {
	text, err := p.JSON()
	if err != nil {
		return QR{}, err
	}
	code, err := qrcode.New(string(text), qrcode.Low) // it is long, and read from a clean screen
	if err != nil {
		return QR{}, errs.Wrap(err, errs.Invalid, "The set-up code of a phone is too long to be drawn.", "Use a shorter address.")
	}
	return QR{code}, nil
}

// QR is a code as a picture.
type QR struct{ code *qrcode.QRCode }

// Path is the picture as the path of a drawing that is side modules wide and high,
// its white border included.
func (q QR) Path() (side int, path string) {
	rows := q.code.Bitmap()
	var b strings.Builder
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			start := x
			for x < len(row) && row[x] {
				x++
			}
			if x > start {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", start, y, x-start, x-start)
			}
		}
	}
	return len(rows), b.String()
}

// Checksum is the SHA-256 of an agent's file as the set-up wizard wants it:
// base64 for addresses, with padding. Errors: unavailable, invalid.
func Checksum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", errs.Wrap(err, errs.Unavailable, "The agent for phones cannot be read.", "Name the APK file in the headwind part of the server's file.")
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(f, maxAPK+1))
	if err != nil {
		return "", errs.Wrap(err, errs.Unavailable, "The agent for phones cannot be read.", "Look at the disk.")
	}
	if n > maxAPK {
		return "", errs.New(errs.Invalid, fmt.Sprintf("The agent for phones is larger than %d MB.", maxAPK>>20), "Name the right file.")
	}
	return base64.URLEncoding.EncodeToString(h.Sum(nil)), nil
}
