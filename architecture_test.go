package bellkeep_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/bellkeep/bellkeep/"

// source is one Go file of the module.
type source struct {
	path    string // from the module's root
	folder  string
	test    bool
	imports []string // this module's without its name
	tree    *ast.File
	set     *token.FileSet
}

func (s source) at(n ast.Node) string {
	return s.path + ":" + strconv.Itoa(s.set.Position(n.Pos()).Line)
}

func sources(t *testing.T) []source {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// parsed reads every file once for all tests.
var parsed = sync.OnceValues(func() ([]source, error) {
	var all []source
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		s := source{path: filepath.ToSlash(path), folder: filepath.ToSlash(filepath.Dir(path)), test: strings.HasSuffix(path, "_test.go"), set: token.NewFileSet()}
		if s.tree, err = parser.ParseFile(s.set, path, nil, 0); err != nil {
			return err
		}
		for _, i := range s.tree.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, strings.TrimPrefix(name, module))
		}
		all = append(all, s)
		return nil
	})
	if err == nil && len(all) < 50 {
		err = fmt.Errorf("only %d Go files were found", len(all))
	}
	return all, err
})

func inside(folder string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return folder == root || strings.HasPrefix(folder, root+"/")
	})
}

// A ground imports the standard library and what is listed, nothing else.
var grounds = map[string][]string{
	"internal/errs":   {},
	"internal/school": {"internal/errs"},

	"internal/school/roles":  {},
	"internal/school/policy": {"internal/errs", "internal/school"},

	"internal/school/ban":       {"internal/school", "internal/school/policy"},
	"internal/school/approvers": {"internal/school/policy", "internal/school/roles"},

	"internal/school/exception": {"internal/errs", "internal/school", "internal/school/policy"},

	"internal/school/passkey":             {"internal/school"},
	"internal/school/passkey/passkeytest": {"internal/school/passkey"},

	"locker":        {"internal/errs", "internal/school", "internal/school/passkey"},
	"locker/record": {"internal/ledger", "internal/school", "locker"},
	"locker/view":   {"internal/ledger", "internal/school", "internal/wait", "locker", "locker/record"},

	"locker/desk":         {"internal/errs", "internal/ledger", "internal/register", "internal/school", "internal/school/approvers", "internal/school/policy", "internal/school/roles", "internal/vault", "locker"},
	"locker/desk/tray":    {"internal/errs", "internal/ledger", "internal/register", "internal/school", "internal/school/policy", "internal/school/roles", "locker", "locker/desk"},
	"locker/desk/closure": {"internal/errs", "internal/ledger", "internal/school", "internal/vault", "locker"},
	"locker/desk/concern": {"internal/errs", "internal/ledger", "internal/register", "internal/school", "internal/school/approvers", "internal/school/policy", "internal/school/roles", "internal/vault", "locker", "locker/desk"},
	"locker/desk/visit":   {"internal/errs", "internal/ledger", "internal/school", "internal/school/policy", "internal/school/roles", "internal/vault", "locker/desk"},
	"locker/desk/exam":    {"internal/errs", "internal/ledger", "internal/register", "internal/school", "internal/school/roles", "internal/vault", "locker", "locker/desk"},

	"mdm":               {"internal/errs", "internal/school"},
	"mdm/fleet":         {"internal/errs", "internal/ledger", "internal/school", "internal/school/approvers", "internal/school/policy", "internal/school/roles", "internal/vault", "mdm", "mdm/fleet/change"},
	"mdm/fleet/command": {"internal/errs", "internal/ledger", "internal/school", "internal/vault", "mdm"},

	"hardware": {"internal/errs"},

	"mdm/once":            {"internal/errs", "mdm"},
	"mdm/apple":           {"github.com/micromdm/plist", "internal/errs", "mdm", "mdm/once"},
	"mdm/headwind/double": {}, // shares no code with the gateway, so that both cannot make the same mistake
	"mdm/apple/double": {"github.com/micromdm/nanomdm/mdm", "github.com/micromdm/nanomdm/test", "github.com/micromdm/nanomdm/test/enrollment", "github.com/micromdm/nanomdm/test/protocol",
		"github.com/micromdm/plist", "github.com/smallstep/pkcs7", "github.com/smallstep/scep", "github.com/smallstep/scep/x509util", "golang.org/x/net/http2", "golang.org/x/net/http2/hpack"}, // likewise

	"internal/badges/typed": {"internal/errs"},

	"firmware-bridge/commission": {"hardware", "internal/errs"},
}

