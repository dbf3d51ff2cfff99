package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/bellkeep/bellkeep/mdm/apple/double"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// IT brings the school's first iPads under management: from nothing to a test iPad
// that is all that it must be, with everything going wrong once that can.
func TestWalkApple(t *testing.T) {
	w := openWorkday(t)
	w.at(8, 20)
	c := newCart(w)
	it := c.signedIn(t, "it", atDesk)
	it.press("iPads")
	it.sees("From nothing to the first iPad", "None is chosen yet")
	lookBefore(c, it)
	pushCertificate(c, it)
	chooseWay(it)
	bringSerials(it)
	pad := testIPad(c, it)
	rehearseLesson(c, it, pad)
	renewWithAnotherTopic(c, it)
	unsupervised(c, it)
	cartByCable(c, it)
	lockIt(c, it, pad)
}

// lookBefore finds that the name does not resolve, has that put right and looks again.
func lookBefore(c *cart, it *walker) {
	it.press("Preflight")
	it.sees("This server cannot find "+ipadName, "Add "+ipadName+" to the school's DNS", "Put right first what is wrong", "Apple's push service Right")
	it.seesNot("Next: Push certificate")
	c.inDNS(true)
	it.press("Look again")
	it.sees("10.0.0.7", "for 199 more days", "It answers with this school's own authority", "It is synchronised")
	it.press("Next: Push certificate")
}

// upload gives a form a file.
func (p *walker) upload(field, name string, content []byte) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), name)
	p.day.must(os.WriteFile(file, content, 0o600))
	p.Do(chromedp.SetUploadFiles("#"+field, []string{file}))
}

const (
	topic   = "com.apple.mgmt.External.elmfield"
	account = "mdm@elmfield.example"
)

// pushCertificate is made of a request; a signature over another and a certificate for
// another key are refused.
func pushCertificate(c *cart, it *walker) {
	it.press("Make the request")
	stale := c.signed(it.downloads("Download the request"))
	it.press("Make another request")
	request := it.downloads("Download the request")
	it.upload("signed", "signed.plist", stale)
	it.press("Upload the signed request")
	it.sees("The vendor signed another request than the one made here last", "Send the vendor the request below")
	it.upload("signed", "signed.plist", c.signed(request))
	it.press("Upload the signed request")
	it.sees("The signature is right")
	signed := it.downloads("Download the signed request")

	wrong, _, err := c.apple.PushCertificate(topic, time.Now().Add(300*24*time.Hour))
	c.must(err)
	for _, try := range []struct {
		file []byte
		says string
	}{
		{[]byte("not a certificate"), "That file is no certificate. Upload the .pem file"},
		{wrong, "made from another request than the last one here. Upload the request of this page to Apple once more"},
	} {
		it.upload("certificate", "push.pem", try.file)
		it.fill("Apple Account you used", account)
		it.press("Upload the certificate")
		it.sees(try.says)
	}
	it.upload("certificate", "push.pem", c.certified(signed, topic))
	it.press("Upload the certificate") // the account is still there
	it.sees(topic, account, "364 more days", "Renew it")
	it.press("Next: Which way")
}

// chooseWay reads what each way can enforce.
func chooseWay(it *walker) {
	it.sees("only on a supervised device", "AirDrop and sharing nearby", "Its user can remove the management")
	it.choose("Apple Configurator")
	it.press("Choose this way")
}

// bringSerials is told all that is wrong with a list at once.
func bringSerials(it *walker) {
	it.fill("Or paste its text", "id,serial,label,groups\nipad-1,XX,Test iPad,trolley-1\nipad-2,DMPC0000002,,trolley-9\nipad-1,DMPC0000003,,\n")
	it.press("Look it over")
	it.sees("Line 2", "is not a serial number", "Line 3", "There is no group", "Line 4", "stands in line 2 already")
	it.fill("Or paste its text", "id,serial,label,groups\nipad-1,DMPC0000001,Test iPad,trolley-1\nipad-2,DMPC0000002,Loan iPad,trolley-1\nipad-3,DMPC0000003,Cart iPad,trolley-1\n")
	it.press("Look it over")
	it.sees("New: 3", "DMPC0000001")
	it.press("List them")
	it.press("Next: One test iPad") // which comes by an address; the others by cable, later
}

