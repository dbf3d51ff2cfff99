// Package headwind is a gateway between the school and Android phones that run
// the stock agent of Headwind MDM: to the phones it is their server, to the
// school it is the devices that these phones are. It speaks for devices whose
// platform is the gateway's id.
//
// The agent's protocol, as far as it is served here. P stands for the project, a
// path that each phone is given with its QR code and that only it knows; N for
// its number, which is the device's id.
//
//	POST P/rest/public/sync/configuration/N   first fetch; the body is passed over
//	GET  P/rest/public/sync/configuration/N   each further fetch
//	POST P/rest/public/sync/info              model, battery and more, after a fetch and every 15 minutes
//	GET  P/rest/notification/polling/N        held until there is something to fetch, five minutes at most
//	GET  P/rest/notifications/device/N        the same, answered at once; every 15 minutes, in reserve
//	GET  P/rest/plugins/devicelog/log/rules/N which lines of its log the phone sends: none
//	POST P/rest/plugins/devicelog/log/list/N  lines of its log: passed over
//	PUT  P/rest/plugins/deviceinfo/deviceinfo/public/N and
//	GET  P/rest/plugins/deviceinfo/deviceinfo-plugin-settings/device/N   passed over, none
//	POST P/rest/plugins/devicereset/public/N, …/public/reboot/N, …/public/password/N
//	                                          may it wipe itself, may it restart; it tried to set a passcode
//	GET  files/agent.apk                      the agent itself, for a phone being set up
//
// # Envelope
//
//	{"status":"OK","message":null,"data":…}
//	{"status":"ERROR","message":"error.notfound.device","data":null}
//
// Agents cut the data out as what lies between "data": and the last byte, so it
// is the last member, and no newline follows.
//
// # Signatures
//
// All are SHA-1 in upper-case hexadecimal over a secret that is built into the
// agent, and what is signed:
//
//	X-Request-Signature   of a fetch: secret, N
//	X-Request-Signature   of a poll: secret, P, "/rest/notification/polling/", N
//	X-Response-Signature  of a configuration: secret, the data without white space
//	MQTT password         "hmdm", secret; with the user hmdm, for every phone
//
// The secret of the published agent is known to everybody. What a phone is told
// from a stranger by is its project.
//
// # MQTT
//
// Over TCP without TLS, 3.1.1, client id N. The phone subscribes to the topic N at
// QoS 2 and hears {"messageType":"configUpdated"}; see bus.Pager.
//
// # What a phone is told to do
//
// Commands of package mdm become members of the configuration: lock and lockMessage
// cover the home screen until an unlock, passwordReset sets a passcode, factoryReset
// wipes. The agent asks before it wipes itself and does it only when the answer is OK;
// that is given to the phone that was told to, once, and only while the command holds.
// After it tried to set a passcode the agent says so, whether or not it could. A sync is a call,
// done once the phone has reported in. It shows no text without a lock and does not
// say where it is. A passcode stays in what the phone has stored, and is set again at each update
// without a network; so the phone is called once more to be rid of it.
//
// A command is on disk before a phone is told, and answered handed-over where the
// agent cannot say what came of it.
//
// # What the agent cannot say
//
// It confirms nothing it was told to be. So no setting is ever reported applied:
// it is updating until the phone has fetched and reported in, and assumed after
// that. Nor has it a clock for what it was told: at the end of a stage the gateway
// calls it to fetch the next, and a phone out of reach stays as it is.
//
// On every update it lifts all restrictions before it asks for the new ones.
// Therefore it is called only when what it would fetch differs from what it
// fetched last, whatever the revision says.
package headwind

import "time"

// Platform is that of phones with the stock agent, and the gateway's id.
const Platform = "headwind"

// Limits.
const (
	MaxBody      = 64 << 10          // bytes of any request; a stock agent's report lists every app
	MaxInfo      = 512 << 10         // bytes of a report, which is most of it passed over
	PollFor      = 290 * time.Second // machine time a poll is held; the agent gives up after 300 s
	MaxRequests  = 60                // of one phone in a minute
	MaxAtOnce    = 4096              // requests being answered, polls among them
	quiet        = 90 * time.Second  // machine time without a word until a phone that polls counts as away
	again        = time.Minute       // machine time until a phone that did not come is called again
	tick         = time.Second       // machine time between two looks at all phones
	keepAlive    = 300               // seconds between a phone's pings
	lowBattery   = 15                // per cent
	agentName    = "headwind"
	configUpdate = `{"messageType":"configUpdated"}`
)
