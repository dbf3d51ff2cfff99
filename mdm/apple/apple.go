// Package apple is what a school's settings ask of an iPad or iPhone, and which
// command of Apple's device management it does next. Nothing here knows a network,
// a file or the time: a Device is told what happens and what time it is, and is kept
// by whoever tells it. Commands, payloads and their keys go by Apple's names:
// https://developer.apple.com/documentation/devicemanagement.
//
// # No queue
//
// A device polls. Each time Next looks at what is desired at that moment and at what
// the device acknowledged, and makes the difference a command; at most one is out at
// a time. So an iPad that slept through three lessons is given what holds now, once,
// and nothing that has been overtaken goes out. In this order it is given:
//
//	DeviceInformation   while it has not said whether it is supervised
//	EnableLostMode, …   what it was told to do, see below
//	ProfileList         where an answer is missing, so that only it knows what it has
//	Settings            Bluetooth on or off
//	InstallProfile      the rules and the box, each replaced as a whole
//	RemoveProfile       a box that is over too early, or not over when it should be
//	SecurityInfo        whether the passcode is as asked for
//	DeviceInformation, ProfileList   when what it said is old
//
// # Settings
//
//	passcode   com.apple.mobiledevice.passwordpolicy: forcePIN, minLength
//	autolock   the same: maxInactivity, in whole minutes of 1 to 15
//	camera     com.apple.applicationaccess: allowCamera
//	share      allowAirDrop; supervised, from 7. AirDrop cannot be kept on
//	screen     allowScreenShot, which takes screen recording and Classroom's view too
//	bluetooth  Settings, and allowBluetoothModification; supervised, from 11.3
//	apps       blockedAppBundleIDs, allowListedAppBundleIDs; supervised, from 15
//	web        com.apple.webcontent-filter, built in: DenyListURLs by http and https,
//	           AllowListBookmarks by https; supervised, from 14.5; 500 addresses
//
// What a device cannot be asked for is unsupported, with the reason. An entry of a list
// with a wildcard is left out, since Apple's rules know none, and the setting is
// unsupported then. The facts are Apple's own; testdata/schema.json names the source.
//
// A supervised device also gets forceAutomaticDateAndTime, see below.
//
// Bluetooth is set once, and its user may set it otherwise unless a profile forbids
// that. So it is set first and locked then; before it is set anew the lock is taken
// off. Of a device that came by again in between it is not known any more how
// Bluetooth is, and it is set once more. The command as a whole is acknowledged even
// where the radio did not obey: what counts is the status of its one item. Bluetooth
// that was turned off is turned on again when nobody asks for that any more.
//
// # Two profiles
//
// org.bellkeep.ID.rules is always there; org.bellkeep.ID.box while something in force
// ends by itself. Each keeps its identifier, so that a new version replaces the old
// one, and has another PayloadUUID in each version, by which ProfileList tells them
// apart. They have no key in common, since what comes of one restriction in two
// payloads is not defined; only while a key moves from one to the other both have it,
// with the same value, so that no ban has a hole.
//
// # What ends by itself
//
// Of several restrictions the strictest holds, so that a profile can only tighten: a
// box of leave inside a ban cannot be made of a second profile, and the end of a
// leave neither. Both are a new version of the rules, which takes a device that can
// be reached. What can end out of reach is a ban that nothing follows: such keys go
// into the box, which has a RemovalDate. Not so
//
//   - passcodes, locking and web pages, whose payloads are not to be had twice;
//   - what is followed by another value, since the device would be without in between;
//   - a device that is not supervised, or older than version 12: its user could turn
//     the clock on and be free. Of others the clock is kept, by
//     forceAutomaticDateAndTime;
//   - a device with OneProfile set.
//
// The box has one date, the last at which one of its keys ends: a ban that falls early
// cannot be put back on a device in a locked bag, one that falls late is lifted when
// the device is reached. A box whose time has come is believed gone when ProfileList
// says so; if it is still there it is removed. Ends tells for each change to come
// which kind it is. That iPads keep a RemovalDate of a profile that came by device
// management is Apple's word and was tried on no real one yet; should one not do so,
// it is as good as without a box.
//
// # What is reported
//
// applied is said only of what the device acknowledged, whichever way it may be: from
// the moment it is given a profile until it answers it may have the old one or the new
// one, and a setting is applied only if both agree. An error or a lost answer leaves
// it so until ProfileList names the version. NotNow leaves it as it was, "pending:
// locked"; what was put off is not given again before the device comes by. An error
// stands, and that version rests, longer after each error. A passcode is applied when
// SecurityInfo says so after the rule was installed, and waits for its user until
// then. A profile that should be there and is not listed was taken off: overridden, an
// event, and it is put back, at once the first time and with ever longer rests after
// that. What its user changes while a profile is off and nobody has noticed is not
// seen.
//
// When a device enrols again nothing is known of it any more. A new version of its
// system, or the end of its supervision, is heard of with DeviceInformation, and what
// it can be asked for follows.
//
// # What it is told to do
//
// A command of package mdm is remembered before the device hears of it, and given to
// it once: where no answer comes it is answered handed-over, and never given again.
// Only after NotNow, with which a device says that it did nothing, it is.
//
//	lock            EnableLostMode on a supervised device; else DeviceLock
//	unlock          DisableLostMode; refused where there is no lost mode
//	message         refused: Apple shows a text only with a lock
//	locate          DeviceLocation, only in lost mode
//	clear-passcode  ClearPasscode, with the token from its enrolment, which is kept sealed
//	wipe            EraseDevice
//	sync            DeviceInformation and ProfileList
//
// While a device is evidence, wipe and clear-passcode are refused, those that came
// before it was so too. Where a device is stands in the answer to locate, to about ten
// metres, and nowhere else: what is remembered here is only that it was said. Neither
// an answer to locate nor Command.Raw may be written to a log.
package apple

import "time"

// Platform is that of iPads and iPhones under Apple's management, and the gateway's
// id.
const Platform = "apple"

// Limits.
const (
	MaxAnswer   = 512 << 10 // bytes of an answer; a list of profiles carries certificates
	maxDepth    = 16        // of dictionaries and arrays in each other
	maxElements = 20_000    // of an answer
	maxPending  = 6         // profiles of which one may be the one on a device
	maxTasks    = 32        // open at a time
	maxFailed   = 32        // errors that stand
	maxChain    = 8         // errors read of an answer
)

// How often a device is asked how it is, and how long it is left alone.
const (
	freshInfo  = 6 * time.Hour    // what it is; asked when it comes by
	freshList  = time.Hour        // which profiles are on it, likewise
	freshLock  = time.Hour        // whether its passcode is as asked for, likewise
	lookAgain  = 5 * time.Minute  // likewise, while the passcode is not as asked for
	wakeFor    = 24 * time.Hour   // after which it is woken to say
	wakeNotNow = 15 * time.Minute // after "not now"; it comes by itself once it is unlocked
	wakeOut    = 2 * time.Minute  // after a command it did not answer
	wakeUser   = 15 * time.Minute // after it was found to wait for its user
	firstRest  = 5 * time.Minute  // after an error; doubled with each further one
	longRest   = 6 * time.Hour
	forgiven   = 24 * time.Hour  // after which a profile taken off counts as the first
	stillHere  = 2 * time.Minute // after which a device that said it wipes itself has not

	lowBattery = 15 // per cent
)

// rest is how long to wait after a number of errors.
func rest(tries int) time.Duration {
	d := firstRest
	for n := 1; n < tries && d < longRest; n++ {
		d *= 2
	}
	return min(d, longRest)
}
