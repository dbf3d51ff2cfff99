package roles

// Permission is one thing somebody may be allowed to do.
type Permission string

// The permissions. What opens a door or shows restrictions on contacts asks for
// the password again besides; see Row.StepUp.
const (
	OwnAccount Permission = "own-account" // own password, passkeys, sessions

	SeeBoard    Permission = "see-board"    // the school as it is now: banks, doors, problems
	SeeForm     Permission = "see-form"     // a form: in, missing, exempt as a tick
	SeePerson   Permission = "see-person"   // a pupil's page: their place and what is in
	SeeHistory  Permission = "see-history"  // what was recorded about a pupil
	SeeDevices  Permission = "see-devices"  // school devices
	SeeFigures  Permission = "see-figures"  // counts without names
	SeeAudit    Permission = "see-audit"    // who did what, when and why
	SeeContacts Permission = "see-contacts" // a pupil's contacts and restrictions on them
	SeeReasons  Permission = "see-reasons"  // why a pupil is exempt

	MarkAttendance Permission = "mark-attendance" // present, absent, no phone today
	DepositAtDesk  Permission = "deposit-at-desk" // take a pupil's device in by hand, give it back
	LeaveEarly     Permission = "leave-early"     // a single-use pass to collect
	StopPerson     Permission = "stop-person"     // send every scan to the office
	PlaceHold      Permission = "place-hold"
	SeeHolds       Permission = "see-holds"  // stops and holds that stand, and against whom
	EndHold        Permission = "end-hold"   // two people, each with this; the school's rules say which
	Sign           Permission = "sign"       // with a passkey, what a bank does only when two people have signed it
	OpenDoor       Permission = "open-door"  // let one device out
	FoundItem      Permission = "found-item" // a device without an owner, or one left over
	KeepTray       Permission = "keep-tray"  // of a class: tick, count, put away, give back

	Confiscate   Permission = "confiscate"    // take a device and say why
	SeeCases     Permission = "see-cases"     // confiscations, without their safeguarding part
	MoveItem     Permission = "move-item"     // into a door, a spot, another person's hands
	ReleaseItem  Permission = "release-item"  // hand a device to a listed adult
	SendNotice   Permission = "send-notice"   // e-mail or slip to a parent
	RecordSearch Permission = "record-search" // search and deletion records

	RunExams   Permission = "run-exams"  // set papers and candidates, mark a sitting clear
	Invigilate Permission = "invigilate" // who is there, who has finished, what was found

	AskException     Permission = "ask-exception"
	ApproveException Permission = "approve-exception"
	Countersign      Permission = "countersign" // a head's own permission
	EndException     Permission = "end-exception"

	ReplaceBadge Permission = "replace-badge" // one lost badge
	PrintBadges  Permission = "print-badges"  // many, and spares
	PrintLists   Permission = "print-lists"   // what is behind which door

	Evacuate   Permission = "evacuate"    // have the building left, and give the all-clear
	LoseAccess Permission = "lose-access" // say that nobody can get at the lockers
	TakeKey    Permission = "take-key"    // give out a bank's key, and take it back

	ManagePeople   Permission = "manage-people"   // import, places, forms
	SeeAccess      Permission = "see-access"      // who may sign in, and as what
	ManageAccounts Permission = "manage-accounts" // who may sign in; never their password
	GiveRoles      Permission = "give-roles"
	GivePasses     Permission = "give-passes" // a supply teacher's day
	ManageBanks    Permission = "manage-banks"
	ManageDevices  Permission = "manage-devices"
	KeepBackups    Permission = "keep-backups" // see how they stand, have one made; none can be read here

	SeeDeviceRules   Permission = "see-device-rules"  // what school devices must be, and what is asked to change
	AskDeviceChange  Permission = "ask-device-change" // ask for other rules of devices, and cancel that
	ReviewFiltering  Permission = "review-filtering"  // as who knows pupils; who knows devices has manage-devices
	ConsentFiltering Permission = "consent-filtering" // for the leadership
	QuarantineDevice Permission = "quarantine-device" // keep a school device as evidence
	SeeDeclarations  Permission = "see-declarations"  // staff's ties, and take note of them
	ChallengeVisitor Permission = "challenge-visitor" // ask a visitor about their device, and record a breach
	KeepAgreements   Permission = "keep-agreements"   // witness signatures, see who has not signed
	KeepRegisters    Permission = "keep-registers"    // read and write in the school's registers, as each of them says

	ChangePolicy  Permission = "change-policy"
	ApprovePolicy Permission = "approve-policy" // as the second person, what loosens the rules
	ReviewPolicy  Permission = "review-policy"  // answer a prompt to look at the policy again
	SeePolicy     Permission = "see-policy"
	UseAPI        Permission = "use-api" // make and end tokens for programs
	Correct       Permission = "correct" // add a correction to a record

	RaiseConcern Permission = "raise-concern" // tell the safeguarding lead, with a device or without
	Safeguard    Permission = "safeguard"     // safeguarding files: see them, and work on them
)

