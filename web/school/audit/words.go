package audit

import "strings"

// Group is a kind of work that records are of.
type Group string

// The groups.
const (
	Lockers      Group = "lockers"
	Bars         Group = "stops"
	Confiscation Group = "confiscation"
	Exception    Group = "exceptions"
	Trays        Group = "trays"
	Visits       Group = "visitors"
	Exams        Group = "exams"
	Attendance   Group = "attendance"
	Notices      Group = "notices"
	Badges       Group = "badges"
	Roll         Group = "roll"
	Accounts     Group = "accounts"
	Devices      Group = "devices"
	Rules        Group = "rules"
	Registers    Group = "registers"
	Machines     Group = "machines"
	Emergencies  Group = "emergencies"
	Safeguarding Group = "safeguarding" // never in the list: see package concern
)

// Groups are all groups that are offered, in order.
var Groups = []Group{
	Lockers,
	Bars,
	Confiscation,
	Trays,
	Visits,
	Exception,
	Exams,
	Attendance,
	Notices,
	Badges,
	Roll,
	Accounts,
	Devices,
	Rules,
	Registers,
	Machines,
	Emergencies,
}

// Words is the group for people.
func (g Group) Words() string {
	return map[Group]string{
		Lockers:      "Lockers",
		Bars:         "Stops and holds",
		Confiscation: "Confiscation",
		Trays:        "Class trays",
		Visits:       "Visitors",
		Exception:    "Exceptions",
		Exams:        "Exams",
		Attendance:   "Attendance",
		Notices:      "Notices",
		Badges:       "Badges",
		Roll:         "People",
		Accounts:     "Accounts and sign-in",
		Devices:      "School devices",
		Rules:        "Rules and corrections",
		Registers:    "Registers",
		Machines:     "Banks and ledgers",
		Emergencies:  "Emergencies",
		Safeguarding: "Safeguarding",
	}[g]
}

// words say what a kind of record means.
type words struct {
	group Group
	text  string
}

func wordsOf(kind string) words {
	if w, ok := table[kind]; ok {
		return w
	}
	return words{Machines, strings.ReplaceAll(kind, "-", " ")}
}

