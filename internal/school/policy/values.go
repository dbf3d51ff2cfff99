package policy

// Jurisdiction is the nation whose law and guidance the school goes by.
type Jurisdiction string

// The jurisdictions.
const (
	England  Jurisdiction = "england"
	Wales    Jurisdiction = "wales"
	Scotland Jurisdiction = "scotland"
	Ulster   Jurisdiction = "northern_ireland"
)

// DepositPoint is where pupils hand in.
type DepositPoint string

// The deposit points.
const (
	AtBank   DepositPoint = "bank"          // the pupil, at the lockers
	AtOffice DepositPoint = "office"        // staff take devices in, with a note of their condition
	AtClass  DepositPoint = "class_teacher" // a tray for each class
)

// OffRule is when a phone must be switched off.
type OffRule string

// The rules for switching off.
const (
	OffNotStated OffRule = "not_stated"
	OffOnSite    OffRule = "on_site_entry"
)

// BanFrom is when a pupil may use a phone no more in the morning.
type BanFrom string

// The beginnings.
const (
	BanFromSite    BanFrom = "site_entry"
	BanFromMorning BanFrom = "morning_hand_in"
	BanFromSession BanFrom = "first_session"
)

// BanUntil is when a pupil may use a phone again.
type BanUntil string

// The ends.
const (
	BanUntilSession BanUntil = "last_session"
	BanUntilGone    BanUntil = "site_exit"
)

// CollectRule is when pupils may collect.
type CollectRule string

// The rules for collecting.
const (
	AfterSchool CollectRule = "after_school"
	EndOfDay    CollectRule = "end_of_school_day"
)

// CallHome is how a pupil reaches a parent during the day.
type CallHome string

// The ways to call home.
const (
	PupilCalls  CallHome = "pupil_uses_office_phone"
	OfficeCalls CallHome = "office_calls_for_pupil"
)

// Approved says who may make an exception, if anybody.
type Approved string

// The approvals.
const (
	HeadCaseByCase Approved = "head_case_by_case"
	Never          Approved = "none"
)

// Curriculum says what use in a lesson needs, if there is any.
type Curriculum string

// The rules for curriculum use.
const (
	StaffAndHead Curriculum = "staff_consent+head_approval"
	NoCurriculum Curriculum = "none"
)

// ReleaseTo says whom a confiscated device goes to.
type ReleaseTo string

// The receivers.
const (
	ToParent ReleaseTo = "parent_or_carer"
	ToPupil  ReleaseTo = "pupil"
)

// SearchBy is who may search.
type SearchBy string

// Who may search.
const (
	ByHeadOnly   SearchBy = "head"
	ByLeadership SearchBy = "leadership" // a member of the leadership team
)

// Consent is whose consent a search needs.
type Consent string

// The consents.
const (
	ParentOnly    Consent = "parent"
	PupilOrParent Consent = "pupil_or_parent" // of either
)

// Approver is one of the two who end a hold.
type Approver string

// The approvers.
const (
	ApproverHead          Approver = "head"
	ApproverDSL           Approver = "dsl"
	ApproverDeputy        Approver = "deputy_dsl"
	ApproverChair         Approver = "chair_of_governors"
	ApproverDeputyOrChair Approver = "deputy_dsl|chair_of_governors"
)

// Seizure is what staff are told to do with a device that may be evidence.
// Official sources contradict each other, so it is the school's police force
// that says.
type Seizure string

// The advice.
const (
	AskPolice   Seizure = "ask_police"
	SwitchOff   Seizure = "switch_off"
	KeepPowered Seizure = "keep_powered"
)

// Permission is what a member of staff needs to use a phone in a lesson.
type Permission string

// The permissions.
const (
	WrittenByHead Permission = "written_by_head"
	ByHead        Permission = "by_head"
)

// Acknowledgement is who must know of a relationship from before.
type Acknowledgement string

// The acknowledgements.
const (
	DSLAndHead Acknowledgement = "dsl_and_head"
	DSLOrHead  Acknowledgement = "dsl_or_head"
)

// Stated says whether the school's policy has a clause about something.
type Stated string

// The answers.
const (
	Required  Stated = "required"
	NotStated Stated = "not_stated"
)

// SocialMedia is what the school's own devices may do with social media.
type SocialMedia string

// The presets.
const (
	SocialNever      SocialMedia = "never"
	SocialControlled SocialMedia = "controlled"
)

// Agreement is whose agreement a change of filtering needs, besides that of who
// weighs its risk.
type Agreement string

// The agreements.
const (
	LeadershipAgrees Agreement = "leadership"
	NobodyElseAgrees Agreement = "none"
)

// YearGroup is a year as people say it: YR, Y1 to Y13.
type YearGroup string

// Rotation is whether passwords must be changed from time to time.
type Rotation string

// The rotations.
const (
	NoRotation      Rotation = "none"
	RegularRotation Rotation = "regular" // every 180 days
)

// Holder says whose a post is.
type Holder string

// The holders.
const (
	OwnPerson Holder = "own_person"
	IsDSL     Holder = "dsl"
	IsHead    Holder = "head"
)

// Hears is somebody who is told.
type Hears string

// Who is told.
const (
	HearsHead       Hears = "head"
	HearsDSL        Hears = "dsl"
	HearsLeadership Hears = "leadership"
	HearsOffice     Hears = "office"
	HearsParents    Hears = "parents" // always by a person's decision
	HearsChair      Hears = "chair_of_governors"
)

// PupilLead looks after vulnerable pupils.
type PupilLead string

// The leads.
const (
	SENCO       PupilLead = "SENCO"
	SENCOOrCare PupilLead = "SENCO / Child in Care Lead"
)

// Bullying is the policy that says how cyberbullying is dealt with.
type Bullying string

// The policies.
const (
	InBehaviour Bullying = "Behaviour"
	InBullying  Bullying = "Anti-bullying"
)

// CEOPButton is where pupils find the button to report abuse.
type CEOPButton string

// The places.
const (
	CEOPVisible CEOPButton = "visible"
	CEOPWebsite CEOPButton = "via_website"
)

// Advice is what staff are told to do with a device that may be evidence. The
// product has none of its own: where the school's rules say no more, it is for the
// police force to say.
func (s Seizure) Advice() string {
	if s == AskPolice {
		return "Leave it exactly as it is. What to do with it is for the police to say: the safeguarding lead asks the force."
	}
	k, _ := Find("seizure_advice")
	return "The school’s rules say: " + k.words(string(s)) + "."
}