// testIPad follows one iPad live, on a page that nobody touches.
func testIPad(c *cart, it *walker) *double.Device {
	it.pick("The test iPad", "Test iPad")
	it.press("Set it up")
	it.sees("DMPC0000001: no other iPad can enrol as this one", "It fetched its profile", "Not yet")
	address := it.address(c)

	stranger := c.pad("DMPC9999999", true) // with the code, but another iPad
	resp, err := c.client.Get(address + "/profile")
	c.must(err)
	settings, _, err := readProfile(resp)
	c.must(err)
	if err := stranger.Enrol(c.t.Context(), settings); err == nil {
		c.t.Error("another iPad enrolled as the one expected")
	}
	it.sees("Refused:", "its serial number is not the one expected", "Look at the serial number in Settings")

	pad := c.pad("DMPC0000001", true)
	c.install(pad, it.again())
	it.sees("Authenticate: serial number DMPC0000001", "TokenUpdate: Apple takes wake-ups for it", "version 18.1, supervised", "It acknowledged the profile", "By its own report, every setting")
	it.seesNot("Not yet", "Refused:")
	it.press("Next: A lesson of a minute")
	return pad
}

// readProfile reads that of an answer.
func readProfile(resp *http.Response) (double.EnrolmentProfile, int, error) {
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		return double.EnrolmentProfile{}, 0, err
	}
	s, _, err := double.ReadProfile(b.Bytes())
	return s, resp.StatusCode, err
}

// address makes that of the iPad whose page is open.
func (p *walker) address(c *cart) string {
	p.t.Helper()
	c.await("the gateway to hear of the iPad", func() bool {
		_, known, err := c.office.gate.Status("ipad-3")
		return err == nil && known
	})
	p.press("Make its address")
	return p.shown()
}

// again makes another one.
func (p *walker) again() string {
	p.t.Helper()
	p.press("Make another address")
	return p.shown()
}

func (p *walker) shown() string {
	p.t.Helper()
	p.sees("Works once", "Hold the iPad’s camera to this code")
	return axetest.Eval[string](p.Tab, `document.querySelector("#address").innerText.trim()`)
}

// rehearseLesson has the iPad be as in a lesson for a minute.
func rehearseLesson(c *cart, it *walker, pad *double.Device) {
	if pad.Forbids("allowCamera") {
		it.t.Fatal("before the lesson its camera is off already")
	}
	it.sees("No lesson is tried")
	it.press("Begin the minute")
	it.sees("As in a lesson", "As it must be")
	c.await("the camera to be off", func() bool { return pad.Forbids("allowCamera") })
	c.clock.Skip(c.clock.Now().Add(61 * time.Second))
	it.sees("No lesson is tried", "As it must be")
	c.await("the camera to be free again", func() bool { return !pad.Forbids("allowCamera") })
	it.press("Next: Health")
	it.sees("1 of 3 are under management", "The push certificate of the iPads", "The certificate of the gateway’s name", "Nothing.")
}

// renewWithAnotherTopic would cut every iPad off.
func renewWithAnotherTopic(c *cart, it *walker) {
	it.press("iPads")
	it.press("Push certificate")
	it.press("Make the request")
	signed := c.signed(it.downloads("Download the request"))
	it.upload("certificate", "push.pem", c.certified(signed, topic+"-new"))
	it.press("Upload the certificate")
	it.sees("another topic than the one in use", "Choose Renew beside the old certificate", account)
	it.upload("certificate", "push.pem", c.certified(signed, topic))
	it.press("Upload the certificate")
	it.sees(topic, "364 more days")
}

