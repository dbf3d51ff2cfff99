package headwind

import (
	"net/http"
	"time"
)

// configuration gives a phone what it must be now. A phone of which nothing is
// known yet is told to come again: an empty configuration would set it free.
func (g *Gateway) configuration(c *request) {
	if !g.signed(c, g.Secret.fetch(c.number)) {
		g.refuse(c, "a fetch without a true signature")
		answer(c.w, http.StatusOK, failure(notAllowed))
		return
	}
	data := g.fetched(c.m)
	if data == nil {
		answer(c.w, http.StatusServiceUnavailable, failure(failed))
		return
	}
	c.w.Header().Set("X-Response-Signature", g.Secret.answer(data))
	answer(c.w, http.StatusOK, ok(data))
}

// fetched notes a fetch and gives its data, nil while there is none.
func (g *Gateway) fetched(m *member) []byte {
	now := g.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	if m.want.Rev == 0 {
		return nil
	}
	o := m.order(now, g.Push)
	m.fetch(o, now)
	g.save(m)
	g.said(m, m.tasks.fetched(m.want.At(now).Evidence, now))
	g.nudge()
	return o.data
}

// info takes a phone's report in.
func (g *Gateway) info(c *request) {
	i, err := parseInfo(c.body)
	if err != nil || i.DeviceID != "" && i.DeviceID != c.m.id {
		g.refuse(c, "a report that cannot be read, or of another phone")
		answer(c.w, http.StatusBadRequest, failure(failed))
		return
	}
	g.mu.Lock()
	fresh := !c.m.took.Back
	if kind, detail := c.m.back(i); kind != "" {
		g.tell(c.m.id, kind, detail)
	}
	if fresh {
		g.save(c.m)
	}
	g.said(c.m, c.m.tasks.back(g.Now()))
	g.mu.Unlock()
	g.nudge()
	nothing(c)
}

// poll holds a request until there is something to fetch.
func (g *Gateway) poll(c *request) {
	if !g.signed(c, g.Secret.poll(c.project, c.number)) {
		g.refuse(c, "a poll without a true signature")
		answer(c.w, http.StatusForbidden, failure(notAllowed))
		return
	}
	_ = http.NewResponseController(c.w).SetReadDeadline(time.Time{}) // without it the poll only ends early
	g.mu.Lock()
	p := c.m.line.hold()
	g.mu.Unlock()
	g.nudge()
	updated := g.await(c, p)
	g.mu.Lock()
	c.m.line.drop(p, time.Now())
	g.mu.Unlock()
	answer(c.w, http.StatusOK, ok(news(updated)))
}

// await waits for a poll's news and reports whether there is any.
func (g *Gateway) await(c *request, p *poll) bool {
	timer := time.NewTimer(PollFor)
	defer timer.Stop()
	select {
	case <-p.news:
		return true
	case <-p.over:
	case <-timer.C:
	case <-c.r.Context().Done():
	}
	return false
}

// notifications says at once whether there is something to fetch.
func (g *Gateway) notifications(c *request) {
	now := g.Now()
	g.mu.Lock()
	behind := c.m.behind(c.m.order(now, g.Push))
	g.mu.Unlock()
	answer(c.w, http.StatusOK, ok(news(behind)))
}

// wipe answers a phone that asks whether it may wipe itself. That it may is on disk
// before it is told so: it is told once.
func (g *Gateway) wipe(c *request) {
	i, err := parseInfo(c.body)
	if err != nil || i.DeviceID != "" && i.DeviceID != c.m.id || !g.mayWipe(c.m, i.FactoryReset == nil || *i.FactoryReset) {
		g.refuse(c, "to wipe itself, which it was not told to")
		answer(c.w, http.StatusOK, failure(notAllowed))
		return
	}
	nothing(c)
}

func (g *Gateway) mayWipe(m *member, able bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := m.tasks.clone()
	now := g.Now()
	acks, may := m.tasks.mayWipe(able, m.want.At(now).Evidence, now)
	if !g.remember(m) {
		m.tasks = before
		return false
	}
	g.answer(m, acks)
	g.nudge()
	return may
}

// restart answers a phone that asks whether it may start again. Nobody tells phones
// to, so whoever did was not the school.
func (g *Gateway) restart(c *request) {
	g.refuse(c, "to start again, which it was not told to")
	answer(c.w, http.StatusOK, failure(notAllowed))
}

// passcode hears that a phone tried to set a passcode, whether or not it could.
func (g *Gateway) passcode(c *request) {
	g.mu.Lock()
	acks, asked := c.m.tasks.passcodeTried(g.Now())
	g.said(c.m, acks)
	g.mu.Unlock()
	if !asked {
		g.refuse(c, "it set a passcode that it was not told to")
		answer(c.w, http.StatusOK, failure(notAllowed))
		return
	}
	nothing(c)
}

// refuse puts a refusal on record.
func (g *Gateway) refuse(c *request, what string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tell(c.m.id, "refused", what)
}