// Only the folders on the right, with all below them, may import what is on
// the left. Tests may go further.
var reserved = map[string][]string{
	"go.etcd.io/bbolt":             {"internal/ledger/boltlog", "internal/vault", "mdm/apple/store"},
	"github.com/labstack/echo":     {"web"},
	"github.com/tarm/serial":       {"hardware/serialport"},
	"github.com/coreos/go-systemd": {"firmware-bridge/watchdog"},
	"github.com/creack/pty":        {"hardware/world"},
	"github.com/eclipse/paho":      {"internal/bus"},
	"github.com/mochi-mqtt":        {"internal/bus"},
	"periph.io":                    {"hardware/gpio"},
	"hardware/serialport":          {"firmware-bridge", "hardware/serialport"},
	"hardware/gpio":                {"firmware-bridge", "hardware/gpio"},
	"hardware/gpio/gpiotest":       {},
	"hardware/kerong":              {"firmware-bridge", "hardware/kerong"},
	"hardware/kerongcu48":          {"firmware-bridge"},
	"hardware/xor8a":               {"firmware-bridge"},
	"hardware/modbusrelay":         {"firmware-bridge"},
	"hardware/halfduplex":          {"hardware"},
	"hardware/scanner":             {"firmware-bridge", "hardware/scanner"},
	"hardware/hwtest":              {"hardware/hwtest"},
	"hardware/world":               {"cmd/bellkeep", "internal/audit"},

	"internal/school/passkey/passkeytest": {"cmd/bellkeep", "firmware-bridge/scenario"}, // in a demonstration and a rehearsal
	"internal/audit":                      {"cmd/bellkeep"},
	"internal/democlock":                  {"cmd/bellkeep", "cmd/bellkeep-agent"},
	"internal/ledger/ledgertest":          {},
	"internal/vault/vaulttest":            {},
	"internal/bus/bustest":                {},
	"internal/server":                     {"cmd/bellkeep"},
	"internal/control":                    {"internal/server", "cmd/bellkeep"},
	"internal/records":                    {"internal/server", "firmware-bridge/scenario"},
	"internal/cache":                      {"internal/banks"},
	"internal/cli":                        {"cmd"},
	"internal/badges/print":               {"cmd/bellkeep", "internal/continuity/print"},
	"internal/roster/sheet":               {"internal/roster", "internal/attendance"},
	"internal/roster/oneroster":           {"cmd/bellkeep", "firmware-bridge/scenario"},
	"internal/roster/contacts":            {"cmd/bellkeep", "firmware-bridge/scenario"},
	"mdm/mdmtest":                         {},
	"mdm/history/historytest":             {},
	"mdm/headwind/double":                 {"cmd/bellkeep"},
	"mdm/apple/double":                    {"cmd/bellkeep"},
	"mdm/apple/store":                     {"cmd/bellkeep", "mdm/apple/gateway"},
	"github.com/micromdm":                 {"mdm/apple"},
	"github.com/smallstep":                {"mdm/apple"},
	"mdm/agent/pretend":                   {"cmd/bellkeep", "cmd/bellkeep-agent"},
	"mdm/agent/linux":                     {"cmd/bellkeep-agent"},
	"testdata/schools/generate":           {"testdata/schools"},
	"internal/ledger/memlog":              {"firmware-bridge/sim", "firmware-bridge/scenario", "internal/accounts/accountstest", "mdm/history/historytest"},
	"testdata/schools":                    {"cmd/bellkeep"},
	"firmware-bridge/sim":                 {"cmd/bellkeep"},
	"firmware-bridge/scenario":            {"cmd/bellkeep"},
	"web/school":                          {"cmd/bellkeep", "web/school"},
	"web/school/kit/kittest":              {},
	"github.com/chromedp":                 {"web/ui/axetest"},
	"web/ui/axetest":                      {},
	"pgregory.net/rapid":                  {"internal/ledger/ledgertest"},
	"golang.org/x/crypto/argon2":          {"internal/phc"},

	"internal/accounts":              {"cmd/bellkeep", "internal/alerts", "internal/records", "internal/server", "web/school/access", "web/school/signin"},
	"internal/accounts/accountstest": {},
	"internal/accounts/sso/ssotest":  {},
	"github.com/pquerna/otp":         {"internal/accounts"},
	"github.com/coreos/go-oidc":      {"internal/accounts/sso"},
	"github.com/go-webauthn":         {"web/school/signin"},

	"github.com/micromdm/nanodep":   {"mdm/apple/enrol"},
	"mdm/apple/enrol":               {"cmd/bellkeep", "web/school/apple"},
	"github.com/go-pdf/fpdf":        {"internal/badges/print", "internal/continuity/print"},
	"github.com/skip2/go-qrcode":    {"cmd/bellkeep-bank", "internal/badges/print", "internal/continuity/print", "internal/pki/joining", "mdm/headwind", "web/ui"},
	"github.com/makiuchi-d/gozxing": {},

	"golang.org/x/crypto/chacha20poly1305": {"internal/sealed"},
	"internal/sealed":                      {"cmd/bellkeep", "internal/records", "internal/server", "firmware-bridge/scenario"},

	"internal/rules":       {"internal/roster", "internal/records", "cmd/bellkeep", "web/school/policy", "web/school/audit"},
	"internal/clauses":     {"internal/roster", "cmd/bellkeep", "web/school/figures", "web/school/policy", "web/school/registers"},
	"internal/figures":     {"internal/records", "internal/server", "cmd/bellkeep", "web/school/figures"},
	"internal/registers":   {"internal/alerts", "internal/figures", "internal/records", "internal/roster", "cmd/bellkeep", "web/school/registers", "web/school/figures"},
	"internal/corrections": {"internal/records", "web/school/audit"},

	"internal/school/policy/policytest": {},

	"github.com/wneessen/go-mail": {"internal/notify/smtp"},
	"internal/notify/smtp":        {"cmd/bellkeep"},
	"internal/notify/smtptest":    {},
}