// unsupervised is an iPad in a group whose rules need supervision.
func unsupervised(c *cart, it *walker) {
	it.press("iPads")
	it.press("Loan iPad")
	c.install(c.pad("DMPC0000002", false), it.address(c))
	it.sees("Not supervised, and its rules need that for: Bluetooth, AirDrop and sharing nearby", "Reset it and enrol it by Apple School Manager", "It cannot be, without supervision")
	it.press("iPads")
	it.press("Health")
	it.sees("Not supervised, in a group whose rules need that", "ipad-2", "move it to a group without these rules")
}

// cartByCable is reset iPads that come by their serial number, and only once somebody
// waits for them.
func cartByCable(c *cart, it *walker) {
	pad := c.pad("DMPC0000003", true)
	post := func() *http.Response {
		c.t.Helper()
		body, err := pad.MachineInfo()
		c.must(err)
		resp, err := c.client.Post("https://"+ipadName+"/enrol/device", "application/pkcs7-signature", bytes.NewReader(body))
		c.must(err)
		return resp
	}
	if resp := post(); resp.StatusCode != http.StatusForbidden {
		c.t.Errorf("nobody waits for it: %s", resp.Status)
	}
	it.press("iPads")
	it.press("Apple Configurator")
	it.sees("Supervise devices", "https://"+ipadName+"/enrol/device")
	it.press("Wait for them")
	it.sees("Waiting for 1 iPad")
	c.installs(pad, post())
	if resp := post(); resp.StatusCode != http.StatusForbidden {
		c.t.Errorf("it is there already: %s", resp.Status)
	}
	it.press("iPads")
	it.until("iPads", "Cart iPad DMPC0000003 As it must be")
	it.press("Apple School Manager")
	it.sees("Download the public key")
	it.upload("token", "token.p7m", []byte("not a token"))
	it.press("Upload the token")
	it.sees("That file is not a server token for the key of this server", "Download the server token (.p7m) for this server")
	assignOne(c, it)
}

// assignOne connects Apple School Manager and has it send one iPad here.
func assignOne(c *cart, it *walker) {
	token, err := c.manager.Token(it.downloads("Download the public key"), time.Now().Add(365*24*time.Hour))
	c.must(err)
	it.upload("token", "token.p7m", token)
	it.press("Upload the token")
	it.sees("Connected Elmfield Academy", "Apple gave this server 3 devices; 2 of them are on the list", "DMPC0000009 iPad 10: not on the list")
	it.press("Assign")
	it.sees("Choose which iPads to assign", "Begin with your test iPad")
	it.pick("Which iPads", "Loan iPad, DMPC0000002")
	it.press("Assign")
	it.sees("DMPC0000002 iPad 10: Assigned", "DMPC0000001 iPad 10: not assigned")
	if got := c.manager.Assigned(); !slices.Equal(got, []string{"DMPC0000002"}) {
		c.t.Errorf("assigned: %q", got)
	}
	it.pick("Which iPads", "All on the list (2)")
	it.press("Assign")
	it.sees("Apple School Manager did not take 1 of 2: DMPC0000001 (NOT_ACCESSIBLE)", "Look there whether they are given to this server")
}

// lockIt locks the test iPad as lost by the page of commands; one person alone cannot
// erase it.
func lockIt(c *cart, it *walker, pad *double.Device) {
	it.press("iPads")
	it.press("Test iPad")
	it.sees("What changes by the timetable", "By itself", "When it is reached")
	it.press("Lock, find if lost, clear its passcode, wipe")
	it.choose("Lock it")
	it.fill("Text on its screen", "Bring me to the office.")
	it.press("Tell it")
	c.await("it to be locked as lost", func() bool { return pad.LostMode() == "Bring me to the office." })
	it.until("", "locked as lost, until it is unlocked from here")
	it.press("iPads")
	it.sees("Locked as lost", "Once it is found, unlock it")
	it.press("Test iPad")
	it.press("unlocked from here")
	it.choose("Wipe it")
	it.press("Tell it")
	it.sees("Waits for a second person")
	if pad.Erased() > 0 {
		it.t.Error("one person had it erased")
	}
}
