// Package mdm is the ground of device management: what a school-issued device
// must be at any moment, and how far it is that by its own word.
//
// Rules assign profiles, each a Set of settings, to groups of devices and to kinds
// of period. Compile lays what is assigned to a Device over each other, exceptions
// and a quarantine over that, and makes of it the device's Desired document;
// Explain says which rule won. Judge holds what the device Reported against it.
// Nothing here knows a broker, a file or the time.
//
// # Documents
//
// All are JSON objects with "v":1, times RFC 3339 in UTC, ids of a-z, 0-9 and
// dash. A reader refuses another version and passes over members it does not
// know. A setting it does not know is answered for, as unsupported.
//
// Desired, server to device, retained, in a signed envelope:
//
//	{"v":1,"dev":"ipad-7","rev":4211,"ts":"2026-11-23T08:55:00Z","mode":"lesson",
//	 "reason":{"by":"timetable","period":"P1"},
//	 "set":{"bluetooth":"block","camera":"block","passcode":{"minLength":6,"require":true},"share":"block"},
//	 "until":"2026-11-23T09:45:00Z",
//	 "fallback":{"mode":"home","set":{…}}}
//
// rev goes up by at least one with every change of mode, set, until or
// fallback, and never goes back. At until, by its own clock, the device takes
// up fallback, which may have an until and a fallback of its own: so a device
// cut off in the first lesson still keeps the rest of the day, and is never
// left restricted after it. The last stage has no until.
//
// Reported, device to server, retained:
//
//	{"v":1,"rev":4211,"session":"K7Q2…","ts":"…","mode":"lesson","agent":"bellkeep/1",
//	 "set":{"camera":{"state":"applied","value":"block"},
//	        "share":{"state":"unsupported","detail":"no such switch"}}}
//
// Presence, device to server and its will, retained:
//
//	{"v":1,"online":true,"session":"K7Q2…","ts":"…"}
//
// Event, device to server: {"v":1,"ts":"…","kind":"drift","detail":"camera"}.
package mdm

// Limits of the documents. A longer one is refused unread.
const (
	MaxDesired  = 64 << 10 // bytes
	MaxReported = 16 << 10 // bytes
	MaxPresence = 1 << 10  // bytes
	MaxEvent    = 2 << 10  // bytes
	MaxSettings = 64       // in one set
	MaxStages   = 64       // in one desired document
	MaxValue    = 4 << 10  // bytes of one value
	MaxText     = 200      // bytes of a detail, a label or an agent's name
	MaxSession  = 64       // bytes
	MaxRev      = 1<<53 - 1
)

const version = 1