// No folder on the left, nor any below it, may import what is on the right.
var forbidden = map[string][]string{
	"hardware":        {"locker", "mdm", "firmware-bridge", "web"},
	"hardware/world":  {"hardware/gpio", "hardware/halfduplex", "hardware/kerong", "hardware/kerongcu48", "hardware/xor8a", "hardware/modbusrelay", "hardware/serialport", "hardware/scanner", "hardware/hwtest"},
	"hardware/kerong": {"hardware/world"},
	"hardware/gpio":   {"hardware/world"},

	"hardware/kerongcu48":  {"hardware/world"},
	"hardware/xor8a":       {"hardware/world"},
	"hardware/modbusrelay": {"hardware/world"},
	"hardware/halfduplex":  {"hardware/world"},

	"web/kiosk":       {"web/school"},
	"locker":          {"mdm"},
	"mdm":             {"locker"},
	"internal":        {"cmd", "web", "firmware-bridge"},
	"firmware-bridge": {"cmd", "web/school"},
	"web":             {"cmd", "firmware-bridge", "hardware"},
	"cmd":             {"cmd"},
}

func TestImportsKeepTheirDirection(t *testing.T) {
	for _, s := range sources(t) {
		for _, imported := range s.imports {
			if why := wrongImport(s, imported); why != "" {
				t.Errorf("%s imports %s: %s", s.path, imported, why)
			}
		}
	}
}

func wrongImport(s source, imported string) string {
	if allowed, ground := grounds[s.folder]; ground && !s.test {
		standard := !strings.Contains(strings.Split(imported, "/")[0], ".") && !inside(imported, "internal", "locker", "hardware", "firmware-bridge", "web", "mdm", "testdata")
		if !standard && !slices.Contains(allowed, imported) {
			return "a ground imports the standard library and " + strings.Join(allowed, ", ")
		}
	}
	for what, who := range reserved {
		if inside(imported, what) && !s.test && !inside(s.folder, who...) && !inside(s.folder, what) {
			return "only for " + strings.Join(who, ", ")
		}
	}
	for folder, list := range forbidden {
		if inside(s.folder, folder) && inside(imported, list...) {
			return "never from " + folder
		}
	}
	return ""
}

