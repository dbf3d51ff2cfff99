package bus_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
)

var school = []bus.Member{
	{ID: "a", Kind: bus.KindBank}, {ID: "b", Kind: bus.KindBank},
	{ID: "tab-1", Kind: bus.KindDevice}, {ID: "tab-2", Kind: bus.KindDevice},
	{ID: "gate", Kind: bus.KindGateway, For: []string{"tab-2", "ph-1"}},
}

func schoolRights() bus.SchoolRights {
	return bus.SchoolRights{
		Root: "trust/bk/1",
		Kind: func(client string) (string, bool) {
			for _, m := range school {
				if m.ID == client {
					return m.Kind, true
				}
			}
			return "", false
		},
		Valid: func(_, serial string) bool { return serial != "revoked" },
		Speaks: func(gateway, device string) bool {
			return slices.ContainsFunc(school, func(m bus.Member) bool { return m.ID == gateway && slices.Contains(m.For, device) })
		},
	}
}

func TestSchoolRights(t *testing.T) {
	r := schoolRights()
	for _, c := range []struct {
		client string
		op     bus.Op
		topics string // below the root
		want   bool
	}{
		{"tab-1", bus.Read, "d/tab-1/desired d/tab-1/cmd s/presence s/time s/clock", true},
		{"tab-1", bus.Read, "d/tab-1/reported d/tab-1/event d/tab-2/desired d/tab-1/desired/x d/tab-1 s/x s/ b/a/order b/tab-1/order", false},
		{"tab-1", bus.Write, "d/tab-1/reported d/tab-1/presence d/tab-1/ack d/tab-1/event", true},
		{"tab-1", bus.Write, "d/tab-1/desired d/tab-1/cmd d/tab-2/presence d/tab-11/presence s/time b/a/journal d/tab-1/event/x", false},
		{"tab-1", bus.Subscribe, "d/tab-1/+ d/tab-1/#", true},
		{"tab-1", bus.Subscribe, "# + d/# d/+/desired d/tab-2/# d/+/# s/+ s/# +/tab-1/desired", false},
		{"a", bus.Read, "b/a/directory b/a/plan b/a/order b/a/journal-ack s/presence s/time s/x", true},
		{"a", bus.Read, "b/a/journal b/a/state b/b/order b/aa/order d/a/desired s/x/y s", false},
		{"a", bus.Write, "b/a/journal b/a/state b/a/presence b/a/answer", true},
		{"a", bus.Write, "b/a/order b/a/plan b/a/directory b/a/journal-ack b/b/journal b/a/nonce s/time d/a/event", false},
		{"a", bus.Subscribe, "b/a/+ b/a/# s/+", true},
		{"a", bus.Subscribe, "# b/+/order b/b/+ s/# +/a/order", false},
		{"gate", bus.Read, "d/ph-1/desired d/ph-1/cmd d/tab-2/desired g/gate/devices s/presence s/time s/clock", true},
		{"gate", bus.Read, "d/tab-1/desired d/ph-11/desired d/ph-1/reported d/ph-1 d/ph-1/desired/x g/other/devices g/gate/presence b/a/order s/x", false},
		{"gate", bus.Write, "d/ph-1/reported d/ph-1/presence d/ph-1/ack d/ph-1/event g/gate/presence", true},
		{"gate", bus.Write, "d/ph-1/desired d/ph-1/cmd d/tab-1/reported d//reported g/gate/devices g/other/presence s/time b/a/journal", false},
		{"gate", bus.Subscribe, "d/+/desired d/+/cmd g/gate/# g/gate/+", true},
		{"gate", bus.Subscribe, "# d/# d/+/# d/+/reported d/+/+ +/+/desired d/tab-1/# b/+/order g/+/devices s/+", false},
		{"tab-1", bus.Subscribe, "d/+/desired d/+/cmd", false},
		{"stranger", bus.Read, "d/stranger/desired b/stranger/order s/time", false},
		{"stranger", bus.Subscribe, "# s/+ b/stranger/#", false},
	} {
		for topic := range strings.FieldsSeq(c.topics) {
			if got := r.May(c.client, c.op, "trust/bk/1/"+topic); got != c.want {
				t.Errorf("%s op %d on %s: %v", c.client, c.op, topic, got)
			}
			if r.May(c.client, c.op, topic) || r.May(c.client, c.op, "bk/1/"+topic) {
				t.Errorf("%s op %d on %s outside of the root", c.client, c.op, topic)
			}
		}
	}
	if !r.Known("a", "1f") || r.Known("a", "revoked") || r.Known("stranger", "1f") {
		t.Error("the wrong ones are known")
	}
}

func setup() bus.Mosquitto {
	return bus.Mosquitto{
		Listen: "127.0.0.1:8883", CA: "/etc/ca.pem", Certificate: "/etc/broker.pem", Key: "/etc/key.pem", ACL: "/etc/acl",
		RevocationList: "/etc/crl.pem", Root: "trust/bk/1", Members: school,
	}
}

