package gateway

import (
	"errors"
	"net/http"
	"time"

	nano "github.com/micromdm/nanomdm/mdm"
	"github.com/micromdm/nanomdm/service"
	"github.com/micromdm/nanomdm/service/certauth"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/scep"
)

// admission stands before everything that devices ask for. NanoMDM's own check, which
// comes after it, sees to it that one certificate speaks for one UDID; but it lets any
// certificate begin an enrolment anew, and so take a device's place.
//
// No answer is ever 401: a device would take that for the end of its management.
type admission struct {
	g    *Gateway
	next service.CheckinAndCommandService
}

// admit refuses a request of a device that is not who it says. kind is what the
// refusal is recorded as.
func (a admission) admit(r *nano.Request, e *nano.Enrollment, why func(id string) (kind string, err error)) error {
	if t, err := turnOf(r); err == nil {
		t.taken = true
	}
	id := r.Certificate.Subject.CommonName // verified before
	err := a.g.known(id)
	kind := "refused"
	if err == nil && (e.UDID == "" || e.UserID != "" || e.EnrollmentID != "") {
		err = errors.New("only whole devices are managed, not their users")
	}
	if err == nil {
		kind, err = why(id)
	}
	if err == nil { // last: who is not the device uses up nothing of what it may ask
		err = a.g.count(id)
	}
	if err == nil {
		return nil
	}
	var busy *service.HTTPStatusError
	if errors.As(err, &busy) || errs.CodeOf(err) == errs.Unavailable {
		return err
	}
	a.g.refuse(id, kind, err)
	return service.NewHTTPStatusError(http.StatusForbidden, err)
}

// known reports whether a device is listed.
func (g *Gateway) known(id string) error {
	heard := g.intake.Heard()
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.members[id]
	switch {
	case m == nil && !heard: // which devices there are is not known yet
		return service.NewHTTPStatusError(http.StatusServiceUnavailable, errors.New("not ready"))
	case m == nil:
		return errors.New("the device is not on the school's list")
	}
	return nil
}

// count counts a request of a device.
func (g *Gateway) count(id string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if m := g.members[id]; m != nil && !m.recent.take(time.Now(), MaxRequests) {
		return service.NewHTTPStatusError(http.StatusTooManyRequests, errors.New("too many requests"))
	}
	return nil
}

// mayBegin says why a device may not begin an enrolment.
func (a admission) mayBegin(r *nano.Request, m *nano.Authenticate) func(id string) (string, error) {
	return func(id string) (string, error) {
		topic, err := a.g.store.PushTopic()
		if err != nil {
			return "", err
		}
		if topic == "" || m.Topic != topic {
			return "refused", errors.New("it was set up for another push certificate than the school's")
		}
		hash := scep.Hash(r.Certificate)
		invited, err := a.g.store.InvitationFor(hash)
		if err != nil {
			return "refused", err
		}
		if invited.Serial != "" && invited.Serial != m.SerialNumber {
			return "tamper", errors.New("another device used the invitation: its serial number is not the one expected")
		}
		return a.mayTakePlace(id, m.UDID, hash, invited.Made)
	}
}

// mayTakePlace says why a device may not take the place of one that is enrolled.
func (a admission) mayTakePlace(id, udid, hash string, invited time.Time) (string, error) {
	there, err := a.g.store.Enrolment(udid)
	if err != nil {
		return "", err
	}
	if there.Device != "" && there.Device != id {
		return "tamper", errors.New("it says it is a device that is enrolled as " + there.Device)
	}
	before, err := a.g.store.EnrolmentOf(id)
	if err != nil || before.UDID == "" {
		return "", err // its first enrolment
	}
	if kept, err := a.g.store.View(id); err == nil && kept.Want.At(a.g.Now()).Evidence {
		return "tamper", errEvidence
	}
	if before.Hash == hash && before.UDID == udid {
		return "", nil // the same device with the same certificate
	}
	if !invited.After(before.Last()) {
		return "tamper", errors.New("a second device tried to enrol in its place")
	}
	return "", nil
}