// calls visits every call of a method or function by its last name.
func calls(s source, name string, visit func(*ast.CallExpr)) {
	ast.Inspect(s.tree, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == name {
			visit(call)
		}
		return true
	})
}

// A lock's Unlock takes a context and a place; a mutex's takes nothing.
func TestOnlyTheGateCallsALock(t *testing.T) {
	allowed := map[string]bool{"firmware-bridge/gate.go": true, "firmware-bridge/owner.go": true}
	found := 0
	for _, s := range sources(t) {
		if s.test || inside(s.folder, "hardware/hwtest") {
			continue
		}
		calls(s, "Unlock", func(c *ast.CallExpr) {
			if len(c.Args) == 0 {
				return
			}
			found++
			if !allowed[s.path] {
				t.Errorf("%s unlocks past the gate", s.at(c))
			}
		})
	}
	if found != 2 { // the gate, and the step from a door to its channel
		t.Errorf("%d calls of Unlock were found, want 2", found)
	}
}

func TestOnlyLedgersIssueReceipts(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || inside(s.folder, "internal/ledger") {
			continue
		}
		calls(s, "NewIssuer", func(c *ast.CallExpr) { t.Errorf("%s makes receipts", s.at(c)) })
	}
}

// Grounds, the bank's heart and the simulator are told the time and start
// nothing.
func TestPurePartsStayPure(t *testing.T) {
	pure := func(s source) bool {
		if s.test {
			return false
		}
		heart := []string{"bank.go", "turn.go", "visits.go", "doors.go", "gate.go", "sensing.go", "pending.go", "flood.go", "input.go", "nonces.go", "orders.go", "staff.go", "outside.go"}
		files := []string{"firmware-bridge/uplink/window.go", "mdm/agent/core.go", "internal/register/diff.go", "internal/register/guard.go",
			"internal/register/allot.go", "internal/register/text.go", "internal/register/person.go", "internal/notify/template.go", "internal/notify/notice.go", "internal/notify/advice.go"}
		return slices.Contains([]string{"internal/school", "internal/school/approvers", "internal/school/exception", "internal/school/passkey", "locker", "locker/record", "mdm", "mdm/apple", "mdm/once", "internal/badges/typed", "firmware-bridge/commission"}, s.folder) ||
			slices.Contains(files, s.path) ||
			s.folder == "firmware-bridge/sim" && s.path != "firmware-bridge/sim/seeds.go" ||
			s.folder == "firmware-bridge" && slices.Contains(heart, filepath.Base(s.path))
	}
	found := 0
	for _, s := range sources(t) {
		if !pure(s) {
			continue
		}
		found++
		for _, imported := range s.imports {
			if slices.Contains([]string{"os", "net", "net/http", "syscall", "log", "log/slog", "math/rand", "crypto/rand"}, imported) {
				t.Errorf("%s imports %s", s.path, imported)
			}
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s starts a goroutine", s.at(g))
			}
			return true
		})
		for _, name := range []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"} {
			calls(s, name, func(c *ast.CallExpr) {
				if pkg, ok := c.Fun.(*ast.SelectorExpr).X.(*ast.Ident); ok && pkg.Name == "time" {
					t.Errorf("%s asks for the time", s.at(c))
				}
			})
		}
	}
	if found < 15 {
		t.Errorf("only %d pure files were found", found)
	}
}

func TestNoTestIsSkipped(t *testing.T) {
	for _, s := range sources(t) {
		if !s.test && !strings.HasSuffix(s.folder, "test") {
			continue
		}
		for _, name := range []string{"Skip", "Skipf", "SkipNow", "Short"} {
			calls(s, name, func(c *ast.CallExpr) {
				if x, ok := c.Fun.(*ast.SelectorExpr).X.(*ast.Ident); ok && slices.Contains([]string{"t", "b", "f", "tb", "testing"}, x.Name) {
					t.Errorf("%s skips", s.at(c))
				}
			})
		}
	}
}