// table has the words for every kind of record there is.
var table = map[string]words{
	"started":                  {Machines, "The bank started"},
	"in-force":                 {Machines, "New lists and times came into force at the bank"},
	"turned":                   {Lockers, "A scan opened nothing"},
	"intent":                   {Lockers, "A door was about to open"},
	"outcome":                  {Lockers, "What became of the opening"},
	"deposited":                {Lockers, "Handed in"},
	"collected":                {Lockers, "Collected"},
	"rechecked":                {Lockers, "Looked behind the door once more"},
	"nothing-in":               {Lockers, "Shut the door with nothing inside"},
	"still-in":                 {Lockers, "Shut the door with something still inside"},
	"surveyed":                 {Machines, "The bank read all its doors"},
	"moved":                    {Lockers, "A door changed without an order"},
	"left-open":                {Lockers, "A door stood open too long"},
	"doubted":                  {Machines, "An earlier record of the bank could not be read"},
	"help":                     {Lockers, "Somebody pressed Help"},
	"took-over":                {Machines, "Another machine took the bank's place"},
	"carried":                  {Lockers, "Was behind this door when another machine took the bank's place"},
	"looked-at":                {Lockers, "Staff looked at doors and found them as they should be"},
	"to-look":                  {Lockers, "The school asked for doors to be looked at"},
	"evacuation-began":         {Emergencies, "The bank began to send people out of the building"},
	"evacuation-ended":         {Emergencies, "All clear at the bank"},
	"alarm-silent":             {Emergencies, "The fire alarm at the bank fell silent"},
	"closure-evacuation-began": {Emergencies, "The building was left"},
	"closure-evacuation-ended": {Emergencies, "All clear"},
	"closure-access-lost":      {Emergencies, "Nobody could get at the lockers; the list was frozen"},
	"closure-access-back":      {Emergencies, "The lockers could be reached again"},
	"closure-parents-told":     {Emergencies, "Parents were told about the lockers"},
	"closure-key-out":          {Emergencies, "The key of a bank was given out"},
	"closure-key-back":         {Emergencies, "The key of a bank came back"},
	"closure-looked":           {Emergencies, "The first of two looked at evidence doors"},
	"closure-paper":            {Emergencies, "Typed in from paper"},
	"order-refused":            {Lockers, "The bank refused an order"},
	"pin-accepted":             {Lockers, "Staff gave badge and PIN at the bank"},
	"pin-refused":              {Lockers, "A wrong PIN at the bank"},
	"staff-refused":            {Lockers, "The bank refused what staff asked for"},
	"window-opened":            {Lockers, "Staff opened the collection"},
	"window-ended":             {Lockers, "Staff ended the collection"},
	"hold-placed":              {Bars, "Staff held a door at the bank"},
	"hold-ended":               {Bars, "A hold on a door ended"},
	"message-refused":          {Machines, "The bank refused a message"},

	"commission-begun": {Machines, "A technician began to map the bank's doors"},
	"commission-pulse": {Machines, "A lock was about to be opened, to see which door it has"},
	"commissioned":     {Machines, "The bank's doors were mapped"},

	"bar-placed":        {Bars, "Placed a stop or hold"},
	"bar-end-asked":     {Bars, "Asked to end a hold"},
	"bar-ended":         {Bars, "Ended a stop or hold"},
	"grant-given":       {Bars, "Gave a permission to collect or keep"},
	"consent-begun":     {Bars, "Asked for what takes two people’s passkeys"},
	"consent-signed":    {Bars, "Signed with a passkey what takes two people"},
	"consent-answered":  {Bars, "Both had signed: the bank was told"},
	"consent-receipt":   {Bars, "Wrote down what the police left for a device"},
	"item-leave-asked":  {Confiscation, "Asked a bank to let a device out, as two people signed"},
	"approvers-offered": {Machines, "The server offered a list of approvers’ passkeys to the bank"},
	"approvers-learned": {Machines, "The bank learned whose passkeys count, by somebody beside it"},
	"approvers-changed": {Machines, "Two approvers changed whose passkeys count at the bank"},
	"grant-taken-back":  {Bars, "Took a permission back"},

	"software-changed": {Machines, "A program runs in another version"},
	"review-answered":  {Rules, "Looked at the policy after a technical change"},

	"tray-taken":      {Trays, "Took a class’s tray"},
	"tray-ticked":     {Trays, "Ticked what is in a tray"},
	"tray-locked":     {Trays, "Counted a tray and put it away"},
	"tray-fetched":    {Trays, "Got a tray out"},
	"tray-offered":    {Trays, "Offered a tray to a colleague"},
	"tray-accepted":   {Trays, "Took a tray over, counted"},
	"tray-door-asked": {Trays, "Asked a bank to take a tray in"},
	"tray-out-asked":  {Trays, "Asked a bank to let a tray out"},
	"tray-handed-out": {Trays, "Put a tray behind a door of a bank"},
	"tray-taken-in":   {Trays, "Took a tray out of a bank"},
	"tray-closed":     {Trays, "Gave a tray back, and moved what was left over"},

	"item-listed":          {Confiscation, "Listed a device outside its routine"},
	"item-owned":           {Confiscation, "Found whose a device is"},
	"item-moved":           {Confiscation, "Moved a device"},
	"item-put-asked":       {Confiscation, "Asked a bank to take a device in"},
	"item-take-asked":      {Confiscation, "Asked a bank to give a device out"},
	"item-handed-out":      {Confiscation, "Handed a device to a bank"},
	"item-taken-in":        {Confiscation, "Took a device from a bank"},
	"door-held":            {Bars, "A door was held at the bank"},
	"door-freed":           {Bars, "A door held at the bank is free again"},
	"case-opened":          {Confiscation, "Confiscated a device"},
	"case-condition":       {Confiscation, "Noted the condition of a device"},
	"case-note":            {Confiscation, "Added a note to a case"},
	"case-correction":      {Confiscation, "Corrected a case"},
	"search-recorded":      {Confiscation, "Recorded a search"},
	"deletion-recorded":    {Confiscation, "Recorded a deletion"},
	"release-code-made":    {Confiscation, "Made a code for a release"},
	"release-refused":      {Confiscation, "A release was refused"},
	"release-refusal-seen": {Confiscation, "Saw that a release was refused"},
	"case-released":        {Confiscation, "Released a device"},
	"release-withdrawn":    {Confiscation, "Withdrew a release"},
	"case-returned":        {Confiscation, "Returned a device"},
	"case-erased":          {Confiscation, "Erased what was written about a confiscation, as the rules say"},

	"exam-set":       {Exams, "Set a paper and its candidates"},
	"exam-listed":    {Exams, "Entered more candidates for a paper"},
	"exam-adjusted":  {Exams, "Changed a candidate’s room or time"},
	"exam-moved":     {Exams, "Moved a paper to another time"},
	"exam-cancelled": {Exams, "Cancelled a paper"},
	"exam-line":      {Exams, "Noted how a candidate stands"},
	"exam-cleared":   {Exams, "Marked a paper clear of devices"},
	"exam-finished":  {Exams, "Recorded that candidates have finished"},
	"exam-incident":  {Exams, "A device was found in an exam"},

	"declaration-made":         {Accounts, "A member of staff declared a tie"},
	"declaration-acknowledged": {Accounts, "Took note of a declaration"},
	"declaration-decided":      {Accounts, "Decided about private contact"},
	"declaration-ended":        {Accounts, "Ended a declaration"},

	"visit-device-in":   {Visits, "Took a visitor’s device in"},
	"visit-device-out":  {Visits, "Gave a visitor’s device back"},
	"visit-challenged":  {Visits, "Asked a visitor about a device"},
	"visit-breach":      {Visits, "Recorded a breach by a visitor"},
	"visit-breach-seen": {Visits, "Took note of a breach by a visitor"},

	"exception-asked":     {Exception, "Asked for an exception"},
	"exception-approved":  {Exception, "Approved an exception"},
	"exception-refused":   {Exception, "Refused an exception"},
	"exception-extension": {Exception, "Asked for a longer exception"},
	"exception-ended":     {Exception, "Ended an exception"},
	"exception-erased":    {Exception, "Erased why an exception was given, as the rules say"},

	"attendance-marked": {Attendance, "Marked attendance"},
	"attendance-undone": {Attendance, "Took attendance marks back"},
	"early-leave":       {Attendance, "Let a pupil leave early"},

	"notice-prepared":  {Notices, "Prepared a notice"},
	"notice-queued":    {Notices, "Sent a notice off"},
	"notice-sending":   {Notices, "A notice is on its way"},
	"notice-deferred":  {Notices, "A notice is tried again later"},
	"notice-sent":      {Notices, "A notice was delivered"},
	"notice-failed":    {Notices, "A notice could not be delivered"},
	"notice-unsure":    {Notices, "Nobody knows whether a notice was delivered"},
	"notice-printed":   {Notices, "Printed a notice"},
	"notice-cancelled": {Notices, "Cancelled a notice"},

	"badge-issued":      {Badges, "Issued a badge"},
	"badge-assigned":    {Badges, "Gave a spare badge to somebody"},
	"badge-revoked":     {Badges, "Revoked a badge"},
	"staff-pin-set":     {Badges, "Set a PIN"},
	"staff-pin-removed": {Badges, "Took a PIN away"},

	"person-listed":   {Roll, "Put on the roll, or changed"},
	"person-left":     {Roll, "Left the roll"},
	"person-returned": {Roll, "Came back to the roll"},
	"place-assigned":  {Roll, "Gave a door"},
	"contacts-listed": {Roll, "Changed the contacts"},

	"account-made":    {Accounts, "Made an account"},
	"account-ended":   {Accounts, "Ended an account"},
	"account-linked":  {Accounts, "Linked an account to a person"},
	"account-sealed":  {Accounts, "Sealed an emergency account"},
	"seal-broken":     {Accounts, "An emergency account was used"},
	"password-set":    {Accounts, "Set a password"},
	"totp-set":        {Accounts, "Set up codes from an app"},
	"totp-removed":    {Accounts, "Removed codes from an app"},
	"recovery-made":   {Accounts, "Made recovery codes"},
	"passkey-added":   {Accounts, "Added a passkey"},
	"passkey-removed": {Accounts, "Removed a passkey"},
	"oidc-linked":     {Accounts, "Linked a sign-in of another provider"},
	"oidc-unlinked":   {Accounts, "Unlinked a sign-in of another provider"},
	"role-given":      {Accounts, "Gave a role"},
	"role-ended":      {Accounts, "Ended a role"},
	"pass-given":      {Accounts, "Gave a day pass"},
	"link-made":       {Accounts, "Made a link to sign in once"},
	"signed-in":       {Accounts, "Signed in"},
	"proved":          {Accounts, "Gave the credential again"},
	"signed-out":      {Accounts, "Signed out"},
	"sessions-ended":  {Accounts, "Ended somebody’s sessions"},
	"sign-in-refused": {Accounts, "Signing in was refused"},

	"token-made":   {Accounts, "Made a token for a program"},
	"token-agreed": {Accounts, "Agreed to a program’s token"},
	"token-ended":  {Accounts, "Ended a program’s token"},

	"device-listed":   {Devices, "Listed a school device"},
	"device-issued":   {Devices, "Issued a school device"},
	"device-returned": {Devices, "A school device came back"},
	"device-retired":  {Devices, "Retired a school device"},

	"device-invited":         {Devices, "Let a school device enrol"},
	"device-assigned":        {Devices, "Had Apple School Manager send a device here to enrol"},
	"device-rehearsed":       {Devices, "Tried a lesson out on a device for a minute"},
	"push-certificate-taken": {Devices, "Took in the certificate to wake iPads with"},

	"device-rules-text":  {Devices, "Wrote down rules for school devices"},
	"device-rules-begun": {Devices, "Began with rules for school devices"},
	"change-asked":       {Devices, "Asked for a change of device rules"},
	"change-reviewed":    {Devices, "Reviewed a change of device rules"},
	"change-consented":   {Devices, "Decided for the leadership on a change of device rules"},
	"change-published":   {Devices, "Published a change of device rules"},
	"change-cancelled":   {Devices, "Cancelled a change of device rules"},
	"change-rolled-back": {Devices, "Rolled device rules back"},
	"device-lost":        {Devices, "A school device is lost"},
	"device-found":       {Devices, "A lost school device is back"},
	"device-replaced":    {Devices, "Gave somebody another school device"},

	"device-quarantined":   {Devices, "Put a school device in quarantine"},
	"quarantine-advice":    {Devices, "Noted what the police advised about a school device"},
	"quarantine-end-asked": {Devices, "Asked to end a quarantine"},
	"quarantine-ended":     {Devices, "Ended a quarantine"},

	"device-move-asked":     {Devices, "Asked to move devices to where another filter holds"},
	"device-move-reviewed":  {Devices, "Reviewed a move of devices"},
	"device-move-cancelled": {Devices, "Cancelled a move of devices"},
	"device-moved":          {Devices, "Devices moved to other groups"},

	"device-command-asked":     {Devices, "Asked a school device to do something"},
	"device-command-approved":  {Devices, "Agreed to a command as the second person"},
	"device-command-withdrawn": {Devices, "Withdrew a command to a school device"},
	"device-command-sent":      {Devices, "Sent a command to a school device"},
	"device-command-answered":  {Devices, "A school device answered a command"},
	"device-command-ended":     {Devices, "Ended a command that a quarantine forbids"},

	"agreement-published": {Devices, "Published an agreement"},
	"agreement-signed":    {Devices, "Signed an agreement"},
	"agreement-advised":   {Devices, "Told somebody of the advice on own phones"},
	"visitor-signed":      {Devices, "A visitor signed the agreement at the desk"},
	"visitor-erased":      {Devices, "Erased a visitor’s name, as the rules say"},
	"device-bell":         {Devices, "Recorded how devices stood after a bell"},
	"device-bell-missed":  {Devices, "A bell did not take at devices"},

	"day-counted": {Registers, "Counted how a day went, by year group"},

	"entry-added":     {Registers, "Wrote in a register"},
	"entry-corrected": {Registers, "Corrected an entry of a register"},
	"entry-ended":     {Registers, "Wrote the outcome of an entry"},
	"entry-seen":      {Registers, "Saw or agreed to an entry of a register"},

	"policy-proposed":  {Rules, "Proposed other rules"},
	"policy-set":       {Rules, "Set the rules"},
	"policy-dropped":   {Rules, "Dropped a proposal"},
	"record-corrected": {Rules, "Corrected a record"},

	"joining-opened":  {Machines, "Invited a bank or device to join"},
	"joining-refused": {Machines, "Refused a bank or device"},
	"client-joined":   {Machines, "A bank or device joined"},
	"client-renewed":  {Machines, "A bank or device renewed its certificate"},
	"client-revoked":  {Machines, "Locked a bank or device out"},
	"rules-published": {Machines, "Gave banks new lists and times"},
	"bank-listed":     {Machines, "Listed a bank"},
	"epoch-accepted":  {Machines, "Accepted that records of a bank may be missing"},
	"bank-replaced":   {Machines, "Let another machine take a bank's place"},
	"ledger-repaired": {Machines, "Repaired the ledger’s file"},
	"epoch-opened":    {Machines, "Began a ledger"},

	"concern-opened":       {Safeguarding, "A safeguarding file was opened"},
	"concern-sorted":       {Safeguarding, "A safeguarding file got another category"},
	"concern-device":       {Safeguarding, "A device came into a safeguarding file"},
	"concern-acknowledged": {Safeguarding, "Somebody has a concern in hand"},
	"concern-step":         {Safeguarding, "A step of a safeguarding file"},
	"concern-entry":        {Safeguarding, "Something was written in a safeguarding file"},
	"concern-correction":   {Safeguarding, "A correction in a safeguarding file"},
	"concern-action":       {Safeguarding, "Something was planned in a safeguarding file"},
	"concern-action-done":  {Safeguarding, "Something planned in a safeguarding file was done"},
	"concern-deletion":     {Safeguarding, "Copies were deleted, as a safeguarding file says"},
	"concern-looked":       {Safeguarding, "Somebody read a safeguarding file"},
	"concern-exported":     {Safeguarding, "Somebody exported a safeguarding file"},
	"concern-closed":       {Safeguarding, "A safeguarding file was closed"},
	"concern-reopened":     {Safeguarding, "A safeguarding file was reopened"},
}