// errEvidence refuses to end what is known of a device that is evidence. It does not say
// so: not everybody may know who sees what was refused.
var errEvidence = errors.New("something tried to enrol in its place, and nothing may do so now")

// mayGoOn says why a device may not speak for a UDID.
func (a admission) mayGoOn(r *nano.Request, udid string) func(id string) (string, error) {
	return func(id string) (string, error) {
		e, err := a.g.store.Enrolment(udid)
		switch {
		case err != nil:
			return "", err
		case e.UDID == "":
			return "refused", errors.New("it says it is a device that never enrolled")
		case e.Device != id:
			return "tamper", errors.New("it says it is a device that is enrolled as " + e.Device)
		case e.Hash != scep.Hash(r.Certificate):
			return "tamper", errNotItsOwn
		}
		return "", nil
	}
}

var errNotItsOwn = errors.New("a certificate spoke for it that is not its own")

// passed records what NanoMDM's own check refuses.
func (a admission) passed(r *nano.Request, err error) error {
	if !errors.Is(err, certauth.ErrNoCertAssoc) && !errors.Is(err, certauth.ErrNoCertReuse) {
		return err
	}
	a.g.refuse(r.Certificate.Subject.CommonName, "tamper", errNotItsOwn)
	return service.NewHTTPStatusError(http.StatusForbidden, err)
}

func (a admission) Authenticate(r *nano.Request, m *nano.Authenticate) error {
	if err := a.admit(r, &m.Enrollment, a.mayBegin(r, m)); err != nil {
		return err
	}
	return a.passed(r, a.next.Authenticate(r, m))
}

func (a admission) TokenUpdate(r *nano.Request, m *nano.TokenUpdate) error {
	if err := a.admit(r, &m.Enrollment, a.mayGoOn(r, m.UDID)); err != nil {
		return err
	}
	if e, err := a.g.store.Enrolment(m.UDID); err != nil || e.Topic != m.Topic {
		a.g.refuse(r.Certificate.Subject.CommonName, "refused", errors.New("a token for another push certificate"))
		return service.NewHTTPStatusError(http.StatusForbidden, errors.Join(errors.New("another topic"), err))
	}
	return a.passed(r, a.next.TokenUpdate(r, m))
}

func (a admission) CheckOut(r *nano.Request, m *nano.CheckOut) error {
	if err := a.admit(r, &m.Enrollment, a.mayGoOn(r, m.UDID)); err != nil {
		return err
	}
	return a.passed(r, a.next.CheckOut(r, m))
}

func (a admission) SetBootstrapToken(r *nano.Request, m *nano.SetBootstrapToken) error {
	if err := a.admit(r, &m.Enrollment, a.mayGoOn(r, m.UDID)); err != nil {
		return err
	}
	return a.passed(r, a.next.SetBootstrapToken(r, m))
}

func (a admission) GetBootstrapToken(r *nano.Request, m *nano.GetBootstrapToken) (*nano.BootstrapToken, error) {
	if err := a.admit(r, &m.Enrollment, a.mayGoOn(r, m.UDID)); err != nil {
		return nil, err
	}
	t, err := a.next.GetBootstrapToken(r, m)
	return t, a.passed(r, err)
}

func (a admission) CommandAndReportResults(r *nano.Request, m *nano.CommandResults) (*nano.Command, error) {
	if err := a.admit(r, &m.Enrollment, a.mayGoOn(r, m.UDID)); err != nil {
		return nil, err
	}
	c, err := a.next.CommandAndReportResults(r, m)
	return c, a.passed(r, err)
}

// errNotServed answers what is of no use here.
var errNotServed = service.NewHTTPStatusError(http.StatusBadRequest, errors.New("not served"))

func (admission) UserAuthenticate(*nano.Request, *nano.UserAuthenticate) ([]byte, error) {
	return nil, errNotServed
}

func (admission) DeclarativeManagement(*nano.Request, *nano.DeclarativeManagement) ([]byte, error) {
	return nil, errNotServed
}

func (admission) GetToken(*nano.Request, *nano.GetToken) (*nano.GetTokenResponse, error) {
	return nil, errNotServed
}