// What Mosquitto is told is what the embedded broker decides, topic by topic.
func TestMosquittoListSaysTheSame(t *testing.T) {
	var conf, acl strings.Builder
	if err := bus.WriteMosquitto(&conf, &acl, setup()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(acl.String(), "pattern") {
		t.Fatal("a pattern rule holds for the revoked")
	}
	rules, user := map[string]bool{}, ""
	for line := range strings.Lines(acl.String()) {
		switch word := strings.Fields(line); {
		case len(word) == 2 && word[0] == "user":
			user = word[1]
		case len(word) == 3 && word[0] == "topic":
			rules[user+" "+word[1]+" "+word[2]] = true
		}
	}
	if !rules["server readwrite trust/bk/1/#"] {
		t.Error("the server has no rights")
	}
	delete(rules, "server readwrite trust/bk/1/#")
	delete(rules, "school read "+bus.ConnectsTopic)
	r := schoolRights()
	leaves := strings.Fields("desired cmd reported presence ack event directory plan order journal-ack journal state nonce answer devices x")
	for _, client := range school {
		for op, word := range map[bus.Op]string{bus.Read: "read", bus.Write: "write"} {
			for _, owner := range strings.Fields("d/tab-1 d/tab-2 d/ph-1 d/a b/a b/b b/tab-1 g/gate g/a") {
				for _, leaf := range leaves {
					topic := "trust/bk/1/" + owner + "/" + leaf
					rule := client.ID + " " + word + " " + topic
					if r.May(client.ID, op, topic) != rules[rule] {
						t.Errorf("%s: Mosquitto %v", rule, rules[rule])
					}
					delete(rules, rule)
				}
			}
			for _, leaf := range strings.Fields("presence time clock +") {
				if rule := client.ID + " read trust/bk/1/s/" + leaf; rules[rule] {
					if leaf != "+" && !r.May(client.ID, bus.Read, "trust/bk/1/s/"+leaf) || leaf == "+" && !r.May(client.ID, bus.Read, "trust/bk/1/s/any") {
						t.Errorf("%s goes too far", rule)
					}
					delete(rules, rule)
				}
			}
		}
	}
	if len(rules) > 0 {
		t.Errorf("rules nobody asked for: %v", rules)
	}
	for _, line := range []string{"require_certificate true", "use_identity_as_username true", "allow_anonymous false", "acl_file /etc/acl", "crlfile /etc/crl.pem", "listener 8883 127.0.0.1"} {
		if !strings.Contains(conf.String(), line+"\n") {
			t.Errorf("the configuration does not say %q", line)
		}
	}
}

func TestMosquittoRefuses(t *testing.T) {
	for name, change := range map[string]func(*bus.Mosquitto){
		"a line smuggled in an id":        func(m *bus.Mosquitto) { m.Members = []bus.Member{{ID: "a\ntopic #", Kind: bus.KindBank}} },
		"an id with a wildcard":           func(m *bus.Mosquitto) { m.Members = []bus.Member{{ID: "+", Kind: bus.KindBank}} },
		"a member called server":          func(m *bus.Mosquitto) { m.Members = []bus.Member{{ID: "server", Kind: bus.KindBank}} },
		"a member called school":          func(m *bus.Mosquitto) { m.Members = []bus.Member{{ID: "school", Kind: bus.KindBank}} },
		"an unknown kind":                 func(m *bus.Mosquitto) { m.Members = []bus.Member{{ID: "a", Kind: "fridge"}} },
		"a device speaks for another":     func(m *bus.Mosquitto) { m.Members = []bus.Member{{ID: "a", Kind: bus.KindDevice, For: []string{"b"}}} },
		"a gateway speaks for a wildcard": func(m *bus.Mosquitto) { m.Members = []bus.Member{{ID: "a", Kind: bus.KindGateway, For: []string{"+"}}} },
		"a root with a wildcard":          func(m *bus.Mosquitto) { m.Root = "bk/#" },
		"a root with a line":              func(m *bus.Mosquitto) { m.Root = "bk\ntopic" },
		"no root":                         func(m *bus.Mosquitto) { m.Root = "" },
		"an address with a line":          func(m *bus.Mosquitto) { m.Listen = "a:1\nallow_anonymous true" },
		"a path with a line":              func(m *bus.Mosquitto) { m.Key = "/k\nallow_anonymous true" },
		"a relative path":                 func(m *bus.Mosquitto) { m.ACL = "acl" },
		"a relative revocation list":      func(m *bus.Mosquitto) { m.RevocationList = "crl.pem" },
	} {
		t.Run(name, func(t *testing.T) {
			m := setup()
			change(&m)
			var conf, acl strings.Builder
			if err := bus.WriteMosquitto(&conf, &acl, m); errs.CodeOf(err) != errs.Invalid || conf.Len()+acl.Len() > 0 {
				t.Fatalf("got %v and wrote %d bytes", err, conf.Len()+acl.Len())
			}
		})
	}
	var ok strings.Builder
	for _, err := range []error{bus.WriteMosquitto(full{}, &ok, setup()), bus.WriteMosquitto(&ok, full{}, setup())} {
		if errs.CodeOf(err) != errs.Unavailable {
			t.Errorf("a full disk: %v", err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func ExampleWriteMosquitto() {
	var conf, acl strings.Builder
	m := setup()
	m.Root, m.Members = bus.DefaultRoot, m.Members[2:3]
	if err := bus.WriteMosquitto(&conf, &acl, m); err != nil {
		panic(err)
	}
	fmt.Print(acl.String())
	// Output:
	// # Written by Bellkeep; changes are overwritten.
	//
	// user server
	// topic readwrite bk/1/#
	//
	// user school
	// topic read $SYS/broker/log/N
	//
	// user tab-1
	// topic read bk/1/d/tab-1/desired
	// topic read bk/1/d/tab-1/cmd
	// topic write bk/1/d/tab-1/reported
	// topic write bk/1/d/tab-1/presence
	// topic write bk/1/d/tab-1/ack
	// topic write bk/1/d/tab-1/event
	// topic read bk/1/s/presence
	// topic read bk/1/s/time
	// topic read bk/1/s/clock
}