// Row is one line of the table.
type Row struct {
	Permission Permission
	Roles      map[Role]Scope
	StepUp     bool // the credential is asked for again before it
}

var (
	everybody  = with(Self, All...)
	leaders    = []Role{Head, DSL, DeputyDSL, Leadership}
	safeguards = []Role{Head, DSL, DeputyDSL}
	desk       = []Role{Head, DSL, DeputyDSL, Leadership, Office}
)

// with gives each of the roles the same scope.
func with(s Scope, roles ...Role) map[Role]Scope {
	m := map[Role]Scope{}
	for _, r := range roles {
		m[r] = s
	}
	return m
}

// plus adds roles with another scope.
func plus(m map[Role]Scope, s Scope, roles ...Role) map[Role]Scope {
	for _, r := range roles {
		m[r] = s
	}
	return m
}

// rows is the table, in the order it is shown in.
var rows = []Row{
	{Permission: OwnAccount, Roles: everybody},

	{Permission: SeeBoard, Roles: with(School, Head, DSL, DeputyDSL, Leadership, Office, IT, Exams)},
	{Permission: SeeForm, Roles: plus(with(School, desk...), OwnClass, Teacher, Supply)},
	{Permission: SeePerson, Roles: plus(with(School, desk...), OwnClass, Teacher)},
	{Permission: SeeHistory, Roles: with(School, desk...)},
	{Permission: SeeDevices, Roles: with(School, Head, DSL, DeputyDSL, Leadership, Office, IT)},
	{Permission: SeeFigures, Roles: with(School, Head, DSL, DeputyDSL, Leadership, Governor, Chair)},
	{Permission: SeeAudit, Roles: with(School, safeguards...)},
	{Permission: SeeContacts, Roles: with(School, Head, DSL, DeputyDSL, Office), StepUp: true},
	{Permission: SeeReasons, Roles: with(School, safeguards...)},

	{Permission: MarkAttendance, Roles: plus(with(School, Head, Leadership, Office), OwnClass, Teacher, Supply)},
	{Permission: DepositAtDesk, Roles: with(School, Head, Leadership, Office)},
	{Permission: LeaveEarly, Roles: with(School, Head, Leadership, Office)},
	{Permission: StopPerson, Roles: with(School, desk...)},
	{Permission: PlaceHold, Roles: with(School, desk...)},
	{Permission: SeeHolds, Roles: plus(with(School, desk...), School, Chair)},
	{Permission: EndHold, Roles: plus(with(School, safeguards...), School, Chair), StepUp: true},
	{Permission: Sign, Roles: plus(with(School, safeguards...), School, Chair), StepUp: true},
	{Permission: OpenDoor, Roles: with(School, Head, DSL, DeputyDSL, Leadership, Office), StepUp: true},
	{Permission: FoundItem, Roles: with(School, Head, Leadership, Office)},
	{Permission: KeepTray, Roles: plus(with(School, Head, Leadership, Office), OwnClass, Teacher, Supply)},

	{Permission: Confiscate, Roles: with(School, Head, DSL, DeputyDSL, Leadership, Office, Teacher, Supply, Exams)},
	{Permission: SeeCases, Roles: with(School, desk...)},
	{Permission: MoveItem, Roles: with(School, desk...)},
	{Permission: ReleaseItem, Roles: with(School, Head, Leadership, Office), StepUp: true},
	{Permission: SendNotice, Roles: with(School, desk...)},
	{Permission: RecordSearch, Roles: with(School, leaders...)},

	{Permission: RunExams, Roles: with(School, Head, Leadership, Exams)},
	{Permission: Invigilate, Roles: with(School, Head, Leadership, Teacher, Exams)},

	{Permission: AskException, Roles: with(School, Head, DSL, DeputyDSL, Leadership, Office, Teacher, Exams)},
	{Permission: ApproveException, Roles: with(School, Head)},
	{Permission: Countersign, Roles: with(School, Head, Leadership)},
	{Permission: EndException, Roles: with(School, Head)},

	{Permission: ReplaceBadge, Roles: with(School, Head, Leadership, Office, IT)},
	{Permission: PrintBadges, Roles: with(School, Office, IT)},
	{Permission: PrintLists, Roles: with(School, desk...)},

	{Permission: Evacuate, Roles: with(School, desk...)},
	{Permission: LoseAccess, Roles: with(School, Head, Leadership)},
	{Permission: TakeKey, Roles: with(School, Head, Leadership, Office, IT)},

	{Permission: ManagePeople, Roles: with(School, IT)},
	{Permission: SeeAccess, Roles: with(School, Owner, Head, DSL, IT)},
	{Permission: ManageAccounts, Roles: with(School, Owner, Head, IT)},
	{Permission: GiveRoles, Roles: with(School, Owner, Head), StepUp: true},
	{Permission: GivePasses, Roles: with(School, Head, Leadership, Office)},
	{Permission: ManageBanks, Roles: with(School, IT), StepUp: true},
	{Permission: ManageDevices, Roles: with(School, IT)},
	{Permission: KeepBackups, Roles: with(School, Owner, Head, IT)},

	{Permission: SeeDeviceRules, Roles: with(School, Head, DSL, DeputyDSL, Leadership, Teacher, IT)},
	{Permission: AskDeviceChange, Roles: with(School, Head, DSL, DeputyDSL, Teacher, IT)},
	{Permission: ReviewFiltering, Roles: with(School, Head, DSL, DeputyDSL, Teacher)},
	{Permission: ConsentFiltering, Roles: with(School, Head, Leadership), StepUp: true},

	{Permission: QuarantineDevice, Roles: with(School, Head, DSL, DeputyDSL, IT)},
	{Permission: SeeDeclarations, Roles: plus(with(School, safeguards...), School, Chair)},
	{Permission: ChallengeVisitor, Roles: with(School, Head, DSL, DeputyDSL, Leadership, Office, Teacher, Supply, IT, Exams)},
	{Permission: KeepAgreements, Roles: with(School, Head, Leadership, Office, IT)},
	{Permission: KeepRegisters, Roles: with(School, Head, DSL, DeputyDSL, Leadership, Office, Teacher, Supply, IT, Exams)},
	{Permission: ChangePolicy, Roles: with(School, Head), StepUp: true},
	{Permission: ApprovePolicy, Roles: with(School, safeguards...), StepUp: true},
	{Permission: ReviewPolicy, Roles: with(School, leaders...)},
	{Permission: SeePolicy, Roles: with(School, Owner, Head, DSL, DeputyDSL, Leadership, Office, IT, Governor, Chair)},
	{Permission: UseAPI, Roles: with(School, Head, IT)},
	{Permission: Correct, Roles: with(School, safeguards...)},
	{Permission: RaiseConcern, Roles: with(School, Head, DSL, DeputyDSL, Leadership, Office, Teacher, Supply, IT, Exams, Chair)},
	{Permission: Safeguard, Roles: plus(with(School, safeguards...), School, Chair), StepUp: true},
}

// Rows are the table's lines in order.
func Rows() []Row { return rows }

// Table finds a line by its permission.
var Table = func() map[Permission]Row {
	m := make(map[Permission]Row, len(rows))
	for _, r := range rows {
		m[r.Permission] = r
	}
	return m
}()
